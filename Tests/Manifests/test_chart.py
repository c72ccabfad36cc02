"""The chart: what it renders over versions and values, what it refuses, and what must hold whatever the values say."""

import json
import tempfile
import unittest
from pathlib import Path

import helm_python
import kubernetes_validate
import yaml

import chart
import judges
import tree
from renderings import EVERYTHING, OWN_APIS, TURNS, VARIANTS, VERSIONS, WITH_SCHEMAS, webhooks, workloads


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
        self.assertNotIn("publish yours alone", fresh)
        keeper = "rollout status deployment/tallygate-certificates"
        self.assertNotIn(keeper, fresh)
        self.assertIn(keeper, chart.texts({"certificates": {"mode": "managed"}})[path])
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
                    if "customresourcedefinitions" in rule["resources"]:
                        # Definitions are looked at one by one, by their names.
                        self.assertEqual(rule["verbs"], ["get"])
                        self.assertTrue(rule["resourceNames"])
                    elif each["metadata"]["name"] == "tallygate-auditor" and each["kind"] == "ClusterRole":
                        follows = rule["verbs"] == ["list", "watch"]
                        tells = rule["resources"] in (
                            ["events"], ["policyreports", "clusterpolicyreports"], ["reports", "clusterreports"])
                        self.assertTrue(follows or tells, rule)
                    if each["metadata"]["name"] == "tallygate-gate":
                        self.assertEqual(rule["verbs"], ["get", "list", "watch"])
                        self.assertTrue(rule["resources"])
                    writes = {"create", "update", "patch", "delete"} & set(rule["verbs"])
                    if writes and each["kind"] == "ClusterRole":
                        self.assertIn(rule["resources"], (
                            ["events"], ["policyreports", "clusterpolicyreports"], ["reports", "clusterreports"],
                            ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]))

    def test_the_auditor_may_read_what_it_follows(self):
        rules = next(o for o in chart.render() if o["kind"] == "ClusterRole"
                     and o["metadata"]["name"] == "tallygate-auditor")["rules"]
        definitions = next(r for r in rules if r["resources"] == ["customresourcedefinitions"])["resourceNames"]
        followed = {(g, r) for rule in rules if rule["verbs"] == ["list", "watch"]
                    for g in rule["apiGroups"] for r in rule["resources"]}
        self.assertIn(("karpenter.sh", "nodepools"), followed)
        self.assertEqual(
            sorted(definitions),
            sorted(f"{r}.{g}" for entry in tree.load(tree.CHART / "files/workload-kinds.yaml")
                   for g in [entry["group"]] for r in entry["resources"] if g not in ("", "apps", "batch")))

    def test_opencost_is_asked_and_may_be_reached(self):
        for url, port in (
            ("http://opencost.opencost:9003/metrics", 9003), ("https://costs.example.com", 443), ("http://a/model/metrics", 80),
            ("http://[fd00::1]:9003", 9003), ("", None),
        ):
            objects = chart.render({"auditor": {"opencost": url}})
            arguments = next(o for o in objects if o["kind"] == "Deployment" and o["metadata"]["name"] == "tallygate-auditor")[
                "spec"]["template"]["spec"]["containers"][0]["args"]
            self.assertEqual([a for a in arguments if a.startswith("--opencost")], [f"--opencost={url}"] if url else [])
            egress = next(o for o in objects if o["kind"] == "NetworkPolicy" and o["metadata"]["name"] == "tallygate-auditor")[
                "spec"]["egress"]
            self.assertEqual([rule["ports"][0]["port"] for rule in egress[2:]], [port] if port else [], url)
        for url in ("opencost:9003", "ftp://opencost", "http://jane:secret@opencost", "http://opencost/#x"):
            with self.assertRaises(Exception, msg=url):
                chart.render({"auditor": {"opencost": url}})

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
