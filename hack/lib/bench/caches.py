"""Measures what the gate's copies of a cluster take: namespaces and ReplicaSets by the ten thousand, in a real API
server, put straight into its etcd because the API would take minutes for them.

Prints a Markdown table with the budgets. Standard library only.
"""

import argparse
import base64
import http.client
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

from servers import BenchError, Certificate

# What a cluster of some size has.
NAMESPACES = 10_000
OWNERS = 50_000
# Of a transaction, by etcd's default.
BATCH = 128
BUDGET_BYTES = 60_000_000
READY_SECONDS = 300


def etcd_port(folder: pathlib.Path) -> int:
    pid = (folder / "etcd.pid").read_text().split()[0]
    for word in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
        if word.startswith(b"http://127.0.0.1:") and not word.endswith(b":0"):
            return int(word.rsplit(b":", 1)[1])
    raise BenchError("etcd does not say where it listens")


def metadata(name: str, labels: dict[str, str], **more: object) -> dict[str, object]:
    return {
        "name": name,
        "uid": str(uuid.uuid4()),
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": labels,
        **more,
    }


def objects() -> list[tuple[str, dict[str, object]]]:
    """As they lie in etcd: a key, and the object as JSON, which the API server reads as well as protobuf."""
    found = []
    for index in range(NAMESPACES):
        name = f"team-{index % 400:03}-workspace-{index:05}"
        labels = {"kubernetes.io/metadata.name": name, "team": f"team-{index % 400:03}", "environment": "production"}
        value = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata(name, labels)}
        found.append((f"/registry/namespaces/{name}", value))
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    for index in range(OWNERS):
        namespace = f"team-{index % 400:03}-workspace-{index % NAMESPACES:05}"
        deployment = f"recommendation-engine-{index % 25_000:05}"
        name = f"{deployment}-{index:010x}"
        owner = {
            "apiVersion": "apps/v1", "kind": "Deployment", "name": deployment, "uid": str(uuid.uuid4()),
            "controller": True, "blockOwnerDeletion": True,
        }
        labels = {"app": deployment, "pod-template-hash": f"{index:010x}", "team": f"team-{index % 400:03}"}
        value = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": metadata(name, labels, namespace=namespace, ownerReferences=[owner]),
            "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "a"}}, "template": template},
        }
        found.append((f"/registry/replicasets/{namespace}/{name}", value))
    return found


def fill(folder: pathlib.Path) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", etcd_port(folder), timeout=60)

    def encode(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    everything = objects()
    for start in range(0, len(everything), BATCH):
        puts = [
            {"requestPut": {"key": encode(key), "value": encode(json.dumps(value))}}
            for key, value in everything[start : start + BATCH]
        ]
        connection.request("POST", "/v3/kv/txn", json.dumps({"success": puts}))
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise BenchError(f"etcd refuses: {text[:300]!r}")


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def wait_until_ready(gate: subprocess.Popen[bytes], port: int) -> float:
    began = time.monotonic()
    while time.monotonic() - began < READY_SECONDS:
        if gate.poll() is not None:
            raise BenchError("the gate ended while starting")
        try:
            if get(port, "/readyz")[0] == 200:
                return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.05)
    raise BenchError(f"the gate was not ready after {READY_SECONDS} s: {get(port, '/readyz?verbose')[1]}")


def memory(pid: int) -> tuple[int, int, int]:
    """Resident now, anonymous now, and resident at most, in bytes."""
    fields = dict(
        line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    resident, anonymous, peak = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon", "VmHWM"))
    return resident, anonymous, peak


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--envtest", required=True)
    parser.add_argument("--gate", action="store_true")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tallygate-caches."))
    cluster = folder / "cluster"
    gate = None
    try:
        subprocess.run([arguments.envtest, "start", str(cluster)], check=True, stdout=subprocess.DEVNULL)
        print(f"putting {NAMESPACES} namespaces and {OWNERS} ReplicaSets into etcd", file=sys.stderr)
        fill(cluster)
        certificate = Certificate.mint(folder)
        health = 28_080
        gate = subprocess.Popen([
            arguments.binary, "webhook", "--tls-cert-file", certificate.certificate, "--tls-private-key-file",
            certificate.key, "--listen", "127.0.0.1:0", "--health-listen", f"127.0.0.1:{health}", "--kubeconfig",
            cluster / "kubeconfig",
        ], stderr=(folder / "gate.log").open("wb"))
        seconds = wait_until_ready(gate, health)
        first = memory(gate.pid)
        # What a list leaves behind is given back by and by.
        time.sleep(10)
        resident, anonymous, peak = memory(gate.pid)
        log = (folder / "gate.log").read_text()
        for what in (f"objects={NAMESPACES + 4}", f"objects={OWNERS}"):
            if what not in log:
                raise BenchError(f"the gate did not read {what}: {log[-2000:]}")
        within = resident <= BUDGET_BYTES
        print("| | Tallygate | budget | |\n|---|---|---|---|")
        print(
            f"| resident memory, {NAMESPACES:,} namespaces and {OWNERS:,} owners | {resident / 1e6:.1f} MB"
            f" ({anonymous / 1e6:.1f} anonymous) | ≤ {BUDGET_BYTES / 1e6:.0f} MB | {'ok' if within else 'MISSED'} |"
        )
        print(f"| resident when ready, at most | {first[0] / 1e6:.1f} MB, {peak / 1e6:.1f} MB | – | – |")
        print(f"| start to ready | {seconds:.1f} s | – | – |")
        return 0 if within or not arguments.gate else 1
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    finally:
        if gate is not None:
            gate.kill()
            gate.wait()
        subprocess.run([arguments.envtest, "stop", str(cluster)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
