#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import Quantities
import Simulation
import Vocabulary

/// Estimates the latency-bounded throughput of a scheduled server from its mean service times alone, without
/// a simulated query: thousands of schedules in the time of one evaluation.
///
/// Three things make up the estimate:
/// - *saturation*: the rate at which a stage would always be busy; no evaluation can find more;
/// - *the latency of a query that meets an empty server*, by its size: rounds of pieces over the threads of
///   each stage;
/// - *waiting*, as that of a queue with many servers whose work comes in lumps, the pieces of one query:
///   exponential with the heavy-traffic decay rate 2 c (1 - rho) E[W] / E[W^2] over the work W of a query
///   (Kingman 1962; Köllerström 1974), with the probability of waiting after Sakasegawa (1977). A fused query
///   also waits for the launch under way, whose size is what arrives meanwhile.
///
/// The estimate is where waiting plus own latency exceed the limit with the probability that the quantile
/// allows.
public struct ThroughputEstimator: Sendable {
    public let target: LatencyTarget
    public let powerBudget: Watts?
    /// Query sizes that stand for the stream, and their shares; finer in the tail.
    private let sizes: [(items: Int, share: Double)]
    private let pieces: [Int: Pieces]
    private let meanSize: Double
    /// Service times are affine in the items up to rounding; the margin covers measured curves that bend a
    /// little.
    private static let boundMargin = 1.01

    /// What a stream is cut into at one batch size.
    private struct Pieces {
        /// Whole pieces of a query, on average.
        let whole: Double
        /// Share of the queries with a last piece that is not whole, and its mean size.
        let restShare: Double
        let rest: Double

        init(_ sizes: [Int], batch: Int) {
            let rests = sizes.map { $0 % batch }.filter { $0 > 0 }
            whole = sizes.reduce(0.0) { $0 + Double($1 / batch) } / Double(sizes.count)
            restShare = Double(rests.count) / Double(sizes.count)
            rest = rests.isEmpty ? 1 : Double(rests.reduce(0, +)) / Double(rests.count)
        }
    }

    /// O(queries log queries).
    /// - Parameter batches: batch sizes that will be asked about.
    public init(target: LatencyTarget, powerBudget: Watts?, stream: QueryStream, batches: [Int] = []) {
        self.target = target
        self.powerBudget = powerBudget
        let sorted = stream.sizes.sorted()
        pieces = Dictionary(
            batches.map { ($0, Pieces(sorted, batch: $0)) }, uniquingKeysWith: { first, _ in first })
        meanSize = Double(sorted.reduce(0, +)) / Double(sorted.count)
        let count = sorted.count
        // Sixteen groups up to p80, and sixteen above.
        let edges =
            (0...16).map { count * 8 * $0 / 160 } + (1...16).map { count * 8 / 10 + count * 2 * $0 / 160 }
        sizes = zip(edges, edges.dropFirst()).filter { $0 < $1 }.map { lower, upper in
            let group = sorted[lower..<upper]
            return (
                Int((Double(group.reduce(0, +)) / Double(group.count)).rounded()),
                Double(group.count) / Double(count)
            )
        }
    }

    private struct StageLoad {
        let servers: Double
        let cores: Double
        let isAccelerator: Bool
        /// Mean work of a query, in seconds of one server.
        let work: Double
        /// E[W^2] / E[W].
        let lump: Double
        /// Servers that a query keeps busy at a time, at least 1.
        let width: Double
        /// nil without fusion.
        let fusion: Fusion?
    }

    /// Launches that take what is waiting, up to a limit.
    private struct Fusion {
        /// Time of a launch beside its items, and of each item, in seconds.
        let fixed: Double
        let perItem: Double
        let full: Double
        /// Mean items of a query.
        let query: Double
        let servers: Double
        /// How long a launch waits for more items, in seconds.
        let wait: Double

        /// The time of a launch in the steady state at a rate: as many items as arrive while the servers are
        /// at it.
        func launch(at rate: Double) -> Double {
            let left = 1 - rate * query * perItem / servers
            guard left > 0 else { return full }
            return min(full, fixed / left)
        }
    }

    /// The rate at which some stage would always be busy: no evaluation finds more. O(stages), well below a
    /// microsecond.
    public func ceiling(_ server: ScheduledServer) -> QueriesPerSecond {
        let batch = server.profile.pieceItemsMax
        let rate =
            server.stages.map { stage -> Double in
                let whole = stage.service.meanTime(items: batch).seconds
                if stage.fusionLimit != nil {
                    // The best any packing could do: every item at the cost per item of a full launch.
                    return Double(stage.threads) * Double(batch) / (whole * meanSize)
                }
                guard let cut = pieces[batch] else {
                    return Double(stage.threads) / load(stage, batch: batch, own: nil).work
                }
                // The time of the mean rest, between those of its neighbours in whole items.
                let lower = Int(cut.rest)
                let before = stage.service.meanTime(items: max(lower, 1)).seconds
                let after = stage.service.meanTime(items: lower + 1).seconds
                let last = before + (after - before) * (cut.rest - Double(lower))
                return Double(stage.threads) / (cut.whole * whole + cut.restShare * last)
            }.min() ?? 0
        return QueriesPerSecond(rate * Self.boundMargin)
    }

    /// The latency-bounded throughput that is expected. O(stages x sizes x steps), a few microseconds.
    public func estimate(_ server: ScheduledServer) -> QueriesPerSecond {
        var own = [Double](repeating: 0, count: sizes.count)
        let loads = server.stages.map { stage in
            own.withUnsafeMutableBufferPointer { load(stage, batch: server.profile.pieceItemsMax, own: $0) }
        }
        let saturation = loads.map { $0.servers / $0.work }.min() ?? 0
        let limit = target.limit.seconds
        let allowed = 1 - target.quantile.value
        let late = zip(sizes, own).reduce(0.0) { $1.1 > limit ? $0 + $1.0.share : $0 }
        var estimate = 0.0
        if late > allowed {
            // Believed infeasible; by how far still orders the schedules, in case the belief is wrong.
            let excess = quantile(own) / limit
            estimate = saturation * 0.02 / (excess * excess * excess)
        } else {
            var lower = 0.0
            var upper = saturation
            for _ in 0..<9 {
                let middle = (lower + upper) / 2
                if isMet(at: middle, loads, own, server, allowed: allowed) {
                    lower = middle
                } else {
                    upper = middle
                }
            }
            estimate = max(lower, saturation * 0.02)
        }
        return QueriesPerSecond(min(estimate, ceiling(server).value))
    }

    /// The target's quantile of the latency on an idle server: no load can make it lower.
    public func idleLatency(_ server: ScheduledServer) -> Nanoseconds {
        var own = [Double](repeating: 0, count: sizes.count)
        for stage in server.stages {
            own.withUnsafeMutableBufferPointer {
                _ = load(stage, batch: server.profile.pieceItemsMax, own: $0)
            }
        }
        return Nanoseconds(seconds: quantile(own))
    }

    /// The power at a share of the rate at which some stage would always be busy. O(stages x sizes).
    func power(_ server: ScheduledServer, at share: Fraction) -> Watts {
        let loads = server.stages.map { load($0, batch: server.profile.pieceItemsMax, own: nil) }
        let saturation = loads.map { $0.servers / $0.work }.min() ?? 0
        return power(at: saturation * share.value, loads, server)
    }

    /// The time a query of each size takes on an empty server of this stage is added to `own`.
    private func load(
        _ stage: ServerProfile.Stage, batch: Int, own: UnsafeMutableBufferPointer<Double>?
    ) -> StageLoad {
        let whole = stage.service.meanTime(items: batch).seconds
        let servers = Double(stage.threads)
        var work = 0.0
        var square = 0.0
        var pieces = 0.0
        for index in sizes.indices {
            let (items, share) = sizes[index]
            let count = items / batch
            let rest = items % batch
            let last = rest > 0 ? stage.service.meanTime(items: rest).seconds : 0
            let total = Double(count) * whole + last
            work += share * total
            square += share * total * total
            let all = count + (rest > 0 ? 1 : 0)
            pieces += share * total * Double(all)
            let rounds = count / stage.threads
            // What is left after full rounds runs side by side, and takes as long as its longest piece.
            own?[index] += Double(rounds) * whole + (count % stage.threads > 0 ? whole : last)
        }
        guard let fusion = stage.fusionLimit else {
            return StageLoad(
                servers: servers, cores: stage.coresPerThread, isAccelerator: stage.isAccelerator, work: work,
                lump: square / work, width: max(1, min(servers, pieces / work)), fusion: nil)
        }
        // The best any packing could do: every item at the cost per item of a full launch.
        let full = stage.service.meanTime(items: fusion).seconds
        let single = stage.service.meanTime(items: 1).seconds
        let perItem = fusion > 1 ? max(full - single, 0) / Double(fusion - 1) : 0
        return StageLoad(
            servers: servers, cores: stage.coresPerThread, isAccelerator: stage.isAccelerator,
            work: min(work, full / Double(fusion) * meanSize), lump: full, width: 1,
            fusion: Fusion(
                fixed: max(single - perItem, 0), perItem: perItem, full: full, query: meanSize,
                servers: servers, wait: stage.joinWait.seconds))
    }

    private func isMet(
        at rate: Double, _ loads: [StageLoad], _ own: [Double], _ server: ScheduledServer, allowed: Double
    ) -> Bool {
        var waits: [(probability: Double, decay: Double)] = []
        // A fused query waits for the rest of a launch, anything up to all of it, and then takes a launch
        // itself.
        var launch = 0.0
        for load in loads {
            let utilisation = rate * load.work / load.servers
            guard utilisation < 1 else { return false }
            let queries = load.servers / load.width
            let exponent = load.fusion == nil ? (2 * (queries + 1)).squareRoot() - 1 : 4
            waits.append(
                (exp(exponent * log(utilisation)), 2 * load.servers * (1 - utilisation) / load.lump))
            if let fusion = load.fusion { launch += fusion.launch(at: rate) + fusion.wait }
        }
        let limit = target.limit.seconds
        var late = 0.0
        for (size, own) in zip(sizes, own) {
            let slack = limit - max(own, launch)
            guard slack > 0 else {
                late += size.share
                continue
            }
            let held = launch > 0 ? max(0, 1 - slack / launch) : 0
            let queued = waits.reduce(0.0) { $0 + $1.probability * exp(-$1.decay * slack) }
            late += size.share * min(1, held + queued)
        }
        if late > allowed { return false }
        guard let powerBudget else { return true }
        return power(at: rate, loads, server) <= powerBudget
    }

    private func power(at rate: Double, _ loads: [StageLoad], _ server: ScheduledServer) -> Watts {
        let host = loads.reduce(0.0) { $0 + rate * $1.work * $1.cores } / Double(server.cores)
        let devices = loads.filter(\.isAccelerator)
        let accelerator =
            devices.reduce(0.0) { $0 + rate * $1.work / $1.servers } / Double(max(devices.count, 1))
        return server.power.power(hostUtilisation: host, acceleratorUtilisation: accelerator)
    }

    /// The target's quantile of the latency on an empty server.
    private func quantile(_ own: [Double]) -> Double {
        var seen = 0.0
        for (index, latency) in own.enumerated().sorted(by: { $0.element < $1.element }) {
            seen += sizes[index].share
            if seen >= target.quantile.value { return latency }
        }
        return own.max() ?? 0
    }
}
