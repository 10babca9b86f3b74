import Quantities
import Randomness

/// The state of one request-level simulation as it goes on.
///
/// Queries, pieces and servers are numbers into slabs and arrays of trivial values; nothing is allocated for
/// a query.
struct RequestPlay: ~Copyable {
    /// A query that is held somewhere.
    private struct Query: BitwiseCopyable {
        var arrival: Int64
        var items: Int32
        var piecesLeft: Int32
        /// -1 while no server takes queries.
        var server: Int32
        /// Of the arrival process; -1 where it is not counted.
        var segment: Int32
    }

    /// A part of a query at a station, waiting or in a launch.
    private struct Piece: BitwiseCopyable {
        var query: Int32
        var items: Int32
        /// -1 where the place is free, or the server failed and nobody waits for the launch.
        var station: Int32
        /// The next piece in the queue or in the launch; -1 at the end.
        var next: Int32
    }

    /// A stage of a server.
    private struct Station: BitwiseCopyable {
        var freeThreads: Int32
        var threads: Int32
        /// Waiting pieces, first to last; -1 for none.
        var head: Int32 = -1
        var tail: Int32 = -1
        /// Index of the stage among those of all profiles.
        var stage: Int32
        var isLast: Bool
        /// The most items in a launch; 0 where pieces are not joined.
        var fusionLimit: Int32
        /// How long the first piece of a launch waits for others.
        var joinWait: Int64
        /// When the wait that was scheduled last is over.
        var wakesAt: Int64 = -1
        var server: Int32
        var isAwaitingStart = false
        var hasContention: Bool
        var busy: Int64 = 0
    }

    /// Service times, made ready to be asked very often.
    private enum Service {
        /// Element i is the time of i items.
        case tabulated([Nanoseconds])
        case drawn(@Sendable (_ items: Int, _ draw: Double) -> Nanoseconds)

        /// Launches that join pieces take the mean, as everywhere.
        init(_ stage: ServerProfile.Stage, pieceItemsMax: Int) {
            guard stage.service.isFixed || stage.fusionLimit != nil else {
                self = .drawn { stage.service.time(items: $0, draw: $1) }
                return
            }
            let itemsMax = max(pieceItemsMax, stage.fusionLimit ?? 0)
            self = .tabulated([.zero] + (1...itemsMax).map { stage.service.meanTime(items: $0) })
        }
    }

    /// The end of a launch, known by its first piece, or of a station's wait for pieces to join: -1 less the
    /// station's number.
    private struct LaunchEnd: BitwiseCopyable { var piece: Int32 }

    private let simulation: RequestSimulation
    private let services: [Service]
    private let contentions: [Contention?]
    private var heap = EventHeap<LaunchEnd>()
    private var queries = Slab<Query>()
    private var pieces = Slab<Piece>()
    private let stations: UnsafeMutablePointer<Station>
    private let stationCount: Int
    private let firstStations: [Int32]
    private var dispatcher: Dispatcher
    private let changes: [FleetChange]
    private var nextChange = 0
    /// The time of the next change, or the largest there is.
    private var changeTime: Int64
    /// Queries that arrived while no server took any, in order.
    private var homeless: [Int32] = []
    /// Stations with joined launches, which start once everything of the instant has arrived.
    private var awaiting: [Int32] = []
    private var awaitingTime: Int64 = .min
    private var serviceStream: RandomStream
    private let pieceItemsMax: [Int]
    private let limit: Int64
    private let countedFrom: Int64
    private var drainStarts: [Int64?]
    private var outcome: RequestOutcome

    init(_ simulation: RequestSimulation, segments: Int) {
        self.simulation = simulation
        limit = simulation.latencyLimit.count
        countedFrom = simulation.countedFrom.count
        services = simulation.profiles.flatMap { profile in
            profile.stages.map { Service($0, pieceItemsMax: profile.pieceItemsMax) }
        }
        contentions = simulation.profiles.flatMap { $0.stages.map(\.contention) }
        var firstStages: [Int] = []
        var stagesSoFar = 0
        for profile in simulation.profiles {
            firstStages.append(stagesSoFar)
            stagesSoFar += profile.stages.count
        }
        var list: [Station] = []
        var firsts: [Int32] = []
        for (index, server) in simulation.servers.enumerated() {
            firsts.append(Int32(list.count))
            let stages = simulation.profiles[server.profile].stages
            for (position, stage) in stages.enumerated() {
                list.append(
                    Station(
                        freeThreads: Int32(stage.threads), threads: Int32(stage.threads),
                        stage: Int32(firstStages[server.profile] + position),
                        isLast: position == stages.count - 1, fusionLimit: Int32(stage.fusionLimit ?? 0),
                        joinWait: stage.joinWait.count, server: Int32(index),
                        hasContention: stage.contention != nil))
            }
        }
        stationCount = list.count
        stations = .allocate(capacity: max(1, list.count))
        stations.initialize(from: list, count: list.count)
        firstStations = firsts
        pieceItemsMax = simulation.servers.map { simulation.profiles[$0.profile].pieceItemsMax }
        dispatcher = Dispatcher(simulation)
        changes = simulation.changes.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
        changeTime = changes.first?.time.count ?? .max
        serviceStream = RandomStream(seed: simulation.seed, name: "service times")
        drainStarts = Array(repeating: nil, count: simulation.servers.count)
        outcome = RequestOutcome(segments: Array(repeating: RequestCounts(), count: segments))
    }

    deinit { stations.deallocate() }

    // MARK: Time

    /// Lets everything happen that happens up to an instant: ends of launches before changes of the fleet.
    @inline(__always)
    mutating func advance(to time: Int64) {
        while true {
            let launchEnd = heap.earliest.count
            if !awaiting.isEmpty, min(launchEnd, changeTime, time) > awaitingTime {
                startAwaiting()
            } else if launchEnd <= time && launchEnd <= changeTime {
                guard launchEnd != .max else { return }
                let (event, now) = heap.next()
                if event.piece < 0 {
                    startOrAwait(at: -1 - event.piece, now: now.count, isIdle: false)
                } else {
                    finishLaunch(event.piece, at: now.count)
                }
            } else if changeTime <= time && changeTime != .max {
                applyChanges()
            } else {
                return
            }
        }
    }

    /// Serves what is held, as far as the simulation is to, and hands out the books.
    consuming func finish(endOfArrivals: Nanoseconds) -> RequestOutcome {
        if simulation.servesToTheEnd { advance(to: .max) } else { advance(to: endOfArrivals.count) }
        outcome.end = max(outcome.end, endOfArrivals)
        outcome.heldMax = queries.placesUsed
        for server in simulation.servers.indices {
            let count = simulation.profiles[simulation.servers[server].profile].stages.count
            let first = Int(firstStations[server])
            outcome.busy.append((0..<count).map { Nanoseconds(stations[first + $0].busy) })
        }
        return outcome
    }

    // MARK: Queries

    /// A query arrives; everything before has happened.
    @inline(__always)
    mutating func arrive(at time: Int64, items: Int, segment: Int) {
        outcome.all.arrived += 1
        let isCounted = time >= countedFrom
        if isCounted { outcome.segments[segment].arrived += 1 }
        let query = queries.take(
            Query(
                arrival: time, items: Int32(truncatingIfNeeded: items), piecesLeft: 0, server: -1,
                segment: isCounted ? Int32(truncatingIfNeeded: segment) : -1))
        dispatch(query, at: time)
    }

    /// Sends a query to a server, cut into pieces.
    @inline(__always)
    private mutating func dispatch(_ query: Int32, at now: Int64) {
        guard let server = dispatcher.choose() else {
            homeless.append(query)
            return
        }
        guard dispatcher.admits(server) else {
            drop(query)
            return
        }
        dispatcher.queryEnters(server)
        queries[query].server = Int32(truncatingIfNeeded: server)
        let station = firstStations[server]
        let most = pieceItemsMax[server]
        var left = Int(queries[query].items)
        var count: Int32 = 0
        while left > 0 {
            let items = min(left, most)
            left -= items
            count += 1
            let piece = pieces.take(
                Piece(query: query, items: Int32(truncatingIfNeeded: items), station: station, next: -1))
            enqueue(piece, at: station)
        }
        queries[query].piecesLeft = count
        startOrAwait(at: station, now: now, isIdle: true)
    }

    private mutating func complete(_ query: Int32, at now: Int64) {
        let held = queries[query]
        release(query: query)
        let server = Int(held.server)
        dispatcher.queryLeaves(server)
        outcome.all.completed += 1
        let latency = now - held.arrival
        if latency > limit { outcome.all.late += 1 }
        if held.segment >= 0 {
            let segment = Int(held.segment)
            outcome.segments[segment].completed += 1
            if latency > limit { outcome.segments[segment].late += 1 }
            outcome.latencies.record(Nanoseconds(latency))
        }
        outcome.end = Nanoseconds(now)
        if dispatcher.isEmptied(server) { noteDrained(server, at: now) }
    }

    private mutating func drop(_ query: Int32) {
        let segment = queries[query].segment
        release(query: query)
        outcome.all.dropped += 1
        if segment >= 0 { outcome.segments[Int(segment)].dropped += 1 }
    }

    @inline(__always)
    private mutating func release(query: Int32) {
        queries[query].server = -1
        queries.free(query)
    }

    @inline(__always)
    private mutating func release(_ piece: Int32) {
        pieces[piece].station = -1
        pieces.free(piece)
    }

    private mutating func release(launch first: Int32) {
        var piece = first
        while piece >= 0 {
            let next = pieces[piece].next
            pieces.free(piece)
            piece = next
        }
    }

    // MARK: Stations

    @inline(__always)
    private mutating func enqueue(_ piece: Int32, at station: Int32) {
        let place = Int(station)
        if stations[place].head < 0 {
            stations[place].head = piece
        } else {
            pieces[stations[place].tail].next = piece
        }
        stations[place].tail = piece
    }

    /// Starts launches while a thread is free and a piece waits.
    /// - Parameter isIdle: whether the threads that are free have been idle, not just become free.
    @inline(__always)
    private mutating func startLaunches(at station: Int32, now: Int64, isIdle: Bool) {
        let place = Int(station)
        while stations[place].freeThreads > 0, stations[place].head >= 0 {
            let first = stations[place].head
            var items = pieces[first].items
            var last = first
            let fusionLimit = stations[place].fusionLimit
            if fusionLimit > 0 {
                var next = pieces[last].next
                while next >= 0, items + pieces[next].items <= fusionLimit {
                    items += pieces[next].items
                    last = next
                    next = pieces[last].next
                }
                if next < 0, items < fusionLimit, waitsForMore(first, at: station, now: now) { return }
            }
            stations[place].head = pieces[last].next
            pieces[last].next = -1
            stations[place].freeThreads -= 1
            var service: Int64
            switch services[Int(stations[place].stage)] {
            case .tabulated(let times): service = times[Int(items)].count
            case .drawn(let draw): service = draw(Int(items), serviceStream.uniform()).count
            }
            var start = now
            if stations[place].hasContention {
                contend(at: place, isIdle: isIdle, start: &start, service: &service)
            }
            stations[place].busy += service
            heap.schedule(LaunchEnd(piece: first), at: Nanoseconds(start + service))
        }
    }

    /// Whether a launch that is not full still waits; its end is then an event.
    private mutating func waitsForMore(_ first: Int32, at station: Int32, now: Int64) -> Bool {
        let place = Int(station)
        guard stations[place].joinWait > 0 else { return false }
        let end = queries[pieces[first].query].arrival + stations[place].joinWait
        guard end > now else { return false }
        if stations[place].wakesAt != end {
            stations[place].wakesAt = end
            heap.schedule(LaunchEnd(piece: -1 - station), at: Nanoseconds(end))
        }
        return true
    }

    /// What the other threads of a station do to a launch. They count as busy at its hand-over.
    private func contend(at place: Int, isIdle: Bool, start: inout Int64, service: inout Int64) {
        guard let contention = contentions[Int(stations[place].stage)] else { return }
        let busy = Int(stations[place].threads - stations[place].freeThreads)
        var factor = contention.byBusyThreads[busy - 1]
        if isIdle {
            factor *= contention.afterIdle
            start += contention.wakeUp.count
        }
        service = Int64((Double(service) * factor).rounded())
    }

    /// A launch ends: its thread is free, its pieces go on.
    private mutating func finishLaunch(_ first: Int32, at now: Int64) {
        let station = pieces[first].station
        guard station >= 0 else {
            release(launch: first)
            return
        }
        let place = Int(station)
        stations[place].freeThreads += 1
        let isLast = stations[place].isLast
        var piece = first
        repeat {
            let next = pieces[piece].next
            let query = pieces[piece].query
            if isLast {
                release(piece)
                queries[query].piecesLeft -= 1
                if queries[query].piecesLeft == 0 { complete(query, at: now) }
            } else {
                pieces[piece].next = -1
                pieces[piece].station = station + 1
                enqueue(piece, at: station + 1)
            }
            piece = next
        } while piece >= 0
        if !isLast { startOrAwait(at: station + 1, now: now, isIdle: true) }
        startOrAwait(at: station, now: now, isIdle: false)
    }

    /// A launch that joins pieces waits for all that reach its station at the same instant.
    @inline(__always)
    private mutating func startOrAwait(at station: Int32, now: Int64, isIdle: Bool) {
        if stations[Int(station)].fusionLimit > 0 {
            awaitingTime = now
            if !stations[Int(station)].isAwaitingStart {
                stations[Int(station)].isAwaitingStart = true
                awaiting.append(station)
            }
        } else {
            startLaunches(at: station, now: now, isIdle: isIdle)
        }
    }

    private mutating func startAwaiting() {
        let list = awaiting
        awaiting.removeAll(keepingCapacity: true)
        for station in list {
            stations[Int(station)].isAwaitingStart = false
            // Joined launches know no contention, so it does not matter since when their threads are free.
            startLaunches(at: station, now: awaitingTime, isIdle: false)
        }
    }
}

// MARK: - Changes of the fleet

extension RequestPlay {
    /// Applies all changes of one instant, then sends out the queries that waited for a server.
    private mutating func applyChanges() {
        let now = changeTime
        var uprooted: [Int32] = []
        while nextChange < changes.count, changes[nextChange].time.count == now {
            let change = changes[nextChange]
            nextChange += 1
            switch change.kind {
            case .start:
                dispatcher.open(change.server)
                drainStarts[change.server] = nil
            case .drain:
                guard dispatcher.close(change.server) else { continue }
                drainStarts[change.server] = now
                if dispatcher.isEmptied(change.server) { noteDrained(change.server, at: now) }
            case .fail:
                _ = dispatcher.close(change.server)
                drainStarts[change.server] = nil
                uprooted += evict(change.server)
            }
        }
        changeTime = nextChange < changes.count ? changes[nextChange].time.count : .max
        dispatcher.rebuild()
        guard dispatcher.hasServers || !uprooted.isEmpty else { return }
        let waiting = homeless
        homeless = []
        for query in uprooted {
            switch simulation.failureRule {
            case .retry:
                outcome.retried += 1
                dispatch(query, at: now)
            case .drop: drop(query)
            }
        }
        for query in waiting { dispatch(query, at: now) }
    }

    private mutating func noteDrained(_ server: Int, at now: Int64) {
        guard let start = drainStarts[server] else { return }
        drainStarts[server] = nil
        outcome.drained += 1
        outcome.longestDrain = max(outcome.longestDrain, Nanoseconds(now - start))
    }

    /// Takes all queries off a server, in the order of their arrival, and stops its launches. O(queries and
    /// pieces held anywhere).
    private mutating func evict(_ server: Int) -> [Int32] {
        let first = firstStations[server]
        let stageCount = simulation.profiles[simulation.servers[server].profile].stages.count
        let own = first..<(first + Int32(stageCount))
        for station in own {
            let place = Int(station)
            var piece = stations[place].head
            while piece >= 0 {
                let next = pieces[piece].next
                release(piece)
                piece = next
            }
            stations[place].head = -1
            stations[place].tail = -1
            stations[place].freeThreads = stations[place].threads
        }
        // What is left there is under way in launches, whose ends are still to come.
        for piece in pieces.places where own.contains(pieces[piece].station) { pieces[piece].station = -1 }
        var found: [Int32] = []
        for query in queries.places where queries[query].server == Int32(server) {
            found.append(query)
            queries[query].server = -1
            dispatcher.queryLeaves(server)
        }
        return found.sorted { (queries[$0].arrival, $0) < (queries[$1].arrival, $1) }
    }
}
