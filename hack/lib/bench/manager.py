"""Gatekeeper's manager as a local process that follows an API server of hack/envtest, and the rule it judges there."""

import pathlib
import re
import shutil
import subprocess
import time
from collections.abc import Callable

from caches import get, namespace_object, put
from servers import BenchError, Certificate, Server, Subject, free_ports

RULE = pathlib.Path(__file__).resolve().parent / "rule"
NAMESPACE = "gatekeeper-system"

# What a manager is told of its Pod.
ENVIRONMENT = {"POD_NAMESPACE": NAMESPACE, "NAMESPACE": NAMESPACE, "POD_NAME": "no-pod", "CONTAINER_NAME": "manager"}

# Of its chart's controller manager with the values as they are. A denial is not logged (--log-denies), nor is it by
# default.
CHART_FLAGS = """
    --logtostderr --log-level=INFO --log-denies=false --admission-events-involved-namespace=false
    --exempt-namespace=gatekeeper-system --operation=webhook --operation=generate --operation=mutation-webhook
    --enable-external-data=true --enable-generator-resource-expansion=true --log-mutations=false
    --mutation-annotations=false --max-serving-threads=-1 --tls-min-version=1.3
    --validating-webhook-configuration-name=gatekeeper-validating-webhook-configuration
    --mutating-webhook-configuration-name=gatekeeper-mutating-webhook-configuration
    --external-data-provider-response-cache-ttl=3m --enable-k8s-native-validation=true --metrics-backend=prometheus
    --disable-opa-builtin={{http.send}}
"""

# Where it is not as in a cluster: it has neither a Pod, nor a Secret to keep certificates in, and hack/envtest's API
# server is older than ValidatingAdmissionPolicies.
LOCAL_FLAGS = """
    --debug-use-fake-pod --disable-cert-rotation=true --host=127.0.0.1 --port={port} --health-addr=127.0.0.1:{health}
    --default-create-vap-for-templates=false --default-create-vap-binding-for-constraints=false
"""

# It takes a second or two; a busy machine may stretch that.
READY_SECONDS = 120.0


def gatekeeper(manager: pathlib.Path, cluster: pathlib.Path, certificate: Certificate) -> Subject:
    (metrics,) = free_ports(1)
    places = f"--kubeconfig='{cluster}/kubeconfig' --cert-dir='{certificate.key.parent}' --prometheus-port={metrics}"
    return Subject("Gatekeeper", f"'{manager}' {CHART_FLAGS} {LOCAL_FLAGS} {places}", "/v1/admit")


def install_definitions(checkout: pathlib.Path, cluster: pathlib.Path) -> None:
    """The custom resources the manager wants to follow, and the namespace it keeps its own in."""
    put(cluster, [namespace_object(NAMESPACE, {})])
    _must(_kubectl(cluster, "create", "-f", str(checkout / "charts/gatekeeper/crds")))


def install_rule(server: Server, cluster: pathlib.Path, review: bytes) -> None:
    """Through the running manager, which makes the constraint's definition of the template. Returns when it denies the
    review."""
    wait_until_ready(server)
    _must(_kubectl(cluster, "apply", "-f", str(RULE / "template.yaml")))

    def obstacle_to_constraint() -> str:
        # kubectl remembers for minutes which kinds there are, and this one is new.
        shutil.rmtree(cluster / "kubectl-cache", ignore_errors=True)
        done = _kubectl(cluster, "apply", "-f", str(RULE / "constraint.yaml"))
        return done.stderr.strip() if done.returncode != 0 else ""

    wait_until(server, obstacle_to_constraint)
    wait_until(server, lambda: "it admits what the constraint forbids" if server.ask(review).get("allowed") else "")


def wait_until(server: Server, obstacle: Callable[[], str]) -> None:
    """Asks over and over what there is against it, until that is nothing."""
    deadline = time.monotonic() + READY_SECONDS
    while text := obstacle():
        server.check_running()
        if time.monotonic() > deadline:
            raise BenchError(f"{server.subject.name} is not ready after {READY_SECONDS:.0f} s: {text[-1_000:]}")
        time.sleep(0.2)


def wait_until_ready(server: Server) -> None:
    def obstacle() -> str:
        try:
            status, text = get(server.health, "/readyz")
        except OSError as error:
            return str(error)
        return "" if status == 200 else f"/readyz answers {status}: {text}"

    wait_until(server, obstacle)


def version(checkout: pathlib.Path) -> str:
    found = re.search(r"^appVersion: *(\S+)", (checkout / "charts/gatekeeper/Chart.yaml").read_text(), re.MULTILINE)
    return f"Gatekeeper {found[1]}" if found else "Gatekeeper"


def _kubectl(cluster: pathlib.Path, verb: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Without validation by the client: an older kubectl does not know every field of a newer definition."""
    return subprocess.run([cluster / "kubectl", verb, "--validate=false", *words], capture_output=True, text=True)


def _must(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode != 0:
        raise BenchError(f"{' '.join(str(word) for word in done.args)}: {done.stderr.strip()[-1_000:]}")
