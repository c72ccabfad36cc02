"""The AdmissionReviews that the benchmark sends: a Pod as a Deployment's ReplicaSet makes it, in the API server's
compact JSON, with the defaults filled in and the managed fields that come along."""

import json

# The size the budgets are stated for (bytes, within SIZE_TOLERANCE).
SIZE = 4_800
SIZE_TOLERANCE = 100


def pod_review() -> bytes:
    """A Pod whose cost labels are all there, but under aliases and synonyms: both servers answer with a patch."""
    body = _encode(_review(padding=""))
    # An annotation of prose makes up what is missing; it weighs one byte a character.
    body = _encode(_review(padding=_prose(SIZE - len(body))))
    if abs(len(body) - SIZE) > SIZE_TOLERANCE:
        raise AssertionError(f"the review has {len(body)} bytes, not about {SIZE}: mend the template in review.py")
    return body


def _encode(review: dict) -> bytes:
    return json.dumps(review, separators=(",", ":")).encode()


def _prose(length: int) -> str:
    text = "Serves the ranking model behind the shop's search; pages the on-call of the team that owns it. "
    return (text * (max(length, 0) // len(text) + 1))[: max(length, 0)]


def _review(padding: str) -> dict:
    resource = {"group": "", "version": "v1", "resource": "pods"}
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    return {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "6b1f0b0e-3a54-4a8e-9d5d-6f2f4c1f7a11",
            "kind": kind,
            "resource": resource,
            "requestKind": kind,
            "requestResource": resource,
            "namespace": "shop-search",
            "operation": "CREATE",
            "userInfo": {
                "username": "system:serviceaccount:kube-system:replicaset-controller",
                "uid": "f3a1c5d2-90b7-4c0e-8c55-0a5d4f1e2b33",
                "groups": [
                    "system:serviceaccounts",
                    "system:serviceaccounts:kube-system",
                    "system:authenticated",
                ],
            },
            "object": _pod(padding),
            "oldObject": None,
            "dryRun": False,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        },
    }


def _pod(padding: str) -> dict:
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "generateName": "ranker-7c9f6d5b84-",
            "namespace": "shop-search",
            "creationTimestamp": None,
            "labels": {
                "app.kubernetes.io/name": "ranker",
                "app.kubernetes.io/instance": "ranker-eu",
                "app.kubernetes.io/version": "2026.3.1",
                "owner-team": "search",
                "costCenter": "product",
                "environment": "prod",
                "pod-template-hash": "7c9f6d5b84",
            },
            "annotations": {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": "9102",
                "shop.example.com/description": padding,
            },
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": "ranker-7c9f6d5b84",
                    "uid": "0c2b9a1d-7e64-4f6b-bb0c-5e8d1a7c9f02",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
            "managedFields": [
                {
                    "manager": "kube-controller-manager",
                    "operation": "Update",
                    "apiVersion": "v1",
                    "time": "2026-03-02T09:41:17Z",
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {
                        "f:metadata": {
                            "f:generateName": {},
                            "f:labels": {".": {}, "f:owner-team": {}, "f:environment": {}, "f:pod-template-hash": {}},
                            "f:ownerReferences": {
                                ".": {},
                                'k:{"uid":"0c2b9a1d-7e64-4f6b-bb0c-5e8d1a7c9f02"}': {".": {}, "f:kind": {}},
                            },
                        },
                        "f:spec": {
                            "f:containers": {
                                'k:{"name":"ranker"}': {".": {}, "f:image": {}, "f:name": {}, "f:resources": {}}
                            },
                            "f:dnsPolicy": {},
                            "f:restartPolicy": {},
                        },
                    },
                }
            ],
        },
        "spec": {
            "volumes": [
                {"name": "model", "persistentVolumeClaim": {"claimName": "ranker-model", "readOnly": True}},
                {"name": "settings", "configMap": {"name": "ranker-settings", "defaultMode": 420}},
                {"name": "token", "secret": {"secretName": "ranker-token-5xk7p", "defaultMode": 420}},
            ],
            "containers": [
                _container("ranker", 8443, {"cpu": "2", "memory": "6Gi", "nvidia.com/gpu": "1"}),
                _container("metrics-proxy", 9102, {"cpu": "100m", "memory": "128Mi"}),
            ],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "ranker",
            "serviceAccount": "ranker",
            "securityContext": {"runAsNonRoot": True, "fsGroup": 2000},
            "schedulerName": "default-scheduler",
            "tolerations": [
                {
                    "key": f"node.kubernetes.io/{condition}",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": 300,
                }
                for condition in ("not-ready", "unreachable")
            ],
            "priority": 0,
            "enableServiceLinks": True,
            "preemptionPolicy": "PreemptLowerPriority",
        },
        "status": {},
    }


def _container(name: str, port: int, resources: dict) -> dict:
    return {
        "name": name,
        "image": f"registry.example.com/shop/{name}:2026.3.1",
        "args": ["--listen", f"0.0.0.0:{port}", "--log-format=json"],
        "ports": [{"name": "main", "containerPort": port, "protocol": "TCP"}],
        "env": [
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
            {"name": "REGION", "value": "eu-central-1"},
        ],
        "resources": {"limits": resources, "requests": resources},
        "volumeMounts": [
            {"name": "settings", "readOnly": True, "mountPath": "/etc/ranker"},
            {"name": "token", "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"},
        ],
        "readinessProbe": {
            "httpGet": {"path": "/readyz", "port": port, "scheme": "HTTPS"},
            "timeoutSeconds": 1,
            "periodSeconds": 10,
            "successThreshold": 1,
            "failureThreshold": 3,
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }
