import Controlling
import Foundation
import Quantities
import Synchronization

/// A Lease of `coordination.k8s.io/v1`, as elected leaders in a cluster have it: `holderIdentity` for the
/// holder, `leaseTransitions` for the generation, `renewTime` for the beat. What others wrote into it stays.
///
/// No clock is compared with another: a time that changes says that somebody lives, whatever it reads.
final class KubernetesLease: SharedLease {
    /// Where it is.
    struct Place: Hashable, Sendable {
        var namespace = "default"
        var name = "hercules-controller"
        /// For one question, well below the time after which a holder stops acting.
        var seconds = 3.0
    }

    private let server: any KubernetesWriting
    private let place: Place
    /// The object as it was read last, whose version a write needs; nil where there was none.
    private let object = Mutex<[UInt8]?>(nil)

    init(_ server: any KubernetesWriting, _ place: Place) {
        self.server = server
        self.place = place
    }

    private var folder: String { "/apis/coordination.k8s.io/v1/namespaces/\(place.namespace)/leases" }

    func lease() async throws -> LeaseRecord? {
        let reply = try await server.get("\(folder)/\(place.name)", within: place.seconds)
        if reply.status == 404 {
            object.withLock { $0 = nil }
            return nil
        }
        try KubernetesFleet.requireSuccess(reply)
        guard let found = try? JSONDecoder().decode(Lease.self, from: Data(reply.body)) else {
            throw ExchangeFailure(.shape, "\(place.name) is no Lease that can be read")
        }
        object.withLock { $0 = reply.body }
        let spec = found.spec ?? Lease.Spec()
        // A lease that was given back has no holder, and has changed hands all the same.
        return LeaseRecord(
            holder: spec.holderIdentity ?? "", generation: max(0, spec.leaseTransitions ?? 0) + 1,
            beat: Self.beat(spec.renewTime))
    }

    func replace(_ old: LeaseRecord?, with new: LeaseRecord, at wall: WallTime) async throws -> Bool {
        let seen = object.withLock { $0 }
        guard (seen == nil) == (old == nil) else { return false }
        let body = try Self.body(seen, new, isTaken: old?.holder != new.holder, place, at: wall)
        let path = seen == nil ? folder : "\(folder)/\(place.name)"
        let reply = try await server.writeLease(path, body, isNew: seen == nil, within: place.seconds)
        if reply.status == 409 { return false }
        try KubernetesFleet.requireSuccess(reply)
        return true
    }

    /// Whether the lease has changed hands since a generation.
    func isLost(_ generation: Int64) async throws -> Bool {
        try await lease().map { $0.generation != generation } ?? true
    }

    /// The Lease with what is new in it.
    private static func body(
        _ seen: [UInt8]?, _ new: LeaseRecord, isTaken: Bool, _ place: Place, at wall: WallTime
    ) throws -> [UInt8] {
        let found = try seen.map { try JSONSerialization.jsonObject(with: Data($0)) } as? [String: Any]
        var lease: [String: Any] =
            found ?? [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": ["name": place.name, "namespace": place.namespace],
            ]
        var spec = lease["spec"] as? [String: Any] ?? [:]
        let now = time(wall)
        spec["holderIdentity"] = new.holder
        spec["leaseDurationSeconds"] = Int(LeaseWatch.duration.seconds)
        spec["leaseTransitions"] = new.generation - 1
        spec["renewTime"] = now
        if isTaken || spec["acquireTime"] == nil { spec["acquireTime"] = now }
        lease["spec"] = spec
        return Array(try JSONSerialization.data(withJSONObject: lease, options: [.sortedKeys]))
    }

    /// A MicroTime, for example `2026-11-30T22:31:00.250000Z`.
    private static func time(_ wall: WallTime) -> String {
        let whole = wall.unixMilliseconds / 1000 * 1000
        let text = WallTime(unixMilliseconds: whole).description.dropLast()
        let fraction = String(1000 + wall.unixMilliseconds - whole).dropFirst()
        return "\(text).\(fraction)000Z"
    }

    /// A number that changes with every renewal.
    private static func beat(_ time: String?) -> Int64 {
        time.flatMap { CalendarTime.unixNanoseconds(of: $0) } ?? 0
    }

    private struct Lease: Decodable {
        struct Spec: Decodable {
            var holderIdentity: String?
            var leaseTransitions: Int64?
            var renewTime: String?
        }

        let spec: Spec?
    }
}
