"""The chart: what it renders over versions and values, what it refuses, and what must hold whatever the values say."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import helm_python
import kubernetes_validate
import yaml

import chart
import judges
import tree

VERSIONS = [f"1.{minor}.0" for minor in range(20, 37)]
# Where what is rendered changes, and the ends.
TURNS = ["1.20.0", "1.21.0", "1.23.0", "1.28.0", "1.36.0"]
# Of those whose schemas kubernetes-validate knows (1.25 and later); loading one takes its time.
WITH_SCHEMAS = ["1.25.0", "1.28.0", "1.36.0"]
KIND = {
    "name": "acme", "group": "acme.io", "version": "v1", "kind": "Training", "resource": "trainings",
    "templatePaths": ["spec.template"],
}
PLACED = {
    "nodeSelector": {"pool": "system"}, "tolerations": [{"key": "system", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
}
EVERYTHING = {
    "commonLabels": {"owner": "platform", "team": "nobody"}, "costLabels": {"team": "on"}, "commonAnnotations": {"example.com/a": "b"},
    "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": [{"name": "registry"}]},
    "gate": {
        "autoscaling": {"enabled": True}, "nodeSelector": {"kubernetes.io/os": "linux"}, "clientCASecret": "ca",
        "tolerations": [{"key": "a", "operator": "Exists"}], "affinity": {"nodeAffinity": {}}, "extraArgs": ["--x=1"],
        "podAnnotations": {"example.com/c": "d"}, "podLabels": {"tier": "control", "team": "123"},
        "service": {"annotations": {"example.com/e": "f"}}, "podDisruptionBudget": {"minAvailable": "50%"},
    },
    "priorityClass": {"name": "tallygate", "create": True},
    "policy": {
        "teams": [{"name": "ml", "monthlyBudget": 1000000}, {"name": "free"}, {"name": "123", "monthlyBudget": 1}],
        "exemptions": [{"name": "e", "match": {"kinds": ["Job"]}, "expires": "2027-01-01", "owner": "a", "reason": "b"}],
        "workloadKinds": [KIND],
        "spec": {"subjects": ["workloads", "namespaces", "claims", "loadbalancers"]},
    },
    "jobs": PLACED, "certificates": {"managed": PLACED},
    "webhooks": {
        "excludeNamespaces": ["legacy", "123"], "onlyNamespaces": {"trial": "yes"},
        "matchConditions": [{"name": "more", "expression": "true"}],
        "namespaceSelector": [{"key": "a", "operator": "Exists"}],
    },
    "monitoring": {"podMonitor": {"enabled": True}}, "prometheusRule": {"enabled": True},
    "dashboards": {"enabled": True}, "auditor": {"enabled": True, "reportAPI": "openreports", "replicas": 2, **PLACED},
}
VARIANTS = {
    "default": {},
    "cert-manager": {"certificates": {"mode": "cert-manager"}},
    "own issuer": {"certificates": {"mode": "cert-manager", "certManager": {"issuerRef": {"name": "corporate"}}}},
    "managed": {"certificates": {"mode": "managed", "managed": {"leafLifetime": "30d", "replicas": 2}}},
    "managed, kept elsewhere": {"certificates": {"mode": "managed", "managed": {"deployment": False}}},
    "enforce": chart.profile("enforce"),
    "ha": chart.profile("ha"),
    "enforce and ha": chart.merged(chart.profile("enforce"), chart.profile("ha")),
    "everything": EVERYTHING,
    "managed, on the nodes' network": {
        "gate": {"hostNetwork": True, "ports": {"webhook": 9443, "health": 9080}}, "certificates": {"mode": "managed"}},
    "little": {
        "gate": {"cluster": False, "replicas": 1, "podDisruptionBudget": {"enabled": False}},
        "networkPolicy": {"enabled": False}, "webhooks": {"mutating": {"enabled": False}, "customResources": False},
        "policy": {"lintBeforeInstall": False}, "monitoring": {"serviceMonitor": {"enabled": True}},
    },
    "policy from elsewhere": {"policy": {"existingConfigMap": "policies"}},
}
OWN_APIS = {"cert-manager.io/v1", "monitoring.coreos.com/v1"}


def workloads(objects):
    """Every Pod spec with the labels its Pods have."""
    for each in objects:
        if each["kind"] in ("Deployment", "Job"):
            template = each["spec"]["template"]
            yield each, template["metadata"]["labels"], template["spec"]
        elif each["kind"] == "Pod":
            yield each, each["metadata"]["labels"], each["spec"]


def webhooks(objects):
    for each in objects:
        if each["kind"].endswith("WebhookConfiguration"):
            for hook in each["webhooks"]:
                yield each, hook


class Rendering(unittest.TestCase):
    def test_lint_is_clean(self):
        for name, values in VARIANTS.items():
            for version in ("1.20.0", "1.36.0"):
                with self.subTest(name, version=version):
                    self.assertEqual(chart.lint(values, version=version), [])

    def test_every_version_takes_what_is_rendered(self):
        for name, values in VARIANTS.items():
            for version in VERSIONS if name in ("default", "everything") else TURNS:
                with self.subTest(name, version=version):
                    objects = chart.render(values, version=version)
                    self.assertGreater(len(objects), 5)
                    names = [(o["apiVersion"], o["kind"], o["metadata"]["name"]) for o in objects]
                    self.assertEqual(len(names), len(set(names)), "an object stands twice")
                    if version in WITH_SCHEMAS:
                        for each in objects:
                            if each["apiVersion"] not in OWN_APIS:
                                kubernetes_validate.validate(each, version, strict=True)

    def test_no_key_stands_twice(self):
        class Once(yaml.SafeLoader):
            pass

        def mapping(loader, node):
            keys = [loader.construct_object(key) for key, _ in node.value]
            self.assertEqual(len(keys), len(set(keys)), f"{node.start_mark}: {keys}")
            return loader.construct_mapping(node, deep=True)

        Once.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
        for name, values in VARIANTS.items():
            for path, text in chart.texts(values).items():
                if not path.endswith("NOTES.txt"):
                    with self.subTest(name, path=path):
                        list(yaml.load_all(text, Once))

    def test_newer_features_only_where_the_server_has_them(self):
        wanted = {
            "PodDisruptionBudget": ("policy/v1beta1", "policy/v1", 21),
            "HorizontalPodAutoscaler": ("autoscaling/v2beta2", "autoscaling/v2", 23),
        }
        for version in VERSIONS:
            minor = int(version.split(".")[1])
            objects = chart.render({"gate": {"autoscaling": {"enabled": True}}}, version=version)
            for kind, (older, newer, since) in wanted.items():
                expected = newer if minor >= since else older
                self.assertEqual(chart.one(objects, kind)["apiVersion"], expected, f"{kind} on {version}")
            for _, hook in webhooks(objects):
                self.assertEqual("matchConditions" in hook, minor >= 28, version)

    def test_an_older_server_is_refused(self):
        self.assertEqual(tree.load(tree.CHART / "Chart.yaml")["kubeVersion"], ">=1.20.0-0")

    def test_notes_tell_the_next_step(self):
        path = "tallygate/templates/NOTES.txt"
        fresh = chart.texts()[path]
        self.assertIn("warns and denies nothing", fresh)
        self.assertIn("kubectl label namespace NAME", fresh)
        self.assertIn("helm test tallygate --namespace tallygate-system", fresh)
        self.assertNotIn("tallygate.io/gate=off", fresh)
        self.assertIn("tallygate.io/gate=off", chart.texts(version="1.20.2")[path])
        self.assertIn("The policy denies", chart.texts(chart.profile("enforce"))[path])
        self.assertIn("which is therefore not judged", chart.texts(namespace="default")[path])
        self.assertIn("The way out", chart.texts({"webhooks": {"failurePolicy": "Fail"}})[path])


class Refusals(unittest.TestCase):
    """A mistake in the values is a sentence that names it."""

    CASES = [
        ({"gate": {"replica": 3}}, "replica"),
        ({"webhook": {}}, "webhook"),
        ({"policy": {"spec": {"mode": "deny"}}}, "mode"),
        ({"policy": {"spec": {"label": []}}}, "label"),
        ({"policy": {"teams": [{"name": "a", "costCentres": []}]}}, "costCentres"),
        ({"policy": {"teams": [{"costCenters": []}]}}, "name"),
        ({"policy": {"exemptions": [{"name": "a", "match": {}}]}}, "expires"),
        ({"policy": {"workloadKinds": [{"name": "a", "group": "b", "version": "v1"}]}}, "templatePaths"),
        ({"webhooks": {"failurePolicy": "ignore"}}, "failurePolicy"),
        ({"webhooks": {"timeoutSeconds": 31}}, "timeoutSeconds"),
        ({"certificates": {"mode": "self-signed"}}, "mode"),
        ({"image": {"digest": "latest"}}, "digest"),
        ({"costLabels": {"team": "a team"}}, "team"),
        ({"log": {"level": "verbose"}}, "level"),
        ({"gate": {"replicas": 0}}, "replicas"),
        ({"prometheusRule": {"limits": {"coverage": 80}}}, "coverage"),
        ({"gate": {"resources": {"limit": {}}}}, "limit"),
        ({"certificates": {"managed": {"leafLifetime": "90"}}}, "leafLifetime"),
        ({"certificates": {"provided": {"secretName": ""}}}, "needs certificates.provided.secretName"),
        ({"certificates": {"provided": {"caBundle": "ca.crt"}}}, "needs certificates.provided.caBundle"),
        ({"policy": {"existingConfigMap": "a", "teams": [{"name": "a"}]}}, "give one or the other"),
        ({"policy": {"spec": None}}, "policy.spec is empty"),
        ({"gate": {"replicas": 3, "podDisruptionBudget": {"minAvailable": 3}}}, "minAvailable (3) of 3 gates"),
        ({"gate": {"podDisruptionBudget": {"minAvailable": "60%"}}}, "minAvailable (60%) of 2 gates"),
        ({"gate": {"autoscaling": {"enabled": True, "minReplicas": 7}}}, "minReplicas (7) is above maxReplicas (6)"),
        ({"certificates": {"mode": "managed", "managed": {"caLifetime": "2159h"}}}, "a leaf cannot outlive the CA"),
        ({"priorityClass": {"create": True}}, "needs priorityClass.name"),
        ({"networkPolicy": {"apiServerPorts": []}}, "minItems"),
        ({"commonLabels": {"app.kubernetes.io/name": "a"}}, "app.kubernetes.io/name"),
        ({"costLabels": {"app.kubernetes.io/instance": "a"}}, "app.kubernetes.io/instance"),
        ({"gate": {"podLabels": {"app.kubernetes.io/component": "a"}}}, "app.kubernetes.io/component"),
        ({"gate": {"ports": {"webhook": 443}}}, "minimum"),
        ({"webhooks": {"subjects": ["pods"]}}, "subjects"),
        ({"prometheusRule": {"budgets": {"ml": 0}}}, "budgets"),
        ({"monitoring": {"podMonitor": {"enabled": True}, "serviceMonitor": {"enabled": True}}}, "scraped twice"),
    ]

    def test_mistakes(self):
        for values, said in self.CASES:
            with self.subTest(said, values=values):
                with self.assertRaises(helm_python.HelmError) as caught:
                    chart.render(values)
                self.assertIn(said, str(caught.exception))

    def test_a_namespace_the_cluster_needs(self):
        with self.assertRaises(helm_python.HelmError) as caught:
            chart.render(namespace="kube-system")
        self.assertIn("a namespace of its own", str(caught.exception))

    def test_the_schema_knows_every_value_and_nothing_else(self):
        schema = json.loads(tree.read(tree.CHART / "values.schema.json"))

        def walk(values, known, path):
            if known.get("type") == "object" and "properties" in known:
                self.assertIs(known.get("additionalProperties"), False, path)
                if isinstance(values, dict):
                    for key, value in values.items():
                        walk(value, known["properties"][key], f"{path}.{key}")
            for name, part in known.get("properties", {}).items():
                if isinstance(values, dict) and path.count(".") < 3 and name not in values:
                    self.assertIn(path.split(".")[1] if "." in path else name, ("global", "policy", "certificates"),
                                  f"{path}.{name} is in the schema and not in values.yaml")

        walk(tree.load(tree.CHART / "values.yaml"), schema, "")

    def test_names_stay_within_63_characters(self):
        for name in ("a" * 53, "tallygate"):
            for each in chart.render(name=name, values=EVERYTHING):
                self.assertLessEqual(len(each["metadata"]["name"]), 63)


class Invariants(unittest.TestCase):
    """What holds whatever the values say."""

    @classmethod
    def setUpClass(cls):
        cls.rendered = {
            (name, version): chart.render(values, version=version)
            for name, values in VARIANTS.items() for version in ("1.20.0", "1.36.0")
        }

    def each(self):
        for (name, version), objects in self.rendered.items():
            with self.subTest(name, version=version):
                yield name, objects

    def test_webhooks_never_stop_a_cluster(self):
        for _, objects in self.each():
            for _, hook in webhooks(objects):
                self.assertEqual(hook["failurePolicy"], "Ignore")
                self.assertEqual(hook["sideEffects"], "None")
                self.assertEqual(hook["matchPolicy"], "Equivalent")
                self.assertEqual(hook["timeoutSeconds"], 2)
                self.assertEqual(hook["admissionReviewVersions"], ["v1"])
                # Users could switch it off by a label on the object.
                self.assertNotIn("objectSelector", hook)
                expressions = hook["namespaceSelector"]["matchExpressions"]
                excluded = next(e for e in expressions if e["key"] == "kubernetes.io/metadata.name")
                self.assertEqual(excluded["operator"], "NotIn")
                for name in ("kube-system", "kube-public", "kube-node-lease", "tallygate-system"):
                    self.assertIn(name, excluded["values"])
                self.assertEqual(hook["clientConfig"]["service"]["port"], 443)

    def test_rules_name_versions_and_no_subresource(self):
        for _, objects in self.each():
            for each, hook in webhooks(objects):
                for rule in hook["rules"]:
                    for value in rule["apiGroups"] + rule["apiVersions"] + rule["resources"] + rule["operations"]:
                        self.assertNotIn("*", value)
                        self.assertNotIn("/", value)
                    self.assertLessEqual(set(rule["operations"]), {"CREATE", "UPDATE"})
                    self.assertNotIn(rule["resources"], (["leases"], ["nodes"]))

    def test_only_new_pods_are_patched(self):
        for name, objects in self.each():
            for each, hook in webhooks(objects):
                if each["kind"] == "MutatingWebhookConfiguration":
                    self.assertEqual(hook["reinvocationPolicy"], "IfNeeded")
                    self.assertEqual(
                        [(r["resources"], r["operations"]) for r in hook["rules"]], [(["pods"], ["CREATE"])])

    def test_pods_are_restricted(self):
        for name, objects in self.each():
            for each, labels, spec in workloads(objects):
                security = spec["securityContext"]
                self.assertTrue(security["runAsNonRoot"])
                self.assertEqual(security["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertEqual(
                    spec.get("hostNetwork", False),
                    name == "managed, on the nodes' network" and each["metadata"]["name"] == "tallygate")
                for container in spec["containers"]:
                    own = container["securityContext"]
                    self.assertIs(own["allowPrivilegeEscalation"], False)
                    self.assertIs(own["readOnlyRootFilesystem"], True)
                    self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
                    self.assertIn("memory", container["resources"]["limits"])
                    self.assertIn("cpu", container["resources"]["requests"])
                for volume in spec.get("volumes", []):
                    self.assertEqual(set(volume) - {"name"} - {"configMap", "secret", "projected"}, set())

    def test_its_own_cost_is_booked(self):
        for _, objects in self.each():
            for each, labels, _ in workloads(objects):
                for key in ("team", "cost-center", "environment"):
                    self.assertIn(key, labels, each["metadata"]["name"])
                    self.assertIn(key, each["metadata"]["labels"])

    def test_selectors_find_their_pods_and_never_change(self):
        for name, objects in self.each():
            deployment = chart.one(objects, "Deployment", "tallygate")
            labels = deployment["spec"]["template"]["metadata"]["labels"]
            pods = [o["spec"]["template"]["metadata"]["labels"] for o in objects if o["kind"] == "Deployment"]
            for policy in (o for o in objects if o["kind"] == "NetworkPolicy"):
                selector = policy["spec"]["podSelector"]["matchLabels"]
                self.assertEqual(len([p for p in pods if selector.items() <= p.items()]), 1, selector)
            selectors = [
                deployment["spec"]["selector"]["matchLabels"],
                chart.one(objects, "Service", "tallygate")["spec"]["selector"],
                *(o["spec"]["selector"]["matchLabels"] for o in objects if o["kind"] == "PodDisruptionBudget"),
                *(c["labelSelector"]["matchLabels"]
                  for c in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]),
            ]
            for selector in selectors:
                self.assertEqual(set(selector), {
                    "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"})
                self.assertLessEqual(selector.items(), labels.items())

    def test_rbac_is_least(self):
        for name, objects in self.each():
            for each in objects:
                if each["kind"] not in ("Role", "ClusterRole"):
                    continue
                for rule in each["rules"]:
                    for value in rule["apiGroups"] + rule["resources"] + rule["verbs"]:
                        self.assertNotEqual(value, "*")
                    if "secrets" in rule["resources"]:
                        self.assertEqual(each["kind"], "Role")
                        self.assertTrue(rule.get("resourceNames") or rule["verbs"] == ["create"])
                        self.assertIn("managed", name)
                    if each["metadata"]["name"] == "tallygate-gate":
                        self.assertEqual(rule["verbs"], ["get", "list", "watch"])
                        self.assertTrue(rule["resources"])
                    writes = {"create", "update", "patch", "delete"} & set(rule["verbs"])
                    if writes and each["kind"] == "ClusterRole":
                        self.assertIn(rule["resources"], (
                            ["events"], ["policyreports", "clusterpolicyreports"], ["reports", "clusterreports"],
                            ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]))

    def test_the_gate_may_read_what_it_is_asked_about(self):
        for name, objects in self.each():
            roles = [o for o in objects if o["kind"] == "ClusterRole" and o["metadata"]["name"] == "tallygate-gate"]
            if not roles:
                self.assertEqual(name, "little")
                continue
            readable = {(g, r) for rule in roles[0]["rules"] for g in rule["apiGroups"] for r in rule["resources"]}
            self.assertIn(("", "namespaces"), readable)
            for each, hook in webhooks(objects):
                for rule in hook["rules"]:
                    for resource in rule["resources"]:
                        if resource not in ("pods", "services", "persistentvolumeclaims") or rule["apiGroups"] != [""]:
                            self.assertIn((rule["apiGroups"][0], resource), readable)

    def test_nothing_secret_is_made_in_templates(self):
        for _, objects in self.each():
            self.assertEqual([o for o in objects if o["kind"] == "Secret"], [])
            for path in (tree.CHART / "templates").rglob("*"):
                if path.is_file():
                    self.assertNotRegex(tree.read(path), r"genCA|genSelfSigned|genSigned|randAlpha")


class Parts(unittest.TestCase):
    def test_the_policy_is_in_what_the_gate_reads(self):
        objects = chart.render(EVERYTHING)
        documents = []
        for name in ("policy", "registry"):
            for text in chart.one(objects, "ConfigMap", f"tallygate-{name}")["data"].values():
                documents += [d for d in yaml.safe_load_all(text)]
        self.assertEqual(
            [d["kind"] for d in documents], ["AttributionPolicy", "Exemption", "WorkloadKind", "Registry"])
        # A million is not 1e+06, which the policy's reader refuses.
        self.assertIn("monthlyBudget: 1000000\n", chart.one(objects, "ConfigMap", "tallygate-registry")["data"]["registry.yaml"])

    def test_labels_of_ones_own_win_over_common_ones(self):
        objects = chart.render(EVERYTHING)
        pods = chart.one(objects, "Deployment", "tallygate")["spec"]["template"]["metadata"]["labels"]
        self.assertEqual((pods["team"], pods["tier"], pods["owner"]), ("123", "control", "platform"))
        auditor = chart.one(objects, "Deployment", "tallygate-auditor")["spec"]["template"]["metadata"]["labels"]
        self.assertEqual((auditor["team"], auditor["cost-center"]), ("on", "platform"))

    def test_names_that_look_like_something_else_stay_names(self):
        objects = chart.render({
            "prometheusRule": {"enabled": True, "budgets": {"on": 5}},
            "policy": {
                "name": "1e3", "teams": [{"name": "123", "monthlyBudget": 1}],
                "exemptions": [{"name": "007", "match": {}, "expires": "2027-01-01", "owner": "a", "reason": "b"}]},
            "webhooks": {"excludeNamespaces": ["123"]}, "priorityClass": {"name": "1", "create": True}})
        rules = chart.one(objects, "PrometheusRule", "tallygate-cost-limits")["spec"]["groups"][0]["rules"]
        self.assertEqual([r["labels"]["team"] for r in rules if "labels" in r], ["on", "123"])
        documents = list(yaml.safe_load_all(chart.one(objects, "ConfigMap", "tallygate-policy")["data"]["policy.yaml"]))
        self.assertEqual([d["metadata"]["name"] for d in documents], ["1e3", "007"])
        hook = next(hook for _, hook in webhooks(objects))
        self.assertIn("123", hook["namespaceSelector"]["matchExpressions"][0]["values"])
        self.assertEqual(chart.one(objects, "PriorityClass")["metadata"]["name"], "1")
        named = chart.render({"policy": {"existingConfigMap": "123"}}, name="1", namespace="2")
        self.assertEqual({o["metadata"].get("namespace", "2") for o in named}, {"2"})
        self.assertEqual({s["namespace"] for o in named for s in o.get("subjects", [])}, {"2"})
        self.assertEqual({hook["clientConfig"]["service"]["namespace"] for _, hook in webhooks(named)}, {"2"})
        self.assertEqual(
            chart.one(named, "Deployment", "1-tallygate")["spec"]["template"]["spec"]["volumes"][-1]["configMap"]["name"], "123")

    def test_one_gate_has_no_disruption_budget(self):
        for gate, wanted in (
            ({"replicas": 1}, 0), ({"replicas": 2}, 1), ({"replicas": 1, "autoscaling": {"enabled": True}}, 1),
            ({"replicas": 3, "autoscaling": {"enabled": True, "minReplicas": 1}}, 0),
            ({"replicas": 2, "podDisruptionBudget": {"minAvailable": "50%"}}, 1),
        ):
            objects = chart.render({"gate": gate})
            self.assertEqual(len([o for o in objects if o["kind"] == "PodDisruptionBudget"]), wanted, gate)

    def test_each_part_runs_where_it_is_told(self):
        objects = chart.render({
            "auditor": PLACED, "jobs": PLACED, "gate": PLACED,
            "certificates": {"mode": "managed", "managed": PLACED}})
        names = set()
        for each, _, spec in workloads(objects):
            names.add(each["metadata"]["name"])
            self.assertEqual({key: spec.get(key) for key in PLACED}, PLACED, each["metadata"]["name"])
        self.assertEqual(names, {
            "tallygate", "tallygate-auditor", "tallygate-certificates", "tallygate-lint", "tallygate-test"})

    def test_ports_are_the_same_everywhere(self):
        objects = chart.render(VARIANTS["managed, on the nodes' network"])
        spec = chart.one(objects, "Deployment", "tallygate")["spec"]["template"]["spec"]
        self.assertEqual((spec["hostNetwork"], spec["dnsPolicy"]), (True, "ClusterFirstWithHostNet"))
        gate, = spec["containers"]
        self.assertEqual([p["containerPort"] for p in gate["ports"]], [9443, 9080])
        self.assertLessEqual({"--listen=0.0.0.0:9443", "--health-listen=0.0.0.0:9080"}, set(gate["args"]))
        keeper = chart.one(objects, "Deployment", "tallygate-certificates")["spec"]["template"]["spec"]["containers"][0]
        self.assertIn("--replica-port=9443", keeper["args"])
        ports = [
            port["port"] for policy in objects if policy["kind"] == "NetworkPolicy"
            and policy["metadata"]["name"] != "tallygate-auditor"
            for way in ("ingress", "egress") for rule in policy["spec"].get(way, []) for port in rule["ports"]]
        self.assertIn(9443, ports)
        self.assertNotIn(8443, ports)

    def test_a_large_installation_has_two_auditors(self):
        self.assertEqual(
            chart.one(chart.render(chart.profile("ha")), "Deployment", "tallygate-auditor")["spec"]["replicas"], 2)

    def test_the_auditor_reads_what_is_not_registered(self):
        def readable(values):
            return chart.one(chart.render(values), "ClusterRole", "tallygate-auditor")["rules"]
        self.assertEqual(readable({"webhooks": {"customResources": False}}), readable({}))

    def test_a_policy_from_elsewhere_is_registered_for_whole_unless_told(self):
        def registered(values):
            hooks = chart.one(chart.render(values), "ValidatingWebhookConfiguration")["webhooks"]
            return {r for rule in hooks[0]["rules"] if rule["apiGroups"] == [""] for r in rule["resources"]}
        elsewhere = {"policy": {"existingConfigMap": "policies"}}
        self.assertLessEqual({"pods", "namespaces", "persistentvolumeclaims", "services"}, registered(elsewhere))
        self.assertEqual(registered({**elsewhere, "webhooks": {"subjects": ["namespaces"]}}), {"namespaces"})

    def test_the_auditor_may_be_allowed_more(self):
        more = {"apiGroups": ["acme.io"], "resources": ["fleets"], "verbs": ["list", "watch"]}
        role = chart.one(chart.render({"auditor": {"extraRules": [more]}}), "ClusterRole", "tallygate-auditor")
        self.assertIn(more, role["rules"])

    def test_a_kind_the_policy_adds_is_registered_and_readable(self):
        objects = chart.render({"policy": {"workloadKinds": [KIND]}})
        rules = chart.one(objects, "ValidatingWebhookConfiguration")["webhooks"][0]["rules"]
        self.assertIn(["trainings"], [r["resources"] for r in rules if r["apiGroups"] == ["acme.io"]])
        readable = chart.one(objects, "ClusterRole", "tallygate-gate")["rules"]
        self.assertIn(["trainings"], [r["resources"] for r in readable if r["apiGroups"] == ["acme.io"]])

    def test_subjects_decide_what_is_registered(self):
        def registered(subjects):
            objects = chart.render({"policy": {"spec": {"subjects": subjects}}})
            hooks = chart.one(objects, "ValidatingWebhookConfiguration")["webhooks"]
            return {r for rule in hooks[0]["rules"] if rule["apiGroups"] == [""] for r in rule["resources"]}
        self.assertEqual(registered(["workloads"]), {"pods", "replicationcontrollers"})
        self.assertEqual(registered(["claims", "loadbalancers"]), {"persistentvolumeclaims", "services"})

    def test_rules_are_those_of_the_plain_files(self):
        objects = chart.render({
            "prometheusRule": {"enabled": True},
            "policy": {"teams": [{"name": "ml", "monthlyBudget": 2500000.5}, {"name": "free"}]}})
        for part in ("recording-rules", "cost-alerts"):
            self.assertEqual(
                chart.one(objects, "PrometheusRule", f"tallygate-{part}")["spec"], tree.load(tree.RULES / f"{part}.yaml"))
        limits = chart.one(objects, "PrometheusRule", "tallygate-cost-limits")["spec"]
        rules = {(r["record"], r.get("labels", {}).get("team")): r["expr"] for r in limits["groups"][0]["rules"]}
        self.assertEqual({name for name, _ in rules}, tree.FROM_VALUES)
        self.assertEqual(rules["team:budget_usd:month", "ml"], "vector(2500000.5)")
        self.assertNotIn(("team:budget_usd:month", "free"), rules)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "limits.yaml")
            path.write_text(yaml.safe_dump(limits), encoding="utf-8")
            done = subprocess.run([os.environ["PROMTOOL"], "check", "rules", path], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_dashboards_arrive_whole(self):
        objects = chart.render({"dashboards": {"enabled": True}})
        for path in tree.DASHBOARDS.glob("*.json"):
            data = chart.one(objects, "ConfigMap", f"tallygate-{path.stem}")["data"]
            self.assertEqual(json.loads(data[f"tallygate-{path.stem}.json"]), json.loads(tree.read(path)))

    def test_the_certificate_names_the_service(self):
        objects = chart.render({"certificates": {"mode": "cert-manager"}}, namespace="costs", name="prod")
        name = chart.one(objects, "Service")["metadata"]["name"]
        certificate = chart.one(objects, "Certificate", name)
        self.assertIn(f"{name}.costs.svc", certificate["spec"]["dnsNames"])
        for each, hook in webhooks(objects):
            self.assertEqual(each["metadata"]["annotations"]["cert-manager.io/inject-ca-from"], f"costs/{name}")
            # Helm would put back the bundle it knows at every upgrade.
            self.assertNotIn("caBundle", hook["clientConfig"])

    def test_a_namespace_may_be_named_as_the_release(self):
        objects = chart.render({"certificates": {"mode": "cert-manager"}}, namespace="tallygate", name="tallygate")
        self.assertIn("tallygate.tallygate.svc", chart.one(objects, "Certificate", "tallygate")["spec"]["dnsNames"])
        for each, hook in webhooks(objects):
            excluded = hook["namespaceSelector"]["matchExpressions"][0]["values"]
            self.assertEqual(excluded.count("tallygate"), 1)

    def test_policies_pass_the_linter(self):
        binary = os.environ.get("TALLYGATE_BINARY") or str(tree.ROOT / ".build/debug/tallygate")
        if not os.access(binary, os.X_OK):
            self.skipTest("no tallygate to lint with: build it, or name one by TALLYGATE_BINARY")
        for name, values in VARIANTS.items():
            objects = chart.render(values)
            with tempfile.TemporaryDirectory() as folder, self.subTest(name):
                for each in objects:
                    if each["kind"] == "ConfigMap" and each["metadata"]["name"] in ("tallygate-policy", "tallygate-registry"):
                        for file, text in (each["data"] or {}).items():
                            Path(folder, file).write_text(text, encoding="utf-8")
                if list(Path(folder).iterdir()):
                    done = subprocess.run([binary, "policy", "lint", folder], capture_output=True, text=True)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        example = tree.MANIFESTS / "policy-example.yaml"
        done = subprocess.run([binary, "policy", "lint", example], capture_output=True, text=True)
        self.assertEqual((done.returncode, "0 warnings" in done.stdout), (0, True), done.stdout + done.stderr)

    def test_the_gates_arguments_are_options_it_has(self):
        source = tree.read(tree.ROOT / "Sources/tallygate/WebhookCommand.swift") + tree.read(
            tree.ROOT / "Sources/tallygate/CommonOptions.swift")
        known = {
            "--" + re.sub(r"([A-Z])", lambda m: "-" + m[1].lower(), name)
            for name in re.findall(r"^    var ([a-zA-Z]+)", source, re.M)
        }
        for values in ({}, {"gate": {"cluster": False, "clientCASecret": "ca"}}):
            deployment = chart.one(chart.render(values), "Deployment", "tallygate")
            arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
            self.assertEqual(arguments[0], "webhook")
            for argument in arguments[1:]:
                self.assertIn(argument.partition("=")[0], known)

    def test_a_pod_outlives_its_drain(self):
        for seconds in (0, 10, 120):
            spec = chart.one(
                chart.render({"gate": {"drainSeconds": seconds}}), "Deployment", "tallygate")["spec"]["template"]["spec"]
            # What is under way after the drain has 20 s.
            self.assertGreaterEqual(spec["terminationGracePeriodSeconds"], seconds + 20)


class Judgement(unittest.TestCase):
    EXCUSED = {
        "CKV_K8S_11": "no CPU limit: throttling would be time that admissions wait",
        "CKV_K8S_43": "the image is pinned by digest where image.digest is set; a chart cannot know it",
        "CKV_K8S_15": "IfNotPresent: a node that cannot reach the registry starts a gate all the same",
        "CKV_K8S_8": "Jobs and test Pods end; the gate has a liveness probe",
        "CKV_K8S_9": "Jobs and test Pods end; the gate has a readiness probe",
        "CKV_K8S_40": "65532 is the image's user; checkov wants 10000 or more and reads it of containers only",
        "CKV2_K8S_6": "checkov does not see the NetworkPolicy in the same file",
        "CKV_K8S_49": "no wildcard is in any role (test_rbac_is_least)",
        "CKV_K8S_155": "the keeper of certificates may patch its own two webhook configurations, by name",
        "CKV_K8S_38": "the gate and the auditor read the API: that is what their tokens are for",
    }

    def test_checkov_finds_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("default", "everything", "cert-manager"):
                Path(folder, f"{name}.yaml").write_text(
                    yaml.safe_dump_all(chart.render(VARIANTS[name])), encoding="utf-8")
            self.assertEqual(judges.checkov("kubernetes", Path(folder), self.EXCUSED), "")


if __name__ == "__main__":
    unittest.main()
