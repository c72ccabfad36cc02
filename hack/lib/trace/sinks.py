"""Where the objects go: to an API server, or into a file as `kubectl get … -o json` would write them."""

import base64
import http.client
import json
import pathlib
import queue
import ssl
import subprocess
import tempfile
import threading
import urllib.parse
import uuid
from collections.abc import Iterable

from shape import TraceError

PLURALS = {
    "Namespace": "namespaces", "Node": "nodes", "Pod": "pods", "Deployment": "deployments",
    "ReplicaSet": "replicasets", "Job": "jobs", "ServiceAccount": "serviceaccounts",
}
# Connections at a time: an API server on the same machine has no use for more.
CONNECTIONS = 4


def _key(thing: dict) -> str:
    metadata = thing["metadata"]
    return f"{thing['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"


class _Identities:
    def __init__(self) -> None:
        self._uids: dict[str, str] = {}

    def note(self, thing: dict, uid: str) -> None:
        self._uids[_key(thing)] = uid

    def filled(self, thing: dict) -> dict:
        for owner in thing["metadata"].get("ownerReferences", []):
            if owner["uid"].startswith("{uid:"):
                owner["uid"] = self._uids[owner["uid"][5:-1]]
        return thing


class FileSink:
    """One List in one file, with UIDs that are the same for the same names."""

    def __init__(self, path: pathlib.Path):
        self._path = path
        self._identities = _Identities()
        self._items: list[dict] = []

    def add(self, things: Iterable[dict]) -> None:
        for thing in things:
            uid = str(uuid.uuid5(uuid.NAMESPACE_URL, _key(thing)))
            self._identities.note(thing, uid)
            thing["metadata"]["uid"] = uid
            self._items.append(self._identities.filled(thing))

    def close(self) -> None:
        self._path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": self._items}))


class ServerSink:
    """Creates each object; those of one call in any order, calls one after the other."""

    def __init__(self, kubeconfig: pathlib.Path, kubectl: str):
        configuration = self._configuration(kubeconfig, kubectl)
        cluster, user = configuration["clusters"][0]["cluster"], configuration["users"][0]["user"]
        address = urllib.parse.urlsplit(cluster["server"])
        self._host, self._port = address.hostname, address.port or 443
        self._context = ssl.create_default_context(
            cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.TemporaryDirectory() as folder:
            identity = pathlib.Path(folder) / "identity.pem"
            identity.touch(mode=0o600)
            identity.write_bytes(
                base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"]))
            self._context.load_cert_chain(identity)
        self._identities = _Identities()
        self._failure: str | None = None

    @staticmethod
    def _configuration(kubeconfig: pathlib.Path, kubectl: str) -> dict:
        command = [kubectl, "--kubeconfig", str(kubeconfig), "config", "view", "--raw", "--minify", "--flatten"]
        done = subprocess.run([*command, "--output=json"], capture_output=True, text=True)
        if done.returncode != 0:
            raise TraceError(f"{kubeconfig} cannot be read: {done.stderr.strip()}")
        configuration = json.loads(done.stdout)
        user = configuration["users"][0]["user"]
        if "client-certificate-data" not in user or "client-key-data" not in user:
            raise TraceError(f"{kubeconfig}: only users with a client certificate are supported here")
        return configuration

    def add(self, things: Iterable[dict]) -> None:
        work: queue.SimpleQueue[dict | None] = queue.SimpleQueue()
        for thing in things:
            work.put(self._identities.filled(thing))
        threads = [threading.Thread(target=self._work, args=(work,)) for _ in range(CONNECTIONS)]
        for thread in threads:
            work.put(None)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failure:
            raise TraceError(self._failure)

    def close(self) -> None:
        pass

    def _work(self, work: queue.SimpleQueue) -> None:
        connection = http.client.HTTPSConnection(self._host, self._port, context=self._context, timeout=60)
        try:
            while (thing := work.get()) is not None and not self._failure:
                self._create(connection, thing)
        except (OSError, http.client.HTTPException, TraceError) as error:
            self._failure = f"{error}"
        finally:
            connection.close()

    def _create(self, connection: http.client.HTTPSConnection, thing: dict) -> None:
        version, namespace = thing["apiVersion"], thing["metadata"].get("namespace")
        path = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        if namespace:
            path += f"/namespaces/{namespace}"
        path += f"/{PLURALS[thing['kind']]}"
        status = thing.pop("status", None) if thing["kind"] == "Pod" else None
        created = self._send(connection, "POST", path, thing, "application/json")
        if created is not None:
            self._identities.note(thing, created["metadata"]["uid"])
        if status:
            place = f"{path}/{thing['metadata']['name']}/status"
            self._send(connection, "PATCH", place, {"status": status}, "application/merge-patch+json")

    @staticmethod
    def _send(
        connection: http.client.HTTPSConnection, method: str, path: str, body: dict, content_type: str
    ) -> dict | None:
        connection.request(method, path, json.dumps(body), {"Content-Type": content_type})
        answer = connection.getresponse()
        text = answer.read()
        # A controller was quicker (a namespace's default ServiceAccount).
        if answer.status == 409 and body["kind"] == "ServiceAccount":
            return None
        if answer.status not in (200, 201):
            raise TraceError(f"{method} {path}: {answer.status}: {text[:300].decode(errors='replace')}")
        return json.loads(text)
