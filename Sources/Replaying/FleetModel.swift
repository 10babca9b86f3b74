import Quantities
import Simulation
import Vocabulary

/// What a server is doing. `failed` is reached from anywhere, everything else in a circle:
///
///     off -> booting -> loading -> serving -> draining -> idle -> off
///                          ^-----------------------'  '---^ (the next model, or back to the same one)
package enum ServerPhase: Int, CaseIterable, Sendable {
    case off, booting, loading, serving, draining, idle, failed
}

/// The servers of a fleet as they start, serve, drain and fail, event by event.
///
/// Servers are individuals, so that racks can fail; orders are counts, and the model picks: to start, servers
/// that run already before those that are off; to stop, those that do not serve yet before those that do, the
/// latest first. Transitions that take no time happen at once. The same orders give the same servers.
struct FleetModel: ~Copyable {
    struct PhaseEnd: BitwiseCopyable {
        let server: Int32
        /// Of the server when its phase began; another one says that the phase was left early.
        let epoch: UInt32
    }

    private struct Server {
        var phase = ServerPhase.off
        /// The pair it works for; -1 without one.
        var pair: Int32 = -1
        /// The pair it will load when it has drained; -1 for none.
        var next: Int32 = -1
        let type: Int32
        /// Counts transitions, so that events of the past are known as such.
        var epoch: UInt32 = 0
        /// Its place in the list of its phase.
        var slot: Int32 = 0
    }

    let figures: FleetFigures
    private var servers: [Server]
    /// Servers by phase: of each pair for booting to draining, of each type for off, idle and failed.
    private var members: [[[Int32]]]
    /// Draining servers that have a next pair, by that pair.
    private(set) var pending: [Int]
    /// The ends of phases to come.
    private var events = EventHeap<PhaseEnd>()
    /// Nanoseconds since the start of the trace.
    private(set) var now: Int64 = 0
    /// Grows whenever a server's phase changes.
    private(set) var version = 0
    /// Starts that found no server.
    private(set) var refusedStarts = 0
    /// Called for every change, for tests: time, server, from, to, pair.
    var witness: ((Int64, Int, ServerPhase, ServerPhase, Int) -> Void)?
    /// Servers of a pair that were cut off while they served or drained, since the last look.
    private(set) var cutOff: [(pair: Int, seconds: Double)] = []
    /// Whether servers began to serve, failed or came back since the last look.
    private(set) var hasNews = false

    init(_ figures: FleetFigures) {
        self.figures = figures
        let pairs = figures.models.count * figures.types.count
        servers = figures.counts.enumerated().flatMap { type, count in
            Array(repeating: Server(type: Int32(type)), count: count)
        }
        members = ServerPhase.allCases.map { phase in
            Array(repeating: [], count: Self.isOfType(phase) ? figures.types.count : pairs)
        }
        pending = Array(repeating: 0, count: pairs)
        for index in servers.indices {
            servers[index].slot = Int32(members[0][Int(servers[index].type)].count)
            members[ServerPhase.off.rawValue][Int(servers[index].type)].append(Int32(index))
        }
    }

    /// Servers in a phase, of a pair or of a type.
    func count(_ phase: ServerPhase, _ place: Int) -> Int { members[phase.rawValue][place].count }

    /// Servers of a type in all phases; the same at all times.
    func count(ofType type: Int) -> Int { figures.counts[type] }

    func phase(of server: Int) -> ServerPhase { servers[server].phase }

    private static func isOfType(_ phase: ServerPhase) -> Bool {
        phase == .off || phase == .idle || phase == .failed
    }
}

// MARK: - Orders

extension FleetModel {
    /// Starts servers of a type for a model, as many as there are.
    mutating func start(model: Int, type: Int, count: Int) {
        let pair = figures.pair(model, type)
        for _ in 0..<count {
            if let server = members[ServerPhase.draining.rawValue][pair].last(where: {
                servers[Int($0)].next < 0
            }) {
                move(Int(server), to: .serving, pair: pair)
            } else if let server = members[ServerPhase.idle.rawValue][type].last {
                load(Int(server), pair)
            } else if figures.drain <= figures.boot, let server = drainingServer(of: type) {
                servers[server].next = Int32(pair)
                pending[pair] += 1
                version += 1
            } else if let server = members[ServerPhase.off.rawValue][type].last {
                move(Int(server), to: .booting, pair: pair)
                schedule(Int(server), after: figures.boot)
            } else if let server = drainingServer(of: type) {
                servers[server].next = Int32(pair)
                pending[pair] += 1
                version += 1
            } else {
                refusedStarts += 1
            }
        }
    }

    /// Stops servers of a type for a model: those that do not serve yet at once, the others after they have
    /// drained.
    mutating func stop(model: Int, type: Int, count: Int) {
        let pair = figures.pair(model, type)
        for _ in 0..<count {
            if pending[pair] > 0, let server = pendingServer(of: pair) {
                servers[server].next = -1
                pending[pair] -= 1
                version += 1
            } else if let server = members[ServerPhase.booting.rawValue][pair].last {
                move(Int(server), to: .off, pair: -1)
            } else if let server = members[ServerPhase.loading.rawValue][pair].last {
                release(Int(server))
            } else if let server = members[ServerPhase.serving.rawValue][pair].last {
                cut(Int(server), after: figures.drain)
                move(Int(server), to: .draining, pair: pair)
                schedule(Int(server), after: figures.drain)
            }
        }
    }

    /// A server stops working at once, whatever it does; one that has failed already is left alone.
    /// - Returns: whether it had not failed before.
    mutating func fail(_ server: Int) -> Bool {
        guard servers[server].phase != .failed else { return false }
        cut(server, after: 0)
        if servers[server].next >= 0 { pending[Int(servers[server].next)] -= 1 }
        servers[server].next = -1
        move(server, to: .failed, pair: -1)
        hasNews = true
        return true
    }

    /// A failed server is back, and off.
    mutating func repair(_ server: Int) {
        guard servers[server].phase == .failed else { return }
        move(server, to: .off, pair: -1)
        hasNews = true
    }

    /// Lets everything that boots or loads serve at once: a fleet that has been running.
    mutating func openService() {
        for pair in pending.indices {
            while let server = members[ServerPhase.booting.rawValue][pair].last {
                move(Int(server), to: .serving, pair: pair)
            }
            while let server = members[ServerPhase.loading.rawValue][pair].last {
                move(Int(server), to: .serving, pair: pair)
            }
        }
    }

    private func drainingServer(of type: Int) -> Int? {
        for model in figures.models.indices {
            let found = members[ServerPhase.draining.rawValue][figures.pair(model, type)]
                .last { servers[Int($0)].next < 0 }
            if let found { return Int(found) }
        }
        return nil
    }

    private func pendingServer(of pair: Int) -> Int? {
        let type = pair % figures.types.count
        for model in figures.models.indices {
            let found = members[ServerPhase.draining.rawValue][figures.pair(model, type)]
                .last { Int(servers[Int($0)].next) == pair }
            if let found { return Int(found) }
        }
        return nil
    }

    /// Notes queries in flight that a server will not finish: those that may take longer than it still has.
    private mutating func cut(_ server: Int, after nanoseconds: Int64) {
        let phase = servers[server].phase
        guard phase == .serving else { return }
        let pair = Int(servers[server].pair)
        let left = figures.latencyLimit[pair] - Double(nanoseconds) / 1e9
        if left > 0 { cutOff.append((pair, left)) }
    }
}

// MARK: - Transitions

extension FleetModel {
    private mutating func load(_ server: Int, _ pair: Int) {
        move(server, to: .loading, pair: pair)
        schedule(server, after: figures.modelLoad[pair / figures.types.count])
    }

    /// Leaves a server without a model.
    private mutating func release(_ server: Int) {
        move(server, to: .idle, pair: -1)
        schedule(server, after: figures.idleHold)
    }

    /// What follows when the time of a phase is over.
    private mutating func complete(_ server: Int) {
        switch servers[server].phase {
        case .booting: load(server, Int(servers[server].pair))
        case .loading:
            move(server, to: .serving, pair: Int(servers[server].pair))
            hasNews = true
        case .draining:
            let next = Int(servers[server].next)
            guard next >= 0 else { return release(server) }
            servers[server].next = -1
            pending[next] -= 1
            load(server, next)
        case .idle: move(server, to: .off, pair: -1)
        case .off, .serving, .failed: break
        }
    }

    private mutating func schedule(_ server: Int, after nanoseconds: Int64) {
        if nanoseconds <= 0 { return complete(server) }
        events.schedule(
            PhaseEnd(server: Int32(server), epoch: servers[server].epoch), at: Nanoseconds(now + nanoseconds))
    }

    private mutating func move(_ server: Int, to phase: ServerPhase, pair: Int) {
        let old = servers[server]
        let from = Self.isOfType(old.phase) ? Int(old.type) : Int(old.pair)
        let slot = Int(old.slot)
        let last = members[old.phase.rawValue][from].removeLast()
        if Int(last) != server {
            members[old.phase.rawValue][from][slot] = last
            servers[Int(last)].slot = Int32(slot)
        }
        servers[server].phase = phase
        servers[server].pair = Int32(pair)
        servers[server].epoch &+= 1
        let to = Self.isOfType(phase) ? Int(old.type) : pair
        servers[server].slot = Int32(members[phase.rawValue][to].count)
        members[phase.rawValue][to].append(Int32(server))
        version += 1
        witness?(now, server, old.phase, phase, pair)
    }

    /// The next instant at which a server changes by itself; nil for none.
    mutating func nextChange() -> Int64? {
        while let event = events.first, servers[Int(event.server)].epoch != event.epoch {
            _ = events.next()
        }
        return events.isEmpty ? nil : events.earliest.count
    }

    /// Moves the clock and lets everything happen that is due by then.
    mutating func advance(to time: Int64) {
        while let next = nextChange(), next <= time {
            now = next
            complete(Int(events.next().event.server))
        }
        now = time
    }

    /// What was cut off and whether there was news, once.
    mutating func takeNews() -> (cutOff: [(pair: Int, seconds: Double)], hasNews: Bool) {
        defer {
            cutOff.removeAll(keepingCapacity: true)
            hasNews = false
        }
        return (cutOff, hasNews)
    }
}

// MARK: - What can be seen

extension FleetModel {
    /// What a provisioner sees.
    func observation() -> FleetObservation {
        let pairs = pending.indices
        let draining = pairs.map { pair in
            members[ServerPhase.draining.rawValue][pair].count { servers[Int($0)].next < 0 }
        }
        return FleetObservation(
            serving: figures.allocation(pairs.map { count(.serving, $0) }),
            starting: figures.allocation(
                pairs.map { count(.booting, $0) + count(.loading, $0) + pending[$0] }),
            draining: figures.allocation(draining),
            available: Dictionary(
                uniqueKeysWithValues: figures.types.enumerated().map { type, name in
                    (name, figures.counts[type] - count(.failed, type))
                }))
    }

    /// Servers that are on for each pair.
    func countsSetAside() -> [Int32] {
        pending.indices.map {
            Int32(count(.booting, $0) + count(.loading, $0) + count(.serving, $0) + count(.draining, $0))
        }
    }

    func servingCounts() -> [Int32] { pending.indices.map { Int32(count(.serving, $0)) } }
}
