"""Lists the functions that an admission calls, the busiest first, for the linker to put together.

Called by hack/order-functions. The gate runs under valgrind's callgrind, which counts only what the reviews cost: the
start is over when counting begins.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

REVIEWS = 500
HEADER = "# Functions of an admission, the busiest first. Made by hack/order-functions; names that are gone do no harm.\n"


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


def main() -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--bench", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    sys.path.insert(0, str(options.bench))
    from load import Generator
    from review import pod_review
    from servers import Certificate, Subject, running

    with tempfile.TemporaryDirectory(prefix="tallygate-order.") as name:
        folder = pathlib.Path(name)
        profile = folder / "profile"
        review = pod_review()
        (folder / "review.json").write_bytes(review)
        command = (
            f"valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file='{profile}' '{options.binary}' webhook"
            " --tls-cert-file {cert} --tls-private-key-file {key} --listen 127.0.0.1:{port}"
            " --health-listen 127.0.0.1:{health} --no-cluster"
        )
        subject = Subject("the gate under valgrind", command, "/mutate")
        generator = Generator(folder / "review.json", folder)
        with running(subject, Certificate.mint(folder), review, folder) as server:
            counting = ["callgrind_control", "--instr=on", str(server.pid)]
            subprocess.run(counting, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for path in ("/mutate", "/validate"):
                generator.saturate(server, REVIEWS, connections=2, path=path)
            dump = ["callgrind_control", "--dump", str(server.pid)]
            subprocess.run(dump, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        parts = sorted(folder.glob("profile*"))
        listed = functions("\n".join(part.read_text() for part in parts), options.binary)
    if len(listed) < 100:
        print(f"order-functions: only {len(listed)} functions were counted; is the binary stripped?", file=sys.stderr)
        return 2
    options.output.write_text(HEADER + "\n".join(listed) + "\n")
    print(f"order-functions: {len(listed)} functions in {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
