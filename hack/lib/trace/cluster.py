"""A cluster made of a trace: namespaces and workloads with cost labels missing in known ways, Pods placed on nodes, and
what an audit has to find, counted and added up apart from the program under test."""

import dataclasses
import random

from shape import Node, Pod

TEAMS = ["ads", "maps", "research", "search", "speech", "video"]
ENVIRONMENTS = ["development", "production", "staging"]
# A GPU is offered in so many time-sliced units, as the trace's Pods ask for parts of one.
UNITS_PER_GPU = 10
# What is kept for the system on each node, in hundredths.
RESERVED_PERCENT = 5
PODS_PER_WORKLOAD = 40
PODS_PER_NODE = 110

# Of OpenCost's defaults, which the audit divides by unless it is told otherwise; billionths of a dollar.
CORE, GIB, GPU = 31_611_000, 4_237_000, 950_000_000
# Dollars per hour that a machine of each model costs more, in billionths, for each GPU.
MODEL_PRICES = {
    "": 0, "A10": 800_000_000, "G2": 700_000_000, "G3": 900_000_000, "P100": 1_100_000_000, "T4": 350_000_000,
    "V100M16": 2_100_000_000, "V100M32": 2_480_000_000,
}
OTHER_MODEL_PRICE = 500_000_000

# How a workload is labelled, how often, and what is wrong with it then: (reason, label), by whether its namespace
# supplies team and environment. A cost center comes from the registry wherever there is a team.
_NOTHING: list[tuple[str, str]] = []
_ALL = [("missing", "team"), ("missing", "cost-center"), ("missing", "environment")]
WAYS = {
    "own": (40, _NOTHING, _NOTHING),
    "alias": (10, _NOTHING, _NOTHING),
    "none": (25, _NOTHING, _ALL),
    "no-team": (10, _NOTHING, [("missing", "team"), ("missing", "cost-center")]),
    "no-environment": (5, _NOTHING, [("missing", "environment")]),
    "wrong-environment": (5, [("invalid-value", "environment")], [("invalid-value", "environment")]),
    "empty-environment": (5, [("empty", "environment")], [("empty", "environment")]),
}


@dataclasses.dataclass
class Workload:
    name: str
    namespace: str
    kind: str
    way: str
    labels: dict[str, str]
    gaps: list[tuple[str, str]]
    pods: list[Pod] = dataclasses.field(default_factory=list)
    # Billionths of a dollar per hour, in millionths.
    cost: int = 0


@dataclasses.dataclass
class Cluster:
    nodes: list[Node]
    # Name and labels.
    namespaces: dict[str, dict[str, str]]
    workloads: list[Workload]
    ended: list[tuple[str, Pod]]
    # Pod's name to node's name; who is not in it waits for room.
    placed: dict[str, str]


def instance_type(node: Node) -> str:
    return f"openb.{node.model or 'cpu'}-{node.millicores // 1000}c-{node.memory_mib // 1024}g-{node.gpus}x".lower()


def price(node: Node) -> int:
    """Billionths of a dollar per hour: a round price, which no list has."""
    weight = node.millicores * CORE // 1000 + node.memory_mib * GIB // 1024
    return (weight + node.gpus * MODEL_PRICES.get(node.model, OTHER_MODEL_PRICE)) // 1_000_000 * 1_000_000


def gpu_units(pod: Pod) -> int:
    return -(-pod.gpu_milli * UNITS_PER_GPU // 1000)


def allocatable(amount: int) -> int:
    return amount * (100 - RESERVED_PERCENT) // 100


def make(nodes: list[Node], pods: list[Pod], random_source: random.Random) -> Cluster:
    namespaces = {}
    for index in range(max(4, min(60, len(pods) // 100))):
        team = TEAMS[index % len(TEAMS)]
        labels = {"team": team, "environment": ENVIRONMENTS[index % 3]} if index % 2 == 0 else {}
        namespaces[f"trace-{team}-{index:02}"] = labels
    names = list(namespaces)
    workloads: list[Workload] = []
    open_workloads: dict[tuple, Workload] = {}
    sizes: dict[int, int] = {}
    ended = []
    for pod in pods:
        if pod.has_ended:
            ended.append((random_source.choice(names), pod))
            continue
        shape = (pod.millicores, pod.memory_mib, pod.gpu_milli, pod.service_class)
        workload = open_workloads.get(shape)
        if workload is None or len(workload.pods) >= sizes[id(workload)]:
            namespace = random_source.choice(names)
            workload = _workload(len(workloads), namespace, bool(namespaces[namespace]), pod, random_source)
            workloads.append(workload)
            sizes[id(workload)] = random_source.randint(1, PODS_PER_WORKLOAD) if workload.kind != "Pod" else 1
            open_workloads[shape] = workload
        workload.pods.append(pod)
    cluster = Cluster(nodes, namespaces, workloads, ended, {})
    _place(cluster)
    return cluster


def _workload(
    index: int, namespace: str, supplies: bool, pod: Pod, random_source: random.Random
) -> Workload:
    way = random_source.choices(list(WAYS), [weight for weight, _, _ in WAYS.values()])[0]
    team, environment = random_source.choice(TEAMS), random_source.choice(ENVIRONMENTS)
    labels = {
        "own": {"team": team, "cost-center": f"cc-{team}", "environment": environment},
        "alias": {"owner-team": team, "environment": environment},
        "none": {},
        "no-team": {"environment": environment},
        "no-environment": {"team": team},
        "wrong-environment": {"team": team, "environment": "qa"},
        "empty-environment": {"team": team, "environment": ""},
    }[way]
    kind = {"LS": "Deployment", "BE": "Job"}.get(pod.service_class, "Pod")
    name = f"work-{index:05}" if kind != "Pod" else pod.name
    gaps = WAYS[way][1 if supplies else 2]
    # Nothing selects a Pod that nothing controls: a default may stand in for its empty label.
    if way == "empty-environment" and kind == "Pod" and supplies:
        gaps = _NOTHING
    return Workload(name, namespace, kind, way, labels, gaps)


def _place(cluster: Cluster) -> None:
    """First fit within what is allocatable, as a scheduler that never packs tighter than it may."""
    room = [
        [node.name, allocatable(node.millicores), allocatable(node.memory_mib), node.gpus * UNITS_PER_GPU,
         PODS_PER_NODE, node]
        for node in cluster.nodes
    ]
    # Machines with GPUs are for those who ask for them, while there are others.
    plain = [entry for entry in room if entry[5].gpus == 0] + [entry for entry in room if entry[5].gpus > 0]
    accelerated = [entry for entry in room if entry[5].gpus > 0]
    for workload in cluster.workloads:
        for pod in workload.pods:
            units = gpu_units(pod)
            for entry in accelerated if units else plain:
                if entry[1] >= pod.millicores and entry[2] >= pod.memory_mib and entry[3] >= units and entry[4] > 0:
                    entry[1] -= pod.millicores
                    entry[2] -= pod.memory_mib
                    entry[3] -= units
                    entry[4] -= 1
                    cluster.placed[pod.name] = entry[0]
                    workload.cost += _cost(pod, entry[5])
                    break


def _cost(pod: Pod, node: Node) -> int:
    """What the Pod pays on the node: price × Σ(base × request) / Σ(base × capacity), in millionths of a billionth."""

    def weight(millicores: int, memory_mib: int, units: int) -> int:
        # Over the common denominator 1000 × 1024 × UNITS_PER_GPU.
        return (
            millicores * CORE * 1024 * UNITS_PER_GPU
            + memory_mib * GIB * 1000 * UNITS_PER_GPU
            + units * GPU * 1000 * 1024
        )

    asked = weight(pod.millicores, pod.memory_mib, gpu_units(pod))
    return price(node) * 1_000_000 * asked // weight(node.millicores, node.memory_mib, node.gpus * UNITS_PER_GPU)


def expected(cluster: Cluster) -> dict:
    """What an audit must find. Costs are billionths of a dollar per hour; each Pod's may be off by three of them, one
    for each resource that is divided in whole units."""
    findings: dict[str, dict] = {}
    attributed = unattributed = 0
    for workload in cluster.workloads:
        if workload.gaps:
            unattributed += workload.cost
        else:
            attributed += workload.cost
        for reason, label in workload.gaps:
            entry = findings.setdefault(f"{reason} {label}", {"count": 0, "pods": 0, "cost": 0})
            entry["count"] += 1
            entry["pods"] += len(workload.pods)
            entry["cost"] += workload.cost
    groups: dict[str, int] = {}
    for node in cluster.nodes:
        groups[node_group(node)] = groups.get(node_group(node), 0) + 1
    for entry in findings.values():
        entry["cost"] //= 1_000_000
    return {
        "namespaces": len(cluster.namespaces),
        "nodes": len(cluster.nodes),
        "workloads": len(cluster.workloads),
        "attributedWorkloads": sum(1 for workload in cluster.workloads if not workload.gaps),
        "pods": sum(len(workload.pods) for workload in cluster.workloads),
        "placedPods": len(cluster.placed),
        "endedPods": len(cluster.ended),
        "costPerHour": sum(price(node) for node in cluster.nodes),
        "attributed": attributed // 1_000_000,
        "unattributed": unattributed // 1_000_000,
        "findings": findings,
        "nodeGroups": groups,
        "tolerance": 3 * len(cluster.placed),
    }


def node_group(node: Node) -> str:
    return f"pool-{(node.model or 'cpu').lower()}"


def policy(cluster: Cluster) -> str:
    teams = "\n".join(f"  - {{name: {team}, costCenters: [cc-{team}]}}" for team in TEAMS)
    prices = {instance_type(node): price(node) for node in cluster.nodes}
    overrides = "\n".join(
        f'  - {{match: {{instanceTypes: ["{name}"]}}, perHour: {nanos // 10**9}.{nanos % 10**9:09}}}'
        for name, nanos in sorted(prices.items())
    )
    return f"""\
apiVersion: tallygate.io/v1alpha1
kind: AttributionPolicy
metadata: {{name: trace}}
spec:
  mode: warn
  subjects: [workloads]
  labels:
  - key: team
    level: required
    aliases: [owner-team]
    values: {{registered: true}}
    defaultFrom: [owner, namespace]
  - key: cost-center
    level: required
    values: {{registered: true}}
    defaultFrom: [owner, namespace, registry]
  - key: environment
    level: required
    values: {{oneOf: [{', '.join(ENVIRONMENTS)}]}}
    defaultFrom: [owner, namespace]
---
apiVersion: tallygate.io/v1alpha1
kind: Registry
metadata: {{name: trace}}
spec:
  teams:
{teams}
---
apiVersion: tallygate.io/v1alpha1
kind: Pricing
metadata: {{name: trace}}
spec:
  publicPrices: false
  overrides:
{overrides}
"""
