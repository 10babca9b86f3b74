import Foundation
import Profiling
import Quantities
import Reporting

/// What the HTTP client adds to a latency, beside a raw socket that knows its answers beforehand.
///
/// The clients take turns by short blocks, so that whatever else the machine does falls on both.
enum HTTPBenchmark: Benchmark {
    static let name = "http"
    static let purpose = "latency that the HTTP client adds, beside a raw socket (--rate, --rounds)"

    private struct Options {
        var rate = 2000.0
        var rounds = 50

        init(_ arguments: [String]) throws {
            var rest = arguments[...]
            while let key = rest.popFirst() {
                switch (key, rest.popFirst().flatMap(Double.init)) {
                case ("--rate", let value?) where value >= 1 && value <= 10_000: rate = value
                case ("--rounds", let value?) where value >= 1 && value <= 10_000: rounds = Int(value)
                default: throw BenchmarkUsage(found: key)
                }
            }
        }
    }

    /// Arguments that are not understood.
    private struct BenchmarkUsage: Error, CustomStringConvertible {
        let found: String
        var description: String { "found \(found), expected --rate 1 to 10000 or --rounds 1 to 10000" }
    }

    /// Requests of one client before it is the other's turn.
    private static let blockRequests = 200
    private static let body = Array("{\"prompt\":\"\(String(repeating: "word ", count: 60))\"}".utf8)

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let options = try Options(arguments)
        let server = try LoopbackServer()
        defer { server.close() }
        guard let address = HTTPAddress("http://127.0.0.1:\(server.port)/") else { return }
        let clients: [Contestant] = [
            Contestant("raw socket", try RawSocketClient(port: server.port)),
            Contestant(
                "hercules", LibraryClient(try HTTPConnection(address, timeout: Nanoseconds(seconds: 30)))),
        ]
        board.note("HTTP client: \(try CurlLibrary.shared().version)")
        for answer in LoopbackServer.Answer.allCases {
            let found = try contest(clients, answer, options)
            show(found.latencies, "\(answer.title), from sending to the last byte", clients, &board)
            keep(found.latencies, answer == .plain ? "request" : "streamedRequest", &board)
            guard answer == .streamed else {
                board.bar(
                    "median that a plain request takes longer than over a raw socket, in us",
                    found.latencies[1].quantile(0.5) - found.latencies[0].quantile(0.5), atMost: 100)
                continue
            }
            show(found.lags, "Events of a stream, from being sent to being taken", clients, &board)
            keep(found.lags, "event", &board)
            board.bar(
                "median that an event is taken later than from a raw socket, in us",
                found.lags[1].quantile(0.5) - found.lags[0].quantile(0.5), atMost: 50)
        }
    }

    // MARK: One contest

    private struct Contestant {
        let name: String
        let client: any LoopbackClient

        init(_ name: String, _ client: any LoopbackClient) {
            self.name = name
            self.client = client
        }
    }

    /// By client: how long requests took, and how long events were on the way.
    private struct Found {
        var latencies: [Spread]
        var lags: [Spread]
    }

    private static func contest(
        _ clients: [Contestant], _ answer: LoopbackServer.Answer, _ options: Options
    ) throws -> Found {
        var found = Found(
            latencies: clients.map { _ in Spread() }, lags: clients.map { _ in Spread() })
        let period = Int64(1e9 / options.rate)
        for round in 0...options.rounds {
            for (index, contestant) in clients.enumerated() {
                var (latencies, lags, late) = ([Int64](), [Int64](), 0)
                var due = MonotonicClock.now() + period
                for _ in 0..<blockRequests {
                    MonotonicClock.wait(until: due)
                    let begin = MonotonicClock.now()
                    try contestant.client.post(answer, body) { sent, arrival in lags.append(arrival - sent) }
                    latencies.append(MonotonicClock.now() - begin)
                    // A request that outlasts its period delays the next, which is no fault of the next.
                    if begin > due + period { late += 1 }
                    due = max(due + period, begin)
                }
                // The first round opens connections and warms caches.
                guard round > 0 else { continue }
                found.latencies[index].add(latencies, late: late)
                found.lags[index].add(lags, late: 0)
            }
        }
        return found
    }

    // MARK: What it came to

    /// Times in nanoseconds, and what they come to in microseconds.
    private struct Spread {
        private var times: [Int64] = []
        private var blockMedians: [Double] = []
        private(set) var late = 0

        mutating func add(_ block: [Int64], late: Int) {
            times += block
            self.late += late
            blockMedians.append(Self.quantile(0.5, of: block.sorted()))
        }

        func quantile(_ share: Double) -> Double { Self.quantile(share, of: times.sorted()) }

        /// The least and the most of the blocks' medians.
        var medians: ClosedRange<Double> { (blockMedians.min() ?? 0)...(blockMedians.max() ?? 0) }

        private static func quantile(_ share: Double, of sorted: [Int64]) -> Double {
            guard !sorted.isEmpty else { return 0 }
            return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1000
        }
    }

    private static func show(
        _ spreads: [Spread], _ caption: String, _ clients: [Contestant], _ board: inout BenchmarkBoard
    ) {
        board.show(
            Table(
                caption: caption,
                columns: [
                    .init("client", "Client", .text), .init("p50", "p50 (us)", .plain),
                    .init("p99", "p99 (us)", .plain), .init("p999", "p99.9 (us)", .plain),
                    .init("spread", "p75 - p25 (us)", .plain),
                    .init("least", "Least block p50 (us)", .plain),
                    .init("most", "Most block p50 (us)", .plain), .init("late", "Begun late", .plain),
                ],
                rows: zip(clients, spreads).map { client, spread in
                    let numbers = [0.5, 0.99, 0.999].map { spread.quantile($0) }
                    let others = [
                        spread.quantile(0.75) - spread.quantile(0.25), spread.medians.lowerBound,
                        spread.medians.upperBound, Double(spread.late),
                    ]
                    return [.text(client.name)] + (numbers + others).map { .number(rounded($0)) }
                }))
    }

    private static func keep(_ spreads: [Spread], _ what: String, _ board: inout BenchmarkBoard) {
        for (key, share) in [("P50", 0.5), ("P99", 0.99), ("P999", 0.999)] {
            board.figure("\(what)\(key)Microseconds", .number(rounded(spreads[1].quantile(share))))
            board.figure("\(what)Socket\(key)Microseconds", .number(rounded(spreads[0].quantile(share))))
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
