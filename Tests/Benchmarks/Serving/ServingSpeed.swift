import Foundation
import Quantities
import Randomness
import Reporting
import Simulation

/// Rows of steps against single steps, and requests a second on one core.
enum ServingSpeed {
    /// Chat-like requests at a rate.
    struct Chat: TokenRequestSource {
        var lengths = RandomStream(seed: 5, name: "lengths")
        var arrivals = RandomStream(seed: 5, name: "arrivals")
        var left: Int
        let rate: Double
        let sharesPrefix: Bool
        var time = 0.0

        mutating func next() -> TokenRequest? {
            guard left > 0 else { return nil }
            left -= 1
            time += arrivals.exponential() / rate
            let prompt = min(4000, max(16, Int(lengths.logNormal(mu: 5.7, sigma: 1))))
            let output = min(2000, max(1, Int(lengths.logNormal(mu: 5.3, sigma: 0.8))))
            let group = UInt32(lengths.integer(in: 0..<64))
            return TokenRequest(
                id: Int64(left), arrival: Nanoseconds(seconds: time),
                prompt: prompt + (sharesPrefix ? 512 : 0),
                output: output, prefix: sharesPrefix ? .group(id: group, tokens: 512) : .none)
        }
    }

    static let blocks = 27_000

    /// About what Llama-3.1-8B takes on an A100, in picoseconds; which card it is does not matter here.
    static var law: LinearStepLaw {
        var law = LinearStepLaw()
        law.host = 500_000_000
        law.perToken = 90_000_000
        law.perSample = 6_000_000
        law.weights = 9_800_000_000
        law.perPair = 3_400
        law.perContext = 80_000
        return law
    }

    static func simulation() -> TokenSimulation {
        TokenSimulation(engines: [.init(setup: EngineSetup(blocks: blocks), law: .linear(law))])
    }

    /// The rate at which an endless backlog is served: what 85 % is taken of.
    static func capacity(sharesPrefix: Bool) -> Double {
        let count = 20_000
        let outcome = simulation().play(Chat(left: count, rate: 1e6, sharesPrefix: sharesPrefix))
        return Double(count) / (outcome.end - outcome.start).seconds
    }

    static func run(isShort: Bool, _ board: inout BenchmarkBoard) throws {
        let full = capacity(sharesPrefix: false)
        try ladder(full, count: isShort ? 5_000 : 50_000, &board)
        speed(full, isShort: isShort, &board)
    }

    private static func ladder(_ full: Double, count: Int, _ board: inout BenchmarkBoard) throws {
        var rows: [[Table.Cell]] = []
        var differences = 0
        for share in [0.02, 0.1, 0.3, 0.6, 0.85, 1.2] {
            let rate = share * full
            var simulation = simulation()
            let (rowSeconds, rowEnds) = timed(simulation, rate, count)
            simulation.jumps = false
            let (stepSeconds, stepEnds) = timed(simulation, rate, count)
            differences += zip(rowEnds, stepEnds).count { $0 != $1 }
            rows.append([
                .number(share), .number(Double(count) / rowSeconds / 1e6),
                .number(Double(count) / stepSeconds / 1e6), .number(stepSeconds / rowSeconds),
            ])
        }
        board.show(
            Table(
                caption: "Rows of steps against single steps, \(count) requests on one core",
                columns: [
                    .init("load", "load over capacity", .plain), .init("rows", "rows (M requests/s)", .plain),
                    .init("steps", "steps (M requests/s)", .plain), .init("ratio", "faster", .plain),
                ], rows: rows.map { $0.map(Self.rounded) }))
        board.bar(
            "requests whose last token differs between rows and single steps", Double(differences), atMost: 0)
    }

    private static func rounded(_ cell: Table.Cell) -> Table.Cell {
        if case .number(let number) = cell { .number(number.rounded(significantDigits: 3)) } else { cell }
    }

    static func timed(
        _ simulation: TokenSimulation, _ rate: Double, _ count: Int
    ) -> (seconds: Double, ends: [Int64]) {
        var ends: [Int64] = []
        ends.reserveCapacity(count)
        let began = ProcessTime.now
        _ = simulation.play(Chat(left: count, rate: rate, sharesPrefix: false)) {
            ends.append($0.lastToken.count)
        }
        return (ProcessTime.now - began, ends)
    }

    private static func speed(_ full: Double, isShort: Bool, _ board: inout BenchmarkBoard) {
        let counts = isShort ? [100_000] : [1_000_000, 10_000_000]
        for count in counts {
            let before = ProcessTime.peakMegabytes
            let began = ProcessTime.now
            _ = simulation().play(Chat(left: count, rate: 0.85 * full, sharesPrefix: false))
            let rate = Double(count) / (ProcessTime.now - began)
            let grown = ProcessTime.peakMegabytes - before
            board.note(
                "\(count) requests at 85 % load: \(Int(rate)) requests/s on one core, "
                    + "\(String(format: "%.1f", grown)) MB more memory at the peak")
            board.figure("requestsPerSecond\(count)", .number(rate))
            board.figure("grownMegabytes\(count)", .number(grown))
            if count == counts.last {
                board.bar("requests/s on one core at 85 % load", rate, atLeast: 500_000)
                if !isShort { board.bar("megabytes that ten million requests add", grown, atMost: 16) }
            }
        }
        let shared = capacity(sharesPrefix: true)
        let count = isShort ? 50_000 : 500_000
        let began = ProcessTime.now
        let outcome = simulation().play(Chat(left: count, rate: 0.85 * shared, sharesPrefix: true))
        let rate = Double(count) / (ProcessTime.now - began)
        board.note(
            "\(count) requests that share prefixes: \(Int(rate)) requests/s on one core, "
                + "\(Int(100 * (outcome.hitShare ?? 0))) % of prompt tokens found")
        board.figure("sharedPrefixRequestsPerSecond", .number(rate))
        board.bar("requests/s on one core at 85 % load, with shared prefixes", rate, atLeast: 100_000)
    }
}
