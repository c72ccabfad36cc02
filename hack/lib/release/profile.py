"""Counts what an admission runs, for the build of what ships: profile.py counts|order.

counts   a gate that counts its branches and calls answers reviews; what it ran for nearly each of them becomes a profile
         in text (LLVM's), by which the compiler lays out, inlines and specialises.
order    the gate as it ships, with symbols, answers reviews under valgrind's callgrind; its functions are listed by what
         they cost, the busiest first, for the linker to put together.

Called by hack/profile-admissions.
"""

import argparse
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "bench"))

from load import Generator  # noqa: E402
from review import pod_review  # noqa: E402
from servers import BenchError, Certificate, Server, Subject, running  # noqa: E402

# For both halves, the reviews that are answered. Mutating is what every Pod meets; a denial is the exception.
COUNTED = {"/mutate": 20_000, "/validate": 2_000}
# Under valgrind everything takes fifty times as long.
ORDERED = {"/mutate": 500, "/validate": 500}
# A function that ran less than once for so many reviews belongs to the start, a connection's begin or the end.
RARE = 20

PROFILE_HEADER = "# What an admission runs. Made by hack/profile-admissions; of functions that have changed since nothing is used.\n"
ORDER_HEADER = "# Functions of an admission, the busiest first. Made by hack/profile-admissions; names that are gone do no harm.\n"


@contextlib.contextmanager
def gate(command: str, environment: dict[str, str] | None = None) -> Iterator[tuple[Server, Generator]]:
    """The gate, answering on 127.0.0.1, and the load for it."""
    with tempfile.TemporaryDirectory(prefix="tallygate-profile.") as name:
        folder = pathlib.Path(name)
        review = pod_review()
        (folder / "review.json").write_bytes(review)
        options = (
            " webhook --tls-cert-file {cert} --tls-private-key-file {key} --listen 127.0.0.1:{port}"
            " --health-listen 127.0.0.1:{health} --no-cluster"
        )
        subject = Subject("the gate that is counted", command + options, "/mutate")
        with running(subject, Certificate.mint(folder), review, folder, environment) as server:
            yield server, Generator(folder / "review.json", folder)


def records(profile: str) -> Iterator[tuple[str, int]]:
    """Each function's part of a profile in text, and how often its busiest block ran.

    Behind its counts each says that it has no bitmap. LLVM leaves that out and, when it reads, takes a line that begins
    with a dollar for it: the name of the next function, as Swift's names begin so.
    """
    body = profile.partition(":ir\n")[2]
    for record in filter(None, (part.strip("\n") for part in body.split("\n\n"))):
        lines = record.split("\n")
        first = lines.index("# Counter Values:") + 1
        number = int(lines[lines.index("# Num Counters:") + 1])
        counts, rest = lines[first : first + number], lines[first + number :]
        yield "\n".join([*lines[:first], *counts, "# Num Bitmap Bytes:", "$0", *rest]), max(map(int, counts))


def counts(binary: pathlib.Path, profdata: pathlib.Path, output: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(prefix="tallygate-profile.") as name:
        raw = pathlib.Path(name) / "counts.profraw"
        with gate(f"'{binary}'", {"LLVM_PROFILE_FILE": str(raw)}) as (server, generator):
            for path, reviews in COUNTED.items():
                generator.saturate(server, reviews, path=path)
            # It writes its counts when it ends by itself.
            os.kill(server.pid, signal.SIGTERM)
            os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
        if not raw.is_file():
            raise BenchError(f"{binary} wrote no counts; was it built by hack/build-release --counting?")
        text = subprocess.run(
            [profdata, "merge", "--sparse", "--text", "--output=-", raw], check=True, capture_output=True, text=True
        ).stdout
    kept = [record for record, busiest in records(text) if busiest * RARE >= sum(COUNTED.values())]
    if len(kept) < 100:
        raise BenchError(f"only {len(kept)} functions were counted by {binary}")
    output.write_text(PROFILE_HEADER + ":ir\n" + "\n\n".join(kept) + "\n")
    print(f"profile-admissions: {len(kept)} functions in {output}")


def functions(profile: str, binary: pathlib.Path) -> list[str]:
    """Names of the binary's own functions by what they cost by themselves."""
    names: dict[str, str] = {}
    objects: dict[str, str] = {}
    cost: dict[str, int] = {}
    current_object = current = ""
    is_call = False
    for line in profile.splitlines():
        if found := re.match(r"(c?)ob=\((\d+)\)(?: (.*))?$", line):
            objects.setdefault(found[2], found[3] or "")
            if not found[1]:
                current_object = objects[found[2]]
        elif found := re.match(r"(c?)fn=\((\d+)\)(?: (.*))?$", line):
            names.setdefault(found[2], re.sub(r"'\d+$", "", found[3] or ""))
            if not found[1]:
                current = names[found[2]]
        elif line.startswith("calls="):
            is_call = True
        elif found := re.match(r"[+\-*\d]\S* (\d+)$", line):
            # The line behind a call says what the callee cost.
            if not is_call and current_object == str(binary):
                cost[current] = cost.get(current, 0) + int(found[1])
            is_call = False
    ordered = sorted(cost, key=lambda name: (-cost[name], name))
    return [name for name in ordered if re.fullmatch(r"[\w$.]+", name) and not name.startswith("0x")]


def order(binary: pathlib.Path, output: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(prefix="tallygate-profile.") as name:
        profile = pathlib.Path(name) / "profile"
        # The start is over when counting begins.
        valgrind = f"valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file='{profile}' '{binary}'"
        with gate(valgrind) as (server, generator):
            control(server, "--instr=on")
            for path, reviews in ORDERED.items():
                generator.saturate(server, reviews, connections=2, path=path)
            control(server, "--dump")
        parts = sorted(profile.parent.glob("profile*"))
        listed = functions("\n".join(part.read_text() for part in parts), binary)
    if len(listed) < 100:
        raise BenchError(f"only {len(listed)} functions were counted in {binary}; is it stripped?")
    output.write_text(ORDER_HEADER + "\n".join(listed) + "\n")
    print(f"profile-admissions: {len(listed)} functions in {output}")


def control(server: Server, request: str) -> None:
    command = ["callgrind_control", request, str(server.pid)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("what", choices=["counts", "order"])
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--profdata", type=pathlib.Path, help="llvm-profdata of the toolchain; for counts")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    try:
        if options.what == "order":
            order(options.binary, options.output)
        elif options.profdata is None:
            parser.error("counts needs --profdata")
        else:
            counts(options.binary, options.profdata, options.output)
    except BenchError as error:
        print(f"profile-admissions: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
