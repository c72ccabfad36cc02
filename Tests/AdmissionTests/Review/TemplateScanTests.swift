import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// The walk along a kind's paths, held to manifests of each kind and to documents no API server would write.
@Suite struct TemplateScanTests {
    // MARK: Catalogue

    /// Every label key of the fixtures, so that whole maps can be compared.
    private static let fixtureKeys: [LabelKey] = {
        let texts = Set(WorkloadFixture.all.flatMap { $0.templates.flatMap(\.labels.keys) }).sorted()
        return texts.map { LabelKey(stringLiteral: $0) }
    }()

    private static func found(_ object: ScannedObject, _ kind: GroupVersionKind) throws -> [WorkloadFixture.Template] {
        let scanner = ReviewScanner(catalogue: .builtin, keys: fixtureKeys)
        let judge = ObjectJudge(evaluator: Evaluator(Policy(name: "none", mode: .audit, labels: [])))
        let judgements = judge.judge(
            object, as: try #require(scanner.target(for: kind)), kind: kind.kind, name: object.name,
            in: ObjectJudge.Surroundings(namespace: .absent(), suppliesOwners: false), at: .on("2026-06-15"))
        return zip(object.templates, judgements).map { template, judgement in
            WorkloadFixture.Template(
                labelsPointer: judgement.labels.pointer, gpu: template.requestsGPU,
                labels: Scan.labels(template.labels, keys: fixtureKeys))
        }.sorted { $0.labelsPointer < $1.labelsPointer }
    }

    @Test(arguments: WorkloadFixture.all)
    func findsTheTemplatesOfEveryKind(fixture: WorkloadFixture) throws {
        let object = try Scan.object(fixture.json(), fixture.gvk, keys: Self.fixtureKeys)
        #expect(!object.hasTooManyTemplates)
        #expect(
            try Self.found(object, fixture.gvk) == fixture.templates.sorted { $0.labelsPointer < $1.labelsPointer })
    }

    /// The order of members means nothing: metadata last, spec first, every object the other way round.
    @Test(arguments: WorkloadFixture.all)
    func findsThemInAnyOrderOfMembers(fixture: WorkloadFixture) throws {
        let object = try Scan.object(fixture.document().reversed.json, fixture.gvk, keys: Self.fixtureKeys)
        #expect(
            try Self.found(object, fixture.gvk) == fixture.templates.sorted { $0.labelsPointer < $1.labelsPointer })
    }

    /// Whatever stood in an earlier duplicate is gone: each object of the manifest has every member twice, first the
    /// value of a sibling or of a decoy, then its own.
    @Test(arguments: WorkloadFixture.all)
    func lastDuplicateCountsAtEveryLevel(fixture: WorkloadFixture) throws {
        let expected = fixture.templates.sorted { $0.labelsPointer < $1.labelsPointer }
        for decoy in Decoy.allCases {
            let object = try Scan.object(
                fixture.document().doubled(decoy).json, fixture.gvk, keys: Self.fixtureKeys)
            #expect(try Self.found(object, fixture.gvk) == expected, "\(decoy)")
        }
    }

    /// Kinds that share a name are told apart by their group.
    @Test func kindNamesCollide() throws {
        let object =
            #"{"metadata":{"labels":{"team":"own"}},"spec":{"template":{"metadata":{"labels":{"team":"batch"}}},"#
            + #""tasks":[{"template":{"metadata":{"labels":{"team":"volcano"}}}}]}}"#
        let cases: [(String, String, String, [String]?)] = [
            ("batch", "v1", "Job", ["batch"]), ("batch.volcano.sh", "v1alpha1", "Job", ["volcano"]),
            ("batch.crossplane.io", "v1", "Job", nil), ("", "v1", "Job", nil), ("batch", "v2", "Job", nil),
            ("serving.knative.dev", "v1", "Service", ["batch"]), ("", "v1", "Service", []),
        ]
        for (group, version, kind, teams) in cases {
            let request = try Scan.review(ReviewBuilder.of(group, version, kind, object).json)
            #expect(
                request.object?.templates.map { Scan.labels($0.labels)["team"] } == teams, "\(group)/\(version) \(kind)"
            )
        }
    }

    // MARK: Places that are none

    @Test(arguments: [
        #"{}"#, #"{"spec":null}"#, #"{"spec":[]}"#, #"{"spec":{}}"#, #"{"spec":{"template":null}}"#,
        #"{"spec":{"template":[{"metadata":{}}]}}"#, #"{"spec":{"template":"x"}}"#, #"{"spec":{"Template":{}}}"#,
        #"{"spec":{"template":{}},"spec":{}}"#, #"{"spec":{"template":{},"template":null}}"#,
    ])
    func noTemplate(text: String) throws {
        #expect(try Scan.object(text, .deployment).templates.isEmpty)
    }

    @Test(arguments: [
        #"{"spec":{"template":{}}}"#, #"{"spec":{"template":{"metadata":null,"spec":7}}}"#,
        #"{"spec":{"template":{"metadata":{"labels":[]},"spec":{"containers":{}}}}}"#,
        #"{"spec":{"template":{"metadata":{"labels":{"team":"a"}},"metadata":{}}}}"#,
        #"{"spec":{"template":{"metadata":{"labels":{"team":"a"}}},"template":{}}}"#,
        #"{"spec":{"template":{"metadata":{"labels":{"team":"a"}}}},"spec":{"template":{}}}"#,
    ])
    func templateWithoutLabels(text: String) throws {
        let object = try Scan.object(text, .deployment)
        #expect(object.templates.map { Scan.labels($0.labels) } == [[:]])
        #expect(object.templates.map(\.requestsGPU) == [false])
    }

    // MARK: Maps of templates

    private static func replicas(_ members: String) -> String {
        #"{"spec":{"pytorchReplicaSpecs":{\#(members)}}}"#
    }

    private static func replica(_ team: String) -> String {
        #"{"template":{"metadata":{"labels":{"team":"\#(team)"}}}}"#
    }

    @Test func duplicateKeysOfAMap() throws {
        let object = try Scan.object(
            Self.replicas(
                #""Worker":\#(Self.replica("a")),"Master":\#(Self.replica("m")),"W\u006frker":\#(Self.replica("b"))"#),
            .pytorchJob)
        #expect(object.templates.map { Scan.labels($0.labels)["team"] } == ["m", "b"])
        #expect(object.templates.map(\.wildcards) == [[.member("Master")], [.member("Worker")]])
    }

    @Test func duplicateWithoutTemplateTakesTheFirstBack() throws {
        let object = try Scan.object(
            Self.replicas(#""Worker":\#(Self.replica("a")),"Worker":null"#), .pytorchJob)
        #expect(object.templates.isEmpty)
    }

    /// Names are cut for messages only: two long ones that begin alike are two.
    @Test func longKeysOfAMapAreToldApart() throws {
        let long = String(repeating: "w", count: 300)
        let object = try Scan.object(
            Self.replicas(#""\#(long)1":\#(Self.replica("a")),"\#(long)2":\#(Self.replica("b"))"#), .pytorchJob)
        #expect(object.templates.map { Scan.labels($0.labels)["team"] } == ["a", "b"])
        #expect(object.templates.first?.wildcards == [.member(String(repeating: "w", count: 256))])
    }

    /// A wildcard at the root meets the object's own metadata too.
    @Test func wildcardAtTheRoot() throws {
        let kind = try WorkloadKind(
            validatingGroup: "acme.io", kind: "Bag", versions: ["v1"], resource: "bags",
            templates: [TemplateLocation(TemplatePath(.anyMember, "template"))], document: "bags")
        let object = try Scan.object(
            #"{"metadata":{"template":{"metadata":{"labels":{"team":"m"}}}},"a":{"template":{"metadata":"#
                + #"{"labels":{"team":"a"}}}}}"#,
            GroupVersionKind(group: "acme.io", version: "v1", kind: "Bag"),
            catalogue: try WorkloadCatalogue.builtin.adding([kind]))
        #expect(object.templates.map { Scan.labels($0.labels)["team"] } == ["m", "a"])
    }

    /// A named step and a wildcard may match the same member: each finds its template there.
    @Test func namedStepBesideAWildcard() throws {
        let kind = try WorkloadKind(
            validatingGroup: "acme.io", kind: "Bag", versions: ["v1"], resource: "bags",
            templates: [
                TemplateLocation(TemplatePath("spec", .anyMember, "template")),
                TemplateLocation(TemplatePath("spec", "main", "pod")),
            ], document: "bags")
        let object = try Scan.object(
            #"{"spec":{"main":{"template":{"metadata":{"labels":{"team":"t"}}},"pod":{"metadata":{"labels":"#
                + #"{"team":"p"}}}},"side":{"template":{},"pod":{}}}}"#,
            GroupVersionKind(group: "acme.io", version: "v1", kind: "Bag"),
            catalogue: try WorkloadCatalogue.builtin.adding([kind]))
        let found = object.templates.map { "\($0.location) \(Scan.labels($0.labels)["team"] ?? "-")" }
        #expect(found.sorted() == ["0 -", "0 t", "1 p"])
    }

    // MARK: Argo: what makes a template one

    private static func workflow(_ template: String, more: String = "") -> String {
        #"{"spec":{"templates":[\#(template)]\#(more)}}"#
    }

    @Test(arguments: [
        (#"{"container":{}}"#, 1), (#"{"script":{}}"#, 1), (#"{"containerSet":{}}"#, 1), (#"{"resource":{}}"#, 1),
        (#"{"data":{}}"#, 1), (#"{"suspend":{}}"#, 0), (#"{"container":null}"#, 0), (#"{}"#, 0), ("null", 0),
        (#"{"container":{},"container":null}"#, 0), (#"{"container":null,"container":{}}"#, 1),
        // One of the members is taken back, the other one stays.
        (#"{"script":{},"container":{},"container":null}"#, 1),
        (#"{"container":{},"script":null,"script":null}"#, 1),
    ])
    func argoTemplates(template: String, count: Int) throws {
        #expect(try Scan.object(Self.workflow(template), .workflow).templates.count == count)
    }

    @Test func labelsOfTheWholeWorkflow() throws {
        let object = try Scan.object(
            Self.workflow(
                #"{"container":{},"metadata":{"labels":{"team":"own"}}},{"script":{}}"#,
                more: #","podMetadata":{"labels":{"team":"pods","environment":"dev","model":"m"}},"#
                    + #""templateDefaults":{"metadata":{"labels":{"environment":"prod"}}},"#
                    + #""podMetadata":{"labels":{"team":"pods","environment":"dev"}}"#),
            .workflow)
        #expect(
            object.templates.map { Scan.labels($0.labels) } == [
                ["team": "own", "environment": "prod"], ["team": "pods", "environment": "prod"],
            ])
    }

    // MARK: Bounds

    @Test func moreTemplatesThanAreKept() throws {
        let worker = #"{"template":{"metadata":{"labels":{"team":"a"}},"spec":{"containers":[]}}}"#
        let kind = GroupVersionKind(group: "ray.io", version: "v1", kind: "RayCluster")
        for (count, isTooMany) in [(4_096, false), (4_097, true), (10_000, true)] {
            let workers = Array(repeating: worker, count: count).joined(separator: ",")
            let object = try Scan.object(#"{"spec":{"workerGroupSpecs":[\#(workers)]}}"#, kind)
            #expect(object.hasTooManyTemplates == isTooMany)
            #expect(object.templates.count == min(count, ObjectScanner.maximumTemplates))
        }
    }

    /// The walk keeps a location's members and accelerators in sets of 64 flags.
    @Test func theCatalogueFitsTheWalksSets() {
        for kind in WorkloadCatalogue.builtin.kinds {
            for location in kind.templates {
                #expect(location.accelerators.count <= 64, "\(kind.kind)")
                #expect(location.requiredMembers.count <= 64, "\(kind.kind)")
            }
        }
    }

    /// Prefixes and single-byte changes of a real document are read or refused, never trapped on.
    @Test(arguments: ["raycluster.yaml", "workflow.yaml", "inferenceservice.yaml", "pytorchjob.yaml", "trainjob.yaml"])
    func brokenDocuments(file: String) throws {
        let fixture = try #require(WorkloadFixture.all.first { $0.file == file })
        let bytes = Array(try fixture.json().utf8)
        let scanner = ReviewScanner(catalogue: .builtin, keys: Scan.keys)
        let target = try #require(scanner.target(for: fixture.gvk))
        var generator = TestSupport.SeededGenerator(seed: 7)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: JSONError.self) {
                try bytes[..<length].withUnsafeBytes { try scanner.scanObject($0, as: target) }
            }
        }
        let replacements = Array(#"{}[]",:\0nt7-"#.utf8) + [0x00, 0xFF]
        for _ in 0..<1_000 {
            var changed = bytes
            changed[Int.random(in: changed.indices, using: &generator)] = generator.pick(replacements)
            _ = try? changed.withUnsafeBytes { try scanner.scanObject($0, as: target) }
        }
    }
}

/// What stands before each member's real value.
enum Decoy: CaseIterable {
    case null, emptyObject, emptyArray, text, number, sibling, same
}

extension FixtureValue {
    /// Every object with its members the other way round.
    var reversed: FixtureValue {
        switch self {
        case .object(let members):
            .object(members.reversed().map { Member(name: $0.name, value: $0.value.reversed) })
        case .array(let elements): .array(elements.map(\.reversed))
        case .null, .bool, .number, .string: self
        }
    }

    /// Every object with each member twice: first all of them with a decoy's value, then with their own.
    func doubled(_ decoy: Decoy) -> FixtureValue {
        switch self {
        case .object(let members):
            let decoys = members.enumerated().map { index, member in
                let sibling = members[(index + 1) % members.count].value
                return Member(name: member.name, value: Self.decoy(decoy, member.value, sibling: sibling))
            }
            return .object(decoys + members.map { Member(name: $0.name, value: $0.value.doubled(decoy)) })
        case .array(let elements): return .array(elements.map { $0.doubled(decoy) })
        case .null, .bool, .number, .string: return self
        }
    }

    private static func decoy(_ decoy: Decoy, _ own: FixtureValue, sibling: FixtureValue) -> FixtureValue {
        switch decoy {
        case .null: .null
        case .emptyObject: .object([])
        case .emptyArray: .array([])
        case .text: .string("decoy")
        case .number: .number("7")
        case .sibling: sibling
        case .same: own
        }
    }
}
