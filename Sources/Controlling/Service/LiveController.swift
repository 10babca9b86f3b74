import Quantities
import Vocabulary

/// A controller as the HTTP interface, the dashboard and the command see it.
public protocol LiveController: Sendable {
    /// How things stand; cheap, and never waits for a tick.
    func snapshot() async -> ControllerSnapshot
    /// The newest decisions below an identity, the newest first; at most a thousand.
    func decisions(_ query: DecisionQuery) async throws -> [ControllerDecision]
    /// One decision with everything that it rests on; nil where there is none of that number.
    func decision(_ id: Int64) async throws -> ControllerDecision?
    /// Events after an identity, the oldest first; at most `limit` of them, and never more than a thousand.
    func events(after id: Int64, limit: Int) async throws -> [ControllerEvent]
    /// Waits until an event after an identity exists, or the time is over.
    func waitForEvent(after id: Int64, seconds: Double) async
    /// The audit after an identity, the oldest first; at most a thousand entries.
    func audit(after id: Int64, limit: Int) async throws -> [AuditEntry]
    /// The course of loads, forecasts, needs and power, the oldest first; at most `limit` ticks.
    func history(last limit: Int) async throws -> [HistoryPoint]
    /// How advisory has done so far.
    func scorecard() async throws -> ControllerScorecard
    /// Does what a person asks, and writes it into the audit first.
    /// - Throws: `ControllerRefusal`.
    func perform(_ command: ControllerCommand, by actor: ControllerActor) async throws
}

/// Which decisions to list.
public struct DecisionQuery: Hashable, Sendable {
    /// Only decisions after this identity.
    public var after: Int64?
    /// Only decisions before this identity.
    public var before: Int64?
    /// Only those with an order for, or a need moved of, this model.
    public var model: ModelID?
    public var reason: DecisionReason?
    public var limit: Int

    public init(
        after: Int64? = nil, before: Int64? = nil, model: ModelID? = nil, reason: DecisionReason? = nil,
        limit: Int = 100
    ) {
        self.after = after
        self.before = before
        self.model = model
        self.reason = reason
        self.limit = limit
    }
}

/// Who asks.
public struct ControllerActor: Hashable, Codable, Sendable {
    public let name: String
    public let role: String
    public let address: String

    public init(name: String, role: String, address: String) {
        self.name = name
        self.role = role
        self.address = address
    }
}

/// What a person, or a scaler, may ask of a controller. A revision is that of the snapshot it was asked on:
/// another one is refused; nil takes any.
public enum ControllerCommand: Hashable, Codable, Sendable {
    case setMode(ControllerMode, revision: Int64?)
    case pause(revision: Int64?)
    case resume(revision: Int64?)
    /// Bounds of a pair until a time.
    case override(PairOverride, revision: Int64?)
    /// The plan of an earlier decision, as bounds for half an hour.
    case rollback(decision: Int64, revision: Int64?)
    case approve(proposal: Int64)
    case reject(proposal: Int64)
    /// The file is read again. A change that moves more than a fifth of the fleet has to be confirmed.
    case reload(confirms: Bool, revision: Int64?)
    /// What a scaler carried out of a decision.
    case acknowledge(decision: Int64, applied: Allocation)
}

/// Bounds on the servers of a pair that end by themselves.
public struct PairOverride: Hashable, Codable, Sendable {
    public let model: ModelID
    public let serverType: ServerTypeID
    public let min: Int?
    public let max: Int?
    public let until: WallTime
    public let reason: String

    public init(
        model: ModelID, serverType: ServerTypeID, min: Int?, max: Int?, until: WallTime, reason: String
    ) {
        self.model = model
        self.serverType = serverType
        self.min = min
        self.max = max
        self.until = until
        self.reason = reason
    }
}

/// Why a command is not carried out.
public enum ControllerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing of that name or number.
    case unknown(what: String, found: String)
    /// The snapshot has moved on.
    case revision(found: Int64, expected: Int64)
    /// Not in this mode, or not by a standby.
    case notNow(why: String)
    /// A value that cannot be.
    case invalid(what: String, found: String, expected: String)
    /// A file that is not taken; the one before stays in force.
    case badFile(detail: String)
    /// What is asked cannot be written down, so it is not done.
    case cannotWrite(detail: String)

    public var description: String {
        switch self {
        case .unknown(let what, let found): "\(what): found \(found), which is not known here"
        case .revision(let found, let expected):
            "revision: found \(found), expected \(expected): look again and decide anew"
        case .notNow(let why): why
        case .invalid(let what, let found, let expected): "\(what): found \(found), expected \(expected)"
        case .badFile(let detail): "the file is not taken, and the one before stays in force: \(detail)"
        case .cannotWrite(let detail): "nothing was done, as it cannot be written down: \(detail)"
        }
    }
}

/// One tick in the course of a day.
public struct HistoryPoint: Hashable, Codable, Sendable {
    public let at: WallTime
    public let tick: Int
    /// In queries/s by model.
    public let load: [ModelID: Double]
    public let forecast: [ModelID: Double]
    public let needed: [ModelID: Double]
    public let capacity: [ModelID: Double]
    public let headroom: [ModelID: Double]
    /// Models that were held.
    public let held: [ModelID]
    /// Servers wanted by type.
    public let servers: [ServerTypeID: Int]
    /// Provisioned power by policy, `plan` for ours, and what is proven.
    public let watts: [String: Double]
    public let boundWatts: Double?

    public init(
        at: WallTime, tick: Int, load: [ModelID: Double], forecast: [ModelID: Double],
        needed: [ModelID: Double], capacity: [ModelID: Double], headroom: [ModelID: Double],
        held: [ModelID], servers: [ServerTypeID: Int], watts: [String: Double], boundWatts: Double?
    ) {
        self.at = at
        self.tick = tick
        self.load = load
        self.forecast = forecast
        self.needed = needed
        self.capacity = capacity
        self.headroom = headroom
        self.held = held
        self.servers = servers
        self.watts = watts
        self.boundWatts = boundWatts
    }
}

/// How a controller that only advises has done, and whether that speaks for letting it act.
public struct ControllerScorecard: Hashable, Codable, Sendable {
    /// Ours against another policy.
    public struct Comparison: Hashable, Codable, Sendable {
        public let policy: String
        /// Share of that policy's energy that ours would not have drawn, with a 95 % interval over days; nil
        /// where there are too few days for one.
        public let savedShare: Double?
        public let savedShareLow: Double?
        public let savedShareHigh: Double?
        public let shortMinutes: Double
        public let starts: Int

        public init(
            policy: String, savedShare: Double?, savedShareLow: Double?, savedShareHigh: Double?,
            shortMinutes: Double, starts: Int
        ) {
            self.policy = policy
            self.savedShare = savedShare
            self.savedShareLow = savedShareLow
            self.savedShareHigh = savedShareHigh
            self.shortMinutes = shortMinutes
            self.starts = starts
        }
    }

    public let days: Double
    public let ticks: Int
    /// Share of readings that were trusted; nil before the first.
    public let trustedShare: Double?
    public let shortMinutes: Double
    public let starts: Int
    /// Stops ordered of a model that was held: none, or the controller is at fault.
    public let unsafeStops: Int
    public let comparisons: [Comparison]
    /// Whether the figures speak for acting, and what speaks against it.
    public let recommendsActing: Bool
    public let objections: [String]

    public init(
        days: Double, ticks: Int, trustedShare: Double?, shortMinutes: Double, starts: Int,
        unsafeStops: Int, comparisons: [Comparison], recommendsActing: Bool, objections: [String]
    ) {
        self.days = days
        self.ticks = ticks
        self.trustedShare = trustedShare
        self.shortMinutes = shortMinutes
        self.starts = starts
        self.unsafeStops = unsafeStops
        self.comparisons = comparisons
        self.recommendsActing = recommendsActing
        self.objections = objections
    }
}
