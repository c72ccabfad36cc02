/// Where each provider keeps the labels and tags of a node group, and the command that sets one. What the cluster does
/// not tell (its own name, a region, an id) stands in angle brackets.
///
/// Sources: the providers' command references (aws eks, eksctl, gcloud container node-pools, az aks nodepool, kops,
/// doctl, oci ce, linode-cli lke, scw k8s, ibmcloud ks, aliyun cs) and the documentation of Karpenter's drift, Cluster
/// API's metadata propagation and OpenShift's machine sets.
extension NodeGroupEdit {
    private var pair: String { "\(key)=\(value.text)" }

    var patch: MergePatch? {
        guard let carrier else { return nil }
        switch (provider, place) {
        case (.karpenter, .nodeLabel):
            return MergePatch(
                target: carrier, path: ["spec", "template", "metadata", "labels", key], value: value.text)
        case (.karpenter, .tag): return MergePatch(target: carrier, path: ["spec", "tags", key], value: value.text)
        case (.clusterAPI, .nodeLabel):
            return MergePatch(
                target: carrier, path: ["spec", "template", "metadata", "labels", key], value: value.text)
        case (.openShift, .nodeLabel):
            return MergePatch(
                target: carrier, path: ["spec", "template", "spec", "metadata", "labels", key], value: value.text)
        case (.hyperShift, .nodeLabel):
            return MergePatch(target: carrier, path: ["spec", "nodeLabels", key], value: value.text)
        default: return nil
        }
    }

    var commands: [String] {
        if let carrier, let patch {
            guard KubectlCommand.canName(carrier) else { return [] }
            return [KubectlCommand.patch(KubectlResource.name(of: carrier), patch)]
        }
        return words.map(ShellText.command)
    }

    private var words: [[String]] {
        switch (provider, place) {
        case (.eks, .nodeLabel):
            return [
                [
                    "aws", "eks", "update-nodegroup-config", "--cluster-name=<cluster>", "--nodegroup-name=\(group)",
                    "--labels=addOrUpdateLabels={\(pair)}",
                ]
            ]
        case (.eksctl, .nodeLabel):
            return [
                ["eksctl", "set", "labels", "--cluster=<cluster>", "--nodegroup=\(group)", "--labels=\(pair)"]
            ]
        case (.aks, .tag):
            return [
                [
                    "az", "aks", "nodepool", "update", "--resource-group=<group>", "--cluster-name=<cluster>",
                    "--name=\(group)", "--tags", pair,
                ]
            ]
        case (.aks, .nodeLabel):
            return [
                [
                    "az", "aks", "nodepool", "update", "--resource-group=<group>", "--cluster-name=<cluster>",
                    "--name=\(group)", "--labels", pair,
                ]
            ]
        case (.gke, .nodeLabel):
            return [
                [
                    "gcloud", "container", "node-pools", "update", group, "--cluster=<cluster>",
                    "--location=<location>", "--node-labels=\(pair)",
                ]
            ]
        case (.gke, .tag):
            return [
                [
                    "gcloud", "container", "node-pools", "update", group, "--cluster=<cluster>",
                    "--location=<location>", "--labels=\(key.lowercased())=\(value.text)",
                ]
            ]
        case (.kops, _): return [["kops", "edit", "instancegroup", group]]
        case (.digitalOcean, .nodeLabel):
            return [
                ["doctl", "kubernetes", "cluster", "node-pool", "update", "<cluster>", group, "--label", pair]
            ]
        case (.digitalOcean, .tag):
            return [
                [
                    "doctl", "kubernetes", "cluster", "node-pool", "update", "<cluster>", group, "--tag",
                    "\(key):\(value.text)",
                ]
            ]
        case (.linode, .nodeLabel):
            return [["linode-cli", "lke", "pool-update", "<cluster-id>", group, "--labels.\(key)", value.text]]
        case (.ibm, .nodeLabel):
            return [
                [
                    "ibmcloud", "ks", "worker-pool", "label", "set", "--cluster=<cluster>", "--worker-pool=\(group)",
                    "--label=\(pair)",
                ]
            ]
        case (.custom, .nodeLabel), (.unknown, .nodeLabel), (.scaleway, .nodeLabel), (.oracle, .nodeLabel),
            (.gardener, .nodeLabel), (.alibaba, .nodeLabel), (.clusterAPI, .nodeLabel), (.openShift, .nodeLabel),
            (.hyperShift, .nodeLabel), (.karpenter, .nodeLabel):
            let named = nodes.filter {
                KubectlCommand.canName(ObjectReference(apiVersion: "v1", kind: "Node", name: $0))
            }
            return named.isEmpty ? [] : [["kubectl", "label", "--overwrite"] + named.map { "node/\($0)" } + [pair]]
        case (.fargate, _), (.eks, .tag), (.eksctl, .tag), (.karpenter, .tag), (.clusterAPI, .tag), (.openShift, .tag),
            (.hyperShift, .tag), (.oracle, .tag), (.linode, .tag), (.scaleway, .tag), (.ibm, .tag), (.alibaba, .tag),
            (.gardener, .tag), (.custom, .tag), (.unknown, .tag):
            return []
        }
    }

    var remarks: [String] {
        var remarks = placeRemarks
        switch effect {
        case .nodesReplaced: remarks.append("Karpenter sees drift and replaces the nodes with their Pods")
        case .newNodes: remarks.append("takes effect with new nodes")
        case .immediate, .rollout, .newPods, .nextJob, .immutable, .controllerDecides: break
        }
        return remarks
    }

    private var placeRemarks: [String] {
        if carrier != nil, patch != nil {
            guard provider == .clusterAPI else { return [] }
            return ["the Machine's label reaches the Node only if the Cluster API is told to synchronise it"]
        }
        switch (provider, place) {
        case (.eks, .tag), (.eksctl, .tag):
            return [
                "add the tag \(pair) to TagSpecifications of the launch template, for instance and for volume: "
                    + "tags of the node group reach neither"
            ]
        case (.karpenter, .tag): return ["add the tag \(pair) to spec.tags of the pool's EC2NodeClass"]
        case (.gke, .nodeLabel): return ["--node-labels replaces all labels of the pool: add those it has"]
        case (.gke, .tag): return ["--labels replaces all resource labels of the pool: add those it has"]
        case (.aks, .nodeLabel): return ["--labels replaces all labels of the pool: add those it has"]
        case (.aks, .tag): return ["--tags replaces all tags of the pool: add those it has"]
        case (.kops, .nodeLabel): return ["set spec.nodeLabels.\(key): \(value.text), then kops update cluster --yes"]
        case (.kops, .tag): return ["set spec.cloudLabels.\(key): \(value.text), then kops update cluster --yes"]
        case (.oracle, .nodeLabel): return ["and in the node pool's initial node labels, or new nodes lack it"]
        case (.scaleway, .nodeLabel): return ["and as a tag of the pool, or new nodes lack it"]
        case (.gardener, .nodeLabel):
            return ["and in spec.provider.workers[].labels of the Shoot, or new nodes lack it"]
        case (.alibaba, .nodeLabel): return ["and in the node pool's settings, or new nodes lack it"]
        case (.custom, .nodeLabel), (.unknown, .nodeLabel), (.clusterAPI, .nodeLabel), (.openShift, .nodeLabel),
            (.hyperShift, .nodeLabel), (.karpenter, .nodeLabel):
            return ["and where the nodes are made, or new ones lack it"]
        case (.fargate, _): return ["a Fargate node has no labels of its own: label the Pods"]
        case (.clusterAPI, .tag), (.openShift, .tag), (.hyperShift, .tag), (.oracle, .tag), (.linode, .tag),
            (.scaleway, .tag), (.ibm, .tag), (.alibaba, .tag), (.gardener, .tag), (.custom, .tag), (.unknown, .tag):
            return ["add the tag \(pair) to the machines of the group where they are made"]
        case (.eks, .nodeLabel), (.eksctl, .nodeLabel), (.digitalOcean, _), (.linode, .nodeLabel), (.ibm, .nodeLabel):
            return []
        }
    }
}
