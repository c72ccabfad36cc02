"""Measures Tallygate beside a bare Go webhook in one run, alternating, and prints the figures with their budgets.

Called by hack/bench, which brings the tools and the binaries. All load goes to 127.0.0.1.
"""

import argparse
import dataclasses
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import report
from load import CONNECTIONS, PACED_RATE, Generator, Run, percentile
from report import Budget, Row
from review import pod_review
from servers import BenchError, Certificate, Memory, Server, Subject, running, warm_up

HERE = pathlib.Path(__file__).resolve().parent

# The budgets; those with a fraction or × are ratios to the peer in the same run.
CPU = Budget("≤ 1/7", 7.0, at_least=True)
THROUGHPUT = Budget("≥ 4.5×", 4.5, at_least=True)
LATENCY = Budget("p99 < 1 ms", 1_000.0, at_least=False)
RESIDENT = Budget("≤ 20 MB", 20e6, at_least=False)
START = Budget("≤ 40 ms", 0.040, at_least=False)
BINARY = Budget("≤ 30 MB", 30e6, at_least=False)
SCAN = Budget("≥ 500 MB/s", 500.0, at_least=True)

# Allocations of the whole server per review (TLS, HTTP and admission), counted, not timed, so that they can gate a
# build. Differencing two runs takes the handshake out.
ALLOCATION_RUNS = (1_000, 3_000)


@dataclasses.dataclass(frozen=True)
class Effort:
    """How much is measured. Saturating rounds last about `round_seconds` for each server."""

    rounds: int
    round_seconds: float
    paced_rounds: int
    paced_seconds: int
    starts: int


FULL = Effort(rounds=5, round_seconds=4.0, paced_rounds=3, paced_seconds=10, starts=11)
QUICK = Effort(rounds=2, round_seconds=1.0, paced_rounds=1, paced_seconds=5, starts=5)

# From a server's start until it counts as idle: the gate gives start-up's code back after its first second.
SETTLING_SECONDS = 3.0


class Bench:
    def __init__(
        self, ours: Subject, peer: Subject, effort: Effort, folder: pathlib.Path, cheaper_path: str | None = None
    ):
        self.ours, self.peer, self.effort, self.folder, self.cheaper_path = ours, peer, effort, folder, cheaper_path
        self.review = pod_review()
        path = folder / "review.json"
        path.write_bytes(self.review)
        self.generator = Generator(path, folder)
        self.certificate = Certificate.mint(folder)

    def rows(self) -> list[Row]:
        rows = [self.start_up()]
        with self._running(self.ours) as ours, self._running(self.peer) as peer:
            say(f"{self.ours.name} answers with {answer(ours.ask(self.review))}")
            say(f"{self.peer.name} answers with {answer(peer.ask(self.review))}")
            time.sleep(SETTLING_SECONDS)
            idle = (ours.memory(), peer.memory())
            rows += self.saturated(ours, peer)
            rows.append(self.paced(ours, peer))
            loaded = (ours.memory(), peer.memory())
        rows.append(memory("resident memory, idle", idle, RESIDENT))
        rows.append(memory("resident memory after the load", loaded, None))
        return rows

    def _running(self, subject: Subject):
        return running(subject, self.certificate, self.review, self.folder)

    def start_up(self) -> Row:
        say(f"start to first TLS answer, {self.effort.starts} times each")
        warm_up(self.certificate, self.review)
        times: dict[str, list[float]] = {self.ours.name: [], self.peer.name: []}
        for _ in range(self.effort.starts):
            for subject in (self.ours, self.peer):
                with self._running(subject) as server:
                    times[subject.name].append(server.started_after)
        ours, peer = (statistics.median(times[subject.name]) for subject in (self.ours, self.peer))
        return Row(
            "start to first TLS answer, median",
            f"{ours * 1e3:.0f} ms",
            f"{peer * 1e3:.0f} ms",
            times_as_text(ours / peer),
            START,
            ours,
        )

    def saturated(self, ours: Server, peer: Server) -> list[Row]:
        say(f"{CONNECTIONS} connections, {len(self.review)} bytes, {self.effort.rounds} rounds of each, alternating")
        seconds = self.effort.round_seconds
        count = {server: self.generator.requests_lasting(server, seconds) for server in (ours, peer)}
        pairs: list[tuple[Run, Run]] = []
        cheaper: list[tuple[Run, Run]] = []
        for number in range(self.effort.rounds):
            runs = [self.generator.saturate(ours, count[ours]), self.generator.saturate(peer, count[peer])]
            pairs.append((runs[0], runs[1]))
            if self.cheaper_path is not None:
                runs.append(self.generator.saturate(peer, count[peer], path=self.cheaper_path))
                cheaper.append((runs[0], runs[2]))
            detail = " against ".join(f"{run.rate:.0f}/s {run.cpu_microseconds:.0f} µs" for run in runs)
            say(f"  round {number + 1}: {detail}")
        rows = compared(pairs, "", CPU, THROUGHPUT)
        return rows + (compared(cheaper, ", a peer that reads metadata alone", None, None) if cheaper else [])

    def paced(self, ours: Server, peer: Server) -> Row:
        say(f"{PACED_RATE} requests/s, {self.effort.paced_rounds} × {self.effort.paced_seconds} s of each, alternating")
        latencies: dict[Server, list[int]] = {ours: [], peer: []}
        for _ in range(self.effort.paced_rounds):
            for server in (ours, peer):
                latencies[server] += self.generator.pace(server, self.effort.paced_seconds)
        p50, p99 = (
            [percentile(sorted(latencies[server]), share) for server in (ours, peer)] for share in (0.50, 0.99)
        )
        say(f"  p50 {p50[0] / 1e3:.2f} ms against {p50[1] / 1e3:.2f} ms")
        return Row(
            f"p99 at {PACED_RATE} requests/s, at the client",
            f"{p99[0] / 1e3:.2f} ms",
            f"{p99[1] / 1e3:.2f} ms",
            times_as_text(p99[0] / p99[1]),
            LATENCY,
            p99[0],
        )

    def allocations(self, budget: int | None) -> Row | None:
        """None when the server makes none through the C library, as Go's do."""
        say("allocations per review")
        shim, file = self.folder / "allocations.so", self.folder / "allocations.count"
        compiler = shutil.which("clang") or shutil.which("cc")
        if compiler is None:
            raise BenchError("counting allocations needs clang or cc: the Swift toolchain brings clang")
        source = HERE / "allocations.c"
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(shim), str(source)], check=True)
        file.write_bytes(bytes(8))
        environment = {"LD_PRELOAD": str(shim), "ALLOCATIONS_FILE": str(file)}

        def count(server: Server, requests: int) -> int:
            before = int.from_bytes(file.read_bytes(), sys.byteorder)
            self.generator.saturate(server, requests, connections=1)
            return int.from_bytes(file.read_bytes(), sys.byteorder) - before

        with running(self.ours, self.certificate, self.review, self.folder, environment) as server:
            count(server, ALLOCATION_RUNS[0])
            few, many = (count(server, requests) for requests in ALLOCATION_RUNS)
        each = (many - few) / (ALLOCATION_RUNS[1] - ALLOCATION_RUNS[0])
        if each < 0.5 and few < 100:
            return None
        limit = Budget(f"≤ {budget}", budget, at_least=False, gates=True) if budget is not None else None
        return Row("allocations per review, whole server", f"{each:.1f}", budget=limit, judged=each)


def compared(pairs: list[tuple[Run, Run]], qualification: str, cpu: Budget | None, rate: Budget | None) -> list[Row]:
    """Processor time and rate of both. The two runs of a pair see the same state of the machine, so the ratio is taken
    pair by pair."""
    cpu_ratio = statistics.median(peer.cpu_microseconds / ours.cpu_microseconds for ours, peer in pairs)
    rate_ratio = statistics.median(ours.rate / peer.rate for ours, peer in pairs)
    cpu_each = [statistics.median(pair[i].cpu_microseconds for pair in pairs) for i in (0, 1)]
    rate_each = [statistics.median(pair[i].rate for pair in pairs) for i in (0, 1)]
    return [
        Row(
            f"server CPU per request{qualification}",
            f"{cpu_each[0]:.0f} µs",
            f"{cpu_each[1]:.0f} µs",
            f"1/{cpu_ratio:.1f}",
            cpu,
            cpu_ratio,
        ),
        Row(
            f"requests/s, {CONNECTIONS} connections{qualification}",
            f"{rate_each[0]:,.0f}",
            f"{rate_each[1]:,.0f}",
            times_as_text(rate_ratio),
            rate,
            rate_ratio,
        ),
    ]


def answer(response: dict) -> str:
    allowed = "allowed" if response.get("allowed") else "denied"
    patch = "a patch" if response.get("patch") else "no patch"
    return f"{allowed}, {patch}, {len(response.get('warnings') or [])} warnings"


def times_as_text(value: float) -> str:
    return f"{value:.1f}×" if value >= 1 else f"{value:.2f}×"


def memory_as_text(memory: Memory) -> str:
    return f"{memory.resident / 1e6:.1f} MB ({memory.anonymous / 1e6:.1f} anonymous)"


def memory(what: str, both: tuple[Memory, Memory], budget: Budget | None) -> Row:
    ours, peer = both
    ratio = times_as_text(ours.resident / peer.resident)
    return Row(what, memory_as_text(ours), memory_as_text(peer), ratio, budget, ours.resident)


def binary_row(binary: pathlib.Path) -> Row:
    size = binary.stat().st_size
    return Row("stripped binary, Swift runtime included", f"{size / 1e6:.1f} MB", budget=BINARY, judged=size)


# A line of the microbenchmark: what it did, the size of the document, the speed.
MICROBENCH_SCAN = re.compile(r"^(?P<what>labels), (?P<bytes>\d+) bytes: (?P<speed>\d+) MB/s")
MICROBENCH_ALLOCATIONS = re.compile(
    r"^allocations per admission(?: \((?P<what>[^)]*)\))?: (?P<count>[0-9.]+)(?:, budget (?P<budget>\d+))?$"
)


def microbench_rows(command: list[str]) -> list[Row]:
    """Runs the microbenchmark, passes its lines on, and makes rows of those it knows."""
    say(f"microbenchmark: {' '.join(command)}")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-600:]}")
    rows = []
    for line in done.stdout.splitlines():
        say(f"  {line}")
        if found := MICROBENCH_SCAN.match(line):
            size = int(found["bytes"])
            text = f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} KB"
            rows.append(Row(f"scan of a {text} review", f"{found['speed']} MB/s", budget=SCAN, judged=int(found["speed"])))
        elif found := MICROBENCH_ALLOCATIONS.match(line):
            limit = found["budget"]
            budget = Budget(f"≤ {limit}", float(limit), at_least=False, gates=True) if limit else None
            what = f"allocations per admission{', ' + found['what'] if found['what'] else ''}"
            rows.append(Row(what, found["count"], budget=budget, judged=float(found["count"])))
    return rows


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--name", default="Tallygate")
    parser.add_argument("--command", required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--peer-name", default="bare Go webhook")
    parser.add_argument("--peer-command", required=True)
    parser.add_argument("--peer-path", required=True)
    parser.add_argument("--peer-cheaper-path", help="of the same peer: one that reads less, measured beside")
    parser.add_argument("--binary", type=pathlib.Path)
    parser.add_argument("--microbench", action="append", default=[])
    parser.add_argument("--allocations-budget", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def measure(options: argparse.Namespace, folder: pathlib.Path) -> list[Row]:
    ours = Subject(options.name, options.command, options.path)
    peer = Subject(options.peer_name, options.peer_command, options.peer_path)
    bench = Bench(ours, peer, QUICK if options.quick else FULL, folder, options.peer_cheaper_path)
    rows = bench.rows()
    if (counted := bench.allocations(options.allocations_budget)) is not None:
        rows.append(counted)
    if options.binary is not None:
        rows.append(binary_row(options.binary))
    if options.microbench:
        rows += microbench_rows(options.microbench)
    return rows


def main() -> int:
    options = arguments()
    # So that a SIGTERM unwinds the blocks that end the servers, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if (warning := report.busy()) is not None:
        say(f"note: {warning}")
    with tempfile.TemporaryDirectory(prefix="tallygate-bench.") as folder:
        rows = measure(options, pathlib.Path(folder))

    print(report.table(rows, options.name, options.peer_name))
    print(f"\nMeasured on {report.machine()}.\n")
    if options.json is not None:
        report.save(options.json, rows)
    print(report.conclusion(rows))
    gated = [row for row in rows if row.verdict == "MISSED" and row.budget is not None and row.budget.gates]
    return 1 if options.gate and gated else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        say(f"bench: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
