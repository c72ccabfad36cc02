"""A webhook server under measurement: its process, its certificate, and what /proc says about it."""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import shlex
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator

# No server here takes longer than a fraction of a second; a busy machine may stretch that.
START_SECONDS = 30.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Between two probes of a port nobody listens on yet: short beside every start, and long enough that the probing does
# not take a processor from the server that starts.
PROBE_SECONDS = 0.000_5


class BenchError(Exception):
    """Something that the person at the keyboard has to see: one line, with the remedy where there is one."""


@dataclasses.dataclass(frozen=True)
class Subject:
    """What to start and where it answers. The command's {cert}, {key}, {port} and {health} are filled in.

    `port` is for a server that is told its port otherwise than by its command; every other gets a free one.
    """

    name: str
    command: str
    path: str
    port: int | None = None

    @property
    def log_name(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()) + ".log"


@dataclasses.dataclass(frozen=True)
class Memory:
    """In bytes. What is not anonymous are pages of the binary and its libraries, which the kernel can drop."""

    resident: int
    anonymous: int


@dataclasses.dataclass(frozen=True)
class Certificate:
    certificate: pathlib.Path
    key: pathlib.Path

    @staticmethod
    def mint(folder: pathlib.Path) -> "Certificate":
        made = Certificate(folder / "tls.crt", folder / "tls.key")
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 1 -subj /CN=bench"
            " -addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext keyUsage=critical,digitalSignature"
        )
        subprocess.run(
            [*command.split(), "-keyout", str(made.key), "-out", str(made.certificate)],
            check=True,
            capture_output=True,
        )
        return made


def send_at_once(plain: socket.socket) -> None:
    """As API servers do (Go's default). Head and body are two writes here: otherwise the second would wait until the
    server's kernel acknowledges the first, which it puts off for 40 ms."""
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def exchange(plain: socket.socket, context: ssl.SSLContext, path: str, review: bytes) -> tuple[int, bytes]:
    """One request over TLS on a connection that stands; its status and body."""
    with context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        connection = http.client.HTTPConnection("127.0.0.1")
        connection.sock = secured
        connection.request("POST", path, review, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def warm_up(certificate: Certificate, review: bytes) -> None:
    """One exchange with a server of this process: the first start measured does not pay for what Python loads late."""

    def serve(listener: socket.socket, context: ssl.SSLContext) -> None:
        accepted, _ = listener.accept()
        with context.wrap_socket(accepted, server_side=True) as secured:
            received = b""
            while len(received.partition(b"\r\n\r\n")[2]) < len(review):
                part = secured.recv(65536)
                if not part:
                    return
                received += part
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate.certificate, certificate.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, server_context), daemon=True)
        thread.start()
        client_context = ssl.create_default_context(cafile=str(certificate.certificate))
        with socket.create_connection(listener.getsockname(), timeout=START_SECONDS) as plain:
            exchange(plain, client_context, "/", review)
        thread.join(START_SECONDS)


class Server:
    """A running server. `started_after` is the time from its start to the end of the first answered review."""

    def __init__(
        self,
        subject: Subject,
        process: subprocess.Popen[bytes],
        ports: tuple[int, int],
        log: pathlib.Path,
        context: ssl.SSLContext,
    ):
        self.subject = subject
        self.port, self.health = ports
        self.started_after = 0.0
        self._process = process
        self._log = log
        self._context = context

    @property
    def pid(self) -> int:
        return self._process.pid

    def url(self, path: str | None = None) -> str:
        """Where it is asked: at its subject's path, or at another that is given."""
        return f"https://127.0.0.1:{self.port}{path or self.subject.path}"

    def cpu_seconds(self) -> float:
        """User and system time of all its threads, those that ended included, to 1/100 s."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def memory(self) -> Memory:
        fields = dict(line.split(":", 1) for line in self._proc("status").splitlines())
        try:
            resident, anonymous = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon"))
        except KeyError:
            raise BenchError(f"/proc shows no memory of {self.subject.name}: {self.last_words()}") from None
        return Memory(resident, anonymous)

    def _proc(self, name: str) -> str:
        try:
            return pathlib.Path(f"/proc/{self._process.pid}/{name}").read_text()
        except (FileNotFoundError, ProcessLookupError):
            raise BenchError(f"{self.subject.name} has ended: {self.last_words()}") from None

    def wait_for_answer(self, review: bytes, since: float) -> None:
        """Connects over and over until somebody listens, and asks on that connection.

        Probing is a bare connect, so that little but the server runs while it starts.
        """
        while True:
            try:
                with socket.socket() as plain:
                    plain.settimeout(START_SECONDS)
                    send_at_once(plain)
                    plain.connect(("127.0.0.1", self.port))
                    self._ask(plain, review)
                self.started_after = time.perf_counter() - since
                return
            except ConnectionError:
                pass
            self.check_running()
            if time.perf_counter() - since > START_SECONDS:
                raise BenchError(f"{self.subject.name} gave no answer within {START_SECONDS:.0f} s")
            time.sleep(PROBE_SECONDS)

    def check_running(self) -> None:
        if (status := self._process.poll()) is not None:
            raise BenchError(f"{self.subject.name} has ended with {status}: {self.last_words()}")

    def ask(self, review: bytes) -> dict:
        """One review on a connection of its own; the answer is checked as the API server would."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=START_SECONDS) as plain:
            send_at_once(plain)
            return self._ask(plain, review)

    def _ask(self, plain: socket.socket, review: bytes) -> dict:
        status, body = exchange(plain, self._context, self.subject.path, review)
        if status != 200:
            raise BenchError(f"{self.subject.name} answered {status} to a review: {body[:200]!r}")
        response = json.loads(body).get("response", {})
        if response.get("uid") != json.loads(review)["request"]["uid"]:
            raise BenchError(f"{self.subject.name} answered with another uid: {body[:200]!r}")
        return response

    def last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return " | ".join(lines[-3:]) or "it said nothing"

    def stop(self) -> None:
        """Ends it outright: a graceful end would sit out the time the gate goes on serving after SIGTERM."""
        self._process.kill()
        self._process.wait()


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def running(
    subject: Subject,
    certificate: Certificate,
    review: bytes,
    folder: pathlib.Path,
    environment: dict[str, str] | None = None,
) -> Iterator[Server]:
    """Starts the server, waits for its first answer, and ends it however the block is left."""
    port, health = free_ports(2)
    port = subject.port or port
    arguments = [
        part.format(cert=certificate.certificate, key=certificate.key, port=port, health=health)
        for part in shlex.split(subject.command)
    ]
    # Everything that costs time is made before the clock starts.
    context = ssl.create_default_context(cafile=str(certificate.certificate))
    log = folder / subject.log_name
    with log.open("wb") as output:
        since = time.perf_counter()
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
            )
        except OSError as error:
            raise BenchError(f"{subject.name} cannot be started: {error}") from None
    server = Server(subject, process, (port, health), log, context)
    try:
        server.wait_for_answer(review, since)
        yield server
    finally:
        server.stop()
