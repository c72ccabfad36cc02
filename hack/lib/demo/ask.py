#!/usr/bin/env python3
"""Asks a running gate as the API server would, and prints the answer as a user would see it.

Usage: ask.py BASE-URL CA-FILE HALF OBJECT.json
HALF is validate or mutate. Exit 0 when an answer came, whatever it says. Standard library only.
"""

import base64
import json
import ssl
import sys
import urllib.request
import uuid


def review(obj):
    group, _, version = obj["apiVersion"].rpartition("/")
    kind = {"group": group, "version": version, "kind": obj["kind"]}
    resource = {"group": group, "version": version, "resource": obj["kind"].lower() + "s"}
    return {
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": str(uuid.uuid4()), "kind": kind, "resource": resource, "requestKind": kind,
            "requestResource": resource, "name": obj["metadata"]["name"], "namespace": obj["metadata"]["namespace"],
            "operation": "CREATE", "userInfo": {"username": "jane@example.com"}, "object": obj, "oldObject": None,
            "dryRun": False,
        },
    }


def main():
    base, authority, half, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        obj = json.load(file)
    request = urllib.request.Request(
        f"{base}/{half}?timeout=2s", json.dumps(review(obj)).encode(), {"Content-Type": "application/json"})
    context = ssl.create_default_context(cafile=authority)
    # No proxy: the gate is on this machine.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=10) as reply:
        response = json.load(reply)["response"]
    name = f"{obj['kind'].lower()}/{obj['metadata']['name']}"
    if not response["allowed"]:
        print(f'Error from server (Forbidden): admission webhook "{half}.tallygate.io" denied the request:')
        print(response["status"]["message"])
        return
    for warning in response.get("warnings", []):
        print(f"Warning: {warning}")
    if "patch" in response:
        print(f"{name} admitted, completed with:")
        for operation in json.loads(base64.b64decode(response["patch"])):
            print(f"  {operation['op']:<8}{operation['path']} = {operation['value']}")
        print("audit: " + response["auditAnnotations"]["defaults"])
    else:
        print(f"{name} admitted")


if __name__ == "__main__":
    main()
