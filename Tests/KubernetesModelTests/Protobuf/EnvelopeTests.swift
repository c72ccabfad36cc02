import Foundation
import KubernetesModel
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct EnvelopeTests {
    private func error(_ body: [UInt8], _ kind: GroupVersionKind = .core("Pod")) -> WireError.Cause? {
        var reader = ClusterStateReader(filters: .everything())
        do {
            _ = try body.read(into: &reader, kind)
            return nil
        } catch {
            return (error as? WireError)?.cause
        }
    }

    @Test func `a list says where to go on`() throws {
        var metadata = Oracle_ListMeta()
        metadata.selfLink = "/api/v1/pods"
        metadata.resourceVersion = "123"
        metadata.continue = "next"
        metadata.remainingItemCount = 400
        var reader = ClusterStateReader(filters: .everything())
        let read = try OracleEncoding.list("PodList", [], metadata: metadata).read(into: &reader, .core("Pod"))
        #expect(read.resourceVersion == "123")
        #expect(read.continueToken == "next")
        #expect(read.remainingItemCount == 400)
        #expect(try OracleEncoding.list("PodList", []).read(into: &reader, .core("Pod")) == ListMetadata())
    }

    @Test func `pages add up in one state`() throws {
        var reader = ClusterStateReader(filters: .everything(), cluster: "c", observedAt: ObjectTime(seconds: 5))
        for page in 0..<3 {
            let items = (0..<10).map { number in
                OracleEncoding.bytes(Oracle_Pod.with { $0.metadata.name = "\(page)-\(number)" })
            }
            _ = try OracleEncoding.list("PodList", items).read(into: &reader, .core("Pod"))
        }
        let state = reader.finish()
        #expect(state.pods.count == 30)
        #expect(state.text(state.pods[29].name) == "2-9")
        #expect(state.cluster == "c")
        #expect(state.observedAt.seconds == 5)
    }

    @Test func `what is no such list is refused`() {
        #expect(error(Array(#"{"kind":"PodList"}"#.utf8)) == .noEnvelope)
        #expect(error([]) == .noEnvelope)
        #expect(error([0x6B, 0x38, 0x73]) == .noEnvelope)
        #expect(
            error(OracleEncoding.list("NodeList", []))
                == .kind(found: "v1 NodeList", expected: "v1 PodList"))
        #expect(
            error(OracleEncoding.list("v2", "PodList", []))
                == .kind(found: "v2 PodList", expected: "v1 PodList"))
        #expect(
            error(OracleEncoding.envelope("v1", "Status", []))
                == .kind(found: "v1 Status", expected: "v1 PodList"))
    }

    @Test func `a list in which nothing is metadata alone is refused for another group`() {
        let deployments = GroupVersionKind(group: "apps", version: "v1", kind: "Pod")
        #expect(
            error(OracleEncoding.list("PodList", []), deployments)
                == .kind(found: "v1 PodList", expected: "apps/v1 PodList"))
    }

    @Test(arguments: ["gzip", "json"]) func `content that is not plain protobuf is refused`(what: String) {
        var envelope = Oracle_Envelope()
        if what == "gzip" { envelope.contentEncoding = what } else { envelope.contentType = what }
        #expect(error(ProtobufEnvelope.magic + OracleEncoding.bytes(envelope)) == .encoding(what))
        envelope = Oracle_Envelope.with { $0.contentType = ProtobufEnvelope.mediaType }
        #expect(
            error(ProtobufEnvelope.magic + OracleEncoding.bytes(envelope)) == .kind(found: " ", expected: "v1 PodList"))
    }

    private static let malformed: [(bytes: [UInt8], cause: WireError.Cause)] = [
        ([0x0A], .truncated), ([0x0A, 0x80], .truncated), ([0x0A, 0x01], .length(1)), ([0x00], .fieldZero),
        ([0x02, 0x00], .fieldZero), ([0x20], .truncated), ([0x20, 0x80], .truncated),
        ([0x20] + Array(repeating: 0x80, count: 9) + [0x02], .varint),
        ([0x20] + Array(repeating: 0xFF, count: 20), .varint),
        ([0x0A] + Array(repeating: 0xFF, count: 9) + [0x01], .length(.max)),
        ([0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x00], .fieldNumber), ([0x23], .group(4)), ([0x24], .group(4)),
        ([0x26], .wireType(6)), ([0x27], .wireType(7)), ([0x21, 1, 2, 3, 4, 5, 6, 7], .truncated),
        ([0x25, 1, 2, 3], .truncated), ([0x0A, 0x02, 0x32, 0x05], .length(5)),
    ]

    @Test(arguments: malformed.indices) func `malformed bytes are refused with the reason`(number: Int) {
        let (bytes, cause) = Self.malformed[number]
        let error = #expect(throws: WireError.self) { try bytes.withUnsafeBytes { try ObjectHead(protobuf: $0) } }
        #expect(error?.cause == cause)
        #expect(error.map { $0.description.contains("\n") } == false)
    }

    @Test func `the longest integer is read`() throws {
        let bytes = [0x0A, 0x0D, 0x42, 0x0B, 0x08] + Array(repeating: 0xFF, count: 9) + [0x01] as [UInt8]
        let head = try bytes.withUnsafeBytes { try ObjectHead(protobuf: $0) }
        #expect(head.created.seconds == -1)
    }

    @Test func `fields of any type that nobody knows are passed`() throws {
        let bytes: [UInt8] = [
            0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x20, 0xFF, 0x01, 0x22, 0x01, 0xFF, 0x08, 0x05, 0x0A, 0x03,
            0x0A, 0x01, 0x61, 0xFA, 0xFF, 0xFF, 0xFF, 0x0F, 0x00,
        ]
        let head = try bytes.withUnsafeBytes { try ObjectHead(protobuf: $0) }
        #expect(head.name == "a")
    }

    // MARK: - Watches

    private func frame(_ type: String, _ object: [UInt8]) -> [UInt8] {
        OracleEncoding.bytes(
            Oracle_WatchEvent.with {
                $0.type = type
                $0.object.raw = Data(object)
            })
    }

    @Test(arguments: [
        ("ADDED", WatchFrame.Event.added), ("MODIFIED", .modified), ("DELETED", .deleted), ("BOOKMARK", .bookmark),
        ("ERROR", .error), ("LATER", .other("LATER")),
    ]) func `a frame says what happened to which object`(type: String, event: WatchFrame.Event) throws {
        let pod = OracleEncoding.bytes(
            Oracle_Pod.with {
                $0.metadata.name = "web"
                $0.metadata.resourceVersion = "77"
                $0.metadata.annotations = ["k8s.io/initial-events-end": "true"]
            })
        for payload in [
            frame(type, OracleEncoding.envelope("v1", "Pod", pod)),
            OracleEncoding.envelope(
                "meta.k8s.io/v1", "WatchEvent", frame(type, OracleEncoding.envelope("v1", "Pod", pod))),
        ] {
            try payload.withUnsafeBytes { bytes in
                let frame = try WatchFrame(bytes)
                #expect(frame.event == event)
                #expect(frame.object.kind == "Pod")
                let head = try ObjectHead(protobuf: frame.object.raw, annotations: .everything)
                #expect(head.resourceVersion == "77")
                #expect(head.annotations == ["k8s.io/initial-events-end": "true"])
            }
        }
    }

    @Test func `an error's status is read`() throws {
        let status = Oracle_Status.with {
            $0.status = "Failure"
            $0.message = "too old resource version: 1 (2)"
            $0.reason = "Expired"
            $0.code = 410
            $0.details.name = "x"
            $0.details.retryAfterSeconds = 3
        }
        let payload = frame("ERROR", OracleEncoding.envelope("v1", "Status", OracleEncoding.bytes(status)))
        try payload.withUnsafeBytes { bytes in
            let read = try StatusMessage(protobuf: WatchFrame(bytes).object.raw)
            #expect(read.code == 410)
            #expect(read.reason == "Expired")
            #expect(read.message == "too old resource version: 1 (2)")
            #expect(read.retryAfterSeconds == 3)
        }
    }

    @Test func `a frame without an object is refused`() {
        for payload in [[], frame("ADDED", []), frame("ADDED", [1, 2, 3]), [0x0A, 0x05]] as [[UInt8]] {
            #expect(throws: WireError.self) { _ = try payload.withUnsafeBytes { try WatchFrame($0).event } }
        }
    }
}
