import Foundation
import Reporting

/// What the subject of each shipped scenario saves against every other policy where both serve equally well,
/// through the real command.
enum SavingsBenchmark: Benchmark {
    static let name = "savings"
    static let purpose = "savings at equal service on the modelled scenarios [--only SCENARIO]"

    private static let scenarios = ["modelled", "operated", "published"]
    private static let rivals = ["greedy", "priority", "oblivious", "reactive"]

    private struct Replay: Decodable {
        struct Saving: Decodable {
            let baseline: String
            let measure: String
            let level: Double
            let drawnEnergyFraction: Double?
            let low: Double?
            let high: Double?
            let provisionedEnergyFraction: Double?
            let costFraction: Double?
        }

        struct Point: Decodable {
            let policy: String
            let isOwn: Bool
            let drawnWatts: Double
            let changes: Int
            let violationFraction: Double
        }

        let equalService: [Saving]
        let frontier: [Point]
    }

    private enum Failure: Error, CustomStringConvertible {
        case command(scenario: String, status: Int32)

        var description: String {
            switch self {
            case .command(let scenario, let status):
                "hercules run \(scenario) ended with \(status), expected 0"
            }
        }
    }

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        var chosen = scenarios
        if let index = arguments.firstIndex(of: "--only"), index + 1 < arguments.count {
            chosen = [arguments[index + 1]]
        }
        for scenario in chosen {
            let replay = try replay(of: scenario)
            show(replay, of: scenario, board)
            weigh(replay, of: scenario, &board)
        }
    }

    private static func replay(of scenario: String) throws -> Replay {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "savings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = BuiltProgram.hercules
        process.arguments = [
            "run", "Workloads/scenarios/\(scenario).yaml", "--format", "json", "--quiet", "--database",
            folder.appendingPathComponent("savings.sqlite").path, "--output",
            folder.appendingPathComponent("report.html").path,
        ]
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure.command(scenario: scenario, status: process.terminationStatus)
        }
        return try JSONDecoder().decode(Replay.self, from: output)
    }

    private static func cell(_ value: Double?) -> Table.Cell { value.map { .number($0) } ?? .missing }

    private static func show(_ replay: Replay, of scenario: String, _ board: BenchmarkBoard) {
        board.show(
            Table(
                caption: "\(scenario): saved at equal service, and the bounds of 90 % of resampled days",
                columns: [
                    .init("baseline", "against", .text), .init("measure", "where equal", .text),
                    .init("level", "at", .gap), .init("drawn", "drawn energy", .fraction),
                    .init("low", "from", .fraction), .init("high", "to", .fraction),
                    .init("provisioned", "provisioned", .fraction), .init("cost", "cost", .fraction),
                ],
                keyColumnCount: 2,
                rows: replay.equalService.map {
                    [
                        .text($0.baseline), .text($0.measure), .number($0.level),
                        cell($0.drawnEnergyFraction),
                        cell($0.low), cell($0.high), cell($0.provisionedEnergyFraction),
                        cell($0.costFraction),
                    ]
                }))
        board.show(
            Table(
                caption: "\(scenario): policies as the scenario has them",
                columns: [
                    .init("policy", "policy", .text), .init("drawnWatts", "mean drawn", .power),
                    .init("violated", "violated", .gap), .init("changes", "servers changed", .count),
                ],
                rows: replay.frontier.filter(\.isOwn).map {
                    [
                        .text($0.policy), .number($0.drawnWatts), .number($0.violationFraction),
                        .integer($0.changes),
                    ]
                }))
    }

    private static func weigh(_ replay: Replay, of scenario: String, _ board: inout BenchmarkBoard) {
        for saving in replay.equalService {
            let key = "\(scenario)-\(saving.baseline)-\(saving.measure)"
            guard let saved = saving.drawnEnergyFraction else { continue }
            board.figure(key, .number(saved))
            guard rivals.contains(saving.baseline) else { continue }
            let aim = saving.baseline == "oblivious" ? 0.3 : scenario == "modelled" ? 0.01 : -0.005
            board.bar(
                "\(scenario): drawn energy saved against \(saving.baseline), equal \(saving.measure)", saved,
                atLeast: aim)
        }
    }
}
