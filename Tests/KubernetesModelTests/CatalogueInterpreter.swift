import KubernetesModel
import TestSupport

/// Finds what the catalogue describes in a manifest's tree: slow, and as the documentation of
/// `TemplateLocation` says it.
struct CatalogueInterpreter {
    struct Found {
        let location: TemplateLocation
        let template: WorkloadFixture.Template
    }

    let kind: WorkloadKind
    let document: FixtureValue

    func templates() -> [Found] {
        kind.templates.flatMap { location in
            places(location.path.segments[...], in: document, at: "").compactMap { pointer, value in
                guard case .object = value, makesPods(value, location) else { return nil }
                return Found(
                    location: location,
                    template: WorkloadFixture.Template(
                        labelsPointer: labelsPointer(location, template: pointer),
                        gpu: location.accelerators.contains { asksForGPU($0, template: value) },
                        labels: labels(location, template: value)))
            }
        }
    }

    private func makesPods(_ value: FixtureValue, _ location: TemplateLocation) -> Bool {
        location.requiredMembers.isEmpty
            || location.requiredMembers.contains { value[$0] != nil && value[$0] != .null }
    }

    private func labelsPointer(_ location: TemplateLocation, template: String) -> String {
        let start =
            switch location.labels.anchor {
            case .template: template
            case .object: ""
            }
        return location.labels.path.segments.reduce(into: start) { pointer, segment in
            if case .member(let name) = segment { pointer += "/\(name)" }
        }
    }

    private func labels(_ location: TemplateLocation, template: FixtureValue) -> [String: String] {
        var labels: [String: String] = [:]
        for source in location.labelSources.reversed() {
            for value in values(source, template: template) {
                guard case .object(let members) = value else { continue }
                for member in members {
                    if case .string(let text) = member.value { labels[member.name] = text }
                }
            }
        }
        return labels
    }

    private func asksForGPU(_ request: AcceleratorRequest, template: FixtureValue) -> Bool {
        values(request.location, template: template).contains { value in
            switch request {
            case .resources:
                asksForGPU(amounts: value["limits"]) || asksForGPU(amounts: value["requests"])
                    || isNotEmpty(value["claims"])
            case .claims: isNotEmpty(value)
            case .device:
                if case .string(let name)? = value["name"], let quantity = value["quantity"] {
                    ExtendedResource.isGPU(name) && !isZero(quantity)
                } else {
                    false
                }
            }
        }
    }

    private func asksForGPU(amounts: FixtureValue?) -> Bool {
        guard case .object(let members) = amounts else { return false }
        return members.contains { ExtendedResource.isGPU($0.name) && !isZero($0.value) }
    }

    private func isZero(_ value: FixtureValue) -> Bool {
        switch value {
        case .string(let text), .number(let text): Quantity.isZero(text)
        case .null, .bool, .array, .object: false
        }
    }

    private func isNotEmpty(_ value: FixtureValue?) -> Bool {
        guard case .array(let elements) = value else { return false }
        return !elements.isEmpty
    }

    private func values(_ location: AnchoredPath, template: FixtureValue) -> [FixtureValue] {
        let start =
            switch location.anchor {
            case .template: template
            case .object: document
            }
        return places(location.path.segments[...], in: start, at: "").map(\.value)
    }

    private func places(
        _ segments: ArraySlice<TemplatePath.Segment>, in value: FixtureValue, at pointer: String
    ) -> [(pointer: String, value: FixtureValue)] {
        guard let segment = segments.first else { return [(pointer, value)] }
        let rest = segments.dropFirst()
        switch (segment, value) {
        case (.member(let name), .object):
            guard let member = value[name] else { return [] }
            return places(rest, in: member, at: "\(pointer)/\(name)")
        case (.anyMember, .object(let members)):
            return members.flatMap { places(rest, in: $0.value, at: "\(pointer)/\($0.name)") }
        case (.anyElement, .array(let elements)):
            return elements.enumerated().flatMap { places(rest, in: $0.element, at: "\(pointer)/\($0.offset)") }
        case (.member, _), (.anyMember, _), (.anyElement, _):
            return []
        }
    }
}
