import Quantities
import Vocabulary

/// Plays a trace against a provisioning decision, interval by interval.
///
/// A decision for an interval is made from the load of the interval before it, so growth within the interval shows
/// as a violation. The first interval is decided from its own load, as a fleet that has been running would be.
public struct Replay: Sendable {
    /// Why a replay cannot be played.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A policy allocated a pair for which there is no efficiency entry.
        case missingEntry(model: ModelID, serverType: ServerTypeID)
        /// A policy allocated a server type whose idle power is not known.
        case missingIdlePower(serverType: ServerTypeID)

        public var description: String {
            switch self {
            case .missingEntry(let model, let serverType):
                "no efficiency entry for model '\(model)' on server type '\(serverType)': run `hercules search` first"
            case .missingIdlePower(let serverType):
                "server type '\(serverType)' is allocated, but its idle power is not known"
            }
        }
    }

    /// A load counts as served when it exceeds the capacity by no more than this share: ten servers of 11 queries/s
    /// do serve 1.1 * 100, which is a hair above 110.
    public static let coverageTolerance = 1e-9

    public let trace: Trace
    public let table: EfficiencyTable
    /// Power of a server of each type with nothing running, for the drawn power.
    public let idlePowers: [ServerTypeID: Watts]

    public init(trace: Trace, table: EfficiencyTable, idlePowers: [ServerTypeID: Watts]) {
        self.trace = trace
        self.table = table
        self.idlePowers = idlePowers
    }

    /// Plays one policy. O(intervals * (shares + models)) besides the decisions.
    ///
    /// - Parameters:
    ///   - decide: called once for each interval, in order, with the last observed demand; returns the plan for
    ///     the interval and the seconds spent on it.
    ///   - progress: called after each interval with the number played.
    public func play(
        policy: String, decide: (_ interval: Int, _ observed: Demand) throws -> (plan: Plan, seconds: Double),
        progress: (Int) -> Void = { _ in }
    ) throws -> Timeline {
        var records: [IntervalRecord] = []
        records.reserveCapacity(trace.intervalCount)
        var seconds = 0.0
        for index in 0..<trace.intervalCount {
            let decision = try decide(index, trace.demand(at: max(index - 1, 0)))
            seconds += decision.seconds
            records.append(try record(of: decision.plan, serving: trace.demand(at: index)))
            progress(index + 1)
        }
        return Timeline(
            policy: policy, interval: trace.interval, records: records, decisionSeconds: seconds)
    }

    /// The books of one interval: what the plan sets aside, what the load makes of it.
    func record(of plan: Plan, serving load: Demand) throws(Failure) -> IntervalRecord {
        var capacity: [ModelID: QueriesPerSecond] = [:]
        var provisioned = Watts.zero
        let shares = plan.allocation.shares
        for share in shares {
            guard let entry = table[share.model, share.serverType] else {
                throw .missingEntry(model: share.model, serverType: share.serverType)
            }
            capacity[share.model, default: .zero] += entry.throughput * Double(share.count)
            provisioned += entry.power * Double(share.count)
        }
        var drawn = Watts.zero
        for share in shares {
            guard let entry = table[share.model, share.serverType], let offered = capacity[share.model] else {
                throw .missingEntry(model: share.model, serverType: share.serverType)
            }
            guard let idlePower = idlePowers[share.serverType] else {
                throw .missingIdlePower(serverType: share.serverType)
            }
            // Load is spread over a model's servers in proportion to their throughput, so all run equally full.
            let fullness = offered > .zero ? min(1, load[share.model] / offered) : 0
            let idle = min(idlePower, entry.power)
            drawn += (idle + (entry.power - idle) * fullness) * Double(share.count)
        }
        var violated: [ModelID] = []
        var arrived = 0.0
        var unserved = 0.0
        for model in load.models {
            let excess = load[model] - (capacity[model] ?? .zero)
            arrived += load[model] * trace.interval
            if excess > load[model] * Self.coverageTolerance {
                violated.append(model)
                unserved += excess * trace.interval
            }
        }
        return IntervalRecord(
            load: load, capacity: Demand(load.loads.mapValues { _ in .zero }.merging(capacity) { $1 }),
            allocation: plan.allocation, provisionedPower: provisioned, drawnPower: drawn,
            violatedModels: violated, arrivedQueries: arrived, unservedQueries: unserved,
            planStatus: plan.status, planGap: plan.gap)
    }
}
