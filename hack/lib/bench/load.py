"""Drives a server with h2load over HTTP/1.1 and TLS, and reads what h2load and /proc report."""

import dataclasses
import pathlib
import re
import subprocess

from servers import BenchError, Server

# The connections that the budgets are stated for.
CONNECTIONS = 32
# Four connections of 50 requests/s each, set up 5 ms apart: one request every 5 ms, none on another's heels.
PACED_CONNECTIONS = 4
PACED_RATE = 200
# Before anything is counted: caches, pools and the server's heap reach their size.
WARM_UP_REQUESTS = 2_000


@dataclasses.dataclass(frozen=True)
class Run:
    """One h2load run: requests answered per second, and the server's CPU time per request."""

    rate: float
    cpu_microseconds: float


class Generator:
    def __init__(self, review: pathlib.Path, scratch: pathlib.Path):
        self._review = review
        self._log = scratch / "h2load.tsv"

    def saturate(
        self, server: Server, requests: int, connections: int = CONNECTIONS, path: str | None = None
    ) -> Run:
        """As many requests as the server answers, on keep-alive connections; of another of its paths, if one is given."""
        before = server.cpu_seconds()
        output = self._h2load(server, ["-c", str(connections), "-n", str(requests)], path)
        used = server.cpu_seconds() - before
        finished = re.search(r"^finished in \S+ ([0-9.]+) req/s", output, re.MULTILINE)
        if finished is None:
            raise BenchError(f"h2load printed no rate; is this nghttp2's h2load 1.52 or later? {output[-300:]!r}")
        return Run(float(finished[1]), used / requests * 1e6)

    def requests_lasting(self, server: Server, seconds: float) -> int:
        """Warms the server up, and says how many requests keep it busy for about so long."""
        self.saturate(server, WARM_UP_REQUESTS)
        return max(WARM_UP_REQUESTS, int(self.saturate(server, WARM_UP_REQUESTS).rate * seconds))

    def pace(self, server: Server, seconds: int) -> list[int]:
        """PACED_RATE requests a second; gives each one's latency at the client in microseconds."""
        self._log.unlink(missing_ok=True)
        # A rate of connections excludes a duration, so the requests are counted instead.
        options = ["-c", str(PACED_CONNECTIONS), "-n", str(PACED_RATE * seconds)]
        options += ["-r", "1", "--rate-period", f"{1000 // PACED_RATE}ms"]
        options += ["--rps", str(PACED_RATE // PACED_CONNECTIONS), f"--log-file={self._log}"]
        self._h2load(server, options)
        rows = [line.split("\t") for line in self._log.read_text().splitlines()]
        return [int(row[2]) for row in rows if len(row) >= 3]

    def _h2load(self, server: Server, options: list[str], path: str | None = None) -> str:
        command = ["h2load", "--h1", "-t", "1", "-d", str(self._review), "-H", "content-type: application/json"]
        done = subprocess.run([*command, *options, server.url(path)], capture_output=True, text=True)
        requests = int(options[options.index("-n") + 1])
        good = re.search(r"^status codes: (\d+) 2xx", done.stdout, re.MULTILINE)
        if done.returncode != 0 or good is None or int(good[1]) != requests:
            last = (done.stdout + done.stderr).strip()[-600:]
            raise BenchError(
                f"not every review was answered with 200 by {server.subject.name} ({server.last_words()}):\n{last}"
            )
        return done.stdout


def percentile(sorted_values: list[int], share: float) -> int:
    """The smallest value that at least `share` of them do not exceed."""
    rank = max(1, -(-int(share * 1_000_000) * len(sorted_values) // 1_000_000))
    return sorted_values[min(rank, len(sorted_values)) - 1]
