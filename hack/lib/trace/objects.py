"""The Kubernetes objects of a cluster made of a trace, owners before what they own. `{uid:KIND/NAMESPACE/NAME}` in an
owner reference is filled in with what the API server gives the owner."""

from collections.abc import Iterator

from cluster import UNITS_PER_GPU, Cluster, Workload, allocatable, gpu_units, instance_type, node_group
from shape import Node, Pod


def namespaces(cluster: Cluster) -> Iterator[dict]:
    for name, labels in cluster.namespaces.items():
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def nodes(cluster: Cluster) -> Iterator[dict]:
    for node in cluster.nodes:
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": node.name, "labels": _node_labels(node)},
            "status": {
                "capacity": _amounts(node, lambda amount: amount),
                "allocatable": _amounts(node, allocatable),
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }


def _node_labels(node: Node) -> dict[str, str]:
    labels = {
        "node.kubernetes.io/instance-type": instance_type(node),
        "cloud.google.com/gke-nodepool": node_group(node),
    }
    if node.gpus:
        labels["nvidia.com/gpu.product"] = node.model
        labels["nvidia.com/gpu.replicas"] = str(UNITS_PER_GPU)
    return labels


def _amounts(node: Node, part) -> dict[str, str]:
    amounts = {"cpu": f"{part(node.millicores)}m", "memory": f"{part(node.memory_mib)}Mi", "pods": "110"}
    if node.gpus:
        amounts["nvidia.com/gpu"] = str(node.gpus * UNITS_PER_GPU)
    return amounts


def owners(cluster: Cluster) -> Iterator[dict]:
    for workload in cluster.workloads:
        if workload.kind == "Deployment":
            yield _controller(workload, "apps/v1", "Deployment", workload.name, None)
            owner = _reference("apps/v1", "Deployment", workload.namespace, workload.name)
            yield _controller(workload, "apps/v1", "ReplicaSet", f"{workload.name}-5d9c", owner)
        elif workload.kind == "Job":
            yield _controller(workload, "batch/v1", "Job", workload.name, None)


def pods(cluster: Cluster) -> Iterator[dict]:
    for workload in cluster.workloads:
        owner = None
        if workload.kind == "Deployment":
            owner = _reference("apps/v1", "ReplicaSet", workload.namespace, f"{workload.name}-5d9c")
        elif workload.kind == "Job":
            owner = _reference("batch/v1", "Job", workload.namespace, workload.name)
        for pod in workload.pods:
            yield _pod(pod, workload.namespace, _labels(workload), owner, cluster.placed.get(pod.name))
    # Without a label and without a cost: they have ended.
    for namespace, pod in cluster.ended:
        yield _pod(pod, namespace, {}, None, None) | {"status": {"phase": "Succeeded"}}


def _labels(workload: Workload) -> dict[str, str]:
    return {"app": workload.name} | workload.labels


def _controller(workload: Workload, version: str, kind: str, name: str, owner: dict | None) -> dict:
    metadata = {"name": name, "namespace": workload.namespace, "labels": {"app": workload.name}}
    if owner:
        metadata["ownerReferences"] = [owner]
    template = {"metadata": {"labels": _labels(workload)}, "spec": _pod_spec(workload.pods[0], None)}
    spec: dict = {"template": template}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
        spec |= {"parallelism": len(workload.pods), "completions": len(workload.pods)}
    else:
        spec |= {"replicas": len(workload.pods), "selector": {"matchLabels": {"app": workload.name}}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _pod(pod: Pod, namespace: str, labels: dict[str, str], owner: dict | None, node: str | None) -> dict:
    metadata: dict = {"name": pod.name, "namespace": namespace, "labels": labels}
    if owner:
        metadata["ownerReferences"] = [owner]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": _pod_spec(pod, node)}


def _pod_spec(pod: Pod, node: str | None) -> dict:
    requests = {"cpu": f"{pod.millicores}m", "memory": f"{pod.memory_mib}Mi"}
    resources: dict = {"requests": requests}
    if units := gpu_units(pod):
        requests["nvidia.com/gpu"] = str(units)
        resources["limits"] = {"nvidia.com/gpu": str(units)}
    spec: dict = {
        "containers": [{"name": "main", "image": "example.test/main", "resources": resources}],
        "automountServiceAccountToken": False,
    }
    if node:
        spec["nodeName"] = node
    return spec


def _reference(version: str, kind: str, namespace: str, name: str) -> dict:
    return {
        "apiVersion": version, "kind": kind, "name": name, "uid": f"{{uid:{kind}/{namespace}/{name}}}",
        "controller": True, "blockOwnerDeletion": True,
    }
