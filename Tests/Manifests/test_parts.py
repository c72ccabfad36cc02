"""What each part of the chart has to say, value by value."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

import chart
import tree
from renderings import EVERYTHING, KIND, PLACED, VARIANTS, webhooks, workloads


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

    def test_every_part_that_stays_can_be_asked_and_scraped(self):
        objects = chart.render({"certificates": {"mode": "managed"}, "monitoring": {"serviceMonitor": {"enabled": True}}})
        deployments = [o for o in objects if o["kind"] == "Deployment"]
        self.assertEqual(len(deployments), 3)
        monitor = chart.one(objects, "ServiceMonitor")["spec"]
        for each in deployments:
            labels, container = (
                each["spec"]["template"]["metadata"]["labels"], each["spec"]["template"]["spec"]["containers"][0])
            for probe, path in (("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
                self.assertEqual(container[probe]["httpGet"], {"path": path, "port": "health"})
            self.assertIn("--health-listen=0.0.0.0:8080", container["args"])
            services = [o for o in objects if o["kind"] == "Service" and o["spec"]["selector"].items() <= labels.items()]
            self.assertEqual(len(services), 1, each["metadata"]["name"])
            self.assertLessEqual(
                monitor["selector"]["matchLabels"].items(), services[0]["metadata"]["labels"].items())
            allowed = [
                port["port"] for o in objects
                if o["kind"] == "NetworkPolicy" and o["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
                for rule in o["spec"]["ingress"] for port in rule["ports"]]
            self.assertIn(8080, allowed)

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


if __name__ == "__main__":
    unittest.main()
