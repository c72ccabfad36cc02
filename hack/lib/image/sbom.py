"""Writes the image's bill of materials as SPDX 2.3 JSON.

Usage: sbom.py ROOT PACKAGE_RESOLVED VERSION SWIFT_VERSION ARCHITECTURE > FILE

Debian's packages are those whose control files stand in the root; the Swift packages those of Package.resolved, which
are linked into the binary as the Swift runtime is. Standard library only; the same input gives the same bytes.
"""

import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path

DISTRIBUTION = "debian-12"


def identifier(kind, name):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package(kind, name, version, purl, location="NOASSERTION", **more):
    return {
        "SPDXID": identifier(kind, name), "name": name, "versionInfo": version, "downloadLocation": location,
        "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION", **more,
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
    }


def debian_packages(root):
    for path in sorted((root / "var/lib/dpkg/status.d").iterdir()):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", path.read_text(encoding="utf-8"), re.M))
        name, version, architecture = fields["Package"], fields["Version"], fields["Architecture"]
        yield package(
            "deb", name, version,
            f"pkg:deb/debian/{name}@{version}?arch={architecture}&distro={DISTRIBUTION}",
            supplier=f"Organization: {re.sub(r' *<.*', '', fields['Maintainer'])}")


def swift_packages(resolved):
    for pin in sorted(json.loads(resolved.read_text(encoding="utf-8"))["pins"], key=lambda pin: pin["identity"]):
        location = pin["location"].removesuffix(".git")
        state = pin["state"]
        version = state.get("version", state["revision"])
        yield package(
            "swift", pin["identity"], version, f"pkg:swift/{location.removeprefix('https://')}@{version}",
            f"git+{location}@{state['revision']}")


def document(root, resolved, version, swift_version, architecture):
    binary = (root / "usr/bin/tallygate").read_bytes()
    digest = hashlib.sha256(binary).hexdigest()
    program = package(
        "application", "tallygate", version, f"pkg:generic/tallygate@{version}?arch={architecture}",
        primaryPackagePurpose="APPLICATION", checksums=[{"algorithm": "SHA256", "checksumValue": digest}])
    program["licenseDeclared"] = "Apache-2.0"
    runtime = package("swift", "swift-runtime", swift_version, f"pkg:generic/swift@{swift_version}")
    parts = [*debian_packages(root), *swift_packages(resolved), runtime]
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"tallygate-{version}-{architecture}",
        "documentNamespace": f"https://tallygate.io/spdx/tallygate-{version}-{digest[:16]}",
        "creationInfo": {"created": created, "creators": ["Tool: tallygate-hack-image"]},
        "packages": [program, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
             "relatedSpdxElement": program["SPDXID"]},
            *({"spdxElementId": program["SPDXID"],
               "relationshipType": "STATIC_LINK" if "-swift-" in part["SPDXID"] else "DEPENDS_ON",
               "relatedSpdxElement": part["SPDXID"]} for part in parts),
        ],
    }


if __name__ == "__main__":
    root, resolved, version, swift_version, architecture = sys.argv[1:]
    json.dump(document(Path(root), Path(resolved), version, swift_version, architecture), sys.stdout, indent=2)
    print()
