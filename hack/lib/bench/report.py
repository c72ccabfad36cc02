"""The figures as a Markdown table, each beside its budget, and the machine they were measured on."""

import dataclasses
import json
import os
import pathlib
import platform
import re
import subprocess


@dataclasses.dataclass(frozen=True)
class Budget:
    """A bound on a figure. Stated as in the design document; `gates` ones may fail a build."""

    text: str
    limit: float
    at_least: bool
    gates: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table. `judged` is the figure that the budget is about."""

    what: str
    ours: str
    peer: str = "–"
    ratio: str = "–"
    budget: Budget | None = None
    judged: float | None = None

    @property
    def verdict(self) -> str:
        if self.budget is None or self.judged is None:
            return "–"
        return "ok" if self.budget.met_by(self.judged) else "MISSED"


def table(rows: list[Row], ours: str, peer: str) -> str:
    lines = [f"| | {ours} | {peer} | ratio | budget | |", "|---|---|---|---|---|---|"]
    for row in rows:
        budget = row.budget.text if row.budget else "–"
        lines.append(f"| {row.what} | {row.ours} | {row.peer} | {row.ratio} | {budget} | {row.verdict} |")
    return "\n".join(lines)


def conclusion(rows: list[Row]) -> str:
    judged = [row for row in rows if row.verdict != "–"]
    missed = [row.what for row in judged if row.verdict == "MISSED"]
    names = f"; MISSED: {', '.join(missed)}" if missed else ""
    return f"bench: {len(judged) - len(missed)} of {len(judged)} budgets met{names}"


def save(path: pathlib.Path, rows: list[Row], **more: object) -> None:
    """The rows as JSON, with the machine and what else there is to keep of the run."""
    figures = [{**dataclasses.asdict(row), "verdict": row.verdict} for row in rows]
    path.write_text(json.dumps({"machine": machine(), "figures": figures, **more}, indent=2) + "\n")


def machine() -> str:
    """One line: what a reader needs to compare the absolute figures with his own."""
    cores = len(os.sched_getaffinity(0))
    processor = _first(r"^model name\s*:\s*(.+)$", "/proc/cpuinfo") or platform.machine()
    memory = int(_first(r"^MemTotal:\s*(\d+) kB$", "/proc/meminfo") or 0) * 1024 / 1e9
    openssl = _output("openssl", "version").split("(")[0].strip()
    swift = re.search(r"Swift version (\S+)", _output("swift", "--version"))
    return (
        f"{cores} cores ({processor}), {memory:.0f} GB, Linux {platform.release()}, {openssl}, "
        f"Swift {swift[1] if swift else 'unknown'}; server and load generator share the cores"
    )


def busy() -> str | None:
    """A warning when others use the machine: ratios hold, absolute figures do not."""
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    if load < cores / 2:
        return None
    return f"the machine is busy (load {load:.1f} on {cores} cores): latency, throughput and start-up suffer"


def _first(pattern: str, path: str) -> str | None:
    found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    return found[1] if found else None


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return "not found"
