import Controlling
import Foundation
import Quantities
import Reporting
import Vocabulary

/// Looks at a Kubernetes API server. It has no way to change anything.
protocol KubernetesReading: Sendable {
    /// - Parameter path: for example `/api/v1/nodes`.
    func get(_ path: String, within seconds: Double) async throws(ExchangeFailure) -> ExchangeReply
}

/// Changes the scale of a Deployment and keeps a Lease, and does nothing else.
protocol KubernetesWriting: KubernetesReading {
    func putScale(
        _ path: String, _ body: [UInt8], within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply

    /// - Parameter isNew: whether there is none to be replaced.
    func writeLease(
        _ path: String, _ body: [UInt8], isNew: Bool, within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply
}

/// The API server over HTTP, for those that only look.
struct HTTPKubernetesReader: KubernetesReading {
    static let bytesMax = 32 << 20
    let exchange: BoundedExchange

    func get(_ path: String, within seconds: Double) async throws(ExchangeFailure) -> ExchangeReply {
        try await exchange.send("GET", path, within: seconds)
    }
}

/// The API server over HTTP, made in the modes `approve` and `active` only.
struct HTTPKubernetesWriter: KubernetesWriting {
    let exchange: BoundedExchange

    func get(_ path: String, within seconds: Double) async throws(ExchangeFailure) -> ExchangeReply {
        try await exchange.send("GET", path, within: seconds)
    }

    func putScale(
        _ path: String, _ body: [UInt8], within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply {
        try await exchange.send("PUT", path, body: body, within: seconds)
    }

    func writeLease(
        _ path: String, _ body: [UInt8], isNew: Bool, within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply {
        try await exchange.send(isNew ? "POST" : "PUT", path, body: body, within: seconds)
    }
}

/// A fleet of Deployments named after their pair, as the exported manifests have them, on nodes whose label
/// names their server type.
struct KubernetesFleet: FleetReader {
    /// Where the Deployments are, and how nodes are told apart.
    struct Place: Hashable, Sendable {
        var namespace = "default"
        var nodeLabel = "hercules/server-type"
        /// For one look.
        var seconds = 10.0
    }

    let server: any KubernetesReading
    let place: Place
    let models: [ModelID]
    let serverTypes: [ServerTypeID]

    func fleet(at _: ControlTime) async -> FleetReading {
        do throws(ExchangeFailure) {
            let nodes: NodeList = try await list("/api/v1/nodes")
            let path = "/apis/apps/v1/namespaces/\(place.namespace)/deployments"
            let deployments: DeploymentList = try await list(path)
            return reading(nodes, deployments)
        } catch {
            // Neither all nodes nor none: nobody knows what runs.
            return .unknown(detail: "the API server did not answer (\(error))")
        }
    }

    private func list<Items: Decodable>(_ path: String) async throws(ExchangeFailure) -> Items {
        let reply = try await server.get(path, within: place.seconds)
        try Self.requireSuccess(reply)
        guard let items = try? JSONDecoder().decode(Items.self, from: Data(reply.body)) else {
            throw ExchangeFailure(.shape, "\(path) answered no list")
        }
        return items
    }

    static func requireSuccess(_ reply: ExchangeReply) throws(ExchangeFailure) {
        switch reply.status {
        case 200...299: return
        case 401, 403: throw ExchangeFailure(.denied, "HTTP \(reply.status)")
        case 429, 500...: throw ExchangeFailure(.unavailable, "HTTP \(reply.status)")
        default: throw ExchangeFailure(.query, "HTTP \(reply.status)")
        }
    }

    private func reading(_ nodes: NodeList, _ deployments: DeploymentList) -> FleetReading {
        var available = Dictionary(uniqueKeysWithValues: serverTypes.map { ($0, 0) })
        for node in nodes.items where node.isReady {
            guard let type = node.metadata.labels?[place.nodeLabel].map({ ServerTypeID($0) }),
                available[type] != nil
            else { continue }
            available[type, default: 0] += 1
        }
        let byName = Dictionary(deployments.items.map { ($0.metadata.name, $0) }) { first, _ in first }
        var fleet = FleetObservation(
            serving: Allocation(), starting: Allocation(), draining: Allocation(), available: available)
        var versions: [ObjectVersion] = []
        for model in models {
            for type in serverTypes {
                guard let name = try? KubernetesName.deployment(model, type), let found = byName[name] else {
                    continue
                }
                let wanted = max(0, found.spec?.replicas ?? 1)
                let ready = max(0, found.status?.readyReplicas ?? 0)
                fleet.serving[model, type] = min(ready, wanted)
                fleet.starting[model, type] = max(0, wanted - ready)
                fleet.draining[model, type] = max(0, ready - wanted)
                versions.append(
                    ObjectVersion(
                        model: model, serverType: type, version: found.metadata.resourceVersion ?? ""))
            }
        }
        return .seen(fleet, versions: versions)
    }

    // MARK: What the API server says, as far as it matters here

    private struct NodeList: Decodable { let items: [Node] }
    private struct DeploymentList: Decodable { let items: [Deployment] }

    private struct Metadata: Decodable {
        let name: String
        let resourceVersion: String?
        let labels: [String: String]?
    }

    private struct Node: Decodable {
        struct Spec: Decodable { let unschedulable: Bool? }
        struct Condition: Decodable {
            let type: String
            let status: String
        }
        struct Status: Decodable { let conditions: [Condition]? }

        let metadata: Metadata
        let spec: Spec?
        let status: Status?

        var isReady: Bool {
            spec?.unschedulable != true
                && (status?.conditions ?? []).contains { $0.type == "Ready" && $0.status == "True" }
        }
    }

    private struct Deployment: Decodable {
        struct Spec: Decodable { let replicas: Int? }
        struct Status: Decodable { let readyReplicas: Int? }

        let metadata: Metadata
        let spec: Spec?
        let status: Status?
    }
}
