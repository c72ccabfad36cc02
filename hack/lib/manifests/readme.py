"""The table of values in the chart's README, made of values.yaml, its comments and the schema."""

import json
import re

import tree

# Shown whole, though the schema knows what is in them; of a policy only where it is.
LEAVES = {"resources", "spec"}
BEGIN, END = "<!-- values: made by hack/render-manifests -->\n", "<!-- end of values -->\n"


def comments():
    """The comment above each key of values.yaml, by the key's path."""
    found, open_keys, comment = {}, [], []
    for line in tree.read(tree.CHART / "values.yaml").splitlines():
        indent = len(line) - len(line.lstrip())
        if line.lstrip().startswith("#"):
            comment.append(line.strip("# "))
        elif match := re.match(r" *([A-Za-z0-9-]+):", line):
            open_keys = [(i, k) for i, k in open_keys if i < indent] + [(indent, match[1])]
            found[".".join(k for _, k in open_keys)] = " ".join(comment)
            comment = []
        else:
            comment = []
    return found


def leaves(values, schema, path=""):
    """The paths a user sets, as deep as the schema knows the keys."""
    for key, value in values.items():
        below = f"{path}.{key}" if path else key
        known = schema["properties"][key]
        if isinstance(value, dict) and known.get("properties") and value and key not in LEAVES:
            yield from leaves(value, known, below)
        else:
            yield below, value


def table():
    said = comments()
    schema = json.loads(tree.read(tree.CHART / "values.schema.json"))
    yield "| value | default | meaning |\n|---|---|---|\n"
    for path, value in leaves(tree.load(tree.CHART / "values.yaml"), schema):
        meaning = said.get(path, "")
        default = "see values.yaml" if path == "policy.spec" else f"`{json.dumps(value)}`"
        yield f"| `{path}` | {default} | {meaning.replace('|', chr(92) + '|')} |\n"


def text():
    """The whole README with the table put in."""
    readme = tree.read(tree.CHART / "README.md")
    head, _, rest = readme.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        raise ValueError(f"{tree.CHART / 'README.md'} lacks the lines around its table of values")
    return head + BEGIN + "".join(table()) + END + tail
