"""The rights of the chart's ServiceAccounts, taken literally: gate, auditor and keeper run as them, and each verb on each
resource that a rule grants, and the cluster has, is seen in the API server's audit log; nothing is refused."""

import json
import ssl
import subprocess
import unittest
import urllib.request

import helm_python

import chart
import cluster
import release
import tree
from release import NAMESPACE

REPORTS = (("PolicyReport", "policyreports", "Namespaced"), ("ClusterPolicyReport", "clusterpolicyreports", "Cluster"))
# The catalogue's custom resources, for one of each that is not there in every cluster.
CUSTOM = ("kubeflow.org", "v1", "PyTorchJob", "pytorchjobs", "Namespaced")


def definition(group, version, kind, plural, scope):
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        }}


@unittest.skipUnless(cluster.wanted(), "TALLYGATE_ENVTEST is not set")
@unittest.skipUnless(cluster.binary(), "no tallygate to run: build it, or name one by TALLYGATE_BINARY")
class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        address = cluster.own_address()
        if not address or not cluster.asks_clusters():
            raise unittest.SkipTest("this machine has only a loopback address, or the gate asks no cluster")
        cls.server = cluster.Cluster()
        cls.addClassCleanup(cls.server.stop)
        cls.server.kubectl("create", "namespace", NAMESPACE)
        cls.server.kubectl("label", "namespace", NAMESPACE, "tallygate.io/gate=off")
        for kind, plural, scope in REPORTS:
            cls.server.apply(definition("wgpolicyk8s.io", "v1alpha2", kind, plural, scope))
        cls.server.apply(definition(*CUSTOM))
        with helm_python.Config(kubeconfig_path=str(cls.server.kubeconfig), namespace=NAMESPACE) as helm:
            values = {"policy": {"lintBeforeInstall": False}}
            helm.install(str(tree.CHART), "tallygate", values, namespace=NAMESPACE, timeout=60)
        cls.keeper = release.Keeper(cls.server)
        cls.addClassCleanup(cls.keeper.stop)
        cls.keeper.start()
        cls.gates = release.Gates(cls.server, address)
        cls.addClassCleanup(cls.gates.stop)
        cls.gates.roll_out()
        cls.resources = cls.served()

    @classmethod
    def served(cls):
        """(group, resource): (version, kind) of everything the cluster has."""
        found = {}
        groups = json.loads(cls.server.kubectl("get", "--raw", "/apis").stdout)["groups"]
        versions = [("", "v1", "/api/v1")] + [
            (g["name"], v["version"], f"/apis/{v['groupVersion']}") for g in groups for v in g["versions"]]
        for group, version, path in versions:
            for resource in json.loads(cls.server.kubectl("get", "--raw", path).stdout)["resources"]:
                found.setdefault((group, resource["name"]), (version, resource["kind"]))
        return found

    def granted(self, account):
        """(verb, group, resource) of all that its roles say, as far as the cluster has it."""
        rights = set()
        for kind, role in (("rolebindings", "role"), ("clusterrolebindings", "clusterrole")):
            for binding in self.server.get(kind, "--all-namespaces")["items"]:
                if any(s["kind"] == "ServiceAccount" and s["name"] == account and s.get("namespace") == NAMESPACE
                       for s in binding.get("subjects", [])):
                    scope = ["--namespace", NAMESPACE] if role == "role" else []
                    for rule in self.server.get(role, binding["roleRef"]["name"], *scope)["rules"]:
                        rights |= {(verb, group, resource) for verb in rule["verbs"] for group in rule["apiGroups"]
                                   for resource in rule["resources"] if (group, resource) in self.resources}
        self.assertTrue(rights, account)
        return rights

    def used(self, account):
        user = f"system:serviceaccount:{NAMESPACE}:{account}"
        asked = [e for e in self.server.requests() if e["user"]["username"] == user]
        self.assertEqual({(e["verb"], e["requestURI"]) for e in asked if e["responseStatus"]["code"] == 403}, set())
        used = {(e["verb"], e["objectRef"].get("apiGroup", ""), e["objectRef"]["resource"]) for e in asked
                if "objectRef" in e}
        # A server-side apply of what is not there yet needs the right to create it, and makes it (201).
        used |= {("create", e["objectRef"].get("apiGroup", ""), e["objectRef"]["resource"]) for e in asked
                 if e["verb"] == "patch" and e["responseStatus"]["code"] == 201}
        return used

    def check(self, account):
        """Once its process has ended: a watch stands in the audit log when it is over."""
        granted, used = self.granted(account), self.used(account)
        self.assertEqual(granted - used, set(), f"{account} was granted these and never used them")
        self.assertEqual(used - granted, set(), f"{account} used these without being granted them")

    def ask(self, namespace, owner=None):
        """A review as an API server sends it, of a Pod that an object owns which nobody has heard of."""
        metadata = {"name": "asked", "namespace": namespace}
        # Whose references are looked up at all: Kubernetes' own controllers', and service accounts' for custom resources.
        own = owner and owner[0].partition("/")[0] in ("v1", "apps", "batch")
        user = "system:kube-controller-manager" if own else "system:serviceaccount:operators:operator"
        if owner:
            version, kind = owner
            metadata["ownerReferences"] = [
                {"apiVersion": version, "kind": kind, "name": "unheard-of", "uid": "u", "controller": True}]
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "asked", "kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "asked",
            "resource": {"group": "", "version": "v1", "resource": "pods"}, "namespace": namespace,
            "operation": "CREATE", "userInfo": {"username": user}, "dryRun": True,
            "object": {**release.POD, "metadata": metadata}}}
        gate = self.gates.pods[0].gate
        context = ssl._create_unverified_context()
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        request = urllib.request.Request(
            f"https://{gate.address}:{gate.port}/validate?timeout=5s", json.dumps(review).encode(),
            {"Content-Type": "application/json"})
        with opener.open(request) as answer:
            self.assertIn('"asked"', answer.read().decode())

    def test_each_right_is_used(self):
        self.audit()
        self.ask_the_gate()
        release.wait("certificates in order", self.keeper.is_in_order)
        self.gates.stop()
        self.keeper.stop()
        for account in ("tallygate-auditor", "tallygate-gate", "tallygate-certificates"):
            with self.subTest(account):
                self.check(account)

    def ask_the_gate(self):
        # Five seconds after its start it asks itself, trusting what is published.
        asked = ("get", "admissionregistration.k8s.io", "validatingwebhookconfigurations")
        release.wait("the gate's question to itself", lambda: asked in self.used("tallygate-gate"))
        owners = {(group, resource) for verb, group, resource in self.granted("tallygate-gate")
                  if verb == "list" and resource != "namespaces"}
        self.assertIn(("kubeflow.org", "pytorchjobs"), owners)
        self.ask("nowhere")
        for group, resource in owners:
            version, kind = self.resources[(group, resource)]
            self.ask("default", (f"{group}/{version}" if group else version, kind))

    def audit(self):
        deployment = self.server.get("deployment", "tallygate-auditor", "--namespace", NAMESPACE)
        arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
        policy = self.server.path / "audited"
        policy.mkdir()
        for file, text in self.server.get("configmap", "tallygate-policy", "--namespace", NAMESPACE)["data"].items():
            (policy / file).write_text(text, encoding="utf-8")
        port = cluster.free_port("127.0.0.1")
        arguments = [a.replace("0.0.0.0:8080", f"127.0.0.1:{port}").replace("/etc/tallygate/policy", str(policy))
                     for a in arguments]
        log = open(self.server.path / "auditor.log", "wb")
        self.addCleanup(log.close)
        auditor = subprocess.Popen(
            [cluster.binary(), *arguments, "--interval=1", "--report-interval=1", f"--lease-namespace={NAMESPACE}",
             f"--kubeconfig={self.server.kubeconfig_of('tallygate-auditor', NAMESPACE)}"], stderr=log)
        self.addCleanup(auditor.wait, 20)
        self.addCleanup(auditor.kill)
        # Something to find of a namespace and of the cluster, then something else, then nothing.
        self.server.kubectl("create", "namespace", "audited")
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": {
            "eks.amazonaws.com/nodegroup": "workers"}}}
        deployment = {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "audited"},
            "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
                "metadata": {"labels": {"a": "b"}}, "spec": release.POD["spec"]}}}
        self.server.apply(node, deployment)
        def written(kind, verb):
            return any(use[0] == verb and use[2] == kind for use in self.used("tallygate-auditor"))
        for kind in ("policyreports", "clusterpolicyreports"):
            release.wait(f"a report among {kind}", lambda kind=kind: written(kind, "create") or written(kind, "patch"))
        deployment["spec"]["template"]["metadata"]["labels"]["team"] = "search"
        self.server.apply(deployment)
        self.server.kubectl("label", "node", "n", "Team=search")
        for kind in ("policyreports", "clusterpolicyreports"):
            release.wait(f"another report among {kind}", lambda kind=kind: written(kind, "patch"))
        self.server.kubectl("delete", "namespace", "audited", "--wait=false")
        self.server.kubectl("delete", "deployment", "web", "--namespace", "audited")
        self.server.kubectl("delete", "node", "n")
        for kind in ("policyreports", "clusterpolicyreports"):
            release.wait(f"the end of a report among {kind}", lambda kind=kind: written(kind, "delete"), 90)
        auditor.terminate()
        self.assertEqual(auditor.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
