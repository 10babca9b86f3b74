import Quantities
import Randomness
import Simulation
import Vocabulary

/// Plays a stream of queries through a scheduled server and says how long each query took.
///
/// A query is split into `ceil(size / D)` pieces which all arrive with it; it ends when its last piece ends.
/// The pieces and their service times are drawn once and reused at every rate.
public struct QueueSimulation: Sendable {
    /// What one run at one rate showed.
    public struct Outcome: Sendable {
        /// Per query, in order of arrival.
        public let latencies: [Nanoseconds]
        /// From the first arrival to the last end.
        public let span: Nanoseconds
        public let hostUtilisation: Double
        public let acceleratorUtilisation: Double
    }

    /// Raised whenever the same server and seed give other figures than before, so that stored outcomes of
    /// the earlier way are not taken for outcomes of this one.
    public static let edition = 2

    private let server: ScheduledServer
    private let stream: QueryStream
    private let pieces: [QueuedPiece]
    /// Per stage without fusion: the service time of each piece.
    private let drawnTimes: [[Nanoseconds]]
    /// Per stage with fusion: the mean service time by items.
    private let fusedTimes: [[Nanoseconds]]
    /// Per stage with fusion whose times scatter: where in their distribution the launch lies that begins
    /// with each piece.
    private let fusedDraws: [[Double]]

    /// O(pieces) time and memory.
    public init(server: ScheduledServer, stream: QueryStream, seed: UInt64) {
        self.server = server
        self.stream = stream
        var pieces: [QueuedPiece] = []
        for (query, size) in stream.sizes.enumerated() {
            var left = size
            while left > 0 {
                let items = min(left, server.profile.pieceItemsMax)
                pieces.append(QueuedPiece(query: query, items: items, arrival: .zero))
                left -= items
            }
        }
        self.pieces = pieces
        var draws = RandomStream(seed: seed, name: "service times")
        var drawnTimes: [[Nanoseconds]] = []
        var fusedTimes: [[Nanoseconds]] = []
        var fusedDraws: [[Double]] = []
        for stage in server.stages {
            if let limit = stage.fusionLimit {
                fusedTimes.append([.zero] + (1...limit).map { stage.service.meanTime(items: $0) })
                drawnTimes.append([])
                fusedDraws.append(stage.service.isFixed ? [] : pieces.map { _ in draws.uniform() })
            } else {
                fusedTimes.append([])
                fusedDraws.append([])
                if stage.service.isFixed {
                    var times = [Nanoseconds?](repeating: nil, count: server.profile.pieceItemsMax + 1)
                    drawnTimes.append(
                        pieces.map { piece in
                            let items = Int(piece.items)
                            if let known = times[items] { return known }
                            let time = stage.service.meanTime(items: items)
                            times[items] = time
                            return time
                        })
                } else {
                    drawnTimes.append(
                        pieces.map { stage.service.time(items: Int($0.items), draw: draws.uniform()) })
                }
            }
        }
        self.drawnTimes = drawnTimes
        self.fusedTimes = fusedTimes
        self.fusedDraws = fusedDraws
    }

    /// The rate at which some stage would be busy all the time; no higher rate can be sustained.
    public var saturationRate: QueriesPerSecond {
        var rate = Double.infinity
        for (index, stage) in server.stages.enumerated() {
            let work: Double
            if let limit = stage.fusionLimit {
                // The best any packing could do: every item at the lowest cost per item of any launch size.
                let perItem = (1...limit).map { fusedTimes[index][$0].seconds / Double($0) }.min() ?? 0
                work = perItem * Double(stream.sizes.reduce(0, +))
            } else {
                work =
                    drawnTimes[index].reduce(0) { $0 + $1.seconds }
                    * (stage.contention?.byBusyThreads.last ?? 1)
            }
            rate = min(rate, Double(stage.threads) * Double(stream.count) / work)
        }
        return QueriesPerSecond(rate)
    }

    /// Plays the stream at a rate. O(pieces * log servers) per stage, plus a sort between stages.
    /// - Precondition: the rate is positive.
    public func run(at rate: QueriesPerSecond) -> Outcome {
        precondition(rate.value > 0, "a stream is played at a positive rate")
        let arrivals = stream.arrivals.map { Nanoseconds(seconds: $0 / rate.value) }
        var queue = pieces
        for index in queue.indices { queue[index].arrival = arrivals[Int(queue[index].query)] }
        var hostCoreTime = 0.0
        var acceleratorTime = 0.0
        var acceleratorServers = 0
        for (index, stage) in server.stages.enumerated() {
            if index > 0 {
                // Pieces leave the stage before out of order; ties keep the order of their queries.
                queue.sort { ($0.arrival, $0.query) < ($1.arrival, $1.query) }
            }
            let batchQueue = BatchQueue(
                servers: stage.threads, fusionLimit: stage.fusionLimit, joinWait: stage.joinWait)
            let busy: Nanoseconds
            if let contention = stage.contention {
                busy = ContendedQueue(threads: stage.threads, contention: contention).serve(
                    &queue, times: drawnTimes[index])
            } else if stage.fusionLimit == nil {
                let times = drawnTimes[index]
                busy = batchQueue.serve(&queue) { _, first in times[first] }
            } else if !stage.service.isFixed {
                let draws = fusedDraws[index]
                busy = batchQueue.serve(&queue) { items, first in
                    stage.service.time(items: items, draw: draws[first])
                }
            } else {
                let times = fusedTimes[index]
                busy = batchQueue.serve(&queue) { items, _ in times[items] }
            }
            hostCoreTime += busy.seconds * stage.coresPerThread
            if stage.isAccelerator {
                acceleratorTime += busy.seconds
                acceleratorServers += stage.threads
            }
        }
        var latencies = Array(repeating: Nanoseconds.zero, count: stream.count)
        var lastEnd = Nanoseconds.zero
        for piece in queue {
            let query = Int(piece.query)
            latencies[query] = max(latencies[query], piece.arrival - arrivals[query])
            lastEnd = max(lastEnd, piece.arrival)
        }
        let span = lastEnd - arrivals[0]
        let denominator = max(span.seconds, 1e-9)
        return Outcome(
            latencies: latencies, span: span,
            hostUtilisation: min(1, hostCoreTime / (denominator * Double(server.cores))),
            acceleratorUtilisation: acceleratorServers == 0
                ? 0 : min(1, acceleratorTime / (denominator * Double(acceleratorServers))))
    }
}
