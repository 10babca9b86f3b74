import Controlling
import Foundation
import Quantities
import Synchronization
import Testing
import Vocabulary

@testable import hercules_controller

/// An API server in memory, with two Deployments, that may misbehave.
private final class MemoryKubernetes: KubernetesWriting {
    struct State {
        var replicas = ["rm1--cpu": 3, "ncf--cpu": 0]
        var ready = ["rm1--cpu": 2, "ncf--cpu": 0]
        var nodes = #"{"items":[]}"#
        var autoscalers = #"{"items":[]}"#
        var getStatus: [String: Int] = [:]
        var putStatus = 200
        var puts: [String] = []
        var lease: String?
        var leaseStatus = 200
        var leaseWrites: [String] = []
    }

    let state: Mutex<State>

    init(_ change: (inout State) -> Void = { _ in }) {
        var state = State()
        state.nodes = Self.nodes([
            ("cpu", true, false), ("cpu", true, false), ("cpu", false, false),
            ("cpu", true, true), ("gpu", true, false), (nil, true, false),
        ])
        change(&state)
        self.state = Mutex(state)
    }

    static func nodes(_ nodes: [(type: String?, ready: Bool, cordoned: Bool)]) -> String {
        let items = nodes.enumerated().map { index, node in
            let labels = node.type.map { #""labels":{"hercules/server-type":"\#($0)"},"# } ?? ""
            let ready = node.ready ? "True" : "False"
            return #"{"metadata":{\#(labels)"name":"n\#(index)"},"spec":{"unschedulable":\#(node.cordoned)},"#
                + #""status":{"conditions":[{"type":"Ready","status":"\#(ready)"}]}}"#
        }
        return "{\"items\":[\(items.joined(separator: ","))]}"
    }

    private static func reply(_ status: Int, _ body: String) -> ExchangeReply {
        ExchangeReply(status: status, type: "application/json", body: Array(body.utf8), dateUnixSeconds: nil)
    }

    func get(_ path: String, within _: Double) async throws(ExchangeFailure) -> ExchangeReply {
        let answer: (Int, String) = state.withLock { state in
            for (part, status) in state.getStatus where path.contains(part) { return (status, "{}") }
            if path.hasSuffix("/nodes") { return (200, state.nodes) }
            if path.hasSuffix("/horizontalpodautoscalers") { return (200, state.autoscalers) }
            if path.hasSuffix("/scaledobjects") { return (404, "{}") }
            if path.contains("/leases/") { return state.lease.map { (200, $0) } ?? (404, "{}") }
            if path.hasSuffix("/scale") {
                let name = path.split(separator: "/").dropLast().last.map(String.init) ?? ""
                guard let replicas = state.replicas[name] else { return (404, "{}") }
                return (
                    200,
                    #"{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"\#(name)","#
                        + #""namespace":"default","resourceVersion":"42"},"spec":{"replicas":\#(replicas)}}"#
                )
            }
            let items = state.replicas.map { name, replicas in
                #"{"metadata":{"name":"\#(name)","resourceVersion":"7"},"spec":{"replicas":\#(replicas)},"#
                    + #""status":{"readyReplicas":\#(state.ready[name] ?? 0)}}"#
            }
            return (200, "{\"items\":[\(items.joined(separator: ","))]}")
        }
        return Self.reply(answer.0, answer.1)
    }

    func putScale(
        _ path: String, _ body: [UInt8], within _: Double
    ) async throws(ExchangeFailure) -> ExchangeReply {
        state.withLock { state in
            state.puts.append("\(path) \(String(decoding: body, as: UTF8.self))")
            return Self.reply(state.putStatus, "{}")
        }
    }

    func writeLease(
        _ path: String, _ body: [UInt8], isNew: Bool, within _: Double
    ) async throws(ExchangeFailure) -> ExchangeReply {
        state.withLock { state in
            let text = String(decoding: body, as: UTF8.self)
            state.leaseWrites.append("\(isNew ? "POST" : "PUT") \(path) \(text)")
            if state.leaseStatus == 200 { state.lease = text }
            return Self.reply(state.leaseStatus, text)
        }
    }
}

@Suite struct KubernetesTests {
    private static let now = ControlTime(monotonic: .zero, wall: Sample.start)

    private func scaler(_ server: MemoryKubernetes) -> KubernetesScaler {
        KubernetesScaler(
            server, KubernetesFleet.Place(), models: ["rm1", "ncf", "wnd"], serverTypes: ["cpu", "tpu"])
    }

    private func order(to: Int, from: Int = 3, generation: Int64 = 5, model: ModelID = "rm1") -> FleetOrder {
        FleetOrder(
            id: 1, decision: 1, model: model, serverType: "cpu", from: from, to: to, generation: generation,
            version: "7")
    }

    @Test func `a fleet is what is ready, and nodes that are cordoned or not ready are not counted`()
        async throws
    {
        guard case .seen(let fleet, let versions) = await scaler(MemoryKubernetes()).fleet(at: Self.now)
        else {
            throw CancellationError()
        }
        #expect(fleet.available == ["cpu": 2, "tpu": 0])
        #expect(fleet.serving["rm1", "cpu"] == 2 && fleet.starting["rm1", "cpu"] == 1)
        #expect(fleet.serving["wnd", "cpu"] == 0)
        #expect(versions.map(\.version) == ["7", "7"])
    }

    @Test(arguments: ["/nodes", "/deployments"], [403, 500, 429])
    func `what cannot be listed is unknown, neither all nor nothing`(path: String, status: Int) async {
        let server = MemoryKubernetes { $0.getStatus = [path: status] }
        guard case .unknown = await scaler(server).fleet(at: Self.now) else {
            Issue.record("expected nobody to know what runs")
            return
        }
    }

    @Test func `pairs of whose name there can be no Deployment are refused before anything runs`() throws {
        try KubernetesOptions.requireNames([ModelOnServer(model: "rm1", serverType: "cpu-t1")])
        for model: ModelID in ["bert-99.9", "RM1", "a--b"] {
            #expect(throws: (any Error).self) {
                try KubernetesOptions.requireNames([ModelOnServer(model: model, serverType: "cpu")])
            }
        }
    }

    @Test func `a change is written through the scale, with its version`() async {
        let server = MemoryKubernetes()
        #expect(await scaler(server).order(order(to: 5)) == .accepted)
        let puts = server.state.withLock { $0.puts }
        #expect(puts.count == 1)
        #expect(puts.first?.hasPrefix("/apis/apps/v1/namespaces/default/deployments/rm1--cpu/scale ") == true)
        #expect(puts.first?.contains("\"resourceVersion\":\"42\"") == true)
        #expect(puts.first?.contains("\"replicas\":5") == true)
    }

    @Test func `who was quicker is not overwritten`() async {
        let server = MemoryKubernetes()
        guard case .conflict = await scaler(server).order(order(to: 5, from: 4)) else {
            Issue.record("expected a conflict")
            return
        }
        #expect(server.state.withLock { $0.puts.isEmpty })
        let racing = MemoryKubernetes { $0.putStatus = 409 }
        guard case .conflict = await scaler(racing).order(order(to: 5)) else {
            Issue.record("expected a conflict")
            return
        }
    }

    @Test func `an order of a lost lease is refused without a word to the server`() async {
        let server = MemoryKubernetes()
        let scaler = scaler(server)
        #expect(await scaler.order(order(to: 5, generation: 6)) == .accepted)
        guard case .fenced = await scaler.order(order(to: 1, generation: 5)) else {
            Issue.record("expected the order to be fenced")
            return
        }
        #expect(server.state.withLock { $0.puts.count } == 1)
    }

    @Test func `a target that an autoscaler owns is left alone`() async {
        let server = MemoryKubernetes {
            $0.autoscalers =
                #"{"items":[{"metadata":{"name":"hpa"},"spec":{"scaleTargetRef":{"name":"rm1--cpu"}}}]}"#
        }
        guard case .refused(let detail) = await scaler(server).order(order(to: 5)) else {
            Issue.record("expected a refusal")
            return
        }
        #expect(detail.contains("hpa") && server.state.withLock { $0.puts.isEmpty })
    }

    @Test(arguments: [(403, false), (404, false), (422, false), (429, true), (500, true), (503, true)])
    func `what may pass is asked again, what will not is refused`(status: Int, again: Bool) async {
        let server = MemoryKubernetes { $0.putStatus = status }
        switch await scaler(server).order(order(to: 5)) {
        case .failed: #expect(again)
        case .refused: #expect(!again)
        case let other: Issue.record("found \(other)")
        }
    }

    @Test func `a Deployment that is not there is refused`() async {
        guard case .refused = await scaler(MemoryKubernetes()).order(order(to: 1, from: 0, model: "wnd"))
        else {
            Issue.record("expected a refusal")
            return
        }
    }

    // MARK: The Lease

    private static let held = """
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"hercules-controller",\
        "labels":{"team":"a"},"resourceVersion":"9"},"spec":{"holderIdentity":"one","leaseTransitions":4,\
        "renewTime":"2026-11-30T22:31:00.250000Z","acquireTime":"2026-11-30T20:00:00.000000Z"}}
        """

    @Test func `a Lease that nobody has is made, and then renewed`() async throws {
        let server = MemoryKubernetes()
        let lease = KubernetesLease(server, .init())
        #expect(try await lease.lease() == nil)
        let first = LeaseRecord(holder: "one", generation: 1, beat: 0)
        #expect(try await lease.replace(nil, with: first, at: Sample.start))
        let found = try #require(try await lease.lease())
        #expect(found.holder == "one" && found.generation == 1 && found.beat != 0)
        let later = Sample.start.adding(seconds: 2.5)
        #expect(
            try await lease.replace(
                found, with: LeaseRecord(holder: "one", generation: 1, beat: found.beat + 1), at: later))
        #expect(try await lease.lease()?.beat == found.beat + 2_500_000_000)
        let writes = server.state.withLock { $0.leaseWrites }
        let folder = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
        #expect(writes[0].hasPrefix("POST \(folder) {") && writes[0].contains(#""leaseTransitions":0"#))
        #expect(writes[1].hasPrefix("PUT \(folder)/hercules-controller {"))
    }

    @Test func `who takes a Lease over counts one transition more, and keeps what others wrote`() async throws
    {
        let server = MemoryKubernetes { $0.lease = Self.held }
        let lease = KubernetesLease(server, .init())
        let found = try #require(try await lease.lease())
        #expect(found.holder == "one" && found.generation == 5)
        let mine = LeaseRecord(holder: "two", generation: 6, beat: 0)
        #expect(try await lease.replace(found, with: mine, at: Sample.start))
        let write = try #require(server.state.withLock { $0.leaseWrites.first })
        for part in [
            #""leaseTransitions":5"#, #""holderIdentity":"two""#, #""team":"a""#, #""resourceVersion":"9""#,
            #""leaseDurationSeconds":15"#,
        ] { #expect(write.contains(part), "\(part)") }
        #expect(!write.contains("2026-11-30T20:00:00"))
    }

    @Test(arguments: [409, 403, 500])
    func `a Lease that cannot be written is not held`(status: Int) async throws {
        let server = MemoryKubernetes {
            $0.lease = Self.held
            $0.leaseStatus = status
        }
        let lease = KubernetesLease(server, .init())
        let found = try await lease.lease()
        let mine = LeaseRecord(holder: "two", generation: 6, beat: 0)
        if status == 409 {
            #expect(try await !lease.replace(found, with: mine, at: Sample.start))
        } else {
            await #expect(throws: ExchangeFailure.self) {
                try await lease.replace(found, with: mine, at: Sample.start)
            }
        }
    }

    @Test func `an order of who has lost the Lease is refused before it is written`() async throws {
        let server = MemoryKubernetes { $0.lease = Self.held }
        let lease = KubernetesLease(server, .init())
        let scaler = KubernetesScaler(
            server, .init(), lease: lease, models: ["rm1", "ncf", "wnd"], serverTypes: ["cpu", "tpu"])
        #expect(await scaler.order(order(to: 5, generation: 5)) == .accepted)
        server.state.withLock {
            $0.lease = Self.held.replacing(#""leaseTransitions":4"#, with: #""leaseTransitions":5"#)
        }
        guard case .fenced = await scaler.order(order(to: 6, from: 5, generation: 5)) else {
            Issue.record("expected the order to be fenced")
            return
        }
        #expect(server.state.withLock { $0.puts.count } == 1)
    }
}
