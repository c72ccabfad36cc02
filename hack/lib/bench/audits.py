"""Measures audits: of 20,000 Pods in a real API server, beside the time of downloading the same lists; of 100,000 Pods
and 5,000 nodes in a snapshot; and by the developers' benchmarks how fast Pods become records, what is kept of each, and
what a changed Pod costs an audit that is kept up to date.

The clusters are made by hack/load-trace in the shape of a public GPU-cluster trace; the objects of the live one are put
straight into etcd. Prints a Markdown table with the budgets. Standard library only.
"""

import argparse
import base64
import http.client
import json
import pathlib
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

from caches import put
from servers import BenchError

LIVE_NODES, LIVE_PODS = 2_000, 27_000
FILE_NODES, FILE_PODS = 5_000, 134_000
# Of the Pods that a trace lists a quarter have ended; these are what is left of the counts above, roughly.
LIVE_AT_LEAST, FILE_AT_LEAST = 20_000, 100_000
ROUNDS = 3
PAGE = 500
BUDGET_RATIO = 1.5
BUDGET_SECONDS = 3.0
BUDGET_BYTES = 200_000_000
BUDGET_RATE = 500
BUDGET_KEPT = 250
# A cost that does not grow with the cluster; processor caches make a difference of some tenths all the same.
BUDGET_GROWTH = 1.5

STORAGE = {
    "Namespace": "namespaces", "Node": "minions", "Pod": "pods", "Deployment": "deployments",
    "ReplicaSet": "replicasets", "Job": "jobs",
}
LISTS = [
    "/api/v1/pods", "/api/v1/nodes", "/api/v1/namespaces", "/apis/apps/v1/deployments", "/apis/apps/v1/replicasets",
    "/apis/batch/v1/jobs",
]


def make(load_trace: pathlib.Path, folder: pathlib.Path, nodes: int, pods: int) -> list[dict]:
    path = folder / "objects.json"
    command = [str(load_trace), "--made-up", f"{nodes},{pods}", "--list", str(path), str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(path.read_text())["items"]


def stored(thing: dict) -> tuple[str, dict]:
    """Its key in etcd, and itself as it would be stored."""
    metadata = thing["metadata"]
    metadata["creationTimestamp"] = "2026-01-01T00:00:00Z"
    if thing["kind"] == "Pod":
        thing.setdefault("status", {"phase": "Running"})
    place = "/".join(part for part in (metadata.get("namespace", ""), metadata["name"]) if part)
    return f"/registry/{STORAGE[thing['kind']]}/{place}", thing


class Downloader:
    """Lists as the audit asks for them, and throws them away."""

    def __init__(self, kubeconfig: pathlib.Path):
        text = kubeconfig.read_text()

        def field(name: str) -> str:
            found = re.search(rf"{name}: *\"?([^\s\"]+)", text)
            if found is None:
                raise BenchError(f"{kubeconfig} has no {name}")
            return found[1]

        address = urllib.parse.urlsplit(field("server"))
        self._host, self._port = address.hostname, address.port
        authorities = base64.b64decode(field("certificate-authority-data")).decode()
        self._context = ssl.create_default_context(cadata=authorities)
        with tempfile.NamedTemporaryFile(suffix=".pem") as identity:
            for name in ("client-certificate-data", "client-key-data"):
                identity.write(base64.b64decode(field(name)) + b"\n")
            identity.flush()
            self._context.load_cert_chain(identity.name)

    def run(self) -> tuple[float, int]:
        """Seconds and bytes."""
        connection = http.client.HTTPSConnection(self._host, self._port, context=self._context, timeout=60)
        began, count = time.perf_counter(), 0
        for path in LISTS:
            token = ""
            while True:
                query = urllib.parse.urlencode({"limit": PAGE} | ({"continue": token} if token else {}))
                connection.request("GET", f"{path}?{query}", headers={"Accept": "application/vnd.kubernetes.protobuf"})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    raise BenchError(f"GET {path}: {answer.status}: {body[:200]!r}")
                count += len(body)
                token = self._continue(body)
                if not token:
                    break
        return time.perf_counter() - began, count

    @staticmethod
    def _continue(body: bytes) -> str:
        """The continue token of a list: base64 of JSON, which stands near the front of what is sent."""
        found = re.search(rb"eyJ[A-Za-z0-9_-]{20,}", body[:1_024])
        return found[0].decode() if found else ""


def timed(command: list[str]) -> tuple[float, int, dict]:
    """Seconds, resident bytes at most, and the report."""
    with tempfile.NamedTemporaryFile() as usage:
        began = time.perf_counter()
        done = subprocess.run(["/usr/bin/time", "-f", "%M", "-o", usage.name, *command], capture_output=True, text=True)
        seconds = time.perf_counter() - began
        if done.returncode != 1:
            raise BenchError(f"{' '.join(command)} ended with {done.returncode}, not with findings: {done.stderr[-500:]}")
        resident = int(pathlib.Path(usage.name).read_text().split()[-1]) * 1024
    return seconds, resident, json.loads(done.stdout)


def live(binary: str, root: pathlib.Path, folder: pathlib.Path) -> list[str]:
    cluster = folder / "cluster"
    envtest = root / "hack/envtest"
    subprocess.run([envtest, "start", str(cluster)], check=True, stdout=subprocess.DEVNULL)
    try:
        things = make(root / "hack/load-trace", folder, LIVE_NODES, LIVE_PODS)
        print(f"putting {len(things)} objects into etcd", file=sys.stderr)
        put(cluster, [stored(thing) for thing in things])
        kubeconfig = cluster / "kubeconfig"
        command = [binary, "audit", "--policy", str(folder / "policy.yaml"), "--kubeconfig", str(kubeconfig), "-o", "json"]
        downloader = Downloader(kubeconfig)
        # The API server fills caches of its own at the first list.
        downloader.run()
        downloads, audits = [], []
        for _ in range(ROUNDS):
            seconds, size = downloader.run()
            downloads.append(seconds)
            audits.append(timed(command))
    finally:
        subprocess.run([envtest, "stop", str(cluster)], check=False)
    pods = audits[0][2]["totals"]["pods"]
    if pods < LIVE_AT_LEAST:
        raise BenchError(f"the audit counts {pods} Pods, fewer than {LIVE_AT_LEAST}")
    audit, download = statistics.median(entry[0] for entry in audits), statistics.median(downloads)
    return [
        f"| audit of {pods:,} Pods in an API server, beside downloading the same {size / 1e6:.0f} MB | {audit:.2f} s,"
        f" {download:.2f} s | {audit / download:.2f}× | ≤ {BUDGET_RATIO}× |"
        f" {verdict(audit <= BUDGET_RATIO * download)} |",
        f"| its resident memory at most | {max(entry[1] for entry in audits) / 1e6:.0f} MB | – | – | – |",
    ]


def offline(binary: str, root: pathlib.Path, folder: pathlib.Path) -> list[str]:
    make(root / "hack/load-trace", folder, FILE_NODES, FILE_PODS)
    snapshot = folder / "cluster.snapshot"
    subprocess.run([binary, "snapshot", str(folder / "objects.json"), "--output-file", str(snapshot)], check=True)
    command = [binary, "audit", "--policy", str(folder / "policy.yaml"), "--snapshot", str(snapshot), "-o", "json"]
    runs = [timed(command) for _ in range(ROUNDS)]
    totals = runs[0][2]["totals"]
    if totals["pods"] < FILE_AT_LEAST:
        raise BenchError(f"the audit counts {totals['pods']} Pods, fewer than {FILE_AT_LEAST}")
    seconds, resident = statistics.median(run[0] for run in runs), max(run[1] for run in runs)
    return [
        f"| audit of a snapshot of {totals['pods']:,} Pods and {totals['nodes']:,} nodes"
        f" ({snapshot.stat().st_size / 1e6:.1f} MB) | {seconds:.2f} s | – | ≤ {BUDGET_SECONDS:.0f} s |"
        f" {verdict(seconds <= BUDGET_SECONDS)} |",
        f"| its resident memory at most | {resident / 1e6:.0f} MB | – | ≤ {BUDGET_BYTES / 1e6:.0f} MB |"
        f" {verdict(resident <= BUDGET_BYTES)} |",
    ]


def verdict(is_kept: bool) -> str:
    return "ok" if is_kept else "MISSED"


def printed(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def figures(pattern: str, text: str, program: str) -> list[tuple[int, ...]]:
    found = [tuple(int(each) for each in match.groups()) for match in re.finditer(pattern, text)]
    if not found:
        raise BenchError(f"{program} does not print what matches {pattern!r}")
    return found


def records(microbench: str) -> list[str]:
    """The protobuf reader, on one core."""
    text = printed([microbench, "records"])
    ((size, rate),) = figures(r"pods into records, (\d+) bytes: (\d+) MB/s", text, microbench)
    ((kept,),) = figures(r"kept of a pod with the policy's labels: (\d+) bytes", text, microbench)
    ((everything,),) = figures(r"kept of a pod with all labels: (\d+) bytes", text, microbench)
    return [
        f"| a protobuf list of {size / 1e6:.0f} MB of Pods into records, on one core | {rate} MB/s | – |"
        f" ≥ {BUDGET_RATE} MB/s | {verdict(rate >= BUDGET_RATE)} |",
        f"| kept of a Pod with the policy's labels; with all | {kept}; {everything} bytes | – | ≤ {BUDGET_KEPT} bytes |"
        f" {verdict(kept <= BUDGET_KEPT)} |",
    ]


def changes(auditbench: str) -> list[str]:
    """What a changed Pod costs, by the size of the cluster."""
    found = figures(r"(\d+) pods, \d+ nodes: (\d+) us per change", printed([auditbench, "changes"]), auditbench)
    found.sort()
    growth = found[-1][1] / max(1, found[0][1])
    costs = ", ".join(f"{cost}" for _, cost in found)
    sizes = ", ".join(f"{pods:,}" for pods, _ in found)
    return [
        f"| a changed Pod in an audit kept up to date, of {sizes} Pods | {costs} µs | {growth:.2f}× |"
        f" ≤ {BUDGET_GROWTH}× | {verdict(growth <= BUDGET_GROWTH)} |"
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary")
    parser.add_argument("--root", required=True, type=pathlib.Path)
    parser.add_argument("--microbench", required=True)
    parser.add_argument("--auditbench", required=True)
    parser.add_argument("--quick", action="store_true", help="only what needs no cluster and no program")
    arguments = parser.parse_args()
    if not arguments.quick and not arguments.binary:
        parser.error("--binary is needed without --quick")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tallygate-audits."))
    try:
        rows = []
        if not arguments.quick:
            binary = str(pathlib.Path(arguments.binary).resolve())
            for name, part in (("live", live), ("offline", offline)):
                (folder / name).mkdir()
                rows += part(binary, arguments.root, folder / name)
        rows += records(arguments.microbench) + changes(arguments.auditbench)
        print("| audits | Tallygate | ratio | budget | |\n|---|---|---|---|---|")
        print("\n".join(rows))
        return 0
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
