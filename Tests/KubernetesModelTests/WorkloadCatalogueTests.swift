import KubernetesModel
import TestSupport
import Testing

@Suite struct WorkloadCatalogueTests {
    let catalogue = WorkloadCatalogue.builtin

    // MARK: The built-in entries

    @Test(arguments: WorkloadFixture.all)
    func `finds the templates of a manifest`(fixture: WorkloadFixture) throws {
        let document = try fixture.document()
        #expect(document["apiVersion"] == .string(fixture.gvk.apiVersion))
        #expect(document["kind"] == .string(fixture.gvk.kind))

        let kind = try #require(catalogue.kind(fixture.gvk))
        let found = CatalogueInterpreter(kind: kind, document: document).templates().map(\.template)
        #expect(found == fixture.templates)
    }

    @Test(arguments: WorkloadFixture.all)
    func `points at the labels of a manifest`(fixture: WorkloadFixture) throws {
        let document = try fixture.document()
        for template in fixture.templates {
            guard case .object(let members)? = document.at(pointer: template.labelsPointer) else { continue }
            for member in members { #expect(template.labels[member.name] != nil) }
        }
    }

    @Test(arguments: WorkloadCatalogue.builtin.kinds)
    func `has a manifest for each kind`(kind: WorkloadKind) {
        #expect(WorkloadFixture.all.contains { kind.groupVersionKinds.contains($0.gvk) })
    }

    @Test(arguments: WorkloadCatalogue.builtin.kinds)
    func `holds to what is asked of a policy's kinds`(kind: WorkloadKind) throws {
        let again = try WorkloadKind(
            validatingGroup: kind.group, kind: kind.kind, versions: kind.versions, resource: kind.resource,
            templates: kind.templates, document: "test")
        #expect(again.templates == kind.templates)
        #expect(kind.isBuiltin)
        #expect(!again.isBuiltin)
    }

    @Test(arguments: WorkloadCatalogue.builtin.kinds)
    func `has paths that can be written in a policy`(kind: WorkloadKind) throws {
        for template in kind.templates {
            if !template.path.isRoot {
                #expect(try TemplatePath(parsing: template.path.description) == template.path)
            }
            for source in template.labelSources + [template.annotations] {
                #expect(source.path.isConcrete, "a map of labels stands at one place")
            }
        }
    }

    @Test(arguments: WorkloadCatalogue.builtin.kinds)
    func `is created by catalogued kinds only`(kind: WorkloadKind) {
        for creator in kind.createdBy { #expect(catalogue.kind(creator) != nil, "\(creator)") }
    }

    @Test func `built-in entries do not collide`() throws {
        #expect(Set(catalogue.kinds.map(\.groupKind)).count == catalogue.kinds.count)
        let resources = catalogue.kinds.flatMap { kind in
            kind.versions.map { GroupVersionResource(group: kind.group, version: $0, resource: kind.resource) }
        }
        #expect(Set(resources).count == resources.count)
        // A collision would have been left out.
        #expect(catalogue.kinds.count == 34)
    }

    @Test func `only overlays leave the labels undecided`() {
        let undecided = catalogue.kinds.filter { !$0.decidesLabels }.map(\.kind)
        #expect(undecided == ["TrainJob"])
    }

    // MARK: Lookup

    @Test(arguments: [
        (GroupVersionKind(group: "batch", version: "v1", kind: "Job"), "spec.template"),
        (GroupVersionKind(group: "batch.volcano.sh", version: "v1alpha1", kind: "Job"), "spec.tasks[*].template"),
        (GroupVersionKind(group: "serving.knative.dev", version: "v1", kind: "Service"), "spec.template"),
        (GroupVersionKind(group: "batch", version: "v1beta1", kind: "CronJob"), "spec.jobTemplate.spec.template"),
        (
            GroupVersionKind(group: "kubeflow.org", version: "v2beta1", kind: "MPIJob"),
            "spec.mpiReplicaSpecs.*.template"
        ),
    ])
    func `tells kinds of one name apart`(gvk: GroupVersionKind, path: String) throws {
        #expect(try #require(catalogue.kind(gvk)).templates.map(\.path.description) == [path])
    }

    @Test(arguments: [
        GroupVersionKind(group: "", version: "v1", kind: "Service"),
        GroupVersionKind(group: "", version: "v1", kind: "Job"),
        GroupVersionKind(group: "batch", version: "v2", kind: "Job"),
        GroupVersionKind(group: "batch.example.crossplane.io", version: "v1", kind: "Job"),
        GroupVersionKind(group: "kubeflow.org", version: "v2beta1", kind: "PyTorchJob"),
        GroupVersionKind(group: "apps", version: "v1", kind: "deployment"),
        GroupVersionKind(group: "extensions", version: "v1beta1", kind: "Deployment"),
    ])
    func `does not find a kind by its name alone`(gvk: GroupVersionKind) {
        #expect(catalogue.kind(gvk) == nil)
    }

    @Test func `finds an owner in any version`() throws {
        let owner = OwnerReference(
            apiVersion: "ray.io/v2", kind: "RayCluster", name: "research", uid: "1", controller: true)
        #expect(catalogue.kind(try owner.groupKind())?.resource == "rayclusters")
        #expect(catalogue.kind(GroupKind(group: "shop.example.com", kind: "RayCluster")) == nil)
    }

    @Test(arguments: WorkloadCatalogue.builtin.kinds)
    func `finds a kind by each of its versions`(kind: WorkloadKind) throws {
        for gvk in kind.groupVersionKinds {
            #expect(catalogue.kind(gvk) == kind)
            #expect(catalogue.kinds[try #require(catalogue.index(of: gvk))] == kind)
        }
        #expect(catalogue.kind(kind.groupKind) == kind)
    }

    // MARK: Rules

    @Test func `rules cover every kind and nothing else`() {
        let rules = catalogue.rules
        #expect(rules == rules.sorted())
        let covered = rules.flatMap { rule in
            rule.versions.flatMap { version in
                rule.resources.map { GroupVersionResource(group: rule.group, version: version, resource: $0) }
            }
        }
        let known = catalogue.kinds.flatMap { kind in
            kind.versions.map { GroupVersionResource(group: kind.group, version: $0, resource: kind.resource) }
        }
        #expect(covered.count == Set(covered).count)
        #expect(Set(covered) == Set(known))
    }

    @Test func `rules group what shares group and versions`() {
        let batch = catalogue.rules.filter { $0.group == "batch" }
        #expect(
            batch == [
                WorkloadRule(group: "batch", versions: ["v1"], resources: ["jobs"]),
                WorkloadRule(group: "batch", versions: ["v1", "v1beta1"], resources: ["cronjobs"]),
            ])
        #expect(
            catalogue.rules.first
                == WorkloadRule(group: "", versions: ["v1"], resources: ["pods", "replicationcontrollers"]))
    }

    // MARK: Additions

    private func training(
        group: String = "acme.io", kind: String = "Training", versions: [String] = ["v1"],
        resource: String = "trainings", document: String = "acme-trainings"
    ) throws -> WorkloadKind {
        try WorkloadKind(
            validatingGroup: group, kind: kind, versions: versions, resource: resource,
            templates: [TemplateLocation(TemplatePath(parsing: "spec.workers[*].template"))], document: document)
    }

    @Test func `a policy adds a kind`() throws {
        let extended = try catalogue.adding([try training()])
        #expect(extended.kinds.count == catalogue.kinds.count + 1)
        let added = try #require(extended.kind(GroupVersionKind(group: "acme.io", version: "v1", kind: "Training")))
        #expect(added.origin == .policy(document: "acme-trainings"))
        #expect(extended.rules.contains(WorkloadRule(group: "acme.io", versions: ["v1"], resources: ["trainings"])))
        #expect(catalogue.kind(GroupKind(group: "acme.io", kind: "Training")) == nil)
    }

    @Test func `a policy adds a version of a kind`() throws {
        let extended = try catalogue.adding([
            try training(group: "ray.io", kind: "RayCluster", versions: ["v2"], resource: "rayclusters"),
            try training(), try training(versions: ["v2"], document: "acme-trainings-v2"),
        ])
        #expect(extended.kind(GroupVersionKind(group: "ray.io", version: "v2", kind: "RayCluster"))?.isBuiltin == false)
        #expect(extended.kind(GroupKind(group: "ray.io", kind: "RayCluster"))?.isBuiltin == true)
        #expect(
            extended.kind(GroupVersionKind(group: "acme.io", version: "v2", kind: "Training"))?.origin
                == .policy(document: "acme-trainings-v2"))
    }

    @Test func `a built-in kind cannot be redefined`() throws {
        let addition = try training(group: "batch", kind: "Job", resource: "jobs", document: "my-jobs")
        let error = #expect(throws: CatalogueCollision.self) { try catalogue.adding([addition]) }
        #expect(error?.conflict == .kind(GroupVersionKind(group: "batch", version: "v1", kind: "Job")))
        #expect(
            error?.description
                == "WorkloadKind 'my-jobs': batch/v1 Job is already defined by the built-in catalogue: "
                + "remove this one, or correct its group, version or kind")
    }

    @Test func `two documents cannot define one kind`() throws {
        let additions = [try training(), try training(versions: ["v2", "v1"], document: "again")]
        let error = #expect(throws: CatalogueCollision.self) { try catalogue.adding(additions) }
        #expect(error?.conflict == .kind(GroupVersionKind(group: "acme.io", version: "v1", kind: "Training")))
        #expect(error?.added == .policy(document: "again"))
        #expect(error?.existing == .policy(document: "acme-trainings"))
    }

    @Test func `two kinds cannot share a resource`() throws {
        let additions = [try training(), try training(kind: "Trainer", document: "again")]
        let error = #expect(throws: CatalogueCollision.self) { try catalogue.adding(additions) }
        #expect(
            error?.conflict
                == .resource(
                    GroupVersionResource(group: "acme.io", version: "v1", resource: "trainings"), ofKind: "Training"))
    }

    @Test func `the versions of a kind share its resource`() throws {
        let additions = [try training(), try training(versions: ["v2"], resource: "training", document: "again")]
        let error = #expect(throws: CatalogueCollision.self) { try catalogue.adding(additions) }
        #expect(
            error?.conflict
                == .otherResource(
                    GroupKind(group: "acme.io", kind: "Training"), given: "training", known: "trainings"))
    }

    @Test func `a kind of another group does not collide`() throws {
        let addition = try training(group: "kubernetes.crossplane.io", kind: "Job", resource: "jobs")
        #expect(throws: Never.self) { try catalogue.adding([addition]) }
    }

    @Test(
        arguments: [
            (("acme.io", "Training", "v1", "trainings"), nil),
            (("", "Training", "v1", "trainings"), nil),
            (("Acme.io", "Training", "v1", "trainings"), .badGroup("Acme.io")),
            (("acme..io", "Training", "v1", "trainings"), .badGroup("acme..io")),
            (("acme.io/v1", "Training", "v1", "trainings"), .badGroup("acme.io/v1")),
            (("acme.io", "", "v1", "trainings"), .badKind("")),
            (("acme.io", "Tra ining", "v1", "trainings"), .badKind("Tra ining")),
            (("acme.io", "1Training", "v1", "trainings"), .badKind("1Training")),
            (("acme.io", "Träning", "v1", "trainings"), .badKind("Träning")),
            (("acme.io", "Training", "1", "trainings"), .badVersion("1")),
            (("acme.io", "Training", "acme.io/v1", "trainings"), .badVersion("acme.io/v1")),
            (("acme.io", "Training", "", "trainings"), .badVersion("")),
            (("acme.io", "Training", "v1", "Trainings"), .badResource("Trainings")),
            (("acme.io", "Training", "v1", "trainings/scale"), .badResource("trainings/scale")),
            (("acme.io", "Training", "v1", "*"), .badResource("*")),
        ] as [((String, String, String, String), WorkloadKindError?)])
    func `asks for names an API server accepts`(
        names: (String, String, String, String), expected: WorkloadKindError?
    ) {
        var thrown: WorkloadKindError?
        do throws(WorkloadKindError) {
            _ = try WorkloadKind(
                validatingGroup: names.0, kind: names.1, versions: [names.2], resource: names.3,
                templates: [TemplateLocation(TemplatePath("spec", "template"))], document: "test")
        } catch { thrown = error }
        #expect(thrown == expected)
        if let thrown { #expect(!thrown.description.isEmpty) }
    }

    @Test func `asks for templates and versions`() {
        let location = TemplateLocation(TemplatePath("spec", "template"))
        let cases: [([String], [TemplateLocation], WorkloadKindError)] = [
            ([], [location], .noVersion),
            (["v1", "v1"], [location], .repeatedVersion("v1")),
            (["v1"], [], .noTemplate),
            (["v1"], [location, location], .repeatedTemplate(location.path)),
            (
                ["v1"], (0...32).map { TemplateLocation(TemplatePath("spec", .member("t\($0)"))) },
                .tooManyTemplates(33)
            ),
        ]
        for (versions, templates, expected) in cases {
            #expect(throws: expected) {
                try WorkloadKind(
                    validatingGroup: "acme.io", kind: "Training", versions: versions, resource: "trainings",
                    templates: templates, document: "test")
            }
        }
    }
}
