"""What stands in for a kubelet and its network where a release of the chart is tested: the gate's Pods as processes of
this machine behind the Endpoints of the chart's Service, the keeper of certificates likewise, and clients that ask for
admissions all the time."""

import base64
import http.client
import json
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

import cluster

NAMESPACE = "tallygate-system"
POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "namespace": "default"},
    "spec": {"containers": [{"name": "main", "image": "main"}]},
}


def certificates(folder):
    """A CA and a leaf for the chart's Service, as an operator would bring them."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    openssl("req", "-x509", *key, "-subj", "/CN=test CA", "-addext", "keyUsage=critical,keyCertSign",
            "-keyout", "ca.key", "-out", "ca.crt")
    openssl("req", "-x509", "-CA", "ca.crt", "-CAkey", "ca.key", *key, "-subj", "/CN=gate",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
            "-addext", "extendedKeyUsage=serverAuth",
            "-addext", f"subjectAltName=DNS:tallygate.{NAMESPACE}.svc", "-keyout", "tls.key", "-out", "tls.crt")
    return Path(folder, "ca.crt").read_text(encoding="utf-8")


def create_pod(server, namespace, labels):
    pod = json.loads(json.dumps(POD))
    pod["metadata"].update({"namespace": namespace, "labels": labels})
    return server.kubectl(
        "create", "--validate=false", "--dry-run=server", "--output=json", "--filename=-", data=json.dumps(pod),
        check=False)


def status(address, port, path="/readyz"):
    """The health port's status and words; 0 while nobody listens."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{address}:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def wait(what, condition, seconds=60):
    """Until the condition yields something; what it yields."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.1)


class Gate:
    """The gate's command on this machine, with the arguments of the chart's Deployment."""

    def __init__(self, server, folder, address, drain=0):
        self.server, self.folder, self.address, self.drain = server, Path(folder), address, drain
        self.process = None
        self.port, self.health = cluster.free_port(address), cluster.free_port(address)

    def start(self, waits=True):
        policy = self.folder / "policy"
        policy.mkdir(exist_ok=True)
        for name in ("tallygate-policy", "tallygate-registry"):
            data = self.server.get("configmap", name, "--namespace", NAMESPACE).get("data") or {}
            for file, text in data.items():
                (policy / file).write_text(text, encoding="utf-8")
        deployment = self.server.get("deployment", "tallygate", "--namespace", NAMESPACE)
        arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
        here = {
            "/etc/tallygate/tls": str(self.folder), "/etc/tallygate/policy": str(policy),
            "0.0.0.0:8443": f"{self.address}:{self.port}", "0.0.0.0:8080": f"{self.address}:{self.health}",
            "--drain-seconds=10": f"--drain-seconds={self.drain}",
        }
        for old, new in here.items():
            arguments = [a.replace(old, new) for a in arguments]
        if cluster.asks_clusters():
            # As the chart's own ServiceAccount, so that its rights are put to the test.
            arguments.append(f"--kubeconfig={self.server.kubeconfig_of('tallygate-gate', NAMESPACE)}")
        else:
            manifests = self.folder / "namespaces.json"
            manifests.write_text(json.dumps(self.server.get("namespaces")), encoding="utf-8")
            arguments += ["--no-cluster", f"--namespaces={manifests}"]
        self.log = open(self.folder / "gate.log", "ab")
        self.process = subprocess.Popen([cluster.binary(), *arguments], stderr=self.log)
        if waits:
            self.wait_until_ready()

    def wait_until_ready(self, seconds=20):
        end = time.monotonic() + seconds
        while status(self.address, self.health)[0] != 200:
            if time.monotonic() > end:
                raise AssertionError("the gate did not become ready: " + (self.folder / "gate.log").read_text())
            time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.terminate()
            assert self.process.wait(10 + self.drain) == 0
            self.log.close()
            self.process = None

    def restart(self):
        self.stop()
        self.start()

    def stand_behind_the_service(self):
        endpoints(self.server, [(self.address, self.port)])


def endpoints(server, places):
    server.apply({
        "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "tallygate", "namespace": NAMESPACE},
        "subsets": [{"addresses": [{"ip": ip}], "ports": [{"name": "webhook", "port": port}]} for ip, port in places],
    })


class Forwarder:
    """Leads from a port of this machine's own address, which Endpoints may name, to one of its loopback addresses."""

    def __init__(self, address, target):
        self.target = target
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                gate = socket.create_connection(self.target)
            except OSError:
                if self.listener.fileno() < 0:
                    return
                client.close()
                continue
            threading.Thread(target=self.join, args=(client, gate), daemon=True).start()

    def join(self, client, gate):
        with client, gate:
            back = threading.Thread(target=self.copy, args=(gate, client), daemon=True)
            back.start()
            self.copy(client, gate)
            back.join()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            # The other direction ends with its socket.
            for each in (source, sink):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def stop(self):
        self.listener.close()


class GatePod:
    """A gate that is a Pod to whoever lists Pods: it has a loopback address of its own and the chart's port."""

    count = 0

    def __init__(self, server, address, mounted):
        GatePod.count += 1
        self.server, self.name = server, f"gate-{GatePod.count}"
        folder = server.path / self.name
        folder.mkdir()
        for file, text in mounted.items():
            (folder / file).write_bytes(text)
        self.gate = Gate(server, folder, f"127.0.1.{GatePod.count}", drain=2)
        self.gate.port = 8443
        self.forwarder = Forwarder(address, (self.gate.address, 8443))
        template = server.get("deployment", "tallygate", "--namespace", NAMESPACE)["spec"]["template"]
        pod = json.loads(json.dumps(POD))
        pod["metadata"] = {"name": self.name, "namespace": NAMESPACE, "labels": template["metadata"]["labels"]}
        server.kubectl("create", "--validate=false", "--filename=-", data=json.dumps(pod))
        self.say(False)
        self.gate.start(waits=False)

    def say(self, is_ready):
        """What a kubelet would say of the Pod."""
        pod = self.server.get("pod", self.name, "--namespace", NAMESPACE)
        pod["status"] = {
            "phase": "Running", "podIP": self.gate.address, "podIPs": [{"ip": self.gate.address}],
            "conditions": [{"type": "Ready", "status": "True" if is_ready else "False"}],
        }
        path = f"/api/v1/namespaces/{NAMESPACE}/pods/{self.name}/status"
        self.server.kubectl("replace", "--raw", path, "--filename=-", data=json.dumps(pod))

    def stop(self):
        self.gate.stop()
        self.forwarder.stop()
        self.server.kubectl("delete", "pod", self.name, "--namespace", NAMESPACE, "--force", "--grace-period=0")


class Gates:
    """The Pods of the gate's Deployment."""

    def __init__(self, server, address):
        self.server, self.address, self.pods = server, address, []

    def roll_out(self, mounted=None):
        """Two new Pods by what the Deployment says now; those before go when these are ready."""
        before, self.pods = self.pods, []
        for _ in range(2):
            self.pods.append(GatePod(self.server, self.address, mounted or {}))
        for pod in self.pods:
            pod.gate.wait_until_ready(60)
            pod.say(True)
        self.publish(before + self.pods)
        for pod in before:
            pod.say(False)
        self.publish(self.pods)
        for pod in before:
            pod.stop()

    def publish(self, pods):
        endpoints(self.server, [(self.address, pod.forwarder.port) for pod in pods])

    def stop(self):
        for pod in self.pods:
            pod.stop()
        self.pods = []

    def log(self):
        return "".join((pod.gate.folder / "gate.log").read_text(encoding="utf-8") for pod in self.pods)


class Keeper:
    """The keeper of certificates, with the arguments of its Deployment and as its own ServiceAccount."""

    def __init__(self, server):
        self.server, self.process = server, None
        self.health = cluster.free_port("127.0.0.1")

    def start(self):
        deployment = self.server.get("deployment", "tallygate-certificates", "--namespace", NAMESPACE)
        arguments = [a.replace("0.0.0.0:8080", f"127.0.0.1:{self.health}").replace("=json", "=text")
                     for a in deployment["spec"]["template"]["spec"]["containers"][0]["args"]]
        self.log = open(self.server.path / "keeper.log", "ab")
        self.process = subprocess.Popen(
            [cluster.binary(), *arguments,
             f"--kubeconfig={self.server.kubeconfig_of('tallygate-certificates', NAMESPACE)}"], stderr=self.log)

    def metric(self, name):
        text = status("127.0.0.1", self.health, "/metrics")[1]
        values = [float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " ")]
        return values[0] if values else None

    def is_in_order(self):
        return self.metric("tallygate_certificates_in_order") == 1

    def words(self):
        return (self.server.path / "keeper.log").read_text(encoding="utf-8")

    def stop(self):
        if self.process:
            self.process.terminate()
            assert self.process.wait(20) == 0
            self.log.close()
            self.process = None


class Load:
    """Clients that create a Pod without pause, as dry runs; each Pod has to come back completed by the gate."""

    CLIENTS = 3
    # Enough to see what went wrong.
    FAILURES = 10

    def __init__(self, server, namespace, team, may_pass=False):
        self.namespace, self.team, self.may_pass = namespace, team, may_pass
        self.answered, self.unjudged, self.failures = 0, 0, []
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        config = yaml.safe_load(server.kubeconfig.read_text(encoding="utf-8"))
        self.host, self.port = config["clusters"][0]["cluster"]["server"].removeprefix("https://").split(":")
        user = config["users"][0]["user"]
        authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
        self.context = ssl.create_default_context(cadata=authority)
        for name in ("certificate", "key"):
            (server.path / f"load.{name}").write_bytes(base64.b64decode(user[f"client-{name}-data"]))
        self.context.load_cert_chain(server.path / "load.certificate", server.path / "load.key")
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(self.CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        connection = http.client.HTTPSConnection(self.host, int(self.port), context=self.context)
        pod = json.loads(json.dumps(POD))
        pod["metadata"] = {"name": f"load-{number}", "namespace": self.namespace}
        body = json.dumps(pod)
        while not self.stopped.is_set() and len(self.failures) < self.FAILURES:
            connection.request(
                "POST", f"/api/v1/namespaces/{self.namespace}/pods?dryRun=All", body,
                {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
            labels = json.loads(text)["metadata"].get("labels", {}) if answer.status == 201 else {}
            with self.lock:
                self.answered += 1
                if answer.status != 201 or (labels.get("team") != self.team and not self.may_pass):
                    self.failures.append(f"{answer.status} {text[:300]}")
                elif labels.get("team") != self.team:
                    self.unjudged += 1

    def more(self, count=30):
        """Waits for so many more admissions; none may fail."""
        goal = self.answered + count
        wait(f"{count} more admissions", lambda: self.answered >= goal or self.failures)
        assert not self.failures, self.failures

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(20)
