import TestSupport
import Testing

/// `tallygate audit` over files, as a user starts it.
@Suite struct AuditCommandTests {
    typealias Case = CommandLineTests.Case

    static let policy = """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: strict}
        spec:
          mode: enforce
          labels:
          - {key: team, level: required, defaultFrom: [owner, namespace]}
        """

    /// Without the one workload that lacks its team.
    static let clean = SampleObjects.list(
        SampleObjects.all.filter {
            ![SampleObjects.deployment, SampleObjects.replicaSet, SampleObjects.pod].contains($0)
        })

    static let cases: [Case] = [
        Case(
            testDescription: "a workload without its team", arguments: ["audit", "--policy", "{p.yaml}", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 1, output: ["team", "ConfigMap"]),
        Case(
            testDescription: "standard input", arguments: ["audit", "--policy", "{p.yaml}", "-"],
            input: SampleObjects.list(), files: ["p.yaml": policy], status: 1, output: ["team"]),
        Case(
            testDescription: "several files, by option too",
            arguments: ["audit", "--policy", "{p.yaml}", "--snapshot", "{n.json}", "{l.json}"],
            files: [
                "p.yaml": policy, "n.json": SampleObjects.node,
                "l.json": SampleObjects.list(SampleObjects.all.filter { $0 != SampleObjects.node }),
            ], status: 1, output: ["team"]),
        Case(
            testDescription: "as JSON", arguments: ["audit", "--policy", "{p.yaml}", "-o", "json", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 1,
            output: ["\"kind\"", "\"findings\"", "\"costPerHour\""]),
        Case(
            testDescription: "as CSV, by namespace",
            arguments: ["audit", "--policy", "{p.yaml}", "-o", "csv", "--group-by", "namespace", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 1, output: ["lab", "shop"]),
        Case(
            testDescription: "nothing fails when asked to",
            arguments: ["audit", "--policy", "{p.yaml}", "--fail-on", "never", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 0, output: ["team"]),
        Case(
            testDescription: "too little of the spend has an owner",
            arguments: ["audit", "--policy", "{p.yaml}", "--fail-on", "never", "--fail-under", "99.5", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 1, output: ["team"],
            errors: ["--fail-under asks for 99.50%"]),
        Case(
            testDescription: "another namespace is another matter",
            arguments: ["audit", "--policy", "{p.yaml}", "--namespace", "la*", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 0, output: ["la*"]),
        Case(
            testDescription: "a namespace that is not there",
            arguments: ["audit", "--policy", "{p.yaml}", "--namespace", "shp", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 2, errors: ["\"shp\""]),
        Case(
            testDescription: "grouping by what the policy does not know",
            arguments: ["audit", "--policy", "{p.yaml}", "--group-by", "tem", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 2,
            errors: ["\"tem\"", "team, namespace, nodegroup, workload"]),
        Case(
            testDescription: "a percentage that is none",
            arguments: ["audit", "--policy", "{p.yaml}", "--fail-under", "101", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 2, errors: ["--fail-under"]),
        Case(
            testDescription: "a file that is cut off, beside a good one",
            arguments: ["audit", "--policy", "{p.yaml}", "{cut.json}", "{l.json}"],
            files: [
                "p.yaml": policy, "cut.json": String(SampleObjects.list().dropLast(40)), "l.json": clean,
            ], status: 2, errors: ["cut.json:", "the report leaves them out"]),
        Case(
            testDescription: "a file that is cut off, alone",
            arguments: ["audit", "--policy", "{p.yaml}", "{cut.json}"],
            files: ["p.yaml": policy, "cut.json": String(SampleObjects.list().dropLast(40))], status: 2,
            output: ["cut.json cannot be read from", "Where the money goes"],
            errors: ["cut.json:", "the report leaves them out"]),
        Case(
            testDescription: "a file given twice",
            arguments: ["audit", "--policy", "{p.yaml}", "{l.json}", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 1,
            output: ["there more than once", "1 node"]),
        Case(
            testDescription: "nothing is there", arguments: ["audit", "--policy", "{p.yaml}", "{e.json}"],
            files: ["p.yaml": policy, "e.json": SampleObjects.list([])], status: 2,
            errors: ["no Kubernetes object was found"]),
        Case(
            testDescription: "prices of OpenCost, from a file",
            arguments: ["audit", "--policy", "{p.yaml}", "-o", "json", "--opencost", "{m}", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list(), "m": opencost], status: 1,
            output: ["\"source\": \"opencost\"", "\"perHour\": \"1.25\"", "OpenCost's prices in"]),
        Case(
            testDescription: "prices of OpenCost, named by the environment, of another cluster's nodes",
            arguments: ["audit", "--policy", "{p.yaml}", "-o", "json", "{l.json}"],
            environment: ["TALLYGATE_OPENCOST": "{m}"],
            files: [
                "p.yaml": policy, "l.json": SampleObjects.list(),
                "m": "node_total_hourly_cost{node=\"elsewhere\"} 1\nnode_total_hourly_cost{node=\"x\" 1\n",
            ], status: 1, output: ["none of this cluster's", "in line 2, cannot be read"]),
        Case(
            testDescription: "absurd prices of OpenCost are named, and the list's are taken",
            arguments: ["audit", "--policy", "{p.yaml}", "-o", "json", "--opencost", "{m}", "{l.json}"],
            files: [
                "p.yaml": policy, "l.json": SampleObjects.list(), "m": opencost.replacing("1.25", with: "-3"),
            ], status: 1, output: ["the price \\\"-3\\\"", "is no price and was passed over"]),
        Case(
            testDescription: "a file without prices",
            arguments: ["audit", "--policy", "{p.yaml}", "--opencost", "{p.yaml}", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 2,
            errors: ["p.yaml: there is no series node_total_hourly_cost"]),
        Case(
            testDescription: "a URL that is none",
            arguments: ["audit", "--policy", "{p.yaml}", "--opencost", "http://jane:secret@x", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 2, errors: ["asked without one"]),
        Case(
            testDescription: "OpenCost is away: the report comes with other prices",
            arguments: ["audit", "--policy", "{p.yaml}", "--opencost", "http://127.0.0.1:1", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list()], status: 3,
            output: ["connection refused", "nodes have other prices", "team"],
            errors: ["connection refused", "the report is without its prices"]),
        Case(
            testDescription: "a simulation by prices of OpenCost",
            arguments: ["simulate", "--policy", "{p.yaml}", "--opencost", "{m}", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list(), "m": opencost], status: 1, output: ["shop"]),
        Case(
            testDescription: "fixes as JSON",
            arguments: ["fix", "--policy", "{p.yaml}", "-o", "json", "--opencost", "{m}", "{l.json}"],
            files: ["p.yaml": policy, "l.json": SampleObjects.list(), "m": opencost], status: 0,
            output: ["\"kind\": \"FixList\"", "\"restarts\": ", "\"commands\": ["]),
        Case(
            testDescription: "fixes as JSON are not applied", arguments: ["fix", "-o", "json", "--apply", "--yes"],
            status: 2, errors: ["leave one of them out"]),
        Case(
            testDescription: "a kubeconfig that is not there",
            arguments: ["audit", "--policy", "{p.yaml}", "--kubeconfig", "/nowhere/config"],
            files: ["p.yaml": policy], status: 2, errors: ["/nowhere/config"]),
        Case(
            testDescription: "a cluster out of reach",
            arguments: ["audit", "--policy", "{p.yaml}", "--kubeconfig", "{k.yaml}"],
            files: ["p.yaml": policy, "k.yaml": closed], status: 3, errors: ["127.0.0.1:1"]),
    ]

    /// As OpenCost shows it.
    static let opencost = """
        # TYPE node_total_hourly_cost gauge
        node_total_hourly_cost{instance="n1",instance_type="m5.xlarge",node="n1"} 1.25

        """

    /// Nobody listens on port 1.
    static let closed = """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: u, user: {token: x}}]
        """

    @Test(arguments: cases) func run(_ test: Case) async throws { try await CommandLineTests().run(test) }
}
