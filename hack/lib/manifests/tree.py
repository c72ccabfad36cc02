"""Where things are in the project's tree, and how its YAML is read."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "charts" / "tallygate"
RULES = CHART / "rules"
DASHBOARDS = CHART / "dashboards"
MANIFESTS = ROOT / "manifests"

# Limits and budgets are series, so that alerts need no editing.
FROM_VALUES = {
    "team:budget_usd:month", "tallygate:limit_spend_usd:month", "tallygate:limit_request_cost_usd:p95",
    "tallygate:limit_coverage:ratio",
}


def read(path):
    return path.read_text(encoding="utf-8")


def load(path):
    return yaml.safe_load(read(path))


def rules():
    """Every rule of the recording rules and alerts, with its group's name."""
    for name in ("recording-rules.yaml", "cost-alerts.yaml"):
        for group in load(RULES / name)["groups"]:
            for rule in group["rules"]:
                yield group["name"], rule


def recorded():
    """The names that recording rules make, and those the chart makes of its values."""
    return {rule["record"] for _, rule in rules() if "record" in rule} | FROM_VALUES
