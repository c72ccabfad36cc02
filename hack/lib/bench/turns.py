"""Puts several servers under the same load in turns: what disturbs a round disturbs all of them."""

import dataclasses
import time

from load import CONNECTIONS, PACED_RATE, Generator, Run
from measure import SETTLING_SECONDS, Effort, say
from servers import Memory, Server


@dataclasses.dataclass(frozen=True)
class Figures:
    """Of one server. A run is a round as fast as it answers; the latencies, in microseconds and sorted, are at
    PACED_RATE."""

    idle: Memory
    runs: list[Run]
    latencies: list[int]


def in_turns(servers: list[Server], generator: Generator, effort: Effort) -> dict[Server, Figures]:
    time.sleep(SETTLING_SECONDS)
    found = {server: Figures(server.memory(), [], []) for server in servers}
    count = {server: generator.requests_lasting(server, effort.round_seconds) for server in servers}
    say(f"{CONNECTIONS} connections, {effort.rounds} rounds of each, alternating")
    for number in range(effort.rounds):
        for server in servers:
            found[server].runs.append(generator.saturate(server, count[server]))
        runs = ((server.subject.name, found[server].runs[-1]) for server in servers)
        detail = "; ".join(f"{name} {run.rate:.0f}/s {run.cpu_microseconds:.0f} µs" for name, run in runs)
        say(f"  round {number + 1}: {detail}")
    say(f"{PACED_RATE} requests/s, {effort.paced_rounds} × {effort.paced_seconds} s of each, alternating")
    for _ in range(effort.paced_rounds):
        for server in servers:
            found[server].latencies.extend(generator.pace(server, effort.paced_seconds))
    for figures in found.values():
        figures.latencies.sort()
    return found
