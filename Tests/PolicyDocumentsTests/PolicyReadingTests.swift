import KubernetesModel
import LabelPolicy
import LocatedDocuments
import PolicyDocuments
import TestSupport
import Testing

@Suite struct PolicyReadingTests {
    @Test func theWholeLanguageIsRead() throws {
        let result = read(fullExample)
        #expect(lines(result) == [])
        let loaded = try #require(result.loaded)
        let policy = loaded.policy
        #expect(policy.name == "cost-attribution")
        #expect(policy.mode == .warn)
        #expect(policy.ratchet == Ratchet(until: day("2027-01-31"), pods: .keep))
        #expect(policy.subjects == [.workloads, .namespaces, .claims])
        #expect(
            policy.labels.map(\.key.text) == [
                "team", "cost-center", "environment", "project", "model", "workload-type",
            ])
        #expect(policy.labels.map(\.values.registered) == [.team, .costCenter, nil, nil, nil, nil])
        #expect(policy.labels[0].aliases.map(\.text) == ["owner-team", "app.kubernetes.io/team"])
        #expect(policy.labels[0].values.lowercased)
        #expect(policy.labels[1].defaultFrom == [.owner, .namespace, .registry])
        #expect(policy.labels[2].defaultFrom.last == .value("development"))
        #expect(policy.labels[2].values.synonyms["prod"] == "production")
        #expect(policy.labels[3].values.pattern?.text == "[a-z]{2,8}-\\d+")
        #expect(policy.labels[4].requiredWhenGPU)
        #expect(policy.labels.map(\.tag) == ["Team", "CostCenter", "Environment", "Project", nil, nil])
        #expect(policy.modes.map(\.mode) == [.enforce, .audit])
        #expect(policy.modes[1].subjects == [.namespaces])
        #expect(policy.modes[1].namespaceSelector?.matchExpressions.map(\.values) == [["gold", ""], []])
        #expect(policy.excludedNamespaces.map(\.text) == ["kube-system", "kube-public", "openshift-*"])
        let teams = try #require(policy.registry?.teams)
        #expect(teams.map(\.monthlyBudgetNanos) == [20_000_000_000_000, 1_500_250_000_000])
        #expect(teams[0].validFrom == day("2026-01-01") && teams[1].validUntil == day("2027-12-31"))
        #expect(teams[0].contact == Team.Contact(slack: "#ml-platform", email: "ml@example.com"))
        #expect(policy.exemptions.map(\.expires) == [day("2027-03-31")])
        #expect(policy.exemptions[0].match.serviceAccounts.map(\.text) == ["ci/*"])
        let training = GroupVersionKind(group: "acme.io", version: "v1", kind: "Training")
        #expect(loaded.catalogue.kind(training)?.templates.map(\.path.description) == ["spec.workers[*].template"])
        #expect(loaded.sources == ["p.yaml"])
    }

    @Test func theBuiltInPolicyIsItsText() {
        let result = read(BuiltInPolicyText.yaml)
        #expect(lines(result) == [])
        #expect(result.loaded?.policy == .builtIn)
        #expect(result.loaded?.hash == LoadedPolicy.builtIn.hash)
    }

    /// Every mistake of a policy is told at once, each at its place.
    @Test func allMistakesAreReportedInOnePass() {
        let result = read(
            """
            apiVersion: tallygate.io/v1alpha1
            kind: AttributionPolicy
            metadata: {name: p}
            spec:
              mode: enforced
              ratchet: {until: 2027-02-29}
              labels:
              - key: team
                level: required
                vaules: {registered: true}
              - key: -x
                level: must
                values: {oneOf: [yes, a b], pattern: "a(b"}
              exclude: [kube-system]
            ---
            apiVersion: tallygate.io/v1alpha1
            kind: Exemtion
            """)
        #expect(result.loaded == nil)
        #expect(
            lines(result) == [
                #"5:9: error: spec.mode cannot be "enforced"; did you mean "enforce"?"#,
                #"6:20: error: spec.ratchet.until is no date: "2027-02-29"; write a day of the calendar as YYYY-MM-DD, such as 2027-01-31"#,
                #"10:5: error: unknown field "vaules" in spec.labels[0]; did you mean "values"?"#,
                #"11:10: error: spec.labels[1].key: the label key "-x" begins with '-'; it must begin with a letter or digit"#,
                #"12:12: error: spec.labels[1].level cannot be "must"; it is one of required and recommended"#,
                #"13:22: error: spec.labels[1].values.oneOf[0] must be a string, found the boolean true (written `yes`); write it in quotes: "yes""#,
                #"13:27: error: spec.labels[1].values.oneOf[1]: the label value "a b" holds a space; Kubernetes allows letters, digits, '-', '_' and '.'"#,
                #"13:44: error: spec.labels[1].values.pattern, column 2 of the pattern: '(' is never closed; add ')'"#,
                #"14:12: error: spec.exclude must be a mapping, found a list; its fields are namespaces"#,
                #"17:7: error: unknown kind: the string "Exemtion"; did you mean "Exemption"?"#,
            ])
    }

    // MARK: Documents

    private static let head = "apiVersion: tallygate.io/v1alpha1\n"

    private static let brokenDocumentsNameTheirPlaceCases: [(String, String)] = [
        (
            "- a",
            #"1:1: error: a policy document must be a mapping, found a list; it starts with `apiVersion: tallygate.io/v1alpha1`"#
        ),
        (
            "kind: Registry",
            #"1:1: error: the document has no field "apiVersion"; add `apiVersion: tallygate.io/v1alpha1`"#
        ),
        (
            "apiVersion: tallygate.io/v1\nkind: Registry",
            #"1:13: error: unknown apiVersion: the string "tallygate.io/v1"; this release reads tallygate.io/v1alpha1"#
        ),
        (
            "apiVersion: v1\nkind: Pod",
            #"1:13: error: unknown apiVersion: the string "v1"; only Tallygate's documents (tallygate.io/v1alpha1) belong into a policy; keep others elsewhere"#
        ),
        (
            head,
            #"1:1: error: the document has no field "kind"; add one of AttributionPolicy, Registry, Exemption, WorkloadKind and Pricing"#
        ),
        (
            head + "kind: AtributionPolicy",
            #"2:7: error: unknown kind: the string "AtributionPolicy"; did you mean "AttributionPolicy"?"#
        ),
        (
            head + "kind: Registry\nspec: {teams: [{name: a}]}",
            #"1:1: error: the document has no field "metadata"; add `metadata: {name: …}`"#
        ),
        (
            head + "kind: Registry\nmetadata: {}\nspec: {teams: [{name: a}]}",
            #"3:1: error: metadata has no field "name"; give the document a name"#
        ),
        (
            head + "kind: Registry\nmetadata: {name: A_b}\nspec: {teams: [{name: a}]}",
            #"3:18: error: metadata.name "A_b" is no name of a Kubernetes object; use lower case letters, digits, `-` and `.`, at most 253"#
        ),
        (
            head + "kind: Registry\nmetadata: {name: a}\nspec:\n",
            "4:1: error: spec has no value; give it one, or remove the line"
        ),
        (
            head + "kind: Registry\nmetadata: {name: a}\nteams: []\nspec: {teams: [{name: a}]}",
            #"4:1: error: unknown field "teams"; move it under `spec:`"#
        ),
        (
            head + "kind: Registry\nmetadata: {name: a}\nspec: {teams: [{name: a}]}\nspec: {teams: [{name: a}]}",
            #"5:1: error: the key "spec" stands here again, first in line 4; remove one of the two; the last would count"#
        ),
        (
            head + "kind: Registry\nmetadata: {name: a}\nspec: {team: []}",
            #"4:8: error: unknown field "team" in spec; did you mean "teams"?"#
        ),
        ("", "1:1: error: there is no policy document in it; write one, or give no policy at all for the built-in one"),
        ("a: [", "1:5: error: the text ends where a value should stand; add the value, and close what is open"),
    ]

    @Test(arguments: brokenDocumentsNameTheirPlaceCases)
    func brokenDocumentsNameTheirPlace(text: String, expected: String) {
        #expect(lines(read(text)).contains(expected), "\(lines(read(text)))")
        #expect(read(text).loaded == nil)
    }

    // MARK: Labels

    /// A policy with one rule, on line 6 from column 5.
    private func rule(_ fields: String) -> String {
        """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: p}
        spec:
          labels:
          - {\(fields)}
        """
    }

    private static let brokenRulesNameTheirPlaceCases: [(String, String)] = [
        ("level: required", #"6:5: error: spec.labels[0] has no field "key"; name the label, such as `key: team`"#),
        ("key: a", #"6:5: error: spec.labels[0] has no field "level"; add `level: required` or `level: recommended`"#),
        (
            "key: 5, level: required",
            #"6:11: error: spec.labels[0].key must be a string, found the number 5; write it in quotes: "5""#
        ),
        (
            "key: a, level: required, aliases: b",
            #"6:40: error: spec.labels[0].aliases must be a list, found the string "b"; write it as [...]"#
        ),
        (
            "key: a, level: required, oneOf: [b]",
            #"6:31: error: unknown field "oneOf" in spec.labels[0]; write it under values"#
        ),
        (
            "key: a, level: required, values: {registered: true}",
            #"6:52: error: spec.labels[0].values.registered: what "a" stands for in the registry does not follow from its name; write `registered: team` or `registered: cost-center` or `registered: environment`"#
        ),
        (
            "key: team, level: required, values: {registered: tema}",
            #"6:55: error: spec.labels[0].values.registered must be true, false or one of team, cost-center and environment, found the string "tema"; did you mean "team"?"#
        ),
        (
            "key: team, level: required, values: {registered: true}",
            "6:55: error: values must be registered, but no Registry document was given; add one or drop 'registered'"
        ),
        (
            "key: a, level: required, values: {oneOf: []}",
            "6:47: error: spec.labels[0].values.oneOf is empty; name a value, or remove the line to allow any"
        ),
        ("key: a, level: required, values: {oneOf: [b, b]}", #"6:51: error: "b" is listed twice"#),
        (
            "key: a, level: required, values: {oneOf: [b], synonyms: {c: d}}",
            #"6:63: error: the synonym stands for "d", which the rule does not allow; mend the synonym or allow the value"#
        ),
        (
            "key: a, level: required, values: {synonyms: {c: d, d: e}}",
            #"6:51: error: the synonym stands for "d", which is a synonym itself; name the final value"#
        ),
        (
            "key: a, level: required, values: {synonyms: [c]}",
            "6:50: error: spec.labels[0].values.synonyms must be a mapping, found a list; write each spelling with the value it stands for, such as {prod: production}"
        ),
        (
            "key: a, level: required, values: {synonyms: {no: x}}",
            "6:51: error: the synonym in spec.labels[0].values.synonyms must be a string, found the boolean false (written `no`); write it in quotes: \"no\""
        ),
        (
            "key: a, level: required, values: {pattern: 'x[b-a]'}",
            "6:52: error: spec.labels[0].values.pattern, column 3 of the pattern: the range runs backwards; write the smaller character first"
        ),
        (
            "key: a, level: required, values: {pattern: x**}",
            "6:51: error: spec.labels[0].values.pattern, column 3 of the pattern: there is nothing before the quantifier to repeat; write '\\' before it to mean itself"
        ),
        (
            "key: a, level: required, values: {normalize: upper}",
            #"6:51: error: spec.labels[0].values.normalize cannot be "upper"; it is one of lowercase and none"#
        ),
        (
            "key: a, level: required, values: {normalize: lowercase, oneOf: [B]}",
            #"6:70: error: values are brought to lowercase, so "B" can never be met; write it in lowercase"#
        ),
        (
            "key: a, level: required, defaultFrom: [owner, ownr]",
            #"6:52: error: spec.labels[0].defaultFrom[1] must be owner, namespace, registry or {value: …}, found the string "ownr"; did you mean "owner"?"#
        ),
        (
            "key: a, level: required, defaultFrom: [shared]",
            #"6:45: error: spec.labels[0].defaultFrom[0] must be owner, namespace, registry or {value: …}, found the string "shared"; for a fixed value write {value: shared}"#
        ),
        (
            "key: a, level: required, defaultFrom: [owner, owner]",
            "6:52: error: spec.labels[0].defaultFrom[1] stands there already; remove one of the two"
        ),
        (
            "key: a, level: required, defaultFrom: [{value: b}, owner]",
            "6:57: error: spec.labels[0].defaultFrom[1] is never reached: spec.labels[0].defaultFrom[0] always has a value; put {value: …} last"
        ),
        (
            "key: a, level: required, values: {oneOf: [c]}, defaultFrom: [{value: b}]",
            #"6:67: error: the rule does not accept its own default "b"; mend one of them"#
        ),
        (
            "key: a, level: required, defaultFrom: [{value: ''}]",
            "6:53: error: spec.labels[0].defaultFrom[0].value is empty; nobody can be billed under an empty value"
        ),
        (
            "key: a, level: required, defaultFrom: [registry]",
            "6:45: error: a default from the registry needs 'registered', which says what the label stands for"
        ),
        (
            "key: a, level: required, requiredWhen: {gpus: true}",
            #"6:46: error: unknown field "gpus" in spec.labels[0].requiredWhen; did you mean "gpu"?"#
        ),
        (
            "key: a, level: required, requiredWhen: {gpu: 1}",
            "6:51: error: spec.labels[0].requiredWhen.gpu must be true or false, found the number 1"
        ),
        (
            "key: a, level: required, tag: ''",
            "6:36: error: spec.labels[0].tag is empty; write something, or remove the line"
        ),
        (
            "key: a/b/c, level: required",
            #"6:11: error: spec.labels[0].key: the label key "a/b/c" has more than one '/'; a key is NAME or PREFIX/NAME"#
        ),
        (
            "key: a, level: required, aliases: [b, b]",
            #"6:44: error: the alias "b" belongs to "a" already; a label can stand for one key only"#
        ),
        (
            "key: a, level: required, aliases: [a]",
            #"6:41: error: the alias "a" is the key of a rule; an alias must be another name"#
        ),
        (
            "key: a, level: required}\n  - {key: a, level: required",
            #"7:11: error: the label "a" has a rule already; merge the two"#
        ),
        (
            "key: a, level: required, aliases: [c]}\n  - {key: b, level: required, aliases: [c]",
            #"7:41: error: the alias "c" belongs to "a" already; a label can stand for one key only"#
        ),
        // A rule that cannot be read does not shift the places of those behind it.
        (
            "key: -}\n  - {key: b, level: required, aliases: [b]",
            #"7:41: error: the alias "b" is the key of a rule; an alias must be another name"#
        ),
    ]

    @Test(arguments: brokenRulesNameTheirPlaceCases)
    func brokenRulesNameTheirPlace(fields: String, expected: String) {
        #expect(lines(read(rule(fields))).contains(expected), "\(lines(read(rule(fields))))")
        #expect(read(rule(fields)).loaded == nil)
    }

    @Test func aNeedlessConditionIsAWarning() {
        let result = read(rule("key: a, level: required, requiredWhen: {gpu: true}"))
        #expect(
            lines(result) == [
                "6:45: warning: spec.labels[0].requiredWhen changes nothing: the label is required anyway; remove it, or write `level: recommended`"
            ])
        #expect(result.loaded != nil)
    }

    // MARK: Policy

    /// A policy with one rule and more fields of `spec`, from line 6.
    private func spec(_ fields: String) -> String {
        """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: p}
        spec:
          labels: [{key: a, level: required}]
          \(fields)
        """
    }

    private static let brokenPoliciesNameTheirPlaceCases: [(String, String)] = [
        ("mode: yes", #"6:9: error: spec.mode cannot be "yes"; it is one of enforce, warn and audit"#),
        ("mode:", "6:3: error: spec.mode has no value; give it one, or remove the line"),
        ("mode: [warn]", "6:9: error: spec.mode must be one of enforce, warn and audit, found a list"),
        ("teams: []", #"6:3: error: unknown field "teams" in spec; teams stand in a document of `kind: Registry`"#),
        (
            "ratchet: {}",
            #"6:3: error: spec.ratchet has no field "until"; name the last day of grace, such as `until: "2027-01-31"`"#
        ),
        (
            "ratchet: {until: 2027-01-31, pods: kept}",
            #"6:38: error: spec.ratchet.pods cannot be "kept"; it is one of keep and deny"#
        ),
        (
            "ratchet: {until: 20270131}",
            #"6:20: error: spec.ratchet.until must be a string, found the number 20270131; write it in quotes: "20270131""#
        ),
        (
            "subjects: []",
            "6:13: error: spec.subjects is empty; name some of workloads, namespaces, claims and loadbalancers, or remove the line"
        ),
        ("subjects: [workload]", #"6:14: error: spec.subjects[0] cannot be "workload"; did you mean "workloads"?"#),
        (
            "modes: [{}]",
            #"6:11: error: spec.modes[0] has no field "mode"; add `mode: enforce`, `mode: warn` or `mode: audit`"#
        ),
        (
            "modes: [{mode: warn}, {mode: enforce}]",
            "6:25: error: the rule is never reached: modes[0] matches everything it would match"
        ),
        (
            "modes: [{mode: warn, namespaceSelector: {matchLabels: {a: 1}}}]",
            "6:61: error: spec.modes[0].namespaceSelector.matchLabels.a must be a string, found the number 1; write it in quotes: \"1\""
        ),
        (
            "modes: [{mode: warn, namespaceSelector: {matchLabels: {a: 'b '}}}]",
            #"6:61: error: spec.modes[0].namespaceSelector.matchLabels.a: the label value "b " holds a space; Kubernetes allows letters, digits, '-', '_' and '.'"#
        ),
        (
            "modes: [{mode: warn, namespaceSelector: {matchExpressions: [{key: a, operator: in}]}}]",
            #"6:82: error: spec.modes[0].namespaceSelector.matchExpressions[0].operator cannot be "in"; did you mean "In"?"#
        ),
        (
            "modes: [{mode: warn, namespaceSelector: {matchExpressions: [{key: a, operator: In}]}}]",
            "6:63: error: spec.modes[0].namespaceSelector.matchExpressions[0] has no values, which In needs; list them"
        ),
        (
            "modes: [{mode: warn, namespaceSelector: {matchExpressions: [{key: a, operator: In, values: []}]}}]",
            "6:94: error: spec.modes[0].namespaceSelector.matchExpressions[0].values is empty, which In does not allow; list values, or use Exists or DoesNotExist"
        ),
        (
            "modes: [{mode: warn, namespaceSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}]",
            "6:98: error: Exists takes no values; remove them, or use In or NotIn"
        ),
        (
            "exclude: {namespaces: [Kube-System]}",
            #"6:26: error: spec.exclude.namespaces[0]: no name holds 'K', so "Kube-System" matches nothing; names are lower case; `*` is the only wildcard"#
        ),
        (
            "exclude: {namespaces: ['kube-?']}",
            #"6:26: error: spec.exclude.namespaces[0]: no name holds '?', so "kube-?" matches nothing; names are lower case; `*` is the only wildcard"#
        ),
        ("exclude: {}", #"6:3: error: spec.exclude has no field "namespaces"; list the namespaces to leave alone"#),
    ]

    @Test(arguments: brokenPoliciesNameTheirPlaceCases)
    func brokenPoliciesNameTheirPlace(fields: String, expected: String) {
        #expect(lines(read(spec(fields))) == [expected])
    }

    @Test func aPolicyWithoutLabelsIsAnError() {
        let text = spec("mode: warn").replacing("[{key: a, level: required}]", with: "[]")
        #expect(lines(read(text)) == ["5:3: error: the policy asks for no labels; list at least one"])
    }

    @Test func aSecondPolicyIsAnError() {
        let first = spec("mode: warn")
        #expect(
            lines(read(first + "\n---\n" + first)) == [
                "10:18: error: a second AttributionPolicy; the first stands at p.yaml:1; keep one, and use `modes` where namespaces differ"
            ])
    }
}
