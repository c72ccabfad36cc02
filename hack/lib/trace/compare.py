"""Holds an audit's JSON report against what the loader put in: `compare.py EXPECTED.json REPORT.json`."""

import json
import pathlib
import sys
from decimal import Decimal


def nanos(amount: str) -> int:
    return int(Decimal(amount).scaleb(9))


def differences(expected: dict, report: dict) -> list[str]:
    totals = report["totals"]
    found: list[str] = []

    def same(what: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            found.append(f"{what}: {theirs} in the report, {ours} put in")

    def near(what: str, ours: int, theirs: int) -> None:
        if abs(ours - theirs) > expected["tolerance"]:
            found.append(f"{what}: {theirs} in the report, {ours} put in, at most {expected['tolerance']} apart")

    same("nodes", expected["nodes"], totals["nodes"])
    same("pods", expected["pods"], totals["pods"])
    same("judged workloads", expected["workloads"], report["coverage"]["judgedWorkloads"])
    same("attributed workloads", expected["attributedWorkloads"], report["coverage"]["attributedWorkloads"])
    same("cost per hour", expected["costPerHour"], nanos(totals["costPerHour"]))
    ownership = {name: nanos(amount) for name, amount in totals["ownership"].items()}
    near("attributed", expected["attributed"], ownership["attributed"])
    near("unattributed", expected["unattributed"], ownership["unattributed"])
    parts = sum(amount for name, amount in ownership.items() if name != "overRequested")
    same("the parts of the cost", nanos(totals["costPerHour"]), parts)

    findings: dict[str, dict] = {}
    for finding in report["findings"]:
        key = f"{finding['reason']} {finding.get('label', '')}".strip()
        entry = findings.setdefault(key, {"count": 0, "pods": 0, "cost": 0})
        entry["count"] += 1
        entry["pods"] += finding["pods"]
        entry["cost"] += nanos(finding.get("costPerHour", "0"))
    for key in sorted(expected["findings"].keys() | findings.keys()):
        nothing = {"count": 0, "pods": 0, "cost": 0}
        ours, theirs = expected["findings"].get(key, nothing), findings.get(key, nothing)
        same(f"findings '{key}'", ours["count"], theirs["count"])
        same(f"Pods of '{key}'", ours["pods"], theirs["pods"])
        near(f"cost of '{key}'", ours["cost"], theirs["cost"])
    same("node groups", expected["nodeGroups"], {group["name"]: group["nodes"] for group in report["nodeGroups"]})
    return found


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    expected, report = (json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:])
    found = differences(expected, report)
    for line in found:
        print(line)
    if not found:
        print(f"{expected['pods']} Pods, {sum(entry['count'] for entry in expected['findings'].values())} findings:"
              " counts and sums are those that were put in")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
