import Foundation
import Reporting

/// What the shipped fleet for language models takes at small loads: whole boxes, boxes that models share, and
/// boxes whose engines answer classes of requests apart.
enum SharedBoxPlans {
    private static let scenario = "Workloads/scenarios/chat-fleet.yaml"
    /// Requests per second of the models, as shares of the scenario's peaks.
    private static let scales = [0.05, 0.2, 1]
    private static let peaks = [("chat-70b", 150.0), ("chat-32b", 120.0), ("chat-8b", 600.0)]

    private struct Plan: Decodable {
        struct Check: Decodable {
            let attained: Double
            let asked: Double
        }

        let objectiveWatts: Double
        let boundWatts: Double
        let wholeBoxesWatts: Double?
        let everyClassWatts: Double?
        let checks: [Check]
    }

    static func run(_ board: inout BenchmarkBoard) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "boxes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = folder.appendingPathComponent("boxes.sqlite").path
        _ = try BuiltProgram.output(of: [
            "search", scenario, "--format", "json", "--quiet", "--database", database,
        ])
        var rows: [[Table.Cell]] = []
        var savings: [Double] = []
        for scale in scales {
            let loads = peaks.flatMap { ["--load", "\($0.0)=\($0.1 * scale)"] }
            let output = try BuiltProgram.output(
                of: ["plan", scenario, "--share-boxes", "--by-class", "--format", "json", "--quiet"]
                    + ["--database", database] + loads)
            let plan = try JSONDecoder().decode(Plan.self, from: output)
            let untold = plan.everyClassWatts ?? .nan
            savings.append(1 - plan.objectiveWatts / untold)
            rows.append([
                .number(scale), plan.wholeBoxesWatts.map { .number($0) } ?? .missing, .number(untold),
                .number(plan.objectiveWatts), .number(plan.boundWatts),
                .number(1 - plan.objectiveWatts / untold),
                .number(plan.checks.map { $0.attained - $0.asked }.min() ?? .nan),
            ])
        }
        board.show(
            Table(
                caption:
                    "chat-fleet: power that plans provision, estimated, at equal targets",
                columns: [
                    .init("scale", "of the peaks", .fraction), .init("whole", "whole boxes", .power),
                    .init("shared", "shared boxes", .power), .init("classes", "classes apart", .power),
                    .init("bound", "its bound", .power), .init("saved", "saved by classes", .fraction),
                    .init("margin", "least attained over asked", .fraction),
                ], rows: rows))
        board.bar("chat-fleet: classes apart never take more", savings.min() ?? .nan, atLeast: 0)
        for (scale, saved) in zip(scales, savings) {
            board.figure("chat-fleet-classes-\(scale)", .number(saved))
        }
    }
}
