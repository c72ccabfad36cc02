"""The operations guide names what exists: every alert, log lines that are written, files and values that are there."""

import re
import unittest

import readme
import tree

GUIDE = tree.read(tree.ROOT / "docs/operations.md")


class Guide(unittest.TestCase):
    def test_it_names_every_alert(self):
        table = GUIDE.partition("| alert |")[2].partition("\n\n")[0]
        named = set(re.findall(r"`([A-Z][A-Za-z]+)`", table))
        self.assertEqual(named, {rule["alert"] for _, rule in tree.rules() if "alert" in rule})

    def test_log_lines_are_those_of_the_source(self):
        source = "".join(tree.read(path) for path in (tree.ROOT / "Sources").rglob("*.swift"))
        table = GUIDE.partition("| line |")[2].partition("\n\n")[0]
        lines = re.findall(r"^\| ([A-Z][^|]*?) \|", table, re.M)
        self.assertGreater(len(lines), 10)
        for cell in lines:
            whole = f'"{cell}"' in source
            self.assertTrue(whole or all(f'"{part}"' in source for part in cell.split(", ")), cell)

    def test_links_lead_somewhere(self):
        for name in ("docs/operations.md", "charts/tallygate/README.md", "README.md"):
            path = tree.ROOT / name
            for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", tree.read(path)):
                self.assertTrue((path.parent / target).exists(), f"{name}: {target}")

    def test_values_exist(self):
        known = {path for path in readme.comments()} | {"policy.workloadKinds"}
        prefixes = {path.partition(".")[0] for path in known if "." in path} - {"policy"}
        for path in re.findall(r"`((?:[a-z][A-Za-z]+)(?:\.[A-Za-z]+)+)", GUIDE):
            if path.partition(".")[0] in prefixes and not path.endswith((".yaml", ".json")):
                self.assertIn(path, known)


if __name__ == "__main__":
    unittest.main()
