import ArgumentParser
import Attribution
import ClusterReading
import KubernetesClient
import LabelPolicy
import NIOCore
import NIOPosix

/// Who else is asked what nodes cost.
struct PriceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take nodes' prices from OpenCost's or Kubecost's metrics, where the policy and nodes name none.",
            valueName: "url|file"))
    var opencost: String?

    /// Nil: nobody.
    func location(_ environment: EnvironmentSettings) throws -> OpenCostLocation? {
        guard let text = opencost ?? environment.text("opencost") else { return nil }
        do throws(OpenCostLocationError) {
            return try OpenCostLocation(text)
        } catch {
            throw CommandOutcome.inputError(error.description)
        }
    }
}

/// A way to OpenCost's prices, for as long as somebody reads them.
struct OpenCostConnection {
    let source: OpenCostSource
    private let transport: ClusterTransport?

    init(
        _ location: OpenCostLocation, environment: [String: String], group: MultiThreadedEventLoopGroup
    ) throws {
        switch location {
        case .file:
            transport = nil
        case .server(let server, _):
            do throws(ConfigurationError) {
                let access = try ClusterAccess(
                    anonymouslyAt: server, environment: environment, origin: location.origin)
                transport = ClusterTransport(
                    access, settings: ClusterTransport.Settings(userAgent: "tallygate/\(Build.version)"), group: group,
                    unixSeconds: WallClock.unixSeconds)
            } catch {
                throw CommandOutcome.inputError(error.description)
            }
        }
        source = OpenCostSource(location, transport: transport)
    }

    /// Ends all connections. Has to be called before the last reference goes.
    func shutdown() async { await transport?.shutdown() }

    /// Reads the prices once. A file that cannot be read was named by mistake; of a server that does not answer the
    /// caller is told, since there are other prices.
    static func read(
        _ location: OpenCostLocation, _ environment: EnvironmentSettings
    ) async throws -> Result<OpenCostPrices, OpenCostReadError> {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<OpenCostPrices, OpenCostReadError>
        do {
            let connection = try OpenCostConnection(location, environment: environment.variables, group: group)
            do throws(OpenCostReadError) {
                result = .success(try await connection.source.read(today: WallClock.now().date))
            } catch {
                result = .failure(error)
            }
            await connection.shutdown()
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
        if case .file = location, case .failure(let error) = result {
            throw CommandOutcome.inputError(error.description)
        }
        return result
    }
}
