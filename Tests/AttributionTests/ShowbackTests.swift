import Attribution
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite struct SplitValueTests {
    @Test(arguments: [
        ("search", ["search"]), ("a:60,b:40", ["a", "b"]), ("b:40, a:60", ["a", "b"]),
        ("a:33.3,b:33.3,c:33.4", ["a", "b", "c"]), ("", [""]), ("a:100", ["a"]),
    ])
    func reads(text: String, values: [String]) throws {
        let split = try #require(SplitValue(text))
        #expect(split.parts.map(\.value) == values)
        #expect(split.parts.reduce(0) { $0 + $1.weight } == 100_000_000_000)
    }

    @Test(arguments: [
        "a:60,b:30", "a:60,b:50", "a:0,b:100", "a:-10,b:110", "a:60,a:40", ":60,b:40", "a:,b:100", "a:60,b", "a,b",
        "a:60:1,b:40", "a:60,b:40,", "a:x,b:40", "a:1e2",
        (1...100).map { "t\($0):1" }.joined(separator: ","),
    ])
    func refusesWhatLooksLikeASplit(text: String) {
        #expect(SplitValue(text) == nil)
    }
}

@Suite struct ShowbackTests {
    /// The sample of the allocator this project grew out of: monthly costs with and without tags.
    @Test func sumsUpTheSampleAndFindsWhatIsUntagged() throws {
        let sample: [(String, [String: String])] = [
            ("8500", ["team": "search"]), ("3200", ["team": "search"]), ("1200", ["team": "search"]),
            ("12000", ["team": "chatbot"]), ("4500", ["team": "chatbot"]), ("6800", ["team": "ml-platform"]),
            ("2100", ["team": "ml-platform"]), ("3400", ["team": "data"]), ("1500", [:]),
        ]
        let builder = ClusterBuilder()
        let input = AllocationInput(
            externalCosts: sample.map { ExternalCost(name: "cost", perHour: money($0.0)) })
        let allocation = builder.allocated(input)
        let owners = builder.owners(["team"], external: sample.map(\.1))
        let showback = Showback(allocation, state: builder.state, owners: owners, by: .label(0))
        #expect(showback.total.description == "43200")
        #expect(showback.rows.map(\.name) == ["chatbot", "search", "ml-platform", "data", "__external__"])
        #expect(showback.rows.map(\.total.description) == ["16500", "12900", "8900", "3400", "1500"])
        let coverage = CoverageReport(allocation, state: builder.state, owners: owners, by: .label(0)).whole
        let spend = coverage.byLabel[0].spend
        #expect(spend.unattributed.description == "1500")
        // 96.52 %: 3.5 % is untagged.
        #expect(spend.basisPoints == 9_652)
        #expect(try spend.unattributed.scaled(by: 100).scaled(by: 1, over: 43_200).rounded(toDecimals: 1) == "3.5")
    }

    /// A node of ten cores at 0.1 each: search has four, payments two, nobody one, the agent one, kube-system one, one is
    /// idle.
    private func cluster() -> ClusterBuilder {
        var builder = ClusterBuilder()
        builder.node("n", labels: ["pool": "blue"], annotations: ClusterBuilder.priced("1"), capacity: ["cpu": 10_000])
        builder.pod("search", namespace: "search", node: "n", labels: ["team": "search"], requests: ["cpu": 4_000])
        builder.pod("pay", namespace: "pay", node: "n", labels: ["team": "payments"], requests: ["cpu": 2_000])
        builder.pod("stray", namespace: "pay", node: "n", requests: ["cpu": 1_000])
        builder.daemonPod("agent", node: "n", requests: ["cpu": 1_000])
        builder.pod("dns", namespace: "kube-system", node: "n", requests: ["cpu": 1_000])
        return builder
    }

    private func rows(_ sharing: SharingSettings, _ dimension: Dimension = .label(0)) -> [String: String] {
        let builder = cluster()
        let showback = Showback(
            builder.allocated(), state: builder.state, owners: builder.owners(["team"], nodeGroup: "pool"),
            by: dimension, sharing: sharing)
        #expect(showback.total.description == "1")
        return Dictionary(uniqueKeysWithValues: showback.rows.map { ($0.name, $0.total.description) })
    }

    struct Case: Sendable {
        var sharing: SharingSettings
        var rows: [String: String]
    }

    private static let cases = [
        Case(
            sharing: SharingSettings(),
            rows: [
                "search": "0.4", "payments": "0.2", "__unallocated__": "0.1", "__shared__": "0.2", "__idle__": "0.1",
            ]),
        Case(
            sharing: SharingSettings(idle: .even),
            rows: ["search": "0.45", "payments": "0.25", "__unallocated__": "0.1", "__shared__": "0.2"]),
        // By 4 : 2 : 1, to the last unit.
        Case(
            sharing: SharingSettings(idle: .weighted),
            rows: [
                "search": "0.457142857", "payments": "0.228571429", "__unallocated__": "0.114285714",
                "__shared__": "0.2",
            ]),
        Case(
            sharing: SharingSettings(idle: .custom(["payments": 3, "board": 1])),
            rows: [
                "search": "0.4", "payments": "0.275", "board": "0.025", "__unallocated__": "0.1", "__shared__": "0.2",
            ]),
        Case(
            sharing: SharingSettings(overhead: .even, namespaces: .even),
            rows: ["search": "0.5", "payments": "0.3", "__unallocated__": "0.1", "__idle__": "0.1"]),
        Case(
            sharing: SharingSettings(idle: .custom([:])),
            rows: [
                "search": "0.4", "payments": "0.2", "__unallocated__": "0.1", "__shared__": "0.2", "__idle__": "0.1",
            ]),
        Case(
            sharing: SharingSettings(namespaces: .even, sharedNamespaces: ["pay", "kube-*"]),
            rows: ["search": "0.8", "__shared__": "0.1", "__idle__": "0.1"]),
    ]

    @Test(arguments: cases) func passesOnWhatIsCommonOnce(example: Case) {
        #expect(rows(example.sharing) == example.rows)
    }

    /// The table of another dimension has no such rows; what nobody knows gets nothing.
    @Test func customPartsAreOfTheTableWhoseRowsTheyName() {
        let builder = cluster()
        let allocation = builder.allocated()
        let owners = builder.owners(["team"], nodeGroup: "pool")
        func showback(_ dimension: Dimension, _ names: CustomNames) -> Showback {
            Showback(
                allocation, state: builder.state, owners: owners, by: dimension,
                sharing: SharingSettings(idle: .custom(["payments": 3, "board": 1, "ta": 6])), customNames: names)
        }
        func rows(_ showback: Showback) -> [String: String] {
            #expect(showback.total.description == "1")
            return Dictionary(uniqueKeysWithValues: showback.rows.map { ($0.name, $0.total.description) })
        }
        let teams = showback(.label(0), .known(["board"]))
        #expect(
            rows(teams) == [
                "search": "0.4", "payments": "0.23", "board": "0.01", "__unallocated__": "0.1", "__shared__": "0.2",
                "__idle__": "0.06",
            ])
        #expect(teams.unknownNames == ["ta"])
        for dimension in [Dimension.namespace, .workload, .nodeGroup] {
            let other = showback(dimension, .foreign)
            #expect(Set(other.rows.map(\.name)).isDisjoint(with: ["payments", "board", "ta"]))
            #expect(rows(other)["__idle__"] == (dimension == .nodeGroup ? nil : "0.1"))
            #expect(other.unknownNames.isEmpty)
        }
    }

    @Test func groupsByNamespaceWorkloadAndNodeGroup() {
        #expect(
            rows(SharingSettings(), .namespace) == [
                "search": "0.4", "pay": "0.3", "monitoring": "0.1", "kube-system": "0.1", "__idle__": "0.1",
            ])
        #expect(
            rows(SharingSettings(idle: .weighted), .workload)["search"] == "0.444444445")
        // A node group keeps its idle part whatever is shared.
        #expect(rows(SharingSettings(idle: .even, overhead: .even), .nodeGroup) == ["blue": "1"])
    }

    @Test func aDaemonSetWithAnOwnerIsTheOwners() {
        var builder = ClusterBuilder()
        builder.node("n", annotations: ClusterBuilder.priced("1"), capacity: ["cpu": 1_000])
        builder.daemonPod("agent", node: "n", requests: ["cpu": 1_000], labels: ["team": "platform"])
        let showback = Showback(
            builder.allocated(), state: builder.state, owners: builder.owners(["team"]), by: .label(0))
        #expect(showback["platform"]?.total.description == "1")
        #expect(showback["platform"]?.pods == 1)
    }

    @Test func splitsALineAmongSeveralOwners() {
        var builder = ClusterBuilder()
        builder.node("n", annotations: ClusterBuilder.priced("1.000000001"), capacity: ["cpu": 1_000])
        builder.pod("shared", namespace: "ml", node: "n", requests: ["cpu": 1_000])
        var owners = CostOwners(keys: ["team"], sets: [.init(values: ["a:60,b:40"], isComplete: true)], setOfPod: [0])
        let allocation = builder.allocated()
        let showback = Showback(allocation, state: builder.state, owners: owners, by: .label(0))
        #expect(showback["a"]?.cpu.description == "0.600000001")
        #expect(showback["b"]?.cpu.description == "0.4")
        #expect(showback.malformedSplits.isEmpty)
        owners.sets[0].values = ["a:60,b:50"]
        let malformed = Showback(allocation, state: builder.state, owners: owners, by: .label(0))
        #expect(malformed[.unallocated]?.total == allocation.total)
        #expect(malformed.malformedSplits == ["a:60,b:50"])
    }

    @Test func numbersBeyondTheTablesAreNobodys() {
        let builder = cluster()
        let owners = CostOwners(
            keys: ["team"], sets: [.init(values: [], isComplete: false)], setOfPod: [0, 7, -1, .max, 0],
            workloads: ["w"], workloadOfPod: [9])
        for dimension in [Dimension.label(0), .label(3), .label(-1), .namespace, .nodeGroup, .workload] {
            let showback = Showback(builder.allocated(), state: builder.state, owners: owners, by: dimension)
            #expect(showback.total.description == "1")
        }
    }
}

@Suite struct CoverageTests {
    private func cluster() -> ClusterBuilder {
        var builder = ClusterBuilder()
        for (name, pool) in [("n", "blue"), ("m", "green")] {
            builder.node(
                name, labels: ["pool": pool], annotations: ClusterBuilder.priced("1"), capacity: ["cpu": 10_000])
        }
        let both = ["team": "search", "env": "prod"]
        builder.pod("good", namespace: "search", node: "n", labels: both, requests: ["cpu": 4_000])
        builder.pod("half", namespace: "search", node: "n", labels: ["team": "search"], requests: ["cpu": 2_000])
        builder.pod("none", namespace: "pay", node: "m", requests: ["cpu": 1_000])
        builder.daemonPod("agent", node: "n", requests: ["cpu": 1_000])
        builder.pod("dns", namespace: "kube-system", node: "n", requests: ["cpu": 1_000])
        return builder
    }

    @Test func countsWorkloadsAndMoneyWithIdleInTheDenominator() {
        let builder = cluster()
        let report = CoverageReport(
            builder.allocated(), state: builder.state, owners: builder.owners(["team", "env"], nodeGroup: "pool"),
            by: .nodeGroup)
        let whole = report.whole
        #expect(whole.byLabel[0].workloads.basisPoints == 6_666)
        #expect(whole.byLabel[1].workloads.basisPoints == 3_333)
        #expect(whole.complete.workloads.attributed == 1)
        let team = whole.byLabel[0].spend
        #expect(team.attributed.description == "0.6")
        #expect(team.unattributed.description == "0.1")
        #expect(team.overhead.description == "0.1")
        #expect(team.shared.description == "0.1")
        #expect(team.idle.description == "1.1")
        #expect(team.basisPoints == 3_000)
        #expect(whole.complete.spend.basisPoints == 2_000)
        #expect(report.groups.map(\.name) == ["blue", "green"])
        #expect(report.groups.map { $0.byLabel[0].spend.basisPoints } == [6_000, 0])
        #expect(report.groups.map { $0.byLabel[0].workloads.total } == [2, 1])
    }

    @Test func byTeamAndByNamespace() {
        let builder = cluster()
        let owners = builder.owners(["team", "env"])
        let byTeam = CoverageReport(builder.allocated(), state: builder.state, owners: owners, by: .label(0))
        #expect(byTeam.groups.map(\.name) == ["search", "__idle__", "__unallocated__", "__shared__"])
        #expect(byTeam.groups[0].byLabel[1].spend.basisPoints == 6_666)
        let byNamespace = CoverageReport(builder.allocated(), state: builder.state, owners: owners, by: .namespace)
        #expect(byNamespace.groups.first { $0.name == "pay" }?.byLabel[0].workloads.attributed == 0)
        #expect(byNamespace.groups.map(\.complete.spend.total).sum() == byNamespace.whole.complete.spend.total)
    }

    @Test func anEmptyClusterHasNoCoverage() {
        let builder = ClusterBuilder()
        let report = CoverageReport(
            builder.allocated(), state: builder.state, owners: builder.owners(["team"]), by: .namespace)
        #expect(report.whole.complete.spend.basisPoints == nil)
        #expect(report.whole.complete.workloads.basisPoints == nil)
        #expect(report.groups.isEmpty)
    }

    @Test func valuesComeFromVerdicts() throws {
        let evaluator = Evaluator(Policy.finance)
        let subject = evaluator.workload(["team": "payments", "environment": "prod"])
        let verdict = evaluator.evaluate(subject, at: .on("2026-06-01"))
        let values = CostOwners.Values(verdict, keys: ["team", "cost-center", "environment", "project"])
        #expect(values.values == ["payments", "checkout", "production", nil])
        #expect(values.isComplete)
        let empty = evaluator.evaluate(evaluator.workload(), at: .on("2026-06-01"))
        #expect(!CostOwners.Values(empty, keys: ["team"]).isComplete)
    }
}
