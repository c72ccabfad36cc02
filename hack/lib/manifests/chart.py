"""Renders and lints the chart with Helm's own code."""

import helm_python
import yaml
from helm_python import _native

import tree

helm_python.disable_logging()

# What a render cannot ask a cluster for.
PROVIDED = {
    "certificates": {
        "mode": "provided",
        "provided": {
            "secretName": "tallygate-tls",
            "caBundle": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
        },
    },
}


def merged(*layers):
    """Values on top of values, as Helm merges them."""
    result = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both else value
    return result


def profile(name):
    return tree.load(tree.CHART / f"values-{name}.yaml")


def render(values=None, *, version="1.36.0", namespace="tallygate-system", name="tallygate", with_hooks=True):
    """The objects of the chart for a Kubernetes version; raises helm_python.HelmError as Helm would refuse."""
    objects = []
    for path, text in sorted(texts(values, version=version, namespace=namespace, name=name).items()):
        if path.endswith("NOTES.txt"):
            continue
        objects.extend(o for o in yaml.safe_load_all(text) if o)
    if not with_hooks:
        objects = [o for o in objects if "helm.sh/hook" not in o["metadata"].get("annotations", {})]
    return objects


def texts(values=None, *, version="1.36.0", namespace="tallygate-system", name="tallygate"):
    """The rendered text of each template."""
    import json
    with helm_python.Chart.load(str(tree.CHART)) as chart:
        merged_values = merged(PROVIDED, values or {})
        options = {"name": name, "namespace": namespace, "kube_version": f"v{version}", "is_install": True}
        return json.loads(
            _native.call_string("helm_render", chart._raw(), json.dumps(merged_values), json.dumps(options)))


def lint(values=None, *, version="1.36.0"):
    """What Helm's linter says against the chart, beyond remarks."""
    report = helm_python.lint(
        str(tree.CHART), merged(PROVIDED, values or {}), namespace="tallygate-system", kube_version=f"v{version}")
    return [m["error"] for m in report["messages"] if m["severity"] >= 2] + list(report["errors"] or [])


def one(objects, kind, name=None):
    """The object of that kind (and name)."""
    found = [o for o in objects if o["kind"] == kind and name in (None, o["metadata"]["name"])]
    if len(found) != 1:
        raise LookupError(f"{len(found)} of {kind} {name or ''}: {[o['metadata']['name'] for o in found]}")
    return found[0]
