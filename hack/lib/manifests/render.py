"""Makes the plain manifests and the chart's table of values of the chart, or says which are out of step with it."""

import sys

import yaml

import chart
import readme
import tree

GENERATED = "# Made of charts/tallygate by hack/render-manifests: change that, not this.\n"

# The plain manifest says what an oldest server takes and every newer one too, but for policy/v1.
INSTALL_VERSION = "1.27.0"
INSTALL_HEAD = GENERATED + """\
# Tallygate in namespace tallygate-system; it keeps its certificates itself, warns, and denies nothing. For Kubernetes
# 1.25 and later.
#
#   kubectl apply -f manifests/install.yaml
#   kubectl --namespace tallygate-system create configmap tallygate-policy --from-file=policy.yaml \\
#     --dry-run=client --output=yaml | kubectl apply --filename=-      # your policy; lint it first
#
# Away with it, the webhook configurations first: kubectl delete --ignore-not-found -f manifests/install.yaml
"""
LIMITS_HEAD = GENERATED + """\
# What cost-alerts.yaml compares with: edit the numbers, and give each team of your registry its budget.
"""


class Dumper(yaml.SafeDumper):
    """Lists indented as in the rest of the project; long text as blocks."""


def block(dumper, value):
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Dumper.add_representer(str, block)


def documents(objects):
    return "---\n".join(yaml.dump(o, Dumper=Dumper, sort_keys=False, width=120) for o in objects)


def install():
    namespace = {
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {
            "name": "tallygate-system",
            # What it asks of other namespaces: whose its costs are.
            "labels": {
                "app.kubernetes.io/part-of": "tallygate", "pod-security.kubernetes.io/enforce": "restricted",
                "tallygate.io/gate": "off", **tree.load(tree.CHART / "values.yaml")["costLabels"],
            },
        },
    }
    objects = chart.render({"certificates": {"mode": "managed"}}, version=INSTALL_VERSION, with_hooks=False)
    for each in objects:
        for labels in (each["metadata"]["labels"], each.get("spec", {}).get("template", {}).get(
                "metadata", {}).get("labels", {})):
            labels.pop("helm.sh/chart", None)
            if "app.kubernetes.io/managed-by" in labels:
                labels["app.kubernetes.io/managed-by"] = "kubectl"
    # The server first, then what sends requests to it; away with it in the opposite order.
    webhooks = [o for o in objects if o["kind"].endswith("WebhookConfiguration")]
    rest = [o for o in objects if o not in webhooks]
    return INSTALL_HEAD + documents([namespace, *rest, *webhooks])


def limits():
    policy = {"teams": [{"name": "ml-platform", "monthlyBudget": 20000}]}
    objects = chart.render({"prometheusRule": {"enabled": True}, "policy": policy})
    return LIMITS_HEAD + documents([chart.one(objects, "PrometheusRule", "tallygate-cost-limits")["spec"]])


def rendered():
    """The text of every file made of the chart, by its path."""
    for name in ("recording-rules.yaml", "cost-alerts.yaml"):
        yield tree.MANIFESTS / name, tree.read(tree.RULES / name)
    yield tree.MANIFESTS / "cost-limits.yaml", limits()
    yield tree.MANIFESTS / "install.yaml", install()
    example = tree.read(tree.ROOT / "examples/policy.yaml")
    yield tree.MANIFESTS / "policy-example.yaml", example.replace("examples/policy.yaml", "manifests/policy-example.yaml")
    yield tree.CHART / "README.md", readme.text()


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
