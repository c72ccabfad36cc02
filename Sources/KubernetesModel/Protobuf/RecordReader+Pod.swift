extension RecordReader {
    /// k8s.io/api/core/v1 Pod: metadata = 1, spec = 2, status = 3.
    package mutating func pod(_ item: UnsafeRawBufferPointer, at place: Int = 0) -> PodRecord? {
        object(of: "pods", at: place) { reader throws(WireError) in
            let metadata = try reader.metadata(of: item, reader.filters.pods)
            var pod = PodRecord(namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
            pod.controller = metadata.controller
            pod.created = metadata.created
            pod.deleted = metadata.deleted
            pod.labels = metadata.labels
            pod.annotations = metadata.annotations
            pod.isMirror = metadata.isMirror
            try reader.readBody(of: item, into: &pod)
            return (pod, metadata.identity)
        }
    }

    private mutating func readBody(of item: UnsafeRawBufferPointer, into pod: inout PodRecord) throws(WireError) {
        sum.reset()
        names.removeAll(keepingCapacity: true)
        claimNames.removeAll(keepingCapacity: true)
        templates.removeAll(keepingCapacity: true)
        var reader = WireReader(item)
        while try reader.next() {
            switch reader.tag {
            case .bytes(2): try readSpec(reader.message(), into: &pod)
            case .bytes(3): try readStatus(reader.message(), into: &pod)
            default: try reader.skip()
            }
        }
        (pod.requests, pod.runningRequests) = requests()
        pod.volumeClaims = pool.names(names)
        for template in templates where !template.claim.isEmpty { claimNames.append(template.claim) }
        pod.resourceClaims = pool.names(claimNames)
    }

    private mutating func requests() -> (ResourceListID, ResourceListID) {
        var overflows: [StringID] = []
        let lists = sum.finish(in: &pool, scratch: &scratch) { overflows.append($0) }
        for name in overflows { causes.append(.overflow(resource: pool.strings[name])) }
        return lists
    }

    /// PodSpec: volumes = 1, containers = 2, nodeName = 10, initContainers = 20, overhead = 32, resourceClaims = 39,
    /// resources = 40.
    private mutating func readSpec(_ message: WireReader, into pod: inout PodRecord) throws(WireError) {
        var reader = message
        quantities.removeAll(keepingCapacity: true)
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): try readVolume(reader.message(), of: pod)
            case .bytes(2): try readContainer(reader.message(), isInit: false)
            case .bytes(10): pod.node = pool.strings.intern(utf8: try reader.text())
            case .bytes(20): try readContainer(reader.message(), isInit: true)
            case .bytes(32):
                quantities.removeAll(keepingCapacity: true)
                quantity(try QuantityEntry(reader.message()))
                add(.overhead)
            case .bytes(39): try readResourceClaim(reader.message())
            case .bytes(40):
                try readRequests(reader.message(), orLimits: false)
                let strings = pool.strings
                quantities.removeAll { !PodRequestSum.isPodLevel(strings[$0.name]) }
                add(.wholePod)
            default: try reader.skip()
            }
        }
    }

    private mutating func add(_ part: PodRequestSum.Part) {
        for quantity in quantities { sum.add(quantity.nanos, of: quantity.name, for: part) }
    }

    /// Container: resources = 8, restartPolicy = 24.
    private mutating func readContainer(_ message: WireReader, isInit: Bool) throws(WireError) {
        var reader = message
        var isSidecar = false
        quantities.removeAll(keepingCapacity: true)
        while try reader.next() {
            switch reader.tag {
            case .bytes(8): try readRequests(reader.message(), orLimits: true)
            case .bytes(24):
                let policy = try reader.text()
                isSidecar = isInit && policy.elementsEqual("Always".utf8)
            default: try reader.skip()
            }
        }
        add(isSidecar ? .sidecar : isInit ? .initContainer : .container)
    }

    /// ResourceRequirements: limits = 1, requests = 2. A limit counts for a resource that has no request.
    private mutating func readRequests(_ message: WireReader, orLimits: Bool) throws(WireError) {
        quantities.removeAll(keepingCapacity: true)
        var reader = message
        var limits = 0
        while try reader.next() {
            switch reader.tag {
            case .bytes(1):
                limits += 1
                try reader.skip()
            case .bytes(2): quantity(try QuantityEntry(reader.message()))
            default: try reader.skip()
            }
        }
        guard orLimits, limits > 0 else { return }
        let requested = quantities.count
        reader = message
        while try reader.next() {
            guard reader.tag == .bytes(1) else {
                try reader.skip()
                continue
            }
            let entry = try QuantityEntry(reader.message())
            let name = pool.strings.intern(utf8: entry.name)
            if !quantities[..<requested].contains(where: { $0.name == name }) { quantity(entry) }
        }
    }

    /// Volume: name = 1, volumeSource = 2; of VolumeSource, persistentVolumeClaim = 10 with claimName = 1, and
    /// ephemeral = 29, whose claim is named after the Pod and the volume.
    private mutating func readVolume(_ message: WireReader, of pod: PodRecord) throws(WireError) {
        var reader = message
        var name = UnsafeRawBufferPointer(start: nil, count: 0)
        var isEphemeral = false
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): name = try reader.text()
            case .bytes(2):
                var source = try reader.message()
                while try source.next() {
                    switch source.tag {
                    case .bytes(10): try readClaimSource(source.message())
                    case .bytes(29):
                        isEphemeral = true
                        try source.skip()
                    default: try source.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        if isEphemeral {
            names.append(pool.strings.intern("\(pool.strings[pod.name])-\(String(wire: name))"))
        }
    }

    private mutating func readClaimSource(_ message: WireReader) throws(WireError) {
        var reader = message
        while try reader.next() {
            if reader.tag == .bytes(1) {
                names.append(pool.strings.intern(utf8: try reader.text()))
            } else {
                try reader.skip()
            }
        }
    }

    /// PodResourceClaim: name = 1, resourceClaimName = 3. One made of a template is named in the status.
    private mutating func readResourceClaim(_ message: WireReader) throws(WireError) {
        let (entry, claim) = try claimNames(message, claim: .bytes(3))
        note(claim: claim, of: entry)
    }

    /// PodStatus: phase = 1, conditions = 2, startTime = 7, resourceClaimStatuses = 15 (of PodResourceClaimStatus, name = 1 and
    /// resourceClaimName = 2), extendedResourceClaimStatus = 18 with resourceClaimName = 2.
    private mutating func readStatus(_ message: WireReader, into pod: inout PodRecord) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): pod.phase = PodPhase(utf8: try reader.text())
            case .bytes(2):
                if let state = try initialization(reader.message()) { pod.initialization = state }
            case .bytes(7): pod.started = try ObjectTime(reader.message())
            case .bytes(15):
                let (entry, claim) = try claimNames(reader.message(), claim: .bytes(2))
                note(claim: claim, of: entry)
            case .bytes(18):
                let claim = try claimNames(reader.message(), claim: .bytes(2)).claim
                if !claim.isEmpty { claimNames.append(claim) }
            default: try reader.skip()
            }
        }
    }

    /// PodCondition: type = 1, status = 2. Nothing for another condition than `Initialized`.
    private func initialization(_ message: WireReader) throws(WireError) -> PodInitialization? {
        var reader = message
        var isAboutIt = false
        var status = UnsafeRawBufferPointer(start: nil, count: 0)
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): isAboutIt = try reader.text().elementsEqual(PodInitialization.condition.utf8)
            case .bytes(2): status = try reader.text()
            default: try reader.skip()
            }
        }
        return isAboutIt ? PodInitialization(status: String(wire: status)) : nil
    }

    private mutating func claimNames(
        _ message: WireReader, claim field: WireTag
    ) throws(WireError) -> (entry: StringID, claim: StringID) {
        var reader = message
        var entry = StringID.empty
        var claim = StringID.empty
        while try reader.next() {
            switch reader.tag {
            case field: claim = pool.strings.intern(utf8: try reader.text())
            case .bytes(1): entry = pool.strings.intern(utf8: try reader.text())
            default: try reader.skip()
            }
        }
        return (entry, claim)
    }

    /// An entry names its claim, or its status does once the claim is made.
    private mutating func note(claim: StringID, of entry: StringID) {
        for index in templates.indices where templates[index].entry == entry {
            if templates[index].claim.isEmpty { templates[index].claim = claim }
            return
        }
        templates.append(ClaimTemplate(entry: entry, claim: claim))
    }
}

extension PodPhase {
    init(utf8 text: UnsafeRawBufferPointer) {
        // By length first: no two phases have the same.
        self =
            switch text.count {
            case 7 where text.elementsEqual("Pending".utf8): .pending
            case 7 where text.elementsEqual("Running".utf8): .running
            case 9 where text.elementsEqual("Succeeded".utf8): .succeeded
            case 6 where text.elementsEqual("Failed".utf8): .failed
            default: .unknown
            }
    }
}
