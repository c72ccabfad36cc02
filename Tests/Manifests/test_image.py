"""The image: one list of packages for both ways to build it, a sound bill of materials, the same bytes twice."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

import judges
import tree

IMAGE = tree.ROOT / "hack/lib/image"
sys.path.insert(0, str(IMAGE))

import oci  # noqa: E402
import sbom  # noqa: E402

CONTROL = """Package: {name}
Version: {version}
Architecture: amd64
Maintainer: Somebody <somebody@example.com>
Description: a library
"""
RESOLVED = {
    "pins": [{
        "identity": "swift-nio", "kind": "remoteSourceControl", "location": "https://github.com/apple/swift-nio.git",
        "state": {"revision": "abc", "version": "2.101.0"},
    }],
    "version": 3,
}


def build_root(folder):
    root = Path(folder, "root")
    for name, version in (("libssl3", "3.0.17-1"), ("libc6", "2.36-9")):
        path = root / "var/lib/dpkg/status.d" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CONTROL.format(name=name, version=version), encoding="utf-8")
    binary = root / "usr/bin/tallygate"
    binary.parent.mkdir(parents=True)
    binary.write_bytes(b"binary")
    binary.chmod(0o755)
    (root / "lib").symlink_to("usr/lib")
    resolved = Path(folder, "Package.resolved")
    resolved.write_text(json.dumps(RESOLVED), encoding="utf-8")
    return root, resolved


class BillOfMaterials(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root, resolved = build_root(self.folder.name)
        self.document = sbom.document(root, resolved, "1.2.3", "6.3.1", "amd64")

    def test_it_names_what_is_in_the_image(self):
        urls = [p["externalRefs"][0]["referenceLocator"] for p in self.document["packages"]]
        self.assertEqual(urls, [
            "pkg:generic/tallygate@1.2.3?arch=amd64",
            "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12",
            "pkg:deb/debian/libssl3@3.0.17-1?arch=amd64&distro=debian-12",
            "pkg:swift/github.com/apple/swift-nio@2.101.0",
            "pkg:generic/swift@6.3.1",
        ])
        self.assertEqual(
            self.document["packages"][0]["checksums"][0]["checksumValue"], hashlib.sha256(b"binary").hexdigest())

    def test_its_references_lead_somewhere(self):
        names = [p["SPDXID"] for p in self.document["packages"]]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r"^SPDXRef-[A-Za-z0-9.-]+$")
        related = {r["relatedSpdxElement"] for r in self.document["relationships"]}
        self.assertEqual(related, set(names), "each is described or depended on")


class Archive(unittest.TestCase):
    def test_the_same_folder_gives_the_same_image(self):
        archives = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                root, _ = build_root(folder)
                target = Path(folder, "image.tar")
                oci.write(target, *oci.image(root, "1.2.3", "amd64"))
                archives.append(target.read_bytes())
        self.assertEqual(archives[0], archives[1])

    def test_its_digests_hold(self):
        with tempfile.TemporaryDirectory() as folder:
            root, _ = build_root(folder)
            target = Path(folder, "image.tar")
            oci.write(target, *oci.image(root, "1.2.3", "amd64"))
            with tarfile.open(target) as archive:
                blobs = {}
                for entry in archive:
                    data = archive.extractfile(entry).read()
                    if entry.name.startswith("blobs/"):
                        self.assertEqual(entry.name, f"blobs/sha256/{hashlib.sha256(data).hexdigest()}")
                        blobs["sha256:" + entry.name.rpartition("/")[2]] = data
                index = json.loads(archive.extractfile("index.json").read())
            manifest = json.loads(blobs[index["manifests"][0]["digest"]])
            config = json.loads(blobs[manifest["config"]["digest"]])
            self.assertEqual(config["config"]["User"], "65532:65532")
            self.assertEqual(config["config"]["Entrypoint"], ["/usr/bin/tallygate"])
            self.assertIn(manifest["layers"][0]["digest"], blobs)


class BothWays(unittest.TestCase):
    def test_the_dockerfile_assembles_what_hack_image_does(self):
        dockerfile = tree.read(tree.ROOT / "Dockerfile")
        self.assertIn("/image/root.sh", dockerfile)
        self.assertIn("/lib/image/root.sh", tree.read(tree.ROOT / "hack/image"))
        self.assertRegex(dockerfile, r"\nUSER 65532:65532\n")
        self.assertIn('ENTRYPOINT ["/usr/bin/tallygate"]', dockerfile)
        ignored = tree.read(tree.ROOT / ".dockerignore").split()
        for source in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M):
            for name in source.replace("resolve[d]", "resolved").split():
                self.assertIn("!" + name, ignored)

    def test_checkov_finds_nothing_else(self):
        excused = {
            "CKV_DOCKER_2": "Kubernetes probes the container; a HEALTHCHECK would need a shell",
            "CKV_DOCKER_5": "update and what it is for stand in one instruction; checkov does not see it",
            "CKV_DOCKER_7": "the bases have tags, behind an ARG that checkov does not resolve",
        }
        self.assertEqual(judges.checkov("dockerfile", tree.ROOT / "Dockerfile", excused), "")


class Build(unittest.TestCase):
    def test_the_binary_goes_where_it_is_told(self):
        # To the root of the file system as well, which is where the Dockerfile wants it. Nothing is really built.
        for target, folder in (("/tallygate", "/"), ("/a/b/tallygate", "/a/b")):
            with self.subTest(target), tempfile.TemporaryDirectory() as tools:
                for name in ("swift", "swiftc", "strip", "mkdir", "mv"):
                    stub = Path(tools, name)
                    stub.write_text('#!/bin/sh\necho "${0##*/} $*" >>"$CALLS"\n', encoding="utf-8")
                    stub.chmod(0o755)
                calls = Path(tools, "calls")
                environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls)}
                done = subprocess.run(
                    [tree.ROOT / "hack/build-release", target], env=environment, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                said = calls.read_text(encoding="utf-8").splitlines()
                self.assertIn(f"mkdir -p -- {folder}", said)
                self.assertIn(f"mv -- {target}.new {target}", said)


if __name__ == "__main__":
    unittest.main()
