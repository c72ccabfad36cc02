"""Dashboards: importable, of the parts Grafana knows, and every expression sound and of metrics that exist."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

import promql
import tree
from test_rules import known_metrics

register_default_plugins()
FILES = {path.stem: json.loads(tree.read(path)) for path in sorted(tree.DASHBOARDS.glob("*.json"))}


def panels(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def expressions(dashboard):
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def plain(expression):
    """Grafana's variables replaced by what they stand for."""
    for name, value in (("$__rate_interval", "5m"), ("$__range", "7d"), ("$cluster", ".*")):
        expression = expression.replace(name, value)
    return expression


def lost(ours, theirs, path=""):
    """What a decoder that knows Grafana's types left out: keys it does not know."""
    if isinstance(ours, dict):
        for key, value in ours.items():
            if not isinstance(theirs, dict) or key not in theirs:
                if value not in (None, [], {}, "", False):
                    yield f"{path}/{key}"
            else:
                yield from lost(value, theirs[key], f"{path}/{key}")
    elif isinstance(ours, list):
        for index, value in enumerate(ours):
            yield from lost(value, theirs[index] if index < len(theirs) else None, f"{path}/{index}")


class Dashboards(unittest.TestCase):
    def test_both_are_there(self):
        self.assertEqual(
            {name: (d["uid"], d["title"]) for name, d in FILES.items()},
            {
                "cost-overview": ("tallygate-cost-overview", "Cost overview"),
                "operations": ("tallygate-operations", "Tallygate operations"),
            })

    def test_grafana_knows_every_key(self):
        for name, dashboard in FILES.items():
            decoded = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
            self.assertEqual(list(lost(dashboard, decoded)), [], name)

    def test_that_check_sees_a_misspelt_key(self):
        dashboard = json.loads(json.dumps(FILES["operations"]))
        panel = next(p for p in panels(dashboard) if p["type"] == "stat")
        panel["options"]["colourMode"] = "value"
        decoded = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
        self.assertEqual(len(list(lost(dashboard, decoded))), 1)

    def test_they_import_anywhere(self):
        for name, dashboard in FILES.items():
            self.assertGreaterEqual(dashboard["schemaVersion"], 36, name)
            self.assertNotIn("id", dashboard, "an id is of one Grafana")
            variables = {v["name"]: v for v in dashboard["templating"]["list"]}
            self.assertEqual(variables["datasource"]["type"], "datasource")
            for panel in panels(dashboard):
                for holder in [panel, *panel.get("targets", [])]:
                    if "datasource" in holder:
                        self.assertEqual(holder["datasource"]["uid"], "${datasource}", panel["title"])

    def test_panels_do_not_overlap(self):
        for name, dashboard in FILES.items():
            taken, ids = {}, set()
            for panel in panels(dashboard):
                self.assertNotIn(panel["id"], ids)
                ids.add(panel["id"])
                grid = panel["gridPos"]
                self.assertLessEqual(grid["x"] + grid["w"], 24)
                for x in range(grid["x"], grid["x"] + grid["w"]):
                    for y in range(grid["y"], grid["y"] + grid["h"]):
                        self.assertNotIn((x, y), taken, f"{name}: {panel['title']} over {taken.get((x, y))}")
                        taken[x, y] = panel["title"]

    def test_every_panel_has_a_query_and_what_is_judged_has_thresholds(self):
        for name, dashboard in FILES.items():
            for panel in panels(dashboard):
                if panel["type"] == "row":
                    continue
                self.assertTrue(panel["targets"], panel["title"])
                steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
                if panel["type"] in ("gauge", "bargauge"):
                    self.assertGreater(len(steps), 1, f"{name}: {panel['title']}")
            self.assertGreaterEqual(
                sum(len(p["fieldConfig"]["defaults"]["thresholds"]["steps"]) > 1
                    for p in panels(dashboard) if p["type"] != "row"), 6, name)

    def test_expressions_are_sound(self):
        for name, dashboard in FILES.items():
            rules = [
                {"record": f"panel{number}:check", "expr": plain(expression)}
                for number, (_, expression) in enumerate(expressions(dashboard))
            ]
            self.assertGreater(len(rules), 15)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "rules.yaml")
                path.write_text(yaml.safe_dump({"groups": [{"name": name, "rules": rules}]}), encoding="utf-8")
                done = subprocess.run([os.environ["PROMTOOL"], "check", "rules", path], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_metrics_exist(self):
        known = known_metrics() | tree.recorded()
        for name, dashboard in FILES.items():
            for title, expression in expressions(dashboard):
                for metric in promql.metrics(plain(expression)):
                    self.assertIn(metric, known, f"{name}: {title}")
            for variable in dashboard["templating"]["list"]:
                if variable["type"] == "query":
                    metric = re.match(r"label_values\(([^,]+),", variable["query"]["query"])[1]
                    self.assertIn(metric, known)

    def test_all_labels_together_have_a_name(self):
        panel = next(p for p in panels(FILES["cost-overview"])
                     if p["title"] == "Spend with an owner" and p["type"] == "timeseries")
        self.assertIn('"label", "all together", "label", ""', panel["targets"][0]["expr"])

    def test_the_auditor_is_shown(self):
        shown = {m for _, e in expressions(FILES["operations"]) for m in promql.metrics(plain(e))}
        for name in ("leader", "reports", "report_writes_total", "events_total", "lease_failures_total",
                     "watch_failures_total", "unreadable_objects_total", "self_probe_success"):
            self.assertIn(f"tallygate_{name}", shown)

    def test_every_panel_shows_the_clusters_chosen(self):
        # What has no cluster: budgets, which are a team's over all of them, and how much history the rules have.
        anywhere = {"team:budget_used:ratio", "team:budget_usd:month", "team:budget_projected:ratio",
                    "tallygate:rules_evaluated:one"}
        for name, dashboard in FILES.items():
            for title, expression in expressions(dashboard):
                if not promql.metrics(plain(expression)) <= anywhere:
                    self.assertIn('cluster=~"$cluster"', expression, f"{name}: {title}")

    def test_an_auditor_does_not_count_as_a_gate(self):
        panel = next(p for p in panels(FILES["operations"]) if p["title"] == "Gates scraped")
        self.assertEqual(promql.metrics(plain(panel["targets"][0]["expr"])), {"tallygate_connections"})

    def test_every_recorded_figure_is_shown_or_used(self):
        used = {m for d in FILES.values() for _, e in expressions(d) for m in promql.metrics(plain(e))}
        used |= {m for _, rule in tree.rules() for m in promql.metrics(rule["expr"])}
        self.assertEqual(tree.recorded() - used - {
            # For chargeback queries of one's own.
            "environment:gpu_cost_usd_per_hour:sum",
        }, set())

    def test_what_people_ask_for_is_there(self):
        titles = {p["title"] for p in panels(FILES["cost-overview"])}
        for title in (
            "Spend this month", "Spend by team", "Spend per hour by team", "Cost of a request by model", "Idle GPUs",
            "Spend of the last 24 hours", "Cost of a request, quantiles", "How busy GPUs are",
            "Tokens a second by model", "Budget used by team", "Spend of 24 hours, and a week before",
        ):
            self.assertIn(title, titles)


if __name__ == "__main__":
    unittest.main()
