import Catalog
import Foundation
import Profiling
import Quantities
import Randomness
import Reporting
import ServerModels
import Simulation
import Vocabulary

/// How many queries the request-level simulation plays in a second on one core, and that time is linear in
/// their number and memory does not follow it.
enum SimulateBenchmark: Benchmark {
    static let name = "simulate"
    static let purpose =
        "request-level simulation: queries/s and memory over 10^4..10^8 queries, beside SimPy and Ciw"

    /// One queue to simulate at one load.
    private struct Case {
        let name: String
        let simulation: RequestSimulation
        let rate: Double
        let sizes: @Sendable (inout RandomStream) -> Int
        let largest: Int
    }

    private struct Row {
        let queries: Int
        let seconds: Double
        let peakMegabytes: Double
        let outcome: RequestOutcome
        var queriesPerSecond: Double { Double(queries) / seconds }
    }

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let largest = arguments.first.flatMap(Int.init) ?? 100_000_000
        let cases = [
            nullCase("null: one server", servers: 1, rule: .random, largest: largest),
            nullCase("null: pool of 16", servers: 16, rule: .powerOfTwo, largest: largest / 10),
            try fleetCase(rule: .powerOfTwo, largest: largest),
            try fleetCase(rule: .shortestQueue, largest: largest / 10),
        ]
        for (index, one) in cases.enumerated() {
            var ladder: [Row] = []
            var count = 10_000
            while count <= one.largest {
                ladder.append(play(one, count))
                count *= 10
            }
            board.show(table(one.name, ladder))
            guard let first = ladder.first, let last = ladder.last else { continue }
            let key = ["nullOne", "nullPool", "fleetPowerOfTwo", "fleetShortestQueue"][index]
            board.figure("\(key)QueriesPerSecond", .number(last.queriesPerSecond))
            board.figure("\(key)PeakMegabytes", .number(last.peakMegabytes))
            board.figure("\(key)Queries", .integer(last.queries))
            let million = ladder.first { $0.queries >= min(1_000_000, one.largest) } ?? last
            if index == 0 {
                board.bar("null case, queries/s on one core", last.queriesPerSecond, atLeast: 3e6)
                board.bar(
                    "null case, time a query at the top of the ladder over 10^6",
                    million.queriesPerSecond / last.queriesPerSecond, atMost: 1.15)
                board.bar(
                    "null case, growth of peak memory over the ladder in MB",
                    last.peakMegabytes - first.peakMegabytes, atMost: 1)
            }
        }
        try comparePeers(&board)
    }

    // MARK: Cases

    /// Service that costs next to nothing, half of the time.
    private static func nullCase(_ name: String, servers: Int, rule: DispatchRule, largest: Int) -> Case {
        Case(
            name: "\(name), constant service, half full (\(rule.rawValue))",
            simulation: RequestSimulation(
                profiles: [.constant(Nanoseconds(1000))],
                servers: (0..<servers).map { _ in SimulatedServer(profile: 0, weight: 1) },
                changes: RequestSimulation.starts(of: servers), rule: rule,
                latencyLimit: Nanoseconds(10_000), seed: 1),
            rate: 5e5 * Double(servers), sizes: { _ in 1 }, largest: largest)
    }

    /// 300 servers of three types that rank with Wide & Deep, sizes with their published tail, 85 % full.
    private static func fleetCase(rule: DispatchRule, largest: Int) throws -> Case {
        let catalog = try Catalog(directory: "Workloads")
        let model = try catalog.model("wnd")
        let stream = QueryStream(sizes: model.querySizes, count: 4000, seed: 1)
        let search = LatencyBoundedThroughput(
            target: model.latencyTarget, powerBudget: nil, stream: stream, seed: 1)
        var profiles: [ServerProfile] = []
        var rates: [Double] = []
        for (type, schedule) in [
            ("cpu-t1", ThreadSchedule(partition: .whole, threads: 16, workers: 1, batch: 128)),
            ("cpu-t2", ThreadSchedule(partition: .whole, threads: 20, workers: 1, batch: 256)),
            ("cpu-t2-v100", ThreadSchedule(partition: .accelerator, threads: 2, workers: 1, batch: 1024)),
        ] {
            let server = try AnalyticServer(catalog.serverType(ServerTypeID(type)), running: model)
                .scheduled(by: schedule)
            profiles.append(server.profile)
            rates.append(search.evaluate(server).throughput.value)
        }
        let servers = (0..<300).map { SimulatedServer(profile: $0 % 3, weight: rates[$0 % 3]) }
        let sampler = QuerySizeSampler(model.querySizes)
        return Case(
            name: "300 servers of three types, Wide & Deep, heavy-tailed sizes, 85 % full (\(rule.rawValue))",
            simulation: RequestSimulation(
                profiles: profiles, servers: servers, changes: RequestSimulation.starts(of: 300), rule: rule,
                latencyLimit: model.latencyTarget.limit, seed: 1),
            rate: 0.85 * 100 * rates.reduce(0, +), sizes: { sampler.sample(using: &$0) }, largest: largest)
    }

    private static func play(_ one: Case, _ count: Int) -> Row {
        let span = Nanoseconds(seconds: Double(count) / one.rate)
        let start = ProcessTime.now
        let outcome = one.simulation.run(
            .poisson(.constant(QueriesPerSecond(one.rate), for: span)), sizes: one.sizes)
        return Row(
            queries: outcome.all.arrived, seconds: ProcessTime.now - start,
            peakMegabytes: ProcessTime.peakMegabytes, outcome: outcome)
    }

    private static func table(_ name: String, _ rows: [Row]) -> Table {
        Table(
            caption: name,
            columns: [
                .init("queries", "queries", .count), .init("seconds", "processor s", .plain),
                .init("queriesPerSecond", "simulated", .rate),
                .init("peakMegabytes", "peak memory (MB)", .count), .init("heldMax", "held at most", .count),
                .init("p99Milliseconds", "p99", .milliseconds), .init("lateFraction", "late", .fraction),
            ],
            rows: rows.map { row in
                [
                    .integer(row.queries), .number((row.seconds * 1e4).rounded() / 1e4),
                    .number(row.queriesPerSecond), .number(row.peakMegabytes), .integer(row.outcome.heldMax),
                    row.outcome.latencies.quantile(Quantile(0.99)).map { .number($0.milliseconds) }
                        ?? .missing,
                    .quantity(row.outcome.counted.violationFraction),
                ]
            })
    }

    // MARK: Peers

    private struct PeerAnswer: Decodable {
        let peer: String
        let requests: Int
        let seconds: Double
        let mean: Double
    }

    /// The same queue, four exponential servers three quarters full, here and in two Python simulators.
    private static func comparePeers(_ board: inout BenchmarkBoard) throws {
        let (servers, utilisation) = (4, 0.75)
        let one = Case(
            name: "",
            simulation: RequestSimulation(
                profiles: [.exponential(mean: Nanoseconds(1_000_000), threads: servers)],
                servers: [SimulatedServer(profile: 0, weight: 1)], changes: RequestSimulation.starts(of: 1),
                rule: .random, latencyLimit: Nanoseconds(seconds: 1), seed: 1),
            rate: utilisation * Double(servers) * 1000, sizes: { _ in 1 }, largest: 0)
        let own = play(one, 1_000_000)
        var answers = [
            PeerAnswer(
                peer: "hercules", requests: own.queries, seconds: own.seconds,
                mean: own.outcome.latencies.mean?.milliseconds ?? 0)
        ]
        for (script, customers) in [("queue-simpy.py", 200_000), ("queue-ciw.py", 50_000)] {
            answers.append(
                try PeerProcess.answer(script, ["\(customers)", "\(servers)", "\(utilisation)"]))
        }
        // Erlang C, in service times.
        var blocking = 1.0
        let offered = utilisation * Double(servers)
        for count in 1...servers { blocking = offered * blocking / (Double(count) + offered * blocking) }
        let waiting = blocking / (1 - utilisation * (1 - blocking))
        let exact = 1 + waiting / (Double(servers) * (1 - utilisation))
        board.show(
            Table(
                caption: "The same queue in peers: M/M/4, 75 % full",
                columns: [
                    .init("peer", "simulator", .text), .init("queries", "queries", .count),
                    .init("queriesPerSecond", "simulated", .rate),
                    .init("error", "mean time off Erlang's", .fraction),
                ],
                rows: answers.map {
                    [
                        .text($0.peer), .integer($0.requests), .number(Double($0.requests) / $0.seconds),
                        .number($0.mean / exact - 1),
                    ]
                }))
        for answer in answers {
            let key = answer.peer.split(separator: " ")[0].lowercased()
            board.figure("\(key)QueriesPerSecond", .number(Double(answer.requests) / answer.seconds))
            if key != "hercules" {
                board.figure(
                    "timesFasterThan\(answer.peer.split(separator: " ")[0])",
                    .number(own.queriesPerSecond / (Double(answer.requests) / answer.seconds)))
            }
        }
    }

    /// Runs a script of `Scripts/peers` and reads its answer.
    private enum PeerProcess {
        static func answer(_ script: String, _ arguments: [String]) throws -> PeerAnswer {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: ".deps/venv/bin/python")
            process.arguments = ["Scripts/peers/\(script)"] + arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return try JSONDecoder().decode(PeerAnswer.self, from: data)
        }
    }
}

/// What the process has used so far.
enum ProcessTime {
    /// Processor time of this thread, in seconds.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The most memory the process has had resident, in MB.
    static var peakMegabytes: Double { ProcessMemory.peakMegabytes(of: "self") ?? .nan }
}
