"""Measures what the gate's copies of a cluster take, and how fast it answers from them: namespaces, Deployments and
ReplicaSets by the ten thousand, in a real API server, put straight into its etcd because the API would take minutes
for them.

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

from load import PACED_RATE, Generator, percentile
from review import pod_review
from servers import BenchError, Certificate, Subject, running

# What a cluster of some size has.
NAMESPACES = 10_000
OWNERS = 50_000
# Of a transaction, by etcd's default.
BATCH = 128
BUDGET_BYTES = 60_000_000
READY_SECONDS = 300
HEALTH_PORT = 28_080
PACED_SECONDS = 20
SATURATING_REQUESTS = 40_000
BUDGET_P99_MICROSECONDS = 1_000

# As it lies in etcd: a key, and the object as JSON, which the API server reads as well as protobuf.
Stored = tuple[str, dict[str, object]]


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


def namespace_object(name: str, labels: dict[str, str]) -> Stored:
    return f"/registry/namespaces/{name}", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata(name, labels)}


def workload(namespace: str, name: str, labels: dict[str, str], template_hash: str, **more: object) -> list[Stored]:
    """A Deployment and, after it, its ReplicaSet, whose metadata has `more` besides."""
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "a"}}, "template": template}
    owner = {
        "apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": str(uuid.uuid4()),
        "controller": True, "blockOwnerDeletion": True,
    }
    made_name, made_labels = f"{name}-{template_hash}", labels | {"pod-template-hash": template_hash}
    deployment = metadata(name, labels, namespace=namespace, uid=owner["uid"])
    replica_set = metadata(made_name, made_labels, namespace=namespace, ownerReferences=[owner], **more)
    return [
        (
            f"/registry/deployments/{namespace}/{name}",
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": deployment, "spec": spec},
        ),
        (
            f"/registry/replicasets/{namespace}/{made_name}",
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": replica_set, "spec": spec},
        ),
    ]


def objects() -> list[Stored]:
    found = []
    for index in range(NAMESPACES):
        name = f"team-{index % 400:03}-workspace-{index:05}"
        labels = {"kubernetes.io/metadata.name": name, "team": f"team-{index % 400:03}", "environment": "production"}
        found.append(namespace_object(name, labels))
    for index in range(OWNERS // 2):
        namespace = f"team-{index % 400:03}-workspace-{index % NAMESPACES:05}"
        name = f"recommendation-engine-{index:05}"
        found += workload(namespace, name, {"app": name, "team": f"team-{index % 400:03}"}, f"{index:010x}")
    return found


def put(folder: pathlib.Path, everything: list[Stored]) -> None:
    """Straight into the etcd of a hack/envtest folder."""
    connection = http.client.HTTPConnection("127.0.0.1", etcd_port(folder), timeout=60)

    def encode(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

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


def wait_until_ready(port: int) -> float:
    began = time.monotonic()
    while time.monotonic() - began < READY_SECONDS:
        try:
            if get(port, "/readyz")[0] == 200:
                return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.05)
    raise BenchError(f"the gate was not ready after {READY_SECONDS} s: {get(port, '/readyz?verbose')[1]}")


def lookups(port: int) -> float:
    """API calls that admissions have made."""
    lines = get(port, "/metrics")[1].splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("tallygate_live_lookups_total{"))


def controlled_review(owner: dict[str, object]) -> bytes:
    """The benchmark's review, of a Pod that one of the cached ReplicaSets controls, in a cached namespace."""
    review = json.loads(pod_review())
    metadata = owner["metadata"]
    request = review["request"]
    request["namespace"] = request["object"]["metadata"]["namespace"] = metadata["namespace"]
    request["object"]["metadata"]["ownerReferences"] = [
        {
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": metadata["name"], "uid": metadata["uid"],
            "controller": True, "blockOwnerDeletion": True,
        }
    ]
    return json.dumps(review, separators=(",", ":")).encode()


def judged(within: bool) -> str:
    return "ok" if within else "MISSED"


def measure(binary: str, kubeconfig: pathlib.Path, review: bytes, folder: pathlib.Path) -> bool:
    """Prints the table; whether the memory is within its budget."""
    command = (
        f"'{binary}' webhook --tls-cert-file {{cert}} --tls-private-key-file {{key}} --listen 127.0.0.1:{{port}}"
        f" --health-listen 127.0.0.1:{HEALTH_PORT} --kubeconfig '{kubeconfig}'"
    )
    (folder / "review.json").write_bytes(review)
    subject = Subject("Tallygate", command, "/validate")
    with running(subject, Certificate.mint(folder), review, folder) as server:
        seconds = wait_until_ready(HEALTH_PORT)
        first = server.memory()
        # What a list leaves behind is given back by and by.
        time.sleep(10)
        settled = server.memory()
        log = (folder / "tallygate.log").read_text()
        for what, times in ((f"objects={NAMESPACES + 4}", 1), (f"objects={OWNERS // 2}", 2)):
            if log.count(what) != times:
                raise BenchError(f"the gate did not read {what}: {log[-2000:]}")
        generator = Generator(folder / "review.json", folder)
        before = lookups(HEALTH_PORT)
        latencies = sorted(generator.pace(server, PACED_SECONDS))
        run = generator.saturate(server, SATURATING_REQUESTS)
        called = lookups(HEALTH_PORT) - before
        last = server.memory()
    p50, p99 = percentile(latencies, 0.50), percentile(latencies, 0.99)
    within = settled.resident <= BUDGET_BYTES
    print("| with copies of a cluster | Tallygate | budget | |\n|---|---|---|---|")
    print(
        f"| resident memory, {NAMESPACES:,} namespaces and {OWNERS:,} owners | {settled.resident / 1e6:.1f} MB"
        f" ({settled.anonymous / 1e6:.1f} anonymous) | ≤ {BUDGET_BYTES / 1e6:.0f} MB | {judged(within)} |"
    )
    print(f"| the same when just ready, and after the load | {first.resident / 1e6:.1f} MB, {last.resident / 1e6:.1f} MB"
          " | – | – |")
    print(f"| start to ready | {seconds:.1f} s | – | – |")
    print(
        f"| latency at {PACED_RATE} requests/s, p50 and p99 | {p50 / 1e3:.2f} ms, {p99 / 1e3:.2f} ms | p99 < 1 ms |"
        f" {judged(p99 < BUDGET_P99_MICROSECONDS)} |"
    )
    print(f"| server CPU per request | {run.cpu_microseconds:.0f} µs | – | – |")
    answered = PACED_RATE * PACED_SECONDS + SATURATING_REQUESTS
    print(f"| API calls in {answered:,} admissions | {called:.0f} | 0 | {judged(called == 0)} |")
    return within and called == 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--envtest", required=True)
    parser.add_argument("--gate", action="store_true")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tallygate-caches."))
    cluster = folder / "cluster"
    try:
        subprocess.run([arguments.envtest, "start", str(cluster)], check=True, stdout=subprocess.DEVNULL)
        print(f"putting {NAMESPACES} namespaces and {OWNERS} Deployments and ReplicaSets into etcd", file=sys.stderr)
        everything = objects()
        put(cluster, everything)
        review = controlled_review(everything[-1][1])
        within = measure(str(pathlib.Path(arguments.binary).resolve()), cluster / "kubeconfig", review, folder)
        return 0 if within or not arguments.gate else 1
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    finally:
        subprocess.run([arguments.envtest, "stop", str(cluster)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
