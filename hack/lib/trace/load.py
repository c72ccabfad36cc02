"""The command line of hack/load-trace."""

import argparse
import json
import pathlib
import random
import sys

import objects
from cluster import Cluster, expected, make, policy
from shape import TraceError, generate, read
from sinks import FileSink, ServerSink


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hack/load-trace",
        description="Makes a cluster of a trace: namespaces, nodes, workloads and Pods, in an API server or in a file, "
        "with a seeded share of cost labels missing in known ways. Writes OUTPUT/policy.yaml (labels, registry and "
        "prices) and OUTPUT/expected.json: the counts and sums that an audit under that policy has to come to.")
    parser.add_argument("--nodes", type=pathlib.Path, metavar="CSV", help="openb_node_list_all_node.csv of the trace")
    parser.add_argument("--pods", type=pathlib.Path, metavar="CSV", help="one of its openb_pod_list_*.csv")
    parser.add_argument(
        "--made-up", metavar="NODES,PODS", help="without the trace: so many of each, in its shape, from the seed")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is left to chance (default: 1)")
    parser.add_argument("--kubeconfig", type=pathlib.Path, help="make them in this API server (hack/envtest)")
    parser.add_argument("--kubectl", default="kubectl", help="reads the kubeconfig (default: the one on PATH)")
    parser.add_argument("--list", type=pathlib.Path, metavar="FILE", help="write them as one List instead")
    parser.add_argument("output", type=pathlib.Path, metavar="OUTPUT", help="a folder for policy and expectation")
    options = parser.parse_args()
    if (options.made_up is None) == (options.nodes is None or options.pods is None):
        parser.error("give --nodes and --pods, or --made-up")
    if (options.kubeconfig is None) == (options.list is None):
        parser.error("give --kubeconfig or --list")
    return options


def cluster(options: argparse.Namespace) -> Cluster:
    source = random.Random(options.seed)
    if options.made_up is None:
        return make(*read(options.nodes, options.pods), source)
    counts = options.made_up.split(",")
    if len(counts) != 2 or not all(count.isdigit() and 0 < int(count) <= 1_000_000 for count in counts):
        raise TraceError(f"--made-up takes two counts, such as 100,800, not '{options.made_up}'")
    return make(*generate(int(counts[0]), int(counts[1]), source), source)


def service_accounts(made: Cluster) -> list[dict]:
    """Pods are refused in a namespace without one, and without controllers nobody makes it."""
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
        for name in made.namespaces
    ]


def main() -> int:
    options = arguments()
    try:
        made = cluster(options)
        options.output.mkdir(parents=True, exist_ok=True)
        if options.kubeconfig is not None:
            sink = ServerSink(options.kubeconfig, options.kubectl)
            sink.add(objects.namespaces(made))
            sink.add(service_accounts(made))
        else:
            sink = FileSink(options.list)
            sink.add(objects.namespaces(made))
        sink.add(objects.nodes(made))
        # A ReplicaSet names its Deployment's UID, so what owns comes first.
        everything = list(objects.owners(made))
        sink.add(thing for thing in everything if "ownerReferences" not in thing["metadata"])
        sink.add(thing for thing in everything if "ownerReferences" in thing["metadata"])
        sink.add(objects.pods(made))
        sink.close()
        (options.output / "policy.yaml").write_text(policy(made))
        found = expected(made)
        (options.output / "expected.json").write_text(json.dumps(found, indent=2) + "\n")
    except (TraceError, OSError) as error:
        print(f"hack/load-trace: {error}", file=sys.stderr)
        return 1
    print(
        f"hack/load-trace: {found['nodes']} nodes, {found['workloads']} workloads, {found['pods']} Pods"
        f" ({found['placedPods']} of them on nodes) and {found['endedPods']} that have ended;"
        f" an audit must find ${found['costPerHour'] / 1e9:,.2f} per hour,"
        f" ${found['unattributed'] / 1e9:,.2f} of it unattributed"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
