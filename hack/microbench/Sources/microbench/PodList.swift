import KubernetesModel

/// A list of Pods in Kubernetes' protobuf as an API server sends it, about a kilobyte each: Deployments of ten, every
/// Pod with managed fields, a projected volume, environment, tolerations, conditions and the status of its containers.
enum PodList {
    static func envelope(pods: Range<Int>) -> [UInt8] {
        var writer = WireWriter()
        writer.append(raw: ProtobufEnvelope.magic)
        writer.message(1) { type in
            type.text(1, "v1")
            type.text(2, "PodList")
        }
        var list = WireWriter()
        list.message(1) { metadata in
            metadata.text(1, "")
            metadata.text(2, "123456")
            metadata.text(3, "")
        }
        for number in pods { list.message(2) { pod(&$0, number) } }
        list.bytes.withUnsafeBytes { writer.data(2, $0) }
        writer.text(3, "")
        writer.text(4, "")
        return writer.bytes
    }

    private static func pod(_ pod: inout WireWriter, _ number: Int) {
        let workload = number / 10
        let set = "service-\(workload)-\(hash(workload, 10))"
        let namespace = "team-\(workload % 200)"
        pod.message(1) { metadata in
            metadata.text(1, "\(set)-\(hash(number, 5))")
            metadata.text(2, "\(set)-")
            metadata.text(3, namespace)
            metadata.text(5, uid(number))
            metadata.text(6, "\(100_000 + number)")
            metadata.varint(7, 1)
            metadata.message(8) { $0.varint(1, 1_790_000_000 + UInt64(number)) }
            label(11, &metadata, "app.kubernetes.io/name", "service-\(workload)")
            label(11, &metadata, "app.kubernetes.io/instance", "service-\(workload)")
            label(11, &metadata, "team", "team-\(workload % 40)")
            label(11, &metadata, "environment", workload % 3 == 0 ? "production" : "staging")
            label(11, &metadata, "pod-template-hash", hash(workload, 10))
            label(12, &metadata, "prometheus.io/scrape", "true")
            metadata.message(13) { owner in
                owner.text(1, "ReplicaSet")
                owner.text(3, set)
                owner.text(4, uid(1_000_000 + workload))
                owner.text(5, "apps/v1")
                owner.varint(6, 1)
                owner.varint(7, 1)
            }
            metadata.message(17) { managed in
                managed.text(1, "kube-controller-manager")
                managed.text(2, "Update")
                managed.text(7, #"{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:team":{}}}}"#)
            }
        }
        pod.message(2) { spec(&$0, number) }
        pod.message(3) { status in
            status.text(1, "Running")
            for condition in ["Initialized", "Ready", "ContainersReady", "PodScheduled"] {
                status.message(2) { entry in
                    entry.text(1, condition)
                    entry.text(2, "True")
                    entry.message(4) { $0.varint(1, 1_790_000_010) }
                }
            }
            status.text(5, "10.0.\(number % 200).\(number % 250)")
            status.message(7) { $0.varint(1, 1_790_000_001) }
            status.message(8) { container in
                container.text(1, "main")
                container.text(5, "registry.example.com/shop/service-\(workload):v1.42.\(workload % 7)")
                container.text(7, "containerd://" + uid(number))
            }
            status.text(9, "Burstable")
        }
    }

    private static func spec(_ spec: inout WireWriter, _ number: Int) {
        spec.message(1) { volume in
            volume.text(1, "kube-api-access-\(hash(number, 5))")
            volume.message(2) { source in
                source.message(26) { $0.text(1, "token ca.crt kube-root-ca.crt namespace metadata.namespace") }
            }
        }
        spec.message(2) { container in
            container.text(1, "main")
            container.text(2, "registry.example.com/shop/service-\(number / 10):v1.42.\(number / 10 % 7)")
            for variable in ["PORT", "LOG_LEVEL", "DATABASE_HOST"] {
                container.message(7) { entry in
                    entry.text(1, variable)
                    entry.text(2, "value-of-\(variable)")
                }
            }
            container.message(8) { resources in
                for field in [1, 2] as [UInt32] {
                    quantity(field, &resources, "cpu", "\(100 + number / 10 % 9 * 100)m")
                    quantity(field, &resources, "memory", "\(128 + number / 10 % 9 * 128)Mi")
                }
            }
            container.text(13, "/dev/termination-log")
            container.text(14, "IfNotPresent")
        }
        spec.text(3, "Always")
        spec.varint(4, 30)
        spec.text(6, "ClusterFirst")
        spec.text(10, "ip-10-0-\(number / 30 % 250)-\(number / 30 / 250).eu-west-1.compute.internal")
        spec.text(19, "default-scheduler")
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            spec.message(22) { toleration in
                toleration.text(1, key)
                toleration.text(2, "Exists")
                toleration.text(4, "NoExecute")
                toleration.varint(5, 300)
            }
        }
    }

    private static func label(_ field: UInt32, _ writer: inout WireWriter, _ key: String, _ value: String) {
        writer.message(field) { entry in
            entry.text(1, key)
            entry.text(2, value)
        }
    }

    private static func quantity(_ field: UInt32, _ writer: inout WireWriter, _ name: String, _ amount: String) {
        writer.message(field) { entry in
            entry.text(1, name)
            entry.message(2) { $0.text(1, amount) }
        }
    }

    /// Letters and digits as in generated names.
    private static func hash(_ number: Int, _ length: Int) -> String {
        var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String(
            (0..<length).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            })
    }

    private static func uid(_ number: Int) -> String {
        let digits = String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1 << 63, radix: 16)
        return "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(4))-4\(digits.suffix(3))-8a0c-\(digits.suffix(12))"
    }
}
