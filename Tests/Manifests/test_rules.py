"""Recording rules and alerts: sound, tested one by one, joined by cluster, and made of metrics that exist."""

import os
import re
import subprocess
import unittest
from pathlib import Path

import promql
import tree

HERE = Path(__file__).resolve().parent
PROMTOOL = os.environ["PROMTOOL"]
TEST_FILES = sorted((HERE / "rules").glob("*.test.yaml"))


def known_metrics():
    groups = tree.load(HERE / "known_metrics.yaml")
    return {name for names in groups.values() for name in names}


class Rules(unittest.TestCase):
    def test_promtool_accepts_them(self):
        for name in ("recording-rules.yaml", "cost-alerts.yaml"):
            done = subprocess.run(
                [PROMTOOL, "check", "rules", "--lint=all", "--lint-fatal", tree.RULES / name], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_cases_hold(self):
        self.assertGreaterEqual(len(TEST_FILES), 7)
        for path in TEST_FILES:
            with self.subTest(path.name):
                done = subprocess.run([PROMTOOL, "test", "rules", path], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_rule_has_a_case_that_yields_something(self):
        recorded, alerted = set(), set()
        for path in TEST_FILES:
            for test in tree.load(path)["tests"]:
                for case in test.get("promql_expr_test", []):
                    if case["exp_samples"]:
                        recorded |= promql.metrics(case["expr"])
                for case in test.get("alert_rule_test", []):
                    if case["exp_alerts"]:
                        alerted.add(case["alertname"])
        for group, rule in tree.rules():
            if "record" in rule:
                self.assertIn(rule["record"], recorded, f"{group}: no case for this recording rule")
            else:
                self.assertIn(rule["alert"], alerted, f"{group}: no case in which this alert fires")

    def test_metrics_exist(self):
        known = known_metrics() | tree.recorded()
        for group, rule in tree.rules():
            for name in promql.metrics(rule["expr"]):
                self.assertIn(name, known, f"{group}: {rule.get('record', rule.get('alert'))}")

    def test_joins_are_by_cluster(self):
        # What has no cluster: budgets (a team's over all clusters), limits and the beginning of the month.
        for group, rule in tree.rules():
            for labels in promql.joins(rule["expr"]):
                if labels and labels != {"team"}:
                    self.assertIn("cluster", labels, f"{group}: {rule.get('record', rule.get('alert'))}")

    def test_aggregations_keep_the_cluster(self):
        for group, rule in tree.rules():
            for labels in re.findall(r"\bby \(([^()]*)\)", rule["expr"]):
                names = {name.strip() for name in labels.split(",")}
                if names != {"team"}:
                    self.assertIn("cluster", names, f"{group}: {rule.get('record', rule.get('alert'))}")

    def test_alerts_name_a_cluster_only_where_there_is_one(self):
        for _, rule in tree.rules():
            for text in rule.get("annotations", {}).values():
                self.assertNotRegex(text, r"\{\{\s*\$labels\.cluster", rule.get("alert"))

    def test_alerts_say_what_and_what_to_do(self):
        for group, rule in tree.rules():
            if "alert" in rule:
                self.assertIn(rule["labels"]["severity"], ("info", "warning", "critical"), rule["alert"])
                self.assertEqual(set(rule["annotations"]), {"summary", "description"}, rule["alert"])


class OwnMetrics(unittest.TestCase):
    def test_the_list_is_that_of_the_source(self):
        groups = tree.load(HERE / "known_metrics.yaml")
        listed = set(groups["gate"]) | set(groups["auditor"])
        source = "".join(
            tree.read(path) for path in sorted((tree.ROOT / "Sources/WebhookServer/Metrics").glob("*.swift")))
        exposed = set(re.findall(r'"(tallygate_[a-z_]+)"', source))
        plain = {re.sub(r"_(bucket|sum|count)$", "", n) if "duration" in n else n for n in listed}
        self.assertEqual(exposed - plain, set(), "exposed and not named here")
        used = {m for _, rule in tree.rules() for m in promql.metrics(rule["expr"])} & listed
        self.assertEqual({re.sub(r"_(bucket|sum|count)$", "", n) if "duration" in n else n for n in used} - exposed,
                         set(), "read by a rule and not exposed")

    def test_process_metrics_are_exposed(self):
        source = tree.read(tree.ROOT / "Sources/WebhookServer/Metrics/ProcessMetrics.swift")
        for name in tree.load(HERE / "known_metrics.yaml")["process"]:
            self.assertIn(f'"{name}"', source)


if __name__ == "__main__":
    unittest.main()
