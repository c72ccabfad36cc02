"""Packs a folder into an OCI image archive of one layer, without a daemon.

Usage: oci.py ROOT VERSION ARCHITECTURE FILE

Prints the image's digest. Entries are sorted, owned by root and dated SOURCE_DATE_EPOCH: the same folder gives the same
digest. Load it with `podman load -i FILE`, `skopeo copy oci-archive:FILE docker://…` or `crane push`. Standard library
only.
"""

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
import time
from pathlib import Path

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))


def plain(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = EPOCH
    return entry


def layer(root):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in sorted(root.rglob("*")):
            archive.add(path, arcname=str(path.relative_to(root)), recursive=False, filter=plain)
    return buffer.getvalue()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def encoded(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def image(root, version, architecture):
    """The blobs, and the manifest's descriptor."""
    content = layer(root)
    packed = gzip.compress(content, mtime=0)
    labels = {
        "org.opencontainers.image.title": "tallygate",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.description": "Admission webhook for cost attribution",
    }
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH))
    config = encoded({
        "architecture": architecture, "os": "linux", "created": created,
        "config": {
            "User": "65532:65532", "Entrypoint": ["/usr/bin/tallygate"], "WorkingDir": "/", "Labels": labels,
            "Env": ["PATH=/usr/bin"], "ExposedPorts": {"8443/tcp": {}, "8080/tcp": {}},
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(content)]},
        "history": [{"created": created, "created_by": "hack/image"}],
    })
    manifest = encoded({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "annotations": labels,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(packed),
            "size": len(packed)}],
    })
    descriptor = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(manifest), "size": len(manifest),
        "annotations": {"org.opencontainers.image.ref.name": version},
        "platform": {"architecture": architecture, "os": "linux"},
    }
    return [packed, config, manifest], descriptor


def write(path, blobs, descriptor):
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [descriptor]}
    files = {"oci-layout": encoded({"imageLayoutVersion": "1.0.0"}), "index.json": encoded(index)}
    files.update({"blobs/sha256/" + digest(blob).partition(":")[2]: blob for blob in blobs})
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), 0o644, EPOCH
            archive.addfile(entry, io.BytesIO(data))


if __name__ == "__main__":
    folder, version, architecture, target = sys.argv[1:]
    blobs, descriptor = image(Path(folder), version, architecture)
    write(target, blobs, descriptor)
    print(descriptor["digest"])
