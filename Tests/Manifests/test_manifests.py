"""The plain manifests and examples are what the chart yields, and sound by themselves."""

import json
import re
import unittest
from pathlib import Path

import kubernetes_validate
import yaml

import judges
import render
import tree
from test_chart import Judgement

COST_TAGS = {"Team", "CostCenter", "Environment", "Project"}
NODE_GROUPS = tree.ROOT / "examples/node-groups"


def documents(path):
    return [d for d in yaml.safe_load_all(tree.read(path)) if d]


class Manifests(unittest.TestCase):
    def test_they_are_in_step_with_the_chart(self):
        stale = [str(path.relative_to(tree.ROOT)) for path in render.out_of_step()]
        self.assertEqual(stale, [], "run hack/render-manifests")

    def test_the_namespace_says_whose_its_costs_are(self):
        namespace = documents(tree.MANIFESTS / "install.yaml")[0]
        self.assertEqual(namespace["kind"], "Namespace")
        costs = tree.load(tree.CHART / "values.yaml")["costLabels"]
        self.assertLessEqual(costs.items(), namespace["metadata"]["labels"].items())

    def test_install_is_sound_on_old_and_new_servers(self):
        for version in ("1.25.0", "1.36.0"):
            for each in documents(tree.MANIFESTS / "install.yaml"):
                if not each["apiVersion"].startswith("cert-manager.io/"):
                    kubernetes_validate.validate(each, version, strict=True)

    def test_install_brings_the_server_before_its_callers(self):
        kinds = [d["kind"] for d in documents(tree.MANIFESTS / "install.yaml")]
        self.assertEqual(kinds[0], "Namespace")
        self.assertEqual(kinds[-2:], ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"])
        self.assertNotIn("Job", kinds, "hooks are Helm's")

    def test_checkov_finds_nothing_in_install(self):
        self.assertEqual(judges.checkov("kubernetes", tree.MANIFESTS / "install.yaml", Judgement.EXCUSED), "")

    def test_kubecost_asks_the_labels_the_policy_demands(self):
        policy = documents(tree.MANIFESTS / "policy-example.yaml")[0]
        labels = {rule["key"]: rule.get("tag") for rule in policy["spec"]["labels"]}
        mapping = tree.load(tree.MANIFESTS / "kubecost-values.yaml")["kubecostProductConfigs"]["labelMappingConfigs"]
        for concept in ("team", "department", "environment", "product"):
            label = mapping[f"{concept}_label"]
            self.assertEqual(labels[label], mapping[f"{concept}_external_label"])


class NodeGroups(unittest.TestCase):
    """Each way to make nodes puts every tag where the bill looks: on instances and on volumes."""

    def test_launch_template(self):
        specifications = json.loads(tree.read(NODE_GROUPS / "launch-template.json"))["TagSpecifications"]
        self.assertEqual({s["ResourceType"] for s in specifications}, {"instance", "volume"})
        for specification in specifications:
            self.assertEqual({t["Key"] for t in specification["Tags"]}, COST_TAGS)

    def test_eksctl_and_karpenter(self):
        group = documents(NODE_GROUPS / "eksctl.yaml")[0]["managedNodeGroups"][0]
        node_class, pool = documents(NODE_GROUPS / "karpenter.yaml")
        self.assertEqual(set(group["tags"]), COST_TAGS)
        self.assertEqual(set(node_class["spec"]["tags"]), COST_TAGS)
        self.assertEqual(set(pool["spec"]["template"]["metadata"]["labels"]), {"team", "cost-center", "environment"})

    def test_terraform(self):
        text = tree.read(NODE_GROUPS / "eks.tf")
        block = re.search(r"cost_tags = \{(.*?)\n  \}", text, re.S)[1]
        self.assertEqual(set(re.findall(r"^ +(\w+) +=", block, re.M)), COST_TAGS)
        self.assertIn('"instance", "volume"', text)
        self.assertIn("tags          = local.cost_tags", text)


if __name__ == "__main__":
    unittest.main()
