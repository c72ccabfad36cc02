"""A release whose certificates are kept by cert-manager, then by itself, then by its operator, then by itself again: no
admission fails on the way, with failurePolicy Fail, so that each that would shows; and nothing is left when it goes."""

import base64
import json
import re
import tempfile
import unittest
from pathlib import Path

import helm_python

import chart
import cluster
import release
import tree
from release import NAMESPACE

CONFIGURATIONS = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")
COMMON = {
    "policy": {"lintBeforeInstall": False}, "webhooks": {"failurePolicy": "Fail"},
    # An API server on this machine hears of a bundle in milliseconds.
    "certificates": {"managed": {"settleTime": "2s"}},
}


def cert_manager_crds(server):
    """As much of cert-manager's API as the chart's objects need to be kept."""
    for kind, plural in (("Certificate", "certificates"), ("Issuer", "issuers")):
        schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        server.apply({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.cert-manager.io"},
            "spec": {
                "group": "cert-manager.io", "scope": "Namespaced",
                "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
            }})
        server.kubectl("wait", "--for=condition=established", f"crd/{plural}.cert-manager.io", "--timeout=60s")


class Pair:
    """A CA and a leaf of somebody else's."""

    def __init__(self):
        with tempfile.TemporaryDirectory() as folder:
            release.certificates(folder)
            self.files = {name: Path(folder, name).read_bytes() for name in ("tls.crt", "tls.key", "ca.crt")}

    @property
    def authority(self):
        return self.files["ca.crt"].decode()

    def secret(self, name):
        data = {key: base64.b64encode(value).decode() for key, value in self.files.items()}
        return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "data": data,
                "metadata": {"name": name, "namespace": NAMESPACE}}


@unittest.skipUnless(cluster.wanted(), "TALLYGATE_ENVTEST is not set")
@unittest.skipUnless(cluster.binary(), "no tallygate to run: build it, or name one by TALLYGATE_BINARY")
class Modes(unittest.TestCase):
    def setUp(self):
        address = cluster.own_address()
        if not address or not cluster.asks_clusters():
            self.skipTest("this machine has only a loopback address, or the gate asks no cluster")
        # What the keeper makes belongs to its ServiceAccount: the garbage collector is what ends it.
        self.server = cluster.Cluster(controllers=("garbagecollector", "serviceaccount"))
        self.addCleanup(self.server.stop)
        self.server.kubectl("create", "namespace", NAMESPACE)
        self.server.kubectl("label", "namespace", NAMESPACE, "tallygate.io/gate=off")
        self.server.kubectl("create", "namespace", "payments")
        self.server.kubectl("label", "namespace", "payments", "team=payments", "environment=production")
        self.helm = helm_python.Config(kubeconfig_path=str(self.server.kubeconfig), namespace=NAMESPACE)
        self.addCleanup(self.helm.close)
        self.gates = release.Gates(self.server, address)
        self.addCleanup(self.gates.stop)
        self.keeper = release.Keeper(self.server)
        self.addCleanup(self.keeper.stop)

    def start_load(self):
        self.load = release.Load(self.server, "payments", "payments")
        self.addCleanup(self.load.stop)
        self.load.more()

    def upgrade(self, **certificates):
        values = chart.merged(COMMON, {"certificates": certificates})
        return self.helm.upgrade(str(tree.CHART), "tallygate", values, namespace=NAMESPACE, timeout=60)

    def bundles(self):
        """The PEM texts of every webhook's caBundle."""
        found = set()
        for kind in CONFIGURATIONS:
            for hook in self.server.get(kind, "tallygate")["webhooks"]:
                found.add(base64.b64decode(hook["clientConfig"].get("caBundle", "")).decode())
        return found

    def bundle(self):
        bundles = self.bundles()
        self.assertEqual(len(bundles), 1, bundles)
        return bundles.pop()

    def count(self, text):
        return text.count("BEGIN CERTIFICATE")

    def kept_by_itself(self, but=""):
        """One CA, the keeper's own, everywhere."""
        def is_so():
            bundles = self.bundles()
            text = next(iter(bundles))
            return len(bundles) == 1 and self.count(text) == 1 and text.strip() != but.strip() \
                and self.keeper.is_in_order() and text
        try:
            return release.wait("certificates of its own", is_so)
        except AssertionError as error:
            raise AssertionError(f"{error}; bundles {self.bundles()}; keeper: {self.keeper.words()[-3000:]}") from error

    def test_life(self):
        # In the order of a release's life; a failure in one step makes the rest meaningless.
        for step in (
            self.by_cert_manager, self.cert_manager_to_managed, self.upgrade_in_managed, self.managed_to_provided,
            self.provided_to_managed, self.leaves_nothing_behind,
        ):
            with self.subTest(step.__name__):
                step()
            self.assertEqual(self.load.failures, [], step.__name__)

    def by_cert_manager(self):
        cert_manager_crds(self.server)
        values = chart.merged(COMMON, {"certificates": {"mode": "cert-manager"}})
        self.helm.install(str(tree.CHART), "tallygate", values, namespace=NAMESPACE, timeout=60)
        # What cert-manager does then.
        self.first = Pair()
        self.server.apply(self.first.secret("tallygate-tls"))
        patch = [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle",
                  "value": base64.b64encode(self.first.authority.encode()).decode()}]
        for kind in CONFIGURATIONS:
            annotations = self.server.get(kind, "tallygate")["metadata"]["annotations"]
            self.assertEqual(annotations["cert-manager.io/inject-ca-from"], f"{NAMESPACE}/tallygate")
            self.server.kubectl("patch", kind, "tallygate", "--type=json", f"--patch={json.dumps(patch)}")
        self.gates.roll_out(self.first.files)
        self.start_load()

    def cert_manager_to_managed(self):
        self.upgrade(mode="managed")
        self.assertEqual(self.bundle().strip(), self.first.authority.strip())
        self.keeper.start()
        self.gates.roll_out()
        own = self.kept_by_itself(but=self.first.authority)
        self.assertNotIn("cert-manager.io/inject-ca-from", json.dumps(
            self.server.get(CONFIGURATIONS[0], "tallygate")["metadata"]["annotations"]))
        self.load.more()
        # The Secret was cert-manager's; another one is made, which belongs to the release.
        self.server.kubectl("delete", "secret", "tallygate-tls", "--namespace", NAMESPACE)
        self.kept_by_itself(but=own)
        self.load.more()

    def upgrade_in_managed(self):
        before = self.bundle()
        self.upgrade(mode="managed", managed={"settleTime": "3s"})
        self.assertEqual(self.bundle(), before)
        self.gates.roll_out()
        self.load.more()
        self.helm.rollback("tallygate", timeout=60)
        self.assertEqual(self.bundle(), before)
        self.gates.roll_out()
        self.load.more()
        self.assertEqual(self.keeper.metric('tallygate_certificate_writes_total{step="restored"}'), 0)

    def managed_to_provided(self):
        own, self.mine = self.bundle(), Pair()
        with self.assertRaises(helm_python.HelmError) as caught:
            self.upgrade(mode="provided", provided={"secretName": "tallygate-tls", "caBundle": self.mine.authority})
        self.assertIn("mode managed made that Secret", str(caught.exception))
        self.server.apply(self.mine.secret("mine"))
        provided = {"secretName": "mine", "caBundle": self.mine.authority}
        told = self.upgrade(mode="provided", provided=provided)
        self.assertIn("When they are, publish yours alone", told["notes"])
        # The gates before serve on for a while, and so does the keeper, which leaves alone what is not its own now.
        for authority in (self.mine.authority, own):
            self.assertIn(authority.strip(), self.bundle())
        self.load.more()
        self.keeper.stop()
        self.gates.roll_out(self.mine.files)
        self.assertEqual(self.count(self.bundle()), 2)
        self.load.more()
        told = self.upgrade(mode="provided", provided=provided)
        self.assertNotIn("publish yours alone", told["notes"])
        self.assertEqual(self.bundle().strip(), self.mine.authority.strip())
        self.load.more()
        release.wait("the end of the keeper's Secret", lambda: self.left("secret") == ["mine"])

    def provided_to_managed(self):
        # As --reuse-values leaves it: what was provided is still among the values.
        self.upgrade(mode="managed", provided={"secretName": "mine", "caBundle": self.mine.authority})
        self.assertEqual(self.bundle().strip(), self.mine.authority.strip())
        self.keeper.start()
        self.gates.roll_out()
        own = self.kept_by_itself(but=self.mine.authority)
        self.load.more()
        self.upgrade(mode="managed", provided={"secretName": "mine", "caBundle": self.mine.authority})
        self.assertEqual(self.bundle(), own)
        self.load.more()

    def left(self, kind):
        items = self.server.get(kind, "--namespace", NAMESPACE)["items"]
        # Service accounts' tokens and Helm's own memory of the release aside.
        return [name for name in (o["metadata"]["name"] for o in items) if not re.search(r"token|^sh\.helm", name)]

    def leaves_nothing_behind(self):
        self.load.stop()
        self.assertIn("tallygate-tls", self.left("secret"))
        self.assertIn("tallygate-certificates", self.left("lease"))
        self.helm.uninstall("tallygate", timeout=60)
        self.keeper.stop()
        self.gates.stop()
        release.wait("the end of the keeper's objects", lambda: (self.left("secret"), self.left("lease")) == (["mine"], []))
        for kind in CONFIGURATIONS + ("clusterroles", "clusterrolebindings", "serviceaccounts", "deployments"):
            found = self.server.get(kind, "--all-namespaces", "--selector=app.kubernetes.io/part-of=tallygate")["items"]
            self.assertEqual([o["metadata"]["name"] for o in found], [], kind)


if __name__ == "__main__":
    unittest.main()
