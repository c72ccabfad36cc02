import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

/// Credentials that a test renews.
private final class RenewableCredential: CredentialProviding {
    private let values: Mutex<[String]>
    let refusals = Mutex(0)

    init(_ values: [String]) { self.values = Mutex(values) }

    func credential(deadline: NIODeadline) async throws(CredentialError) -> Credential {
        Credential(authorization: values.withLock { $0.first })
    }

    func refused(_ credential: Credential) async {
        refusals.withLock { $0 += 1 }
        values.withLock { if $0.count > 1 { $0.removeFirst() } }
    }
}

@Suite("Calls to the API server")
struct KubernetesAPITests {
    private let time = ScriptedTime()

    private func api(
        _ transport: ScriptedTransport, credentials: any CredentialProviding = FixedCredential(),
        _ adjust: (inout KubernetesAPI.Settings) -> Void = { _ in }
    ) -> KubernetesAPI {
        var settings = KubernetesAPI.Settings()
        adjust(&settings)
        return KubernetesAPI(transport: transport, credentials: credentials, settings: settings, timing: time.timing)
    }

    private func deadline(_ seconds: Int64 = 60) -> NIODeadline { time.now + .seconds(seconds) }

    private let pod = ObjectReference(.pods, namespace: "web", name: "a")

    private func failure(_ call: () async throws(APIError) -> Void) async -> APIError? {
        do throws(APIError) {
            try await call()
            return nil
        } catch {
            return error
        }
    }

    // MARK: Requests

    @Test("Each verb's method, path, headers and body")
    func requests() async throws {
        let transport = ScriptedTransport(then: .respond(.json("{}")))
        let api = api(transport)
        let body = ByteBuffer(string: "{}")
        let deployment = APIResource(
            group: "apps", version: "v1", plural: "deployments", kind: "Deployment", isNamespaced: true)
        let object = ObjectReference(deployment, namespace: "web", name: "a b", subresource: "scale")
        let options = WriteOptions(isDryRun: true, fieldManager: "me")
        _ = try await api.get(pod, encoding: .protobuf, deadline: deadline())
        _ = try await api.create(.namespaces, name: "x", body: body, options: options, deadline: deadline())
        _ = try await api.update(object, body: body, deadline: deadline())
        _ = try await api.patch(object, .merge, body: body, deadline: deadline())
        _ = try await api.patch(object, .json, body: body, options: options, deadline: deadline())
        _ = try await api.patch(object, .strategic, body: body, deadline: deadline())
        _ = try await api.apply(object, body: body, fieldManager: "me", force: true, deadline: deadline())
        _ = try await api.apply(object, body: body, fieldManager: "me", isDryRun: true, deadline: deadline())
        _ = try await api.delete(
            pod, propagation: .foreground, resourceVersion: "7", isDryRun: true, deadline: deadline())
        _ = try await api.get(path: "/version", deadline: deadline())
        let scale = "/apis/apps/v1/namespaces/web/deployments/a%20b/scale"
        #expect(
            transport.targets == [
                "GET /api/v1/namespaces/web/pods/a", "POST /api/v1/namespaces?dryRun=All&fieldManager=me",
                "PUT \(scale)", "PATCH \(scale)", "PATCH \(scale)?dryRun=All&fieldManager=me", "PATCH \(scale)",
                "PATCH \(scale)?fieldManager=me&force=true", "PATCH \(scale)?dryRun=All&fieldManager=me",
                "DELETE /api/v1/namespaces/web/pods/a?dryRun=All&propagationPolicy=Foreground", "GET /version",
            ])
        let sent = transport.requests
        #expect(sent[0].headers["accept"] == ["application/vnd.kubernetes.protobuf,application/json"])
        #expect(
            sent.compactMap { $0.headers.first(name: "content-type") } == [
                "application/json", "application/json", "application/merge-patch+json", "application/json-patch+json",
                "application/strategic-merge-patch+json", "application/apply-patch+yaml",
                "application/apply-patch+yaml", "application/json",
            ])
        #expect(
            sent[8].body.map { String(buffer: $0) }
                == #"{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"resourceVersion":"7"}}"#)
    }

    @Test("A watch and a list with all they can be asked with")
    func queries() async throws {
        let transport = ScriptedTransport(then: .respond(.json(#"{"metadata":{}}"#)))
        let api = api(transport)
        let query = ResourceQuery(
            .pods, namespace: "web", labelSelector: "a=b,c in (d)", fieldSelector: "spec.nodeName=n",
            encoding: .metadata)
        _ = try await api.list(query, limit: 5, continueToken: "t/+=", deadline: deadline())
        _ = try await api.watch(query, from: .after(resourceVersion: "12"), timeoutSeconds: 300, deadline: deadline())
        _ = try await api.watch(ResourceQuery(.nodes), from: .initialEvents, deadline: deadline())
        let selectors = "labelSelector=a%3Db%2Cc%20in%20%28d%29&fieldSelector=spec.nodeName%3Dn"
        #expect(
            transport.targets == [
                "GET /api/v1/namespaces/web/pods?\(selectors)&limit=5&continue=t%2F%2B%3D",
                "GET /api/v1/namespaces/web/pods?\(selectors)&watch=true&allowWatchBookmarks=true&resourceVersion=12"
                    + "&timeoutSeconds=300",
                "GET /api/v1/nodes?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
                    + "&resourceVersionMatch=NotOlderThan",
            ])
        let accepts = transport.requests.map { $0.headers.first(name: "accept") ?? "" }
        #expect(
            accepts[0].hasPrefix("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,")
        )
        #expect(
            accepts[1].hasPrefix("application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"))
        #expect(accepts[2] == "application/json")
    }

    // MARK: Refusals

    @Test("A refusal says what was asked, what came of it, and what to do")
    func refusals() async throws {
        let transport = ScriptedTransport([
            .respond(.refusal(403, "Forbidden", "pods is forbidden: User jane cannot list")),
            .respond(.refusal(404, "NotFound", "pods a not found")),
            .respond(.bytes(Array("<html>\n".utf8), contentType: "text/html", status: 405)),
            .respond(.bytes(Self.protobufStatus, contentType: "application/vnd.kubernetes.protobuf", status: 410)),
        ])
        let api = api(transport)
        let forbidden = await failure { () async throws(APIError) in
            _ = try await api.list(ResourceQuery(.pods, namespace: "web"), deadline: deadline())
        }
        #expect(forbidden?.isForbidden == true)
        #expect(
            forbidden?.description
                == "list pods in namespace web: forbidden: pods is forbidden: User jane cannot list; allow it by "
                + #"a Role in namespace web with {apiGroups: [""], resources: ["pods"], verbs: ["list"]}"#)
        let missing = await failure { () async throws(APIError) in _ = try await api.get(pod, deadline: deadline()) }
        #expect(missing?.isNotFound == true)
        #expect(missing?.description == "get pods a in namespace web: NotFound: pods a not found")
        let odd = await failure { () async throws(APIError) in _ = try await api.get(pod, deadline: deadline()) }
        #expect(odd?.description == "get pods a in namespace web: refused: <html>")
        let gone = await failure { () async throws(APIError) in
            _ = try await api.list(ResourceQuery(.pods, encoding: .protobuf), deadline: deadline())
        }
        #expect(gone?.isExpired == true)
        #expect(gone?.description == "list pods in all namespaces: Expired: too old")
        #expect(time.sleeps.isEmpty)
    }

    /// The envelope, then Status{metadata{continue: "c"}, message: "too old", reason: "Expired"}.
    static let protobufStatus: [UInt8] = {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
        let status =
            field(1, field(3, Array("c".utf8))) + field(3, Array("too old".utf8)) + field(4, Array("Expired".utf8))
        return [0x6B, 0x38, 0x73, 0] + field(1, []) + field(2, status)
    }()

    @Test("Credentials that are refused are renewed, once")
    func renewal() async throws {
        let unauthorized = ScriptedTransport.Step.respond(.refusal(401, "Unauthorized", "Unauthorized"))
        let renewed = RenewableCredential(["Bearer old", "Bearer new", "Bearer newer"])
        let transport = ScriptedTransport([unauthorized, .respond(.json("{}")), unauthorized, unauthorized])
        let client = api(transport, credentials: renewed)
        _ = try await client.get(pod, deadline: deadline())
        #expect(transport.requests.map { $0.headers["authorization"] } == [["Bearer old"], ["Bearer new"]])
        let error = await failure { () async throws(APIError) in _ = try await client.get(pod, deadline: deadline()) }
        #expect(error?.isUnauthorized == true)
        #expect(transport.requests.count == 4)
        #expect(
            error?.description
                == "get pods a in namespace web: credentials expired or not accepted: Unauthorized; renew the token, "
                + "certificate or login that the kubeconfig names")

        let fixed = ScriptedTransport(then: unauthorized)
        let same = RenewableCredential(["Bearer only"])
        _ = await failure { () async throws(APIError) in
            _ = try await api(fixed, credentials: same).get(pod, deadline: deadline())
        }
        #expect(fixed.requests.count == 1)
        #expect(same.refusals.withLock { $0 } == 1)
    }

    // MARK: Retries

    @Test("What passes is waited out, with the server's own wish as the least")
    func retries() async throws {
        let transport = ScriptedTransport([
            .fail(.refused), .respond(.refusal(503, "ServiceUnavailable", "starting")),
            .respond(.refusal(429, "TooManyRequests", "busy", headers: [("Retry-After", "2")])),
            .respond(.refusal(429, "TooManyRequests", "busy", details: #"{"retryAfterSeconds":3600}"#)),
            .respond(.json("{}")),
        ])
        _ = try await api(transport).get(pod, deadline: deadline(120))
        #expect(time.sleeps == [.milliseconds(50), .milliseconds(100), .milliseconds(2_500), .milliseconds(30_500)])
        #expect(transport.requests.count == 5)
    }

    @Test("A wait that would end after the deadline is not begun")
    func retryWithinDeadline() async throws {
        let transport = ScriptedTransport(
            then: .respond(.refusal(429, "TooManyRequests", "busy", headers: [("Retry-After", "5")])))
        let error = await failure { () async throws(APIError) in
            _ = try await api(transport).get(pod, deadline: deadline(3))
        }
        #expect(error?.isRetriable == true)
        #expect(error?.retryAfter == .seconds(5))
        #expect(transport.requests.count == 1)
        #expect(time.sleeps.isEmpty)
    }

    @Test(
        "What may have been done is not done again",
        arguments: [
            (TransportError.Reason.closed, 1), (.timedOut(.answer), 1), (.refused, 2), (.timedOut(.connection), 2),
            (.certificate(.untrusted(issuer: nil)), 1),
        ])
    func onceOnly(reason: TransportError.Reason, requests: Int) async throws {
        let transport = ScriptedTransport([.fail(reason)], then: .respond(.json("{}")))
        _ = await failure { () async throws(APIError) in
            _ = try await api(transport).create(.pods, namespace: "web", body: ByteBuffer(), deadline: deadline())
        }
        #expect(transport.requests.count == requests)
    }

    @Test("A call that is not to be retried is not")
    func notRetried() async throws {
        let transport = ScriptedTransport(then: .fail(.refused))
        let error = await failure { () async throws(APIError) in
            _ = try await api(transport).get(pod, deadline: deadline(), isRetried: false)
        }
        #expect(transport.requests.count == 1)
        #expect(
            error?.description
                == "get pods a in namespace web: https://api.test:6443: connection refused; is the API server running, "
                + "and is this its port?")
    }

    @Test("Waits grow to a bound, and never before the server wishes")
    func waits() {
        let policy = RetryPolicy()
        let call = APICall(.get, .pods)
        let refused = APIError.transport(TransportError(address: "", reason: .refused), call)
        let bounds = (1...9).map {
            policy.wait(after: refused, attempt: $0, effect: .once, fraction: 1)?.nanoseconds ?? -1
        }
        #expect(bounds == [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000].map { $0 * 1_000_000 })
        #expect(policy.wait(after: refused, attempt: 3, effect: .once, fraction: 0) == .zero)
        #expect(policy.wait(after: refused, attempt: 10, effect: .once, fraction: 0) == nil)
        for code in [400, 403, 404, 409, 410, 422, 501, 505] {
            let status = APIError.status(APIStatus(code: code, reason: "", message: "", call: call))
            #expect(policy.wait(after: status, attempt: 1, effect: .idempotent, fraction: 0) == nil)
        }
        let overloaded = APIError.status(APIStatus(code: 500, reason: "", message: "", call: call))
        #expect(policy.wait(after: overloaded, attempt: 1, effect: .once, fraction: 0) == nil)
        #expect(policy.wait(after: overloaded, attempt: 1, effect: .idempotent, fraction: 0) == .zero)
    }

    @Test("A server that never answers ends with the deadline, and the message says so")
    func deadlines() async throws {
        let client = KubernetesAPI(
            transport: ScriptedTransport(then: .hang), credentials: FixedCredential(), timing: .system)
        let error = await failure { () async throws(APIError) in
            _ = try await client.get(pod, deadline: .now() + .milliseconds(20))
        }
        #expect(error == .deadlineExceeded(APICall(.get, .pods, namespace: "web", name: "a"), last: nil))
        let task = Task {
            await failure { () async throws(APIError) in
                _ = try await client.get(pod, deadline: .now() + .seconds(600))
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled(APICall(.get, .pods, namespace: "web", name: "a")))
    }

    @Test("No more requests are under way than allowed, and who waits too long is told")
    func permits() async throws {
        let counts = Mutex((now: 0, most: 0))
        let transport = ScriptedTransport(
            then: .handle { _ in
                counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                for _ in 0..<20 { await Task.yield() }
                counts.withLock { $0.now -= 1 }
                return .json("{}")
            })
        let client = KubernetesAPI(
            transport: transport, credentials: FixedCredential(),
            settings: {
                var settings = KubernetesAPI.Settings(); settings.concurrentRequests = 3; return settings
            }())
        await withTaskGroup(of: APIError?.self) { tasks in
            for _ in 0..<30 {
                tasks.addTask {
                    await failure { () async throws(APIError) in
                        _ = try await client.get(pod, deadline: .now() + .seconds(60))
                    }
                }
            }
            for await error in tasks { #expect(error == nil) }
        }
        #expect(counts.withLock { $0.most } <= 3)

        let permits = Permits(1)
        #expect(await permits.acquire(deadline: .now(), timing: .system))
        #expect(await permits.acquire(deadline: .now() + .milliseconds(5), timing: .system) == false)
        let waiting = Task { await permits.acquire(deadline: .distantFuture, timing: .system) }
        waiting.cancel()
        #expect(await waiting.value == false)
        permits.release()
        #expect(await permits.acquire(deadline: .now(), timing: .system))
    }
}
