"""Nodes and Pods as a trace lists them: read from the two files of Alibaba's cluster-trace-gpu-v2023, or made up in the
same shape from a seed."""

import csv
import dataclasses
import pathlib
import random


class TraceError(Exception):
    """One line for the person at the keyboard: what is wrong, where, and the remedy."""


@dataclasses.dataclass(frozen=True)
class Node:
    name: str
    millicores: int
    memory_mib: int
    gpus: int
    # Of the GPUs; empty without.
    model: str


@dataclasses.dataclass(frozen=True)
class Pod:
    name: str
    millicores: int
    memory_mib: int
    # Thousandths of a GPU, over all of the Pod's.
    gpu_milli: int
    service_class: str
    has_ended: bool


def read(nodes: pathlib.Path, pods: pathlib.Path) -> tuple[list[Node], list[Pod]]:
    return (
        [
            Node(
                row["sn"], _count(nodes, line, row, "cpu_milli"), _count(nodes, line, row, "memory_mib"),
                _count(nodes, line, row, "gpu"), row["model"],
            )
            for line, row in _rows(nodes, ["sn", "cpu_milli", "memory_mib", "gpu", "model"])
        ],
        [
            Pod(
                row["name"], _count(pods, line, row, "cpu_milli"), _count(pods, line, row, "memory_mib"),
                _count(pods, line, row, "num_gpu") * _count(pods, line, row, "gpu_milli"), row["qos"],
                row["pod_phase"] in ("Failed", "Succeeded"),
            )
            for line, row in _rows(
                pods, ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "qos", "pod_phase"])
        ],
    )


def _rows(path: pathlib.Path, columns: list[str]) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or [])]
            if missing:
                raise TraceError(f"{path}:1: there is no column {', '.join(missing)}; is this a file of the trace?")
            return list(enumerate(reader, start=2))
    except (OSError, UnicodeDecodeError) as error:
        raise TraceError(f"{path}: {error}") from None


def _count(path: pathlib.Path, line: int, row: dict[str, str], column: str) -> int:
    value = row[column]
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 12:
        raise TraceError(f"{path}:{line}: {column} is {value!r}, not a count")
    return int(value)


# What the trace has, roughly: machines by how often, and the requests that its Pods make.
_MACHINES = [
    (36, Node("", 96_000, 393_216, 8, "G2")), (25, Node("", 96_000, 393_216, 2, "T4")),
    (20, Node("", 32_000, 262_144, 0, "")), (9, Node("", 64_000, 262_144, 2, "P100")),
    (6, Node("", 128_000, 786_432, 8, "G3")), (4, Node("", 64_000, 262_144, 4, "V100M16")),
]
_REQUESTS = [
    (40, (4_000, 15_258, 1_000)), (15, (8_000, 30_517, 460)), (15, (6_000, 12_288, 220)), (10, (3_152, 3_906, 1_000)),
    (13, (2_000, 8_192, 0)), (5, (11_400, 49_152, 1_000)), (2, (88_000, 327_680, 8_000)),
]
_CLASSES = [(57, "LS"), (41, "BE"), (2, "Burstable")]
_ENDED_PERCENT = 25


def generate(nodes: int, pods: int, random_source: random.Random) -> tuple[list[Node], list[Pod]]:
    def pick(choices: list) -> object:
        return random_source.choices([value for _, value in choices], [weight for weight, _ in choices])[0]

    machines = [dataclasses.replace(pick(_MACHINES), name=f"made-node-{index:04}") for index in range(nodes)]
    made = []
    for index in range(pods):
        millicores, memory, gpu = pick(_REQUESTS)
        made.append(
            Pod(
                f"made-pod-{index:04}", millicores, memory, gpu, pick(_CLASSES),
                random_source.randrange(100) < _ENDED_PERCENT,
            )
        )
    return machines, made
