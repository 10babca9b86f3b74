import Quantities
import Vocabulary

/// What has been ordered of each pair and what was seen of it: orders are done when they are read back, and
/// not before.
public struct OrderBook: Hashable, Sendable {
    /// What has become of an order.
    public enum State: String, Hashable, Codable, Sendable, CaseIterable {
        /// Written down, not asked for.
        case written
        /// Taken on, not seen.
        case accepted
        /// Seen.
        case applied
        /// Not seen in time; asked for again.
        case lagging
        /// Somebody else changed the object first: planned anew.
        case conflict
        /// Will not be done.
        case refused
        /// Another order took its place, or a half of it failed.
        case cancelled

        /// Whether nothing more comes of it.
        public var isFinal: Bool {
            self == .applied || self == .conflict || self == .refused || self == .cancelled
        }
    }

    /// What looking at the fleet has shown.
    public enum Finding: Hashable, Sendable {
        case applied(order: Int64, pair: ModelOnServer)
        /// Another order took its place before it was seen.
        case replaced(order: Int64, pair: ModelOnServer)
        case lagging(order: Int64, pair: ModelOnServer, wanted: Int, seen: Int)
        /// Late, and the plan is content with what is there.
        case unwanted(order: Int64, pair: ModelOnServer)
        /// Somebody else changed a count; what is seen is taken for the fleet.
        case drift(pair: ModelOnServer, expected: Int, seen: Int)
        /// Three drifts in ten minutes.
        case twoMasters(pair: ModelOnServer)
        /// Started and stopped to and fro three times in an hour.
        case breaker(pair: ModelOnServer)
    }

    /// An order that has not been seen yet.
    public struct Open: Hashable, Sendable {
        public let id: Int64
        public let to: Int
        public let stops: Bool
        public internal(set) var state: State
        public internal(set) var attempts: Int
        let since: Nanoseconds
        var retryAt: Nanoseconds
        /// When it counts as late.
        var lateAt: Nanoseconds
        /// Whether another process wrote it down, so that nobody knows whether it was ever given.
        var isInherited = false
    }

    private struct Pair: Hashable, Sendable {
        var open: Open?
        /// What is taken to be there; nil before the first look.
        var known: Int?
        var drifts: [Nanoseconds] = []
        var pausedUntil: Nanoseconds?
        /// Starts, and the stops that came within the dwell of one.
        var lastStart: Nanoseconds?
        var reversals: [Nanoseconds] = []
        var breakerUntil: Nanoseconds?
    }

    private static let lateAfter = Nanoseconds(seconds: 60)
    private static let retryMax = Nanoseconds(seconds: 60)
    private static let driftWindow = Nanoseconds(seconds: 600)
    private static let driftsMax = 3
    private static let breakerWindow = Nanoseconds(seconds: 3600)
    private static let reversalsMax = 3

    /// How long a start may take, and how soon after a start a stop undoes it.
    private let startTime: Nanoseconds
    private let dwell: Nanoseconds
    private var pairs: [ModelOnServer: Pair] = [:]

    /// - Parameters:
    ///   - startTime: from an order to a server that takes queries.
    ///   - dwell: a stop sooner after a start than this undoes it.
    public init(startTime: Nanoseconds, dwell: Nanoseconds) {
        self.startTime = startTime
        self.dwell = max(dwell, Nanoseconds(seconds: 60))
    }

    /// An order was written down and is about to be asked for.
    ///
    /// - Parameter isInherited: whether another process wrote it down.
    /// - Returns: the order whose place it takes, and whether the pair's breaker opened with it.
    @discardableResult
    public mutating func place(
        _ id: Int64, _ order: ControllerDecision.Order, isInherited: Bool = false, at now: Nanoseconds
    ) -> [Finding] {
        let name = ModelOnServer(model: order.model, serverType: order.serverType)
        var pair = pairs[name] ?? Pair()
        defer { pairs[name] = pair }
        var open = Open(
            id: id, to: order.to, stops: order.stops, state: .written, attempts: 0, since: now,
            retryAt: now, lateAt: now + (order.stops ? .zero : startTime) + Self.lateAfter,
            isInherited: isInherited)
        var findings: [Finding] = []
        if let before = pair.open {
            findings.append(.replaced(order: before.id, pair: name))
            // What was ordered before has not even begun: asking again makes nothing less late.
            if before.stops == order.stops, before.to != order.from {
                open.lateAt = min(open.lateAt, before.lateAt)
                if before.state == .lagging { open.state = .lagging }
            }
        }
        pair.open = open
        if pair.known == nil { pair.known = order.from }
        guard order.stops else {
            pair.lastStart = now
            return findings
        }
        guard let started = pair.lastStart, now - started <= dwell else { return findings }
        pair.lastStart = nil
        pair.reversals.removeAll { $0 + Self.breakerWindow <= now }
        pair.reversals.append(now)
        guard pair.reversals.count >= Self.reversalsMax else { return findings }
        pair.reversals = []
        pair.breakerUntil = now + Self.breakerWindow
        return findings + [.breaker(pair: name)]
    }

    /// A book of the same fleet in which nothing stands.
    public var emptied: OrderBook { OrderBook(startTime: startTime, dwell: dwell) }

    /// Goes on with what another book had left alone, as far as it is known: for an hour, or until an
    /// operator says otherwise.
    public mutating func restore(
        paused: [ModelOnServer], broken: [ModelOnServer], at now: Nanoseconds
    ) {
        for pair in paused { pairs[pair, default: Pair()].pausedUntil = Nanoseconds(Int64.max) }
        for pair in broken { pairs[pair, default: Pair()].breakerUntil = now + Self.breakerWindow }
    }

    /// Takes the answer to an order into account.
    public mutating func note(_ answer: OrderAnswer, of id: Int64, at now: Nanoseconds) {
        guard let name = pairs.first(where: { $0.value.open?.id == id })?.key, var open = pairs[name]?.open
        else { return }
        open.attempts += 1
        switch answer {
        case .accepted: open.state = open.state == .lagging ? .lagging : .accepted
        case .conflict: open.state = .conflict
        case .fenced, .refused: open.state = .refused
        case .failed: break
        }
        open.retryAt = now + min(Self.retryMax, Nanoseconds(seconds: Double(1 << min(open.attempts - 1, 6))))
        pairs[name]?.open = open.state.isFinal ? nil : open
    }

    /// Compares what was ordered with what is seen. O(pairs).
    ///
    /// - Parameters:
    ///   - there: servers that serve or start.
    ///   - serving: servers that take queries.
    ///   - isExplained: pairs whose counts may have fallen because servers failed.
    public mutating func look(
        there: Allocation, serving: Allocation, isExplained: (ModelOnServer) -> Bool = { _ in false },
        at now: Nanoseconds
    ) -> [Finding] {
        var findings: [Finding] = []
        for name in there.pairs.union(pairs.keys).sorted() {
            var pair = pairs[name] ?? Pair()
            let count = there[name.model, name.serverType]
            let isServing = serving[name.model, name.serverType] == count
            if var open = pair.open {
                if count == open.to, isServing || open.stops {
                    findings.append(.applied(order: open.id, pair: name))
                    pair.open = nil
                    pair.known = count
                } else if now >= open.lateAt {
                    if open.state != .lagging {
                        findings.append(
                            .lagging(order: open.id, pair: name, wanted: open.to, seen: count))
                    }
                    open.state = .lagging
                    pair.open = open
                    pair.known = count
                }
            } else {
                if let known = pair.known, known != count, !(count < known && isExplained(name)) {
                    findings += drift(&pair, name, expected: known, seen: count, at: now)
                }
                pair.known = count
            }
            pairs[name] = pair
        }
        return findings
    }

    /// Ends late orders that another process wrote down, perhaps without having given them before it was
    /// killed, of pairs whose plan is what is there: nothing else would take their place. O(pairs).
    ///
    /// - Parameter held: pairs that the plan asks more of, and which only their late order keeps from it.
    public mutating func endUnwanted(by plan: Allocation, held: Set<ModelOnServer>) -> [Finding] {
        var findings: [Finding] = []
        for name in pairs.keys.sorted() where !held.contains(name) {
            guard let pair = pairs[name], let open = pair.open, open.isInherited,
                open.state == .lagging, let known = pair.known,
                known != open.to, known == plan[name.model, name.serverType]
            else { continue }
            findings.append(.unwanted(order: open.id, pair: name))
            pairs[name]?.open = nil
        }
        return findings
    }

    private func drift(
        _ pair: inout Pair, _ name: ModelOnServer, expected: Int, seen: Int, at now: Nanoseconds
    ) -> [Finding] {
        pair.drifts.removeAll { $0 + Self.driftWindow <= now }
        pair.drifts.append(now)
        let found = Finding.drift(pair: name, expected: expected, seen: seen)
        guard pair.drifts.count >= Self.driftsMax, pair.pausedUntil == nil else { return [found] }
        pair.pausedUntil = Nanoseconds(Int64.max)
        return [found, .twoMasters(pair: name)]
    }

    /// Orders that have not been seen and are due to be asked for again.
    public func due(at now: Nanoseconds) -> [Int64] {
        pairs.values.compactMap { $0.open }.filter { $0.retryAt <= now }.map(\.id).sorted()
    }

    /// Orders that have not been seen.
    public var open: [ModelOnServer: Open] { pairs.compactMapValues(\.open) }

    /// Pairs of which nothing more is started, as what was ordered has not come. They may be stopped.
    public var laggingPairs: Set<ModelOnServer> {
        Set(pairs.filter { $0.value.open?.state == .lagging }.keys)
    }

    /// Pairs that somebody else changes too: left alone until an operator says otherwise.
    public func pausedPairs(at now: Nanoseconds) -> Set<ModelOnServer> {
        Set(pairs.filter { $0.value.pausedUntil.map { now < $0 } ?? false }.keys)
    }

    /// Pairs that were started and stopped to and fro, for an hour.
    public func brokenPairs(at now: Nanoseconds) -> Set<ModelOnServer> {
        Set(pairs.filter { $0.value.breakerUntil.map { now < $0 } ?? false }.keys)
    }

    /// An operator says that a pair is ours.
    public mutating func resume(_ pair: ModelOnServer) {
        pairs[pair]?.pausedUntil = nil
        pairs[pair]?.drifts = []
    }

    /// Splits orders in two halves: stops, and starts that need no server that is still to be stopped come
    /// first; starts beyond what is free wait until the stops were read back.
    ///
    /// - Parameter free: servers of each type that do nothing now.
    public static func halves(
        _ orders: [ControllerDecision.Order], free: [ServerTypeID: Int]
    ) -> (now: [ControllerDecision.Order], later: [ControllerDecision.Order]) {
        var free = free
        var now = orders.filter(\.stops)
        var later: [ControllerDecision.Order] = []
        for order in orders where !order.stops {
            let wanted = order.to - order.from
            let taken = min(wanted, max(0, free[order.serverType] ?? 0))
            free[order.serverType, default: 0] -= taken
            if taken > 0 {
                now.append(
                    .init(
                        model: order.model, serverType: order.serverType, from: order.from,
                        to: order.from + taken))
            }
            if taken < wanted {
                later.append(
                    .init(
                        model: order.model, serverType: order.serverType, from: order.from + taken,
                        to: order.to))
            }
        }
        return (now, later)
    }
}
