"""Makes the plain manifests of the chart, or says which are out of step with it."""

import sys

import tree


def rendered():
    """The text of every file made of the chart, by its path."""
    for name in ("recording-rules.yaml", "cost-alerts.yaml"):
        yield tree.MANIFESTS / name, tree.read(tree.RULES / name)


def out_of_step():
    """The files whose text is not what the chart yields."""
    return [path for path, text in rendered() if not path.exists() or tree.read(path) != text]


def main(arguments):
    if arguments == ["--check"]:
        stale = out_of_step()
        for path in stale:
            print(f"{path.relative_to(tree.ROOT)} is out of step with the chart: run hack/render-manifests")
        return 1 if stale else 0
    if arguments:
        print(f"render-manifests: unknown argument '{arguments[0]}' (hack/render-manifests -h)", file=sys.stderr)
        return 2
    for path, text in rendered():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
