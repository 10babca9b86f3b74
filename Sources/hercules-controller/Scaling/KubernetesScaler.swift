import Controlling
import Foundation
import Reporting
import Synchronization
import Vocabulary

/// Changes the replicas of Deployments through their scale, with the version that was seen: where somebody
/// else was quicker nothing is written, and the next tick plans anew.
final class KubernetesScaler: FleetActuator {
    private let fleet: KubernetesFleet
    private let server: any KubernetesWriting
    private let place: KubernetesFleet.Place
    /// What says whose orders count; nil where nobody else could act.
    private let lease: KubernetesLease?
    /// The highest generation that an order came with: a lower one belongs to a lease that was lost.
    private let generation = Mutex<Int64>(0)

    init(
        _ server: any KubernetesWriting, _ place: KubernetesFleet.Place, lease: KubernetesLease? = nil,
        models: [ModelID], serverTypes: [ServerTypeID]
    ) {
        self.server = server
        self.place = place
        self.lease = lease
        fleet = KubernetesFleet(server: server, place: place, models: models, serverTypes: serverTypes)
    }

    func fleet(at time: ControlTime) async -> FleetReading { await fleet.fleet(at: time) }

    func order(_ order: FleetOrder) async -> OrderAnswer {
        let highest = generation.withLock { highest in
            highest = max(highest, order.generation)
            return highest
        }
        guard order.generation == highest else {
            return .fenced(detail: "generation \(order.generation) came after \(highest)")
        }
        do {
            let name = try KubernetesName.deployment(order.model, order.serverType)
            if let master = try await otherMaster(of: name) {
                return .refused(detail: "\(master) scales \(name) as well")
            }
            // A process that slept does not know that another one has taken over meanwhile.
            if let lease, try await lease.isLost(order.generation) {
                return .fenced(detail: "generation \(order.generation) has lost the Lease")
            }
            return try await put(order, name)
        } catch let failure as ExchangeFailure {
            return failure.kind == .denied || failure.kind == .query
                ? .refused(detail: failure.description) : .failed(detail: failure.description)
        } catch {
            return .refused(detail: "\(error)")
        }
    }

    /// The scale of a Deployment.
    private struct Scale: Codable {
        struct Metadata: Codable {
            let name: String
            let namespace: String?
            let resourceVersion: String?
        }
        struct Spec: Codable { var replicas: Int? }

        let apiVersion: String
        let kind: String
        let metadata: Metadata
        var spec: Spec
    }

    private func put(_ order: FleetOrder, _ name: String) async throws -> OrderAnswer {
        let path = "/apis/apps/v1/namespaces/\(place.namespace)/deployments/\(name)/scale"
        let seen = try await server.get(path, within: place.seconds)
        try KubernetesFleet.requireSuccess(seen)
        guard var scale = try? JSONDecoder().decode(Scale.self, from: Data(seen.body)) else {
            return .failed(detail: "\(name) has no scale that can be read")
        }
        // The version covers the whole Deployment, and its status moves while servers start: what counts is
        // whether somebody else has changed the number since.
        guard (scale.spec.replicas ?? 0) == order.from else {
            return .conflict(detail: "found \(scale.spec.replicas ?? 0) replicas, expected \(order.from)")
        }
        scale.spec.replicas = order.to
        let reply = try await server.putScale(path, JSONText.bytes(scale), within: place.seconds)
        if reply.status == 409 { return .conflict(detail: "somebody else changed \(name)") }
        try KubernetesFleet.requireSuccess(reply)
        return .accepted
    }

    /// An autoscaler that has the same target; nil where there is none.
    private func otherMaster(of name: String) async throws(ExchangeFailure) -> String? {
        let lists = [
            "/apis/autoscaling/v2/namespaces/\(place.namespace)/horizontalpodautoscalers",
            "/apis/keda.sh/v1alpha1/namespaces/\(place.namespace)/scaledobjects",
        ]
        for path in lists {
            let reply = try await server.get(path, within: place.seconds)
            // Without the kind there is none of it.
            if reply.status == 404 { continue }
            try KubernetesFleet.requireSuccess(reply)
            guard let list = try? JSONDecoder().decode(ScalerList.self, from: Data(reply.body)) else {
                throw ExchangeFailure(.shape, "\(path) answered no list")
            }
            if let item = list.items.first(where: { $0.spec.scaleTargetRef?.name == name }) {
                return "\(path.split(separator: "/").last ?? "") \(item.metadata.name)"
            }
        }
        return nil
    }

    private struct ScalerList: Decodable {
        struct Item: Decodable {
            struct Metadata: Decodable { let name: String }
            struct Target: Decodable { let name: String }
            struct Spec: Decodable { let scaleTargetRef: Target? }

            let metadata: Metadata
            let spec: Spec
        }

        let items: [Item]
    }
}
