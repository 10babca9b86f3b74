import Vocabulary

/// Whether a scenario can be planned, and which commands fill in what is missing.
public struct ScenarioReadinessReport: ReportContent {
    private let readiness: ScenarioReadiness
    private let scenarioPath: String
    private let commandEnding: String

    /// - Parameters:
    ///   - scenarioPath: the scenario's file, for the commands.
    ///   - commandEnding: what the commands that fill in a pair end with, to name the database.
    public init(_ readiness: ScenarioReadiness, scenarioPath: String, commandEnding: String = "") {
        self.readiness = readiness
        self.scenarioPath = scenarioPath
        self.commandEnding = commandEnding
    }

    public var title: String { "Is \(readiness.scenario) complete?" }

    public var summary: [Report.Block] {
        let known = readiness.pairs.count { if case .known = $0.state { true } else { false } }
        let count =
            "\(known) of \(readiness.pairs.count) pairs of model and server type have an efficiency entry."
        guard readiness.isComplete else {
            return [
                .warning(
                    "No available server is known to serve \(readiness.incomplete.map(\.name).enumerated), "
                        + "and nothing here can find out."), .paragraph(count),
            ]
        }
        return [
            .paragraph(
                "Every model has, or can get here, an efficiency entry on an available server. \(count)")
        ]
    }

    public var sections: [Report.Section] {
        var blocks: [Report.Block] = [.table(mainTable)]
        let distinct = Set(readiness.pairs.compactMap(command)).sorted()
        if !distinct.isEmpty {
            blocks.append(.paragraph("What fills in the rest:"))
            blocks += distinct.map(Report.Block.paragraph)
        }
        return [Report.Section(heading: "Pairs", blocks: blocks)]
    }

    public var mainTable: Table {
        Table(
            caption: "Models on the server types of the fleet",
            columns: [
                Table.Column("model", "model", .text), Table.Column("server", "server type", .text),
                Table.Column("state", "state", .tag), Table.Column("provenance", "provenance", .tag),
                Table.Column("command", "filled in by", .text),
            ], keyColumnCount: 2,
            rows: readiness.pairs.map { pair in
                let words = pair.state.words
                return [
                    .text(pair.model.name), .text(pair.serverType.name), .text(words.state),
                    words.provenance.map { .text($0.rawValue) } ?? .missing,
                    command(pair).map(Table.Cell.text) ?? .missing,
                ]
            })
    }

    public var provenance: [String] { [] }

    /// The report in one of its forms; as JSON its table.
    public func text(as rendering: Rendering) -> String {
        let report = report(seed: nil)
        return rendering.render(report) { JSONRenderer().render(report.mainTable) }
    }

    /// What fills in a pair; nil where nothing is missing.
    private func command(_ pair: ScenarioReadiness.Pair) -> String? {
        switch pair.state {
        case .known, .cannotServe: return nil
        case .canBeSearched, .canBeModelled: return "hercules search \(scenarioPath)\(commandEnding)"
        case .canBeMeasured: return "hercules profile \(scenarioPath)\(commandEnding)"
        case .missing: return "hercules import csv FILE\(commandEnding)"
        }
    }
}

extension ScenarioReadiness.Pair.State {
    fileprivate var words: (state: String, provenance: Provenance?) {
        switch self {
        case .known(let provenance): ("known", provenance)
        case .cannotServe(let provenance): ("cannot serve", provenance)
        case .canBeSearched: ("can be searched", nil)
        case .canBeModelled: ("can be modelled", nil)
        case .canBeMeasured: ("can be measured", nil)
        case .missing: ("missing", nil)
        }
    }
}
