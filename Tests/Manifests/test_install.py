"""The chart on a real API server: install, upgrade, rollback, uninstall, and what is refused on the way.

There is no kubelet: a local process stands in for the gate's Pods, behind the Endpoints of the chart's Service, and a
thread for the lint Job's.
"""

import json
import re
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

import helm_python

import chart
import cluster
import tree

NAMESPACE = "tallygate-system"
POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "namespace": "default"},
    "spec": {"containers": [{"name": "main", "image": "main"}]},
}


def certificates(folder):
    """A CA and a leaf for the chart's Service, as an operator would bring them."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    openssl("req", "-x509", *key, "-subj", "/CN=test CA", "-addext", "keyUsage=critical,keyCertSign",
            "-keyout", "ca.key", "-out", "ca.crt")
    openssl("req", "-x509", "-CA", "ca.crt", "-CAkey", "ca.key", *key, "-subj", "/CN=gate",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
            "-addext", "extendedKeyUsage=serverAuth",
            "-addext", f"subjectAltName=DNS:tallygate.{NAMESPACE}.svc", "-keyout", "tls.key", "-out", "tls.crt")
    return Path(folder, "ca.crt").read_text(encoding="utf-8")


class Gate:
    """The gate's command on this machine, with the arguments of the chart's Deployment."""

    def __init__(self, server, folder, address):
        self.server, self.folder, self.address = server, Path(folder), address
        self.process = None
        self.port, self.health = cluster.free_port(address), cluster.free_port(address)

    def start(self):
        policy = self.folder / "policy"
        policy.mkdir(exist_ok=True)
        for name in ("tallygate-policy", "tallygate-registry"):
            data = self.server.get("configmap", name, "--namespace", NAMESPACE).get("data") or {}
            for file, text in data.items():
                (policy / file).write_text(text, encoding="utf-8")
        deployment = self.server.get("deployment", "tallygate", "--namespace", NAMESPACE)
        arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
        here = {
            "/etc/tallygate/tls": str(self.folder), "/etc/tallygate/policy": str(policy),
            "0.0.0.0:8443": f"{self.address}:{self.port}", "0.0.0.0:8080": f"{self.address}:{self.health}",
            "--drain-seconds=10": "--drain-seconds=0",
        }
        for old, new in here.items():
            arguments = [a.replace(old, new) for a in arguments]
        if cluster.asks_clusters():
            # As the chart's own ServiceAccount, so that its rights are put to the test.
            arguments.append(f"--kubeconfig={self.server.kubeconfig_of('tallygate-gate', NAMESPACE)}")
        else:
            manifests = self.folder / "namespaces.json"
            manifests.write_text(json.dumps(self.server.get("namespaces")), encoding="utf-8")
            arguments += ["--no-cluster", f"--namespaces={manifests}"]
        self.log = open(self.folder / "gate.log", "ab")
        self.process = subprocess.Popen([cluster.binary(), *arguments], stderr=self.log)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for _ in range(200):
            try:
                if opener.open(f"http://{self.address}:{self.health}/readyz").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the gate did not become ready: " + (self.folder / "gate.log").read_text())

    def stop(self):
        if self.process:
            self.process.terminate()
            assert self.process.wait(10) == 0
            self.log.close()
            self.process = None

    def restart(self):
        self.stop()
        self.start()

    def stand_behind_the_service(self):
        self.server.apply({
            "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "tallygate", "namespace": NAMESPACE},
            "subsets": [{
                "addresses": [{"ip": self.address}], "ports": [{"name": "webhook", "port": self.port}]}],
        })


def create_pod(server, namespace, labels):
    pod = json.loads(json.dumps(POD))
    pod["metadata"].update({"namespace": namespace, "labels": labels})
    return server.kubectl(
        "create", "--validate=false", "--dry-run=server", "--output=json", "--filename=-", data=json.dumps(pod),
        check=False)


@unittest.skipUnless(cluster.wanted(), "TALLYGATE_ENVTEST is not set")
@unittest.skipUnless(cluster.binary(), "no tallygate to run: build it, or name one by TALLYGATE_BINARY")
class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cluster.Cluster()
        cls.addClassCleanup(cls.server.stop)
        cls.server.kubectl("create", "namespace", NAMESPACE)
        cls.authority = certificates(cls.server.path)
        cls.server.kubectl(
            "--namespace", NAMESPACE, "create", "secret", "tls", "tallygate-tls",
            f"--cert={cls.server.path}/tls.crt", f"--key={cls.server.path}/tls.key")
        cls.helm = helm_python.Config(kubeconfig_path=str(cls.server.kubeconfig), namespace=NAMESPACE)
        cls.addClassCleanup(cls.helm.close)
        cls.jobs = cluster.JobRunner(cls.server, NAMESPACE)
        cls.jobs.start()
        cls.addClassCleanup(cls.jobs.stop)
        address = cluster.own_address()
        cls.gate = Gate(cls.server, cls.server.path, address) if address else None
        if cls.gate:
            cls.addClassCleanup(cls.gate.stop)

    def values(self, *more):
        provided = {"certificates": {
            "mode": "provided", "provided": {"secretName": "tallygate-tls", "caBundle": self.authority}}}
        return chart.merged(provided, *more)

    def upgrade(self, *more):
        return self.helm.upgrade(str(tree.CHART), "tallygate", self.values(*more), namespace=NAMESPACE, timeout=60)

    def create_pod(self, namespace="default", **labels):
        return create_pod(self.server, namespace, labels)

    def configurations(self):
        return {
            kind: {o["metadata"]["name"]: o["metadata"]["generation"] for o in self.server.get(kind)["items"]}
            for kind in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")
        }

    def policy(self):
        return self.server.get("configmap", "tallygate-policy", "--namespace", NAMESPACE)["data"]["policy.yaml"]

    def test_life_of_a_release(self):
        # In the order of a release's life; a failure in one step makes the rest meaningless.
        for step in (
            self.refuses_what_the_cluster_lacks, self.installs, self.has_least_rights, self.warns_when_fresh,
            self.refuses_a_second_release, self.enforces_after_an_upgrade, self.refuses_a_bad_policy,
            self.rolls_back, self.used_its_rights_and_no_more, self.leaves_nothing_behind,
        ):
            with self.subTest(step.__name__):
                step()

    def refuses_what_the_cluster_lacks(self):
        for values, said in (
            ({"certificates": {"mode": "cert-manager"}}, "this cluster has no cert-manager.io/v1"),
            ({"prometheusRule": {"enabled": True}}, "need the Prometheus operator"),
            ({"policy": {"existingConfigMap": "mine"}}, "policy.existingConfigMap=mine: there is no such ConfigMap"),
        ):
            with self.assertRaises(helm_python.HelmError) as caught:
                self.helm.install(str(tree.CHART), "tallygate", self.values(values), namespace=NAMESPACE, timeout=60)
            self.assertIn(said, str(caught.exception))
        self.assertEqual(self.configurations()["validatingwebhookconfigurations"], {})

    def installs(self):
        self.helm.install(str(tree.CHART), "tallygate", self.values(), namespace=NAMESPACE, timeout=60)
        self.assertIn("is sound", self.jobs.logs[-1])
        self.assertEqual(set(self.configurations()["validatingwebhookconfigurations"]), {"tallygate"})
        if self.gate:
            self.gate.start()
            self.gate.stand_behind_the_service()

    def has_least_rights(self):
        account = f"--as=system:serviceaccount:{NAMESPACE}:tallygate-gate"
        def may(verb, resource):
            done = self.server.kubectl("auth", "can-i", verb, resource, account, "--all-namespaces", check=False)
            return done.stdout.strip() == "yes"
        for resource in ("namespaces", "deployments.apps", "replicasets.apps", "jobs.batch"):
            for verb in ("get", "list", "watch"):
                self.assertTrue(may(verb, resource), f"{verb} {resource}")
        for verb, resource in (
            ("get", "secrets"), ("list", "secrets"), ("get", "pods"), ("create", "pods"), ("update", "namespaces"),
            ("patch", "validatingwebhookconfigurations"), ("delete", "deployments.apps"), ("create", "events"),
        ):
            self.assertFalse(may(verb, resource), f"{verb} {resource}")

    def warns_when_fresh(self):
        if not self.gate:
            self.skipTest("this machine has only a loopback address")
        answer = self.create_pod()
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("Warning: cost label team: missing", answer.stderr)
        # The mutating half: what a namespace says its Pods have.
        self.server.kubectl("create", "namespace", "payments")
        self.server.kubectl("label", "namespace", "payments", "team=payments", "environment=prod")
        self.gate.restart()
        completed = self.create_pod("payments")
        labels = json.loads(completed.stdout)["metadata"]["labels"]
        self.assertEqual((labels["team"], labels["environment"]), ("payments", "production"))
        # Its own namespace is left alone: by its name, or on 1.20 by the label that the notes ask for.
        if "gate=off" in chart.texts(version=self.server.server_version().lstrip("v"))["tallygate/templates/NOTES.txt"]:
            self.server.kubectl("label", "namespace", NAMESPACE, "tallygate.io/gate=off")
        self.assertNotIn("Warning", self.create_pod(NAMESPACE).stderr)

    def refuses_a_second_release(self):
        self.server.kubectl("create", "namespace", "elsewhere")
        with helm_python.Config(kubeconfig_path=str(self.server.kubeconfig), namespace="elsewhere") as other:
            with self.assertRaises(helm_python.HelmError) as caught:
                other.install(str(tree.CHART), "second", self.values(), namespace="elsewhere", timeout=60)
        self.assertIn(f"release {NAMESPACE}/tallygate is in this cluster already", str(caught.exception))

    def enforces_after_an_upgrade(self):
        before = self.configurations()
        self.upgrade(chart.profile("enforce"), {"policy": {"teams": [
            {"name": "payments", "costCenters": ["product"]}, {"name": "platform", "costCenters": ["platform"]}]}})
        self.assertEqual(before, self.configurations(), "the same webhooks, untouched")
        if not self.gate:
            return
        self.server.kubectl("label", "namespace", "payments", "--overwrite", "environment=production", "team=paymnts")
        self.gate.restart()
        denied = self.create_pod("payments")
        self.assertNotEqual(denied.returncode, 0)
        self.assertIn('admission webhook "validate.tallygate.io" denied the request', denied.stderr)
        self.assertIn('the namespace supplies "paymnts", which is unregistered-value', denied.stderr)
        self.assertEqual(self.create_pod("default").returncode, 0, "warned, not denied")

    def refuses_a_bad_policy(self):
        webhooks, policy = self.configurations(), self.policy()
        bad = {"policy": {"spec": {"labels": [{"key": "team", "levle": "required"}]}}}
        with self.assertRaises(helm_python.HelmError) as caught:
            self.upgrade(chart.profile("enforce"), bad)
        self.assertIn("pre-upgrade", str(caught.exception))
        self.assertRegex(self.jobs.logs[-1], r"policy\.yaml:\d+:\d+: error: .*levle")
        self.assertEqual((webhooks, policy), (self.configurations(), self.policy()))

    def rolls_back(self):
        self.helm.rollback("tallygate", version=1, timeout=60)
        self.assertNotIn("mode: enforce", self.policy())
        if self.gate:
            (self.gate.folder / "policy/registry.yaml").unlink(missing_ok=True)
            self.gate.restart()
            self.assertEqual(self.create_pod("payments").returncode, 0)

    def used_its_rights_and_no_more(self):
        if not self.gate or not cluster.asks_clusters():
            return
        user = f"system:serviceaccount:{NAMESPACE}:tallygate-gate"
        asked = [e for e in self.server.requests() if e["user"]["username"] == user]
        refused = {(e["verb"], e["requestURI"]) for e in asked if e["responseStatus"]["code"] == 403}
        self.assertEqual(refused, set())
        used = {(e["verb"], e["objectRef"]["resource"]) for e in asked if "objectRef" in e}
        self.assertLessEqual({verb for verb, _ in used}, {"get", "list", "watch"})
        for resource in ("namespaces", "deployments", "replicasets", "jobs"):
            for verb in ("list", "watch"):
                self.assertIn((verb, resource), used)

    def order(self, verb):
        """The kinds of the chart's objects in the order in which the API server was asked, by its audit log."""
        found = []
        for event in self.server.requests():
            reference = event.get("objectRef", {})
            if event["verb"] == verb and reference.get("name", "tallygate") == "tallygate":
                found.append(reference["resource"])
        return found

    def leaves_nothing_behind(self):
        self.helm.uninstall("tallygate", timeout=60)
        deleted = self.order("delete")
        self.assertLess(deleted.index("validatingwebhookconfigurations"), deleted.index("deployments"))
        self.assertEqual(self.configurations(), {
            "validatingwebhookconfigurations": {}, "mutatingwebhookconfigurations": {}})
        for kind in ("clusterroles", "clusterrolebindings", "deployments", "services", "configmaps", "networkpolicies"):
            left = self.server.get(kind, "--all-namespaces", "--selector=app.kubernetes.io/part-of=tallygate")["items"]
            # What a failed hook leaves is there to be read; the next install removes it.
            left = [o["metadata"]["name"] for o in left if not o["metadata"]["name"].endswith("-lint")]
            self.assertEqual(left, [], kind)
        self.assertNotIn("Warning: cost label", self.create_pod("payments").stderr)


@unittest.skipUnless(cluster.wanted(), "TALLYGATE_ENVTEST is not set")
@unittest.skipUnless(cluster.binary(), "no tallygate to run: build it, or name one by TALLYGATE_BINARY")
class Managed(unittest.TestCase):
    """Nobody brings a certificate: keeper and gate run as the chart's own ServiceAccounts."""

    def test_first_admission(self):
        address = cluster.own_address()
        if not address or not cluster.asks_clusters():
            self.skipTest("this machine has only a loopback address, or the gate asks no cluster")
        server = cluster.Cluster()
        self.addCleanup(server.stop)
        server.kubectl("create", "namespace", NAMESPACE)
        with helm_python.Config(kubeconfig_path=str(server.kubeconfig), namespace=NAMESPACE) as helm:
            values = {"policy": {"lintBeforeInstall": False}, "webhooks": {"failurePolicy": "Fail"}}
            helm.install(str(tree.CHART), "tallygate", values, namespace=NAMESPACE, timeout=60)
        deployment = server.get("deployment", "tallygate-certificates", "--namespace", NAMESPACE)
        keeper = subprocess.Popen([
            cluster.binary(), *deployment["spec"]["template"]["spec"]["containers"][0]["args"],
            f"--kubeconfig={server.kubeconfig_of('tallygate-certificates', NAMESPACE)}"], stderr=subprocess.DEVNULL)
        self.addCleanup(keeper.kill)
        gate = Gate(server, server.path, address)
        self.addCleanup(gate.stop)
        gate.start()
        gate.stand_behind_the_service()
        for _ in range(100):
            answer = create_pod(server, "default", {})
            if answer.returncode == 0:
                break
            time.sleep(0.1)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("Warning: cost label team: missing", answer.stderr)
        keeper.terminate()
        self.assertEqual(keeper.wait(20), 0)
        self.used_every_right(server)

    def used_every_right(self, server):
        user = f"system:serviceaccount:{NAMESPACE}:tallygate-certificates"
        asked = [e for e in server.requests() if e["user"]["username"] == user]
        refused = {(e["verb"], e["requestURI"]) for e in asked if e["responseStatus"]["code"] == 403}
        self.assertEqual(refused, set())
        used = {(e["verb"], e["objectRef"]["resource"]) for e in asked if "objectRef" in e}
        configurations = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")
        self.assertEqual(used, {
            *((verb, "secrets") for verb in ("create", "get", "watch", "update")),
            *((verb, "leases") for verb in ("create", "get", "update")), ("list", "pods"),
            *((verb, resource) for resource in configurations for verb in ("get", "watch", "patch")),
        })


@unittest.skipUnless(cluster.wanted(), "TALLYGATE_ENVTEST is not set")
class PodSecurity(unittest.TestCase):
    """A dry run against a namespace that enforces "restricted", where the server knows what that is (1.25)."""

    def test_pods_are_admitted(self):
        server = cluster.Cluster()
        self.addCleanup(server.stop)
        version = server.server_version()
        if int(re.match(r"v1\.(\d+)", version)[1]) < 25:
            self.skipTest(f"the server is {version}: Pod Security came with 1.25")
        server.kubectl("create", "namespace", NAMESPACE)
        server.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
        for each in chart.render(version=version.lstrip("v")):
            template = each["spec"]["template"] if each["kind"] in ("Deployment", "Job") else None
            if template:
                pod = {"apiVersion": "v1", "kind": "Pod", "spec": template["spec"],
                       "metadata": {"name": each["metadata"]["name"], "namespace": NAMESPACE}}
                server.kubectl("create", "--dry-run=server", "--filename=-", data=json.dumps(pod))


if __name__ == "__main__":
    unittest.main()
