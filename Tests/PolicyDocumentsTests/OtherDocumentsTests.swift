import LabelPolicy
import LocatedDocuments
import PolicyDocuments
import Testing

/// Registry, Exemption and WorkloadKind.
@Suite struct OtherDocumentsTests {
    /// A policy on lines 1–8, and a document whose `spec` is on line 13.
    private func document(_ kind: String, _ spec: String, rules: String = "[{key: team, level: required}]") -> String {
        """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: p}
        spec:
          # Rules.
          labels: \(rules)


        ---
        apiVersion: tallygate.io/v1alpha1
        kind: \(kind)
        metadata: {name: d}
        spec: {\(spec)}
        """
    }

    private static let brokenRegistriesNameTheirPlaceCases: [(String, String)] = [
        ("", #"13:1: error: spec has no field "teams"; list the teams cost is booked on"#),
        ("teams: {}", "13:15: error: spec.teams must be a list, found a mapping; write it as [...]"),
        (
            "teams: [a]",
            #"13:16: error: spec.teams[0] must be a mapping, found the string "a"; its fields are name, aliases, costCenters, environments, validFrom, validUntil, contact and monthlyBudget"#
        ),
        ("teams: [{}]", #"13:16: error: spec.teams[0] has no field "name"; name the team as it is billed"#),
        (
            "teams: [{name: a}, {name: a}]",
            #"13:34: error: the name "a" belongs to the team "a" already; names and aliases must be unique"#
        ),
        (
            "teams: [{name: a, aliases: [b]}, {name: b}]",
            #"13:48: error: the name "b" belongs to the team "a" already; names and aliases must be unique"#
        ),
        (
            "teams: [{name: a}, {name: b, aliases: [c, a]}]",
            #"13:50: error: the name "a" belongs to the team "a" already; names and aliases must be unique"#
        ),
        ("teams: [{name: a, costCenters: [x, x]}]", #"13:43: error: "x" is listed twice"#),
        (
            "teams: [{name: a, costcenters: [x]}]",
            #"13:26: error: unknown field "costcenters" in spec.teams[0]; did you mean "costCenters"?"#
        ),
        (
            "teams: [{name: a, costCenters: [1234]}]",
            #"13:40: error: spec.teams[0].costCenters[0] must be a string, found the number 1234; write it in quotes: "1234""#
        ),
        (
            "teams: [{name: a, validFrom: 2026-02-01, validUntil: 2026-01-31}]",
            "13:61: error: the registration ends before it begins; swap validFrom and validUntil"
        ),
        (
            "teams: [{name: a, validFrom: soon}]",
            #"13:37: error: spec.teams[0].validFrom is no date: "soon"; write a day of the calendar as YYYY-MM-DD, such as 2027-01-31"#
        ),
        (
            "teams: [{name: a, monthlyBudget: -1}]",
            "13:41: error: spec.teams[0].monthlyBudget must be an amount from 0 to 9223372036, found `-1`; write digits and at most nine decimals, such as 20000 or 1500.50"
        ),
        (
            "teams: [{name: a, monthlyBudget: 1e10}]",
            "13:41: error: spec.teams[0].monthlyBudget must be an amount from 0 to 9223372036, found `1e10`; write digits and at most nine decimals, such as 20000 or 1500.50"
        ),
        (
            "teams: [{name: a, monthlyBudget: '1'}]",
            #"13:41: error: spec.teams[0].monthlyBudget must be a number, found the string "1"; write it as 20000"#
        ),
        (
            "teams: [{name: a, contact: {mail: x}}]",
            #"13:36: error: unknown field "mail" in spec.teams[0].contact; did you mean "email"?"#
        ),
        ("teams: []", "13:15: warning: the registry is empty: no value is registered; list the teams"),
    ]

    @Test(arguments: brokenRegistriesNameTheirPlaceCases)
    func brokenRegistriesNameTheirPlace(spec: String, expected: String) {
        #expect(lines(read(document("Registry", spec))) == [expected])
    }

    @Test func namesThatLoweringMakesUnreachableAreErrors() {
        let rules = "[{key: team, level: required, values: {registered: true, normalize: lowercase}}]"
        #expect(
            lines(read(document("Registry", "teams: [{name: ML}]", rules: rules))) == [
                #"13:23: error: values are brought to lowercase, so "ML" can never be met; write it in lowercase"#
            ])
    }

    private static let budgetsKeepEveryDigitCases: [(Int64, String)] = [
        (Int64(0), "0"), (1, "0.000000001"), (1_500_250_000_000, "1500.25"), (Int64.max, "9223372036.854775807"),
    ]

    @Test(arguments: budgetsKeepEveryDigitCases)
    func budgetsKeepEveryDigit(nanos: Int64, text: String) {
        let result = read(document("Registry", "teams: [{name: a, monthlyBudget: \(text)}]"))
        #expect(result.loaded?.policy.registry?.teams.first?.monthlyBudgetNanos == nanos)
        #expect(result.loaded.map { PolicyRendering($0).json.contains("\"monthlyBudget\":\(text)}") } == true)
    }

    @Test(arguments: [("1e+06", "1000000"), ("2.5e4", "25000"), ("1E-9", "0.000000001"), ("1.5e+0", "1.5")])
    func budgetsMayHaveExponents(text: String, plain: String) {
        let result = read(document("Registry", "teams: [{name: a, monthlyBudget: \(text)}]"))
        #expect(result.loaded.map { PolicyRendering($0).json.contains("\"monthlyBudget\":\(plain)}") } == true)
    }

    @Test(arguments: [
        "1e300", "1e-10", "1.0000000001e0", "-1e3", "9223372036.854775808", "9223372037", "1.0000000001", "0777", "1.",
        "0x10", "+1", "1_000",
    ])
    func amountsThatCannotBeMeantAreErrors(text: String) {
        #expect(read(document("Registry", "teams: [{name: a, monthlyBudget: \(text)}]")).loaded == nil)
    }

    // MARK: Exemptions

    private static let rest = "owner: o, reason: r, expires: 2027-01-31"

    private static let brokenExemptionsNameTheirPlaceCases: [(String, String)] = [
        (rest, #"13:1: error: spec has no field "match"; say what is exempt, such as `match: {namespaces: [legacy]}`"#),
        (
            "match: {}, \(rest)",
            "13:8: error: the exemption matches everything; name namespaces, kinds, names, users or serviceAccounts"
        ),
        (
            "match: {namespaces: []}, \(rest)",
            "13:8: error: the exemption matches everything; name namespaces, kinds, names, users or serviceAccounts"
        ),
        (
            "match: {namespace: [a]}, \(rest)",
            #"13:16: error: unknown field "namespace" in spec.match; did you mean "namespaces"?"#
        ),
        (
            "match: {namespaces: [a], serviceAccounts: [x]}, \(rest)",
            #"13:51: error: spec.match.serviceAccounts[0]: "x" is no service account; write NAMESPACE/NAME, such as ci/deployer"#
        ),
        (
            "match: {namespaces: [a]}, labels: [], \(rest)",
            "13:42: error: spec.labels is empty; name labels, or remove the line to exempt from all"
        ),
        (
            "match: {namespaces: [a]}, labels: [tea], \(rest)",
            #"13:43: error: the policy has no label "tea" to be exempt from"#
        ),
        (
            "match: {namespaces: [a]}, owner: o, reason: r",
            #"13:1: error: spec has no field "expires"; name its last day, such as `expires: "2027-03-31"`"#
        ),
        (
            "match: {namespaces: [a]}, owner: ' ', reason: r, expires: 2027-01-31",
            "13:41: error: spec.owner is empty; write something, or remove the line"
        ),
        (
            "match: {namespaces: [a]}, owner: o, reason: r, until: 2027-01-31",
            #"13:55: error: unknown field "until" in spec; did you mean "expires"?"#
        ),
        (
            "match: {namespaces: [a]}, owner: o, reason: r, expires: 2026-11-19",
            "13:64: warning: the exemption expired on 2026-11-19 and no longer counts; mend what it excused and remove it, or agree on a later day"
        ),
        (
            "match: {kinds: [Jobs]}, \(rest)",
            #"13:24: warning: no kind "Jobs" is in the catalogue, so nothing of it is ever judged; did you mean "Job"?"#
        ),
    ]

    @Test(arguments: brokenExemptionsNameTheirPlaceCases)
    func brokenExemptionsNameTheirPlace(spec: String, expected: String) {
        #expect(
            lines(read(document("Exemption", spec))).contains(expected), "\(lines(read(document("Exemption", spec))))")
    }

    @Test func anExemptionCountsOnItsLastDay() {
        let text = document("Exemption", "match: {kinds: [Job]}, \(Self.rest)")
        #expect(read(text, today: day("2027-01-31")).diagnostics.isEmpty)
        #expect(read(text, today: day("2027-02-01")).warnings.count == 1)
        #expect(read(text, today: day("2027-02-01")).loaded != nil)
    }

    @Test func twoExemptionsOfOneNameAreAnError() {
        let text = document("Exemption", "match: {kinds: [Job]}, \(Self.rest)")
        let second = text.split(separator: "---\n").last ?? ""
        #expect(
            lines(read(text + "\n---\n" + second)) == [
                #"17:18: error: an exemption named "d" exists already; names must be unique"#
            ])
    }

    // MARK: Kinds

    private static let brokenKindsNameTheirPlaceCases: [(String, String)] = [
        (
            "group: acme.io, version: v1, kind: T, resource: ts",
            #"13:1: error: spec has no field "templatePaths"; say where the Pod templates stand, such as [spec.template]"#
        ),
        (
            "group: acme.io, kind: T, resource: ts, templatePaths: [a]",
            #"13:1: error: spec has no field "version"; add `version: v1`"#
        ),
        (
            "group: acme.io, version: v1, versions: [v2], kind: T, resource: ts, templatePaths: [a]",
            "13:37: error: spec has both version and versions; remove one"
        ),
        (
            "group: Acme, version: v1, kind: T, resource: ts, templatePaths: [a]",
            "13:15: error: group 'Acme' is no API group; write a DNS name in lower case such as acme.io, or \"\" for core"
        ),
        (
            "group: acme.io, version: v1, kind: T, resource: ts, templatePaths: []",
            "13:75: error: no template path is given; write where the Pod template stands, such as spec.template"
        ),
        (
            "group: acme.io, version: v1, kind: T, resource: ts, templatePaths: ['spec..a']",
            "13:82: error: spec.templatePaths[0], column 6 of the path: a member name is missing between two dots; write one dot, or the missing name"
        ),
        (
            "group: apps, version: v1, kind: Deployment, resource: deployments, templatePaths: [a]",
            "13:40: error: WorkloadKind 'd': apps/v1 Deployment is already defined by the built-in catalogue; remove this one, or correct its group, version or kind"
        ),
    ]

    @Test(arguments: brokenKindsNameTheirPlaceCases)
    func brokenKindsNameTheirPlace(spec: String, expected: String) {
        #expect(lines(read(document("WorkloadKind", spec))) == [expected])
    }

    // MARK: Together

    @Test func withoutAnAttributionPolicyTheBuiltInRulesHold() {
        let text = document("Exemption", "match: {kinds: [Job]}, labels: [team], \(Self.rest)")
        let alone = String(text.split(separator: "---\n").last ?? "")
        let result = read(alone)
        #expect(
            lines(result) == [
                "3:18: warning: no AttributionPolicy is given, so the built-in one holds; `tallygate policy show` prints it; start from there"
            ])
        #expect(result.loaded?.policy.labels == Policy.builtIn.labels)
        #expect(result.loaded?.policy.exemptions.count == 1)
    }

    @Test func registriesOfSeveralFilesAreOne() {
        let policy = SourceFile(
            name: "a.yaml",
            text: document(
                "Registry", "teams: [{name: a}]", rules: "[{key: team, level: required, values: {registered: true}}]"))
        let other = SourceFile(
            name: "b.json",
            text:
                #"{"apiVersion":"tallygate.io/v1alpha1","kind":"Registry","metadata":{"name":"b"},"spec":{"teams":[{"name":"b"},{"name":"a"}]}}"#
        )
        let result = PolicyReader.read([policy, other], today: today)
        #expect(
            result.diagnostics.map(\.line) == [
                #"b.json:1:119: error: the name "a" belongs to the team "a" already; names and aliases must be unique"#
            ])
    }
}
