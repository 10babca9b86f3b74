import Foundation
import Optimization
import Reporting

/// Helix's placement programs (Thesys-lab/Helix-ASPLOS25, Apache-2.0): its machines are placed anew, and the
/// flow is recomputed from the placement beside what Gurobi's solution says.
enum HelixPrograms {
    private static let folder = "\(ServingBenchmark.data)/helix"

    /// A program as its LP file has it.
    private struct Program {
        let name: String
        let placement: LayerPlacement
        /// Gurobi's objective, as its solution file has it.
        let gurobi: Double
    }

    private struct FormatError: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ board: inout BenchmarkBoard) throws {
        guard FileManager.default.fileExists(atPath: folder) else {
            board.note("No programs of Helix at \(folder): none placed.")
            return
        }
        let programs = try ["a100", "l4", "t4"].map(read)
        let rows = programs.map {
            program -> (program: Program, found: LayerPlacement.Outcome, seconds: Double) in
            let began = ContinuousClock.now
            let found = program.placement.best()
            return (program, found, (ContinuousClock.now - began) / .seconds(1))
        }
        board.show(
            Table(
                caption: "Helix's programs: Llama 30B over machines of one kind, tokens/s",
                columns: [
                    .init("machines", "machines", .text), .init("gurobi", "Helix, by Gurobi", .plain),
                    .init("flow", "ours, flow recomputed", .plain), .init("bound", "our bound", .plain),
                    .init("gap", "gap", .gap), .init("seconds", "seconds", .plain),
                    .init("layers", "layers of each machine", .text),
                ],
                rows: rows.map { program, found, seconds in
                    [
                        .text("\(program.placement.machines.count) x \(program.name)"),
                        .number(rounded(program.gurobi)), .number(rounded(found.flow)),
                        .number(rounded(found.bound)), .number(1 - found.flow / found.bound),
                        .number((seconds * 1000).rounded() / 1000),
                        .text(found.held.map { $0.map { "\($0.count)" } ?? "-" }.joined(separator: " ")),
                    ]
                }))
        for (program, found, _) in rows {
            board.bar(
                "Helix, \(program.name): our flow over Gurobi's", found.flow / program.gurobi,
                atLeast: 1 - 1e-6)
            board.bar(
                "Helix, \(program.name): gap to our bound", 1 - found.flow / found.bound, atMost: 1e-6)
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    /// The rates of machines by layers held, the layers, and what a link carries.
    private static func read(_ kind: String) throws -> Program {
        let place = "\(folder)/single_30b_\(kind)"
        let text = try String(contentsOfFile: "\(place)/model.lp", encoding: .utf8)
        let words = text.split(whereSeparator: \.isWhitespace)
        var (rates, layers, link): ([Int: [Int: Double]], Int?, Double?) = ([:], nil, nil)
        var constraint = ""
        for (index, word) in words.enumerated() {
            if word.hasSuffix(":") { constraint = String(word.dropLast()) }
            let parts = word.split(separator: "_")
            if constraint.hasPrefix("node_throughput_constraint_"), parts.first == "hold", parts.count == 3,
                let machine = Int(parts[1]), let count = Int(parts[2]), let rate = Double(words[index - 1])
            {
                rates[machine, default: [:]][count] = rate
            } else if constraint.hasPrefix("end_constraint_"), word == "<=" {
                layers = Int(words[index + 1])
            } else if constraint == "edge_flow_constr_0_1", parts.first == "switch" {
                link = Double(words[index - 1])
            }
        }
        let solution = try String(contentsOfFile: "\(place)/gurobi.sol", encoding: .utf8)
        let objective = solution.split(separator: "\n").first { $0.contains("Objective value") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
        guard let layers, let link, let objective, !rates.isEmpty else {
            throw FormatError(
                description: "\(place): found no layers, rates, links or objective, expected Helix's programs"
            )
        }
        let machines = rates.sorted { $0.key < $1.key }.map { _, counts in
            LayerPlacement.Machine(rates: counts.sorted { $0.key < $1.key }.map(\.value))
        }
        return Program(
            name: kind.uppercased(),
            placement: LayerPlacement(layers: layers, machines: machines, link: link), gurobi: objective)
    }
}
