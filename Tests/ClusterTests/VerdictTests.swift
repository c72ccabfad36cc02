import TestSupport
import Testing

/// The workloads that are tried in every namespace.
enum Workload: String, CaseIterable, CustomTestStringConvertible {
    case pod = "Pod"
    case deployment = "Deployment"
    case job = "Job"
    case cronJob = "CronJob"

    var testDescription: String { rawValue }

    func manifest(_ name: String, in namespace: String, labels: [String: String] = [:]) -> String {
        switch self {
        case .pod: Manifest.pod(name, in: namespace, labels: labels)
        case .deployment: Manifest.deployment(name, in: namespace, labels: labels)
        case .job: Manifest.job(name, in: namespace, labels: labels)
        case .cronJob: Manifest.cronJob(name, in: namespace, labels: labels)
        }
    }

    func collection(_ namespace: String) -> String {
        switch self {
        case .pod: Cluster.Path.pods(namespace)
        case .deployment: Cluster.Path.deployments(namespace)
        case .job: Cluster.Path.jobs(namespace)
        case .cronJob: Cluster.Path.cronJobs(namespace)
        }
    }

    /// Where the labels of its Pods are written.
    var labels: String {
        switch self {
        case .pod: "metadata.labels"
        case .deployment, .job: "spec.template.metadata.labels"
        case .cronJob: "spec.jobTemplate.spec.template.metadata.labels"
        }
    }
}

extension WithoutControllers {
    @Suite("Verdicts", .gate())
    struct VerdictTests {
        private func create(
            _ workload: Workload, in namespace: String, labels: [String: String] = [:]
        ) async throws -> APIResponse {
            let name = "bare-\(workload.rawValue.lowercased())-\(labels.count)"
            return try await Cluster.current.api(
                "POST", workload.collection(namespace), workload.manifest(name, in: namespace, labels: labels))
        }

        @Test("Enforced: one denial names every gap, and nothing is stored", arguments: Workload.allCases)
        func denied(_ workload: Workload) async throws {
            let answer = try await create(workload, in: Gate.strict)
            #expect(answer.status == 403)
            #expect(
                answer.message == """
                    admission webhook "tallygate.tallygate.test" denied the request: \
                    \(workload.rawValue) "bare-\(workload.rawValue.lowercased())-0" in namespace "strict" lacks cost labels \
                    that policy "cost" requires:
                      - team: missing; registered: search, ml-platform
                      - cost-center: missing; registered: discovery, product, research
                      - environment: missing; allowed: production, staging, development
                      - project (recommended): missing
                    Set them in \(workload.labels), or for the whole namespace: kubectl label namespace strict \
                    team=VALUE cost-center=VALUE environment=VALUE.
                    """)
            let stored = try await Cluster.current.api(
                "GET", "\(workload.collection(Gate.strict))/bare-\(workload.rawValue.lowercased())-0")
            #expect(stored.status == 404)
        }

        @Test("Warned: one line for each gap, and it is stored", arguments: Workload.allCases)
        func warned(_ workload: Workload) async throws {
            let answer = try await create(workload, in: Gate.lenient)
            #expect(answer.status == 201)
            // Where that would be too long, the list of values is cut, not the place.
            let long = workload == .cronJob
            let place = "; set \(workload.labels)"
            #expect(
                answer.warnings == [
                    "cost label team: missing; registered: search, ml-platform\(place)",
                    long
                        ? "cost label cost-center: missing\(place); registered: discovery, product, re…"
                        : "cost label cost-center: missing; registered: discovery, product, research\(place)",
                    long
                        ? "cost label environment: missing\(place); allowed: production, staging, deve…"
                        : "cost label environment: missing; allowed: production, staging, development\(place)",
                    "cost label project (recommended): missing\(place)",
                ])
            #expect(answer.warnings.allSatisfy { $0.count <= 120 })
        }

        @Test("Watched, or excluded: silence", arguments: Workload.allCases, [Gate.watched, "kube-system"])
        func silent(_ workload: Workload, _ namespace: String) async throws {
            let answer = try await create(workload, in: namespace, labels: ["owner-team": "search"])
            #expect(answer.status == 201)
            #expect(answer.warnings == [])
            #expect(!answer.body.contains(#""team":"#))
        }

        @Test("Complete: admitted without a word", arguments: Workload.allCases)
        func complete(_ workload: Workload) async throws {
            let answer = try await create(workload, in: Gate.strict, labels: Gate.complete)
            #expect(answer.status == 201)
            #expect(answer.warnings == [])
        }

        @Test("What the namespace supplies is no gap, and only Pods are patched", arguments: Workload.allCases)
        func supplied(_ workload: Workload) async throws {
            let answer = try await create(workload, in: Gate.supplied)
            #expect(answer.status == 201)
            #expect(answer.warnings == ["cost label project (recommended): missing; set \(workload.labels)"])
            #expect(answer.body.contains(#""team":"ml-platform""#) == (workload == .pod))
        }

        @Test("A Pod comes out with defaults, canonical keys and normalised values")
        func completed() async throws {
            let cluster = try Cluster.current
            let labels = ["owner-team": "Search", "environment": "prod", "project": "index"]
            try await cluster.require(
                ["create", "-f", "-"], input: Manifest.pod("completed", in: Gate.strict, labels: labels))
            let stored = try await cluster.require([
                "get", "pod", "--namespace=strict", "completed", "--output=jsonpath={.metadata.labels}",
            ])
            #expect(
                stored == #"""
                    {"cost-center":"discovery","environment":"production","owner-team":"Search","project":"index",\#
                    "team":"search"}
                    """#)
        }

        @Test("The audit log says which default came from where, and which gaps a violator had")
        func auditAnnotations() async throws {
            let cluster = try Cluster.current
            try await cluster.require(["create", "-f", "-"], input: Manifest.pod("told", in: Gate.supplied))
            _ = try await cluster.kubectl(
                ["create", "-f", "-"],
                input: Manifest.pod("refused", in: Gate.strict, labels: ["environment": "moon"]))
            let annotations = try cluster.auditEvents().filter { event in
                event.verb == "create" && ["told", "refused"].contains(event.objectRef?.name)
            }.map { event in
                (event.annotations ?? [:]).filter { $0.key.hasPrefix("tallygate.tallygate.test/") }
            }
            #expect(
                annotations == [
                    [
                        "tallygate.tallygate.test/defaults":
                            "team=ml-platform (namespace); cost-center=product (registry); "
                            + "environment=production (namespace)",
                        "tallygate.tallygate.test/gaps": "project=missing",
                    ],
                    [
                        "tallygate.tallygate.test/gaps":
                            "team=missing cost-center=missing environment=invalid-value project=missing"
                    ],
                ])
        }

        @Test("A denial and a warning as kubectl prints them")
        func kubectl() async throws {
            let cluster = try Cluster.current
            let denied = try await cluster.kubectl(
                ["create", "-f", "-"],
                input: Manifest.pod("bare", in: Gate.strict, labels: ["team": "serch", "project": "index"]))
            #expect(denied.status == 1)
            #expect(
                denied.errors == """
                    Error from server (Forbidden): error when creating "STDIN": admission webhook \
                    "tallygate.tallygate.test" denied the request: Pod "bare" in namespace "strict" lacks cost labels \
                    that policy "cost" requires:
                      - team: unregistered-value "serch"; did you mean "search"?
                      - cost-center: missing; registered: discovery, product, research
                      - environment: missing; allowed: production, staging, development
                    Set them in metadata.labels, or for the whole namespace: kubectl label namespace strict \
                    cost-center=VALUE environment=VALUE.

                    """)
            let warned = try await cluster.kubectl(
                ["create", "-f", "-"],
                input: Manifest.pod("bare", in: Gate.lenient, labels: ["team": "serch", "environment": "prod"]))
            #expect(warned.output == "pod/bare created\n")
            #expect(
                warned.errors == """
                    Warning: cost label team: unregistered-value "serch"; did you mean "search"?; set metadata.labels
                    Warning: cost label cost-center: missing; registered: discovery, product, research; set \
                    metadata.labels
                    Warning: cost label project (recommended): missing; set metadata.labels

                    """)
        }

        @Test("What is still to be named is shown with its prefix")
        func generatedName() async throws {
            let answer = try await Cluster.current.api(
                "POST", Cluster.Path.pods(Gate.strict), Manifest.pod("nightly-", in: Gate.strict))
            #expect(answer.message.contains(#"Pod "nightly-*" in namespace "strict" lacks"#))
        }

        @Test("A dry run gets the same verdicts, and leaves no trace")
        func dryRun() async throws {
            let cluster = try Cluster.current
            let gate = try Gate.current
            let before = (try gate.metrics().admissions, gate.process.errors)
            let denied = try await cluster.kubectl(
                ["create", "--dry-run=server", "-f", "-"], input: Manifest.pod("tried", in: Gate.strict))
            #expect(denied.errors.contains(#"Pod "tried" in namespace "strict" lacks cost labels"#))
            let warned = try await cluster.kubectl(
                ["create", "--dry-run=server", "-f", "-"], input: Manifest.pod("tried", in: Gate.lenient))
            #expect(warned.succeeded)
            #expect(warned.errors.contains("Warning: cost label team: missing"))
            let patched = try await cluster.require(
                ["create", "--dry-run=server", "--output=jsonpath={.metadata.labels.team}", "-f", "-"],
                input: Manifest.pod("tried", in: Gate.supplied))
            #expect(patched == "ml-platform")
            #expect(try (gate.metrics().admissions, gate.process.errors) == before)

            let real = try await cluster.kubectl(["create", "-f", "-"], input: Manifest.pod("tried", in: Gate.strict))
            #expect(real.errors == denied.errors)
            #expect(try gate.metrics().admissions != before.0)
            #expect(gate.process.errors != before.1)
        }

        @Test("A CronJob written in another version is judged like any")
        func equivalentVersion() async throws {
            let denied = try await Cluster.current.api(
                "POST", Cluster.Path.cronJobs(Gate.strict, version: "v2alpha1"),
                Manifest.cronJob("old", in: Gate.strict, version: "batch/v2alpha1"))
            #expect(denied.status == 403)
            #expect(denied.message.contains(#"CronJob "old" in namespace "strict" lacks cost labels"#))
        }
    }
}
