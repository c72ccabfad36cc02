extension RecordReader {
    /// k8s.io/api/core/v1 Service: metadata = 1, spec = 2, status = 3. Nothing, and no problem, for a Service of another
    /// type than LoadBalancer.
    package mutating func service(_ item: UnsafeRawBufferPointer, at place: Int = 0) -> ServiceRecord? {
        let found: ServiceRecord?? = object(of: "services", at: place) { reader throws(WireError) in
            // First of all, so that nothing of other Services gets into the pool.
            guard try Self.isLoadBalancer(item) else {
                return (nil, Identity(namespace: .empty, name: .empty))
            }
            let metadata = try reader.metadata(of: item, reader.filters.resources)
            var service = ServiceRecord(namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
            service.controller = metadata.controller
            service.created = metadata.created
            service.deleted = metadata.deleted
            service.labels = metadata.labels
            service.annotations = metadata.annotations
            reader.names.removeAll(keepingCapacity: true)
            var message = WireReader(item)
            while try message.next() {
                switch message.tag {
                case .bytes(2): try reader.readSpec(message.message(), into: &service)
                case .bytes(3): try reader.readStatus(message.message())
                default: try message.skip()
                }
            }
            service.addresses = reader.pool.names(reader.names)
            return (service, metadata.identity)
        }
        return found ?? nil
    }

    /// ServiceSpec: type = 4.
    private static func isLoadBalancer(_ item: UnsafeRawBufferPointer) throws(WireError) -> Bool {
        var isLoadBalancer = false
        var reader = WireReader(item)
        while try reader.next() {
            guard reader.tag == .bytes(2) else {
                try reader.skip()
                continue
            }
            var spec = try reader.message()
            while try spec.next() {
                if spec.tag == .bytes(4) {
                    isLoadBalancer = try spec.text().elementsEqual("LoadBalancer".utf8)
                } else {
                    try spec.skip()
                }
            }
        }
        return isLoadBalancer
    }

    /// ServiceSpec: selector = 2, loadBalancerClass = 21.
    private mutating func readSpec(_ message: WireReader, into service: inout ServiceRecord) throws(WireError) {
        pairs.removeAll(keepingCapacity: true)
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(2):
                if let pair = intern(try MapEntry(reader.message()), .everything) { pairs.append(pair) }
            case .bytes(21): service.loadBalancerClass = pool.strings.intern(utf8: try reader.text())
            default: try reader.skip()
            }
        }
        service.selector = pool.labelSets.intern(&pairs)
    }

    /// ServiceStatus: loadBalancer = 1; LoadBalancerStatus: ingress = 1; LoadBalancerIngress: ip = 1, hostname = 2.
    private mutating func readStatus(_ message: WireReader) throws(WireError) {
        var reader = message
        while try reader.next() {
            guard reader.tag == .bytes(1) else {
                try reader.skip()
                continue
            }
            var status = try reader.message()
            while try status.next() {
                guard status.tag == .bytes(1) else {
                    try status.skip()
                    continue
                }
                var ingress = try status.message()
                while try ingress.next() {
                    switch ingress.tag {
                    case .bytes(1), .bytes(2): names.append(pool.strings.intern(utf8: try ingress.text()))
                    default: try ingress.skip()
                    }
                }
            }
        }
    }
}
