"""A real API server for tests, and what stands in for the kubelet there."""

import base64
import json
import os
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import yaml

import tree


def binary():
    """The tallygate to run, or None."""
    path = os.environ.get("TALLYGATE_BINARY") or str(tree.ROOT / ".build/debug/tallygate")
    return path if os.access(path, os.X_OK) else None


def asks_clusters():
    """Whether that tallygate's webhook reads a cluster."""
    return "--kubeconfig" in subprocess.run([binary(), "webhook", "--help"], capture_output=True, text=True).stdout


def wanted():
    return os.environ.get("TALLYGATE_ENVTEST", "0") != "0"


def own_address():
    """An address of this machine that is not the loopback, which Endpoints may not name; None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


def free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Cluster:
    """An etcd and an API server in a temporary folder. Webhook calls go to a Service's Endpoints, not its address."""

    def __init__(self, controllers=()):
        self.folder = tempfile.TemporaryDirectory(prefix="tallygate-chart-")
        self.path = Path(self.folder.name)
        self.envtest = str(tree.ROOT / "hack/envtest")
        options = [f"--controllers={','.join(controllers)}"] if controllers else []
        subprocess.run(
            [self.envtest, "start", str(self.path), "--until-exit", str(os.getpid()),
             "--apiserver-flag", "--enable-aggregator-routing=true", *options],
            check=True, stdout=subprocess.DEVNULL)
        self.kubeconfig = self.path / "kubeconfig"

    def stop(self):
        subprocess.run([self.envtest, "stop", str(self.path)], check=False)
        self.folder.cleanup()

    def kubectl(self, *arguments, data=None, check=True):
        done = subprocess.run(
            [str(self.path / "kubectl"), *arguments], input=data, capture_output=True, text=True)
        if check and done.returncode:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {done.stderr}")
        return done

    def get(self, *arguments):
        return json.loads(self.kubectl("get", *arguments, "--output=json").stdout)

    def apply(self, *objects):
        for each in objects:
            self.kubectl("apply", "--validate=false", "--filename=-", data=json.dumps(each))

    def kubeconfig_of(self, account, namespace):
        """A kubeconfig of a ServiceAccount, by a token of its own."""
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        answer = json.loads(self.kubectl("create", "--raw", path, "--filename=-", data=json.dumps(request)).stdout)
        config = yaml.safe_load(self.kubeconfig.read_text(encoding="utf-8"))
        config["users"][0]["user"] = {"token": answer["status"]["token"]}
        target = self.path / f"{account}.kubeconfig"
        target.write_text(json.dumps(config), encoding="utf-8")
        return target

    def requests(self):
        """What the API server was asked, by its audit log."""
        for line in (self.path / "audit.log").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)

    def server_version(self):
        return json.loads(self.kubectl("get", "--raw", "/version").stdout)["gitVersion"]


class PodRunner(threading.Thread):
    """Does for the Pod of `helm test` what a kubelet would: runs its very command on what its volumes hold, and says how
    it ended. Names of the Service lead to the address it is given."""

    def __init__(self, cluster, namespace, host, ports):
        super().__init__(daemon=True)
        self.cluster, self.namespace, self.host, self.ports = cluster, namespace, host, ports
        self.stopped = threading.Event()
        self.done = set()
        self.logs = []

    def run(self):
        while not self.stopped.wait(0.2):
            for pod in self.cluster.get("pods", "--namespace", self.namespace)["items"]:
                hook = pod["metadata"].get("annotations", {}).get("helm.sh/hook")
                if hook == "test" and pod["metadata"]["uid"] not in self.done:
                    self.done.add(pod["metadata"]["uid"])
                    self.finish(pod)

    def finish(self, pod):
        container = pod["spec"]["containers"][0]
        volumes = {v["name"]: v for v in pod["spec"]["volumes"]}
        with tempfile.TemporaryDirectory() as folder:
            command = container["command"] + container["args"]
            for mount in container["volumeMounts"]:
                if mount["mountPath"].startswith("/var/run/"):
                    continue
                target = Path(folder, mount["name"])
                target.mkdir()
                for name, content in self.files(volumes[mount["name"]]).items():
                    (target / name).write_bytes(content)
                command = [part.replace(f"{mount['mountPath']}/", f"{target}/") for part in command]
            ways = [f'connect-to = "{self.host}:{port}:{place}"' for port, place in self.ports.items()]
            Path(folder, ".curlrc").write_text("\n".join(ways + ['noproxy = "*"', ""]), encoding="utf-8")
            ran = subprocess.run(
                command, capture_output=True, text=True, cwd=folder, env={**os.environ, "CURL_HOME": folder})
        self.logs.append(ran.stdout + ran.stderr)
        pod["status"] = {"phase": "Succeeded" if ran.returncode == 0 else "Failed"}
        path = f"/api/v1/namespaces/{self.namespace}/pods/{pod['metadata']['name']}/status"
        self.cluster.kubectl("replace", "--raw", path, "--filename=-", data=json.dumps(pod))

    def files(self, volume):
        """What a volume of a ConfigMap, or of some keys of a Secret, holds."""
        if "configMap" in volume:
            data = self.cluster.get("configmap", volume["configMap"]["name"], "--namespace", self.namespace)["data"]
            return {name: text.encode() for name, text in data.items()}
        data = self.cluster.get("secret", volume["secret"]["secretName"], "--namespace", self.namespace)["data"]
        return {item["path"]: base64.b64decode(data[item["key"]]) for item in volume["secret"]["items"]}

    def stop(self):
        self.stopped.set()
        self.join()


class JobRunner(threading.Thread):
    """Does for the chart's lint Job what a kubelet would: runs its command on its ConfigMaps, and says how it ended."""

    def __init__(self, cluster, namespace):
        super().__init__(daemon=True)
        self.cluster, self.namespace = cluster, namespace
        self.stopped = threading.Event()
        self.done = set()
        self.logs = []

    def run(self):
        while not self.stopped.wait(0.2):
            for job in self.cluster.get("jobs", "--namespace", self.namespace)["items"]:
                if job["metadata"]["uid"] not in self.done:
                    self.done.add(job["metadata"]["uid"])
                    self.finish(job)

    def finish(self, job):
        spec = job["spec"]["template"]["spec"]
        with tempfile.TemporaryDirectory() as folder:
            for source in spec["volumes"][0]["projected"]["sources"]:
                data = self.cluster.get(
                    "configmap", source["configMap"]["name"], "--namespace", self.namespace).get("data") or {}
                for name, text in data.items():
                    Path(folder, name).write_text(text, encoding="utf-8")
            mount = spec["containers"][0]["volumeMounts"][0]["mountPath"]
            arguments = [a.replace(mount, folder) for a in spec["containers"][0]["args"]]
            ran = subprocess.run([binary(), *arguments], capture_output=True, text=True)
        self.logs.append(ran.stdout + ran.stderr)
        condition = {
            "type": "Complete" if ran.returncode == 0 else "Failed", "status": "True",
            "reason": "" if ran.returncode == 0 else "BackoffLimitExceeded",
        }
        job["status"] = {"conditions": [condition], "succeeded" if ran.returncode == 0 else "failed": 1}
        path = f"/apis/batch/v1/namespaces/{self.namespace}/jobs/{job['metadata']['name']}/status"
        # kubectl 1.20 cannot write a status otherwise.
        self.cluster.kubectl("replace", "--raw", path, "--filename=-", data=json.dumps(job))

    def stop(self):
        self.stopped.set()
        self.join()
