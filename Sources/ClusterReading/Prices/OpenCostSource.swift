package import Attribution
import Glibc
package import KubernetesClient
package import LabelPolicy
package import NIOCore
import NIOHTTP1

/// Reads OpenCost's or Kubecost's prices of nodes, from its server or from a file.
package struct OpenCostSource: Sendable {
    /// A server of 100,000 Pods shows three series of 300 bytes for each container: some 200 MB. Nothing of it is kept
    /// but the prices.
    package static let maximumBytes = 1 << 30
    /// Until the answer begins. A server that has to look at many nodes takes seconds.
    package static let answerTimeout = TimeAmount.seconds(20)
    /// Until it ends: 200 MB at 5 MB/s.
    package static let bodyTimeout = TimeAmount.seconds(40)

    package let location: OpenCostLocation
    private let transport: (any HTTPTransport)?
    private let maximumBytes: Int
    private let bodyTimeout: TimeAmount

    /// - Parameter transport: to the location's server; nil: the location is a file.
    package init(
        _ location: OpenCostLocation, transport: (any HTTPTransport)?, maximumBytes: Int = maximumBytes,
        bodyTimeout: TimeAmount = bodyTimeout
    ) {
        self.location = location
        self.transport = transport
        self.maximumBytes = maximumBytes
        self.bodyTimeout = bodyTimeout
    }

    /// - Parameter today: the date of prices that come from a server; those in a file have none.
    package func read(today: CivilDate) async throws(OpenCostReadError) -> OpenCostPrices {
        switch location {
        case .file(let path): return try finish(try read(file: path), date: nil)
        case .server(_, let target):
            guard let transport else {
                throw failure(.transport(TransportError(address: location.origin, reason: .shutDown)))
            }
            return try finish(try await read(target, over: transport), date: today)
        }
    }

    private func finish(_ reader: OpenCostReader, date: CivilDate?) throws(OpenCostReadError) -> OpenCostPrices {
        do throws(OpenCostError) {
            return try reader.finish(origin: location.origin, date: date)
        } catch {
            throw failure(.contents(error))
        }
    }

    private func failure(_ reason: OpenCostReadError.Reason) -> OpenCostReadError {
        OpenCostReadError(origin: location.origin, reason: reason)
    }

    // MARK: A file

    private func read(file path: String) throws(OpenCostReadError) -> OpenCostReader {
        var reader = OpenCostReader()
        do throws(LocalFile.Failure) {
            try LocalFile.read(path, limit: maximumBytes) { reader.append($0) }
        } catch {
            switch error {
            case .system(let code): throw failure(.file(code: code))
            case .tooLarge(let limit): throw failure(.fileTooLarge(limit: limit))
            }
        }
        return reader
    }

    // MARK: A server

    private func read(
        _ target: String, over transport: any HTTPTransport
    ) async throws(OpenCostReadError) -> OpenCostReader {
        let request = HTTPRequest(method: .GET, target: target, headers: ["Accept": "text/plain"])
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await transport.execute(request, deadline: .now() + Self.answerTimeout)
        } catch {
            throw failure(.transport(error))
        }
        guard response.status == 200 else { throw failure(.status(response.status)) }
        do throws(TransportError) {
            return try await response.body.reduce(
                into: OpenCostReader(), upTo: maximumBytes, deadline: .now() + bodyTimeout, from: transport.address
            ) { $0.append($1.readableBytesView) }
        } catch {
            throw failure(.transport(error))
        }
    }
}

/// Why there are no prices from OpenCost.
package struct OpenCostReadError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// The system's number.
        case file(code: Int32)
        case fileTooLarge(limit: Int)
        case transport(TransportError)
        /// Of HTTP, and not 200.
        case status(Int)
        case contents(OpenCostError)
    }

    package var origin: String
    package var reason: Reason

    /// Whether the server could not be reached or did not want to answer; else it is what was named that is wrong.
    package var isOutOfReach: Bool {
        switch reason {
        case .transport, .status: true
        case .file, .fileTooLarge, .contents: false
        }
    }

    package var description: String { "\(origin): \(problem)" }

    private var problem: String {
        switch reason {
        case .file(let code): "\(String(cString: strerror(code))); check --opencost"
        case .fileTooLarge(let limit): "it has more than \(limit) bytes; leave other metrics out"
        case .transport(let error):
            switch error.reason {
            case .refused: "\(error.problem); is it running, and is this its port?"
            case .unresolved: "\(error.problem); check --opencost, and DNS"
            case .unreachable, .timedOut(.connection), .timedOut(.handshake):
                "\(error.problem); check the network and its policies"
            case .bodyTooLarge: "\(error.problem); ask for less, such as node_total_hourly_cost alone"
            case .timedOut(.answer), .closed, .certificate, .clientCertificateRefused, .notTLS, .tls, .proxy,
                .malformed, .unusableIdentity, .cancelled, .shutDown, .other:
                error.problem
            }
        case .status(let status) where (300..<400).contains(status):
            "the answer is a redirect (\(status)), which is not followed; name where it leads"
        case .status(let status) where status == 401 || status == 403:
            "the answer is \(status); servers of prices are asked without credentials"
        case .status(let status): "the answer is \(status); is this where it shows its metrics?"
        case .contents(let error): error.description
        }
    }
}
