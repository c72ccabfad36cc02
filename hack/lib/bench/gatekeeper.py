"""Measures Tallygate beside Gatekeeper with one constraint of three required labels, in one run, alternating; and
beside both the bare Go webhooks, and nginx as what no server can go below.

Called by hack/bench within `hack/envtest run`, whose API server Gatekeeper and the gate that judges the same rule
follow. Prints Markdown tables with the budgets. Standard library only.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable

import floor
import manager
import report
from caches import Stored, lookups, namespace_object, put, workload
from load import CONNECTIONS, PACED_RATE, Generator, Run, percentile
from measure import FULL, QUICK, answer, compared, memory_as_text, say
from report import Budget
from review import pod_review
from servers import BenchError, Certificate, Server, Subject, running
from turns import Figures, in_turns

CPU = Budget("≤ 1/45", 45.0, at_least=True)
THROUGHPUT = Budget("≥ 30×", 30.0, at_least=True)

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

GATE, SAME_RULE, GATEKEEPER = "Tallygate", "Tallygate, the same rule", "Gatekeeper"


@dataclasses.dataclass(frozen=True)
class Contender:
    """A server, and what it is asked to do. `prepare` brings it, running, into the state it is measured in."""

    subject: Subject
    task: str
    denies: bool = False
    environment: dict[str, str] | None = None
    prepare: Callable[[Server], None] | None = None

    @property
    def name(self) -> str:
        return self.subject.name

    def check(self, server: Server, review: bytes) -> None:
        response = server.ask(review)
        said = answer(response)
        if bool(response.get("allowed")) is self.denies:
            raise BenchError(f"{self.name} answers with {said}: it does not judge as it is to be measured")
        say(f"{self.name} answers with {said}")


def contenders(
    options: argparse.Namespace, cluster: pathlib.Path, certificate: Certificate, review: bytes, folder: pathlib.Path
) -> list[Contender]:
    """In the order of the table."""
    follows = f"--kubeconfig '{cluster}/kubeconfig' --policy '{manager.RULE}/policy.yaml' --log-level warning"
    return [
        Contender(
            Subject(GATE, f"{options.gate_command} --no-cluster", "/mutate"),
            "`/mutate`, the built-in policy, no cluster: completes",
        ),
        Contender(
            Subject(SAME_RULE, f"{options.gate_command} {follows}", "/validate"),
            "`/validate`, three required labels, a cluster followed: denies",
            denies=True,
            prepare=manager.wait_until_ready,
        ),
        Contender(Subject("bare Go webhook", options.peer_command, options.peer_path), "decodes the Pod"),
        Contender(
            Subject("cheapest bare Go webhook", options.peer_command, options.peer_cheaper_path),
            "decodes its metadata alone",
        ),
        Contender(
            manager.gatekeeper(options.manager, cluster, certificate),
            "three required labels, a cluster followed: denies",
            denies=True,
            environment=manager.ENVIRONMENT,
            prepare=lambda server: manager.install_rule(server, cluster, review),
        ),
        Contender(
            floor.floor(options.nginx, certificate, review, folder / "nginx"),
            "one answer to everything: TLS, HTTP and the kernel",
        ),
    ]


def surroundings(review: bytes) -> list[Stored]:
    """The namespace of the review's Pod and what controls it: a gate that follows a cluster looks for them."""
    pod = json.loads(review)["request"]["object"]["metadata"]
    namespace, owner = pod["namespace"], pod["ownerReferences"][0]
    name, _, template_hash = owner["name"].rpartition("-")
    return [namespace_object(namespace, {}), *workload(namespace, name, {}, template_hash, uid=owner["uid"])]


def measured(
    options: argparse.Namespace, folder: pathlib.Path, cluster: pathlib.Path
) -> list[tuple[Contender, Figures]]:
    review = pod_review()
    path = folder / "review.json"
    path.write_bytes(review)
    certificate = Certificate.mint(folder)
    manager.install_definitions(options.checkout, cluster)
    put(cluster, surroundings(review))
    servers: list[tuple[Contender, Server]] = []
    with contextlib.ExitStack() as stack:
        for each in contenders(options, cluster, certificate, review, folder):
            server = stack.enter_context(running(each.subject, certificate, review, folder, each.environment))
            if each.prepare is not None:
                each.prepare(server)
            each.check(server, review)
            servers.append((each, server))
        following = next(server for each, server in servers if each.name == SAME_RULE)
        before = lookups(following.health)
        effort = QUICK if options.quick else FULL
        figures = in_turns([server for _, server in servers], Generator(path, folder), effort)
        say(f"{SAME_RULE} called the API {lookups(following.health) - before:.0f} times in all of them")
        # A server that had lost its rule would have been fast.
        for each, server in servers:
            each.check(server, review)
    return [(each, figures[server]) for each, server in servers]


def beside(figures: Figures, peer: Figures) -> list[tuple[Run, Run]]:
    """Round by round."""
    return list(zip(figures.runs, peer.runs))


def table(results: list[tuple[Contender, Figures]], peer: Figures) -> str:
    lines = [
        f"| | server CPU per request | beside Gatekeeper | requests/s, {CONNECTIONS} connections | beside Gatekeeper |"
        f" p99 at {PACED_RATE} requests/s | resident memory, idle |",
        "|---|---|---|---|---|---|---|",
    ]
    for each, figures in results:
        cpu, rate = compared(beside(figures, peer), "", None, None)
        ratios = ("–", "–") if figures is peer else (cpu.ratio, rate.ratio)
        lines.append(
            f"| {each.name} ({each.task}) | {cpu.ours} | {ratios[0]} | {rate.ours} | {ratios[1]} |"
            f" {percentile(figures.latencies, 0.99) / 1e3:.2f} ms | {memory_as_text(figures.idle)} |"
        )
    return "\n".join(lines)


def as_json(figures: Figures) -> dict[str, object]:
    return {
        "idle_bytes": figures.idle.resident,
        "p99_microseconds": percentile(figures.latencies, 0.99),
        "rounds": [dataclasses.asdict(run) for run in figures.runs],
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--gate-command", required=True, help="of the gate, less what it knows of a cluster")
    parser.add_argument("--peer-command", required=True)
    parser.add_argument("--peer-path", required=True)
    parser.add_argument("--peer-cheaper-path", required=True)
    parser.add_argument("--checkout", type=pathlib.Path, required=True, help="of Gatekeeper")
    parser.add_argument("--manager", type=pathlib.Path, required=True, help="built of it")
    parser.add_argument("--nginx", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def leave(number: int, _: object) -> None:
    """Unwinds the blocks that end the servers; a second Ctrl-C does not cut that short."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main() -> int:
    for each in SIGNALS:
        signal.signal(each, leave)
    options = arguments()
    if (warning := report.busy()) is not None:
        say(f"note: {warning}")
    peers = f"{manager.version(options.checkout)} and {floor.version(options.nginx)}"
    cluster = pathlib.Path(os.environ["ENVTEST_DIR"])
    with tempfile.TemporaryDirectory(prefix="tallygate-bench.") as folder:
        results = measured(options, pathlib.Path(folder), cluster)

    figures = {each.name: of_one for each, of_one in results}
    peer = figures[GATEKEEPER]
    rows = compared(beside(figures[GATE], peer), "", CPU, THROUGHPUT)
    rows += compared(beside(figures[SAME_RULE], peer), ", the same rule", CPU, THROUGHPUT)
    print(table(results, peer), end="\n\n")
    print(report.table(rows, "Tallygate", "Gatekeeper"))
    print("\nNeither Tallygate nor Gatekeeper logs what it denies.")
    print(f"Measured with {peers} on {report.machine()}.\n")
    if options.json is not None:
        report.save(options.json, rows, servers={name: as_json(each) for name, each in figures.items()})
    print(report.conclusion(rows))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        say(f"bench: {error}")
        sys.exit(2)
