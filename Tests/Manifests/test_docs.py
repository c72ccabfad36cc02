"""The operations guide names what exists: every alert, log lines that are written, files and values that are there."""

import re
import unittest

import readme
import tree

GUIDE = tree.read(tree.ROOT / "docs/operations.md")
SOURCE = "".join(tree.read(path) for path in sorted((tree.ROOT / "Sources").rglob("*.swift")))


def log_lines():
    """The first cells of all tables of log lines."""
    tables = [part.partition("\n\n")[0] for part in GUIDE.split("| line |")[1:]]
    return [cell for table in tables for cell in re.findall(r"^\| ([A-Z][^|]*?) \|", table, re.M)]


class Guide(unittest.TestCase):
    def test_it_names_every_alert(self):
        table = GUIDE.partition("| alert |")[2].partition("\n\n")[0]
        named = set(re.findall(r"`([A-Z][A-Za-z]+)`", table))
        self.assertEqual(named, {rule["alert"] for _, rule in tree.rules() if "alert" in rule})

    def test_log_lines_are_those_of_the_source(self):
        cells = log_lines()
        self.assertGreater(len(cells), 10)
        for cell in cells:
            whole = f'"{cell}"' in SOURCE
            self.assertTrue(whole or all(f'"{part}"' in SOURCE for part in cell.split(", ")), cell)

    def test_every_log_line_of_the_source_is_explained(self):
        explained = {part for cell in log_lines() for part in (cell, *cell.split(", "))}
        written = set(re.findall(
            r'\b(?:[lL]ogger\.(?:debug|info|notice|warning|error|critical)|logFault|adopted)\([^"(){}]*"((?:\\.|[^"\\])*)"', SOURCE))
        written |= set(re.findall(r'\blogger\.log\(\s*level:[^"]*"((?:\\.|[^"\\])*)"', SOURCE))
        self.assertGreater(len(written), 50)
        # A warning about how the cluster is reached, which names what it is about.
        self.assertEqual({line for line in written if not line.startswith("\\(")} - explained, set())

    def test_every_metric_of_the_source_is_explained(self):
        metrics = set(re.findall(r'"((?:tallygate|process)_[a-z0-9_]+)"', SOURCE))
        self.assertGreater(len(metrics), 30)
        table = "".join(part.partition("\n\n")[0] for part in GUIDE.split("| metric |")[1:])
        explained = set(re.findall(r"`([a-z0-9_]+)`", table))
        self.assertEqual({name for name in metrics if name not in explained}, set())
        self.assertEqual(
            {name for name in explained if name.startswith(("tallygate_", "process_"))} - metrics, set())

    def test_links_lead_somewhere(self):
        for name in ("docs/operations.md", "charts/tallygate/README.md", "README.md"):
            path = tree.ROOT / name
            for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", tree.read(path)):
                self.assertTrue((path.parent / target).exists(), f"{name}: {target}")

    def test_every_value_has_a_meaning_of_its_own(self):
        rows = re.findall(r"^\| `([^`]+)` \| .* \| (.*) \|$", "".join(readme.table()), re.M)
        self.assertGreater(len(rows), 80)
        self.assertEqual([path for path, meaning in rows if not meaning.strip()], [])
        self.assertIn(("prometheusRule.limits.requestCostP95", "Dollars for a request, 95th percentile (HighCostPerRequest)."), rows)

    def test_values_exist(self):
        known = {path for path in readme.comments()} | {"policy.workloadKinds"}
        prefixes = {path.partition(".")[0] for path in known if "." in path} - {"policy"}
        for path in re.findall(r"`((?:[a-z][A-Za-z]+)(?:\.[A-Za-z]+)+)", GUIDE):
            if path.partition(".")[0] in prefixes and not path.endswith((".yaml", ".json")):
                self.assertIn(path, known)


if __name__ == "__main__":
    unittest.main()
