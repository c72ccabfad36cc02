"""The renderings of the chart that its tests look at, and what they have in common."""

import os

import chart

VERSIONS = [f"1.{minor}.0" for minor in range(20, 37)]
# Where what is rendered changes, and the ends.
TURNS = ["1.20.0", "1.21.0", "1.23.0", "1.28.0", "1.36.0"]
# Of those whose schemas kubernetes-validate knows (1.25 and later); loading one takes its time.
WITH_SCHEMAS = ["1.25.0", "1.28.0", "1.36.0"]
KIND = {
    "name": "acme", "group": "acme.io", "version": "v1", "kind": "Training", "resource": "trainings",
    "templatePaths": ["spec.template"],
}
PLACED = {
    "nodeSelector": {"pool": "system"}, "tolerations": [{"key": "system", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
}
EVERYTHING = {
    "commonLabels": {"owner": "platform", "team": "nobody"}, "costLabels": {"team": "on"}, "commonAnnotations": {"example.com/a": "b"},
    "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": [{"name": "registry"}]},
    "gate": {
        "autoscaling": {"enabled": True}, "nodeSelector": {"kubernetes.io/os": "linux"}, "clientCASecret": "ca",
        "tolerations": [{"key": "a", "operator": "Exists"}], "affinity": {"nodeAffinity": {}}, "extraArgs": ["--x=1"],
        "podAnnotations": {"example.com/c": "d"}, "podLabels": {"tier": "control", "team": "123"},
        "service": {"annotations": {"example.com/e": "f"}}, "podDisruptionBudget": {"minAvailable": "50%"},
    },
    "priorityClass": {"name": "tallygate", "create": True},
    "policy": {
        "teams": [{"name": "ml", "monthlyBudget": 1000000}, {"name": "free"}, {"name": "123", "monthlyBudget": 1}],
        "exemptions": [{"name": "e", "match": {"kinds": ["Job"]}, "expires": "2027-01-01", "owner": "a", "reason": "b"}],
        "workloadKinds": [KIND],
        "spec": {"subjects": ["workloads", "namespaces", "claims", "loadbalancers"]},
    },
    "jobs": PLACED, "certificates": {"managed": PLACED},
    "webhooks": {
        "excludeNamespaces": ["legacy", "123"], "onlyNamespaces": {"trial": "yes"},
        "matchConditions": [{"name": "more", "expression": "true"}],
        "namespaceSelector": [{"key": "a", "operator": "Exists"}],
    },
    "monitoring": {"podMonitor": {"enabled": True}}, "prometheusRule": {"enabled": True},
    "dashboards": {"enabled": True}, "auditor": {
        "enabled": True, "reportAPI": "openreports", "replicas": 2, "opencost": "http://opencost.opencost:9003/metrics",
        **PLACED,
    },
}
VARIANTS = {
    "default": {},
    "cert-manager": {"certificates": {"mode": "cert-manager"}},
    "own issuer": {"certificates": {"mode": "cert-manager", "certManager": {"issuerRef": {"name": "corporate"}}}},
    "managed": {"certificates": {"mode": "managed", "managed": {"leafLifetime": "30d", "replicas": 2}}},
    "managed, kept elsewhere": {"certificates": {"mode": "managed", "managed": {"deployment": False}}},
    "enforce": chart.profile("enforce"),
    "ha": chart.profile("ha"),
    "enforce and ha": chart.merged(chart.profile("enforce"), chart.profile("ha")),
    "everything": EVERYTHING,
    "managed, on the nodes' network": {
        "gate": {"hostNetwork": True, "ports": {"webhook": 9443, "health": 9080}}, "certificates": {"mode": "managed"}},
    "little": {
        "gate": {"cluster": False, "replicas": 1, "podDisruptionBudget": {"enabled": False}},
        "networkPolicy": {"enabled": False}, "webhooks": {"mutating": {"enabled": False}, "customResources": False},
        "policy": {"lintBeforeInstall": False}, "monitoring": {"serviceMonitor": {"enabled": True}},
    },
    "policy from elsewhere": {"policy": {"existingConfigMap": "policies"}},
}
OWN_APIS = {"cert-manager.io/v1", "monitoring.coreos.com/v1"}


def workloads(objects):
    """Every Pod spec with the labels its Pods have."""
    for each in objects:
        if each["kind"] in ("Deployment", "Job"):
            template = each["spec"]["template"]
            yield each, template["metadata"]["labels"], template["spec"]
        elif each["kind"] == "Pod":
            yield each, each["metadata"]["labels"], each["spec"]


def webhooks(objects):
    for each in objects:
        if each["kind"].endswith("WebhookConfiguration"):
            for hook in each["webhooks"]:
                yield each, hook
