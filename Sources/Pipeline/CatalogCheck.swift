import Catalog
import Foundation
import Profiling
import Quantities
import Reporting
import ServerModels
import Store
import Vocabulary

/// Whether a scenario can be planned: which pairs of model and server type have an efficiency entry in the
/// database, which can get one here, and which cannot.
public struct CatalogCheck: Sendable {
    /// What is known of one pair, and how more can be.
    public struct Pair: Hashable, Sendable {
        /// How far a pair has come.
        public enum State: Hashable, Sendable {
            /// An entry is in the database.
            case known(Provenance)
            /// The database says that the type cannot serve the model within its target.
            case cannotServe(Provenance)
            /// A server model can stand in.
            case canBeModelled
            /// This machine is of the type.
            case canBeMeasured
            /// Only figures from elsewhere can say.
            case missing
        }

        public let model: ModelID
        public let serverType: ServerTypeID
        public let state: State
    }

    /// Ordered by model, then server type; only types of which there are servers.
    public let pairs: [Pair]
    private let scenario: Scenario
    private let scenarioPath: String
    private let databasePath: String

    /// Reads a scenario, and the database where there is one.
    public init(scenarioPath: String, databasePath: String) throws {
        let host = try HostProbe().host()
        let scenario = try Catalog(forScenarioAt: scenarioPath).scenario(
            at: scenarioPath, host: Workbench.detected(host), known: .builtIn
        ).scenario
        self.scenario = scenario
        self.scenarioPath = scenarioPath
        self.databasePath = databasePath
        var stored: [StoredSearch] = []
        var keys: SearchKeys?
        if FileManager.default.fileExists(atPath: databasePath) {
            // Looking belongs to no run.
            let bench = Workbench(
                scenario: scenario, store: try Store(path: databasePath, access: .existing),
                run: RecordID(0), host: host, progress: SilentProgress())
            stored = try bench.searches()
            keys = SearchKeys(bench)
        }
        let types = scenario.serverTypes.filter { (scenario.fleet.counts[$0.id] ?? 0) > 0 }
        var pairs: [Pair] = []
        for model in scenario.models.sorted(by: { $0.id < $1.id }) {
            for type in types.sorted(by: { $0.id < $1.id }) {
                let search = stored.first {
                    $0.outcome.model == model.id && $0.outcome.serverType == type.id
                }
                // Figures that no search has taken up yet are as good as those that one has.
                let figures = search == nil ? try keys?.figures(of: model, on: type) ?? [] : []
                pairs.append(
                    Pair(
                        model: model.id, serverType: type.id,
                        state: Self.state(of: model, on: type, stored: search, figures: figures)))
            }
        }
        self.pairs = pairs
    }

    private static func state(
        of model: Model, on type: ServerType, stored: StoredSearch?, figures: [ImportedFigure]
    ) -> Pair.State {
        if let entry = stored?.outcome.entry { return .known(entry.provenance) }
        if let tried = stored?.outcome.evaluations.first { return .cannotServe(tried.provenance) }
        if type.isThisHost { return .canBeMeasured }
        if !figures.isEmpty {
            let entry = ImportedEfficiency(model: model, serverType: type).entry(
                of: figures, target: model.latencyTarget, powerBudget: nil)
            return entry == nil ? .cannotServe(.imported) : .known(.imported)
        }
        return ServerModelFamilies.canModel(model, on: type) ? .canBeModelled : .missing
    }

    /// Models that no available server is known to serve, and of which nothing can be found out here.
    public var incomplete: [ModelID] {
        scenario.models.map(\.id).sorted().filter { model in
            !pairs.contains { pair in
                guard pair.model == model else { return false }
                switch pair.state {
                case .known, .canBeModelled, .canBeMeasured: return true
                case .cannotServe, .missing: return false
                }
            }
        }
    }

    /// Whether every model has, or can get here, an entry on at least one available server.
    public var isComplete: Bool { incomplete.isEmpty }

    /// The check as a document.
    public func text(as rendering: Rendering) -> String {
        let report = Content(
            check: self, title: "Is \(scenario.id) complete?", command: { command($0) }
        ).report(seed: nil)
        return rendering.render(report) { JSONRenderer().render(report.mainTable) }
    }

    /// What fills in a pair; nil where nothing is missing.
    private func command(_ pair: Pair) -> String? {
        let database = databasePath == "hercules.sqlite" ? "" : " --database \(databasePath)"
        switch pair.state {
        case .known, .cannotServe: return nil
        case .canBeModelled: return "hercules search \(scenarioPath)\(database)"
        case .canBeMeasured: return "hercules profile \(scenarioPath)\(database)"
        case .missing: return "hercules import csv FILE\(database)"
        }
    }

    private struct Content: ReportContent {
        let check: CatalogCheck
        let title: String
        let command: @Sendable (Pair) -> String?

        var summary: [Report.Block] {
            let known = check.pairs.filter { if case .known = $0.state { true } else { false } }.count
            let count =
                "\(known) of \(check.pairs.count) pairs of model and server type have an efficiency entry."
            guard check.isComplete else {
                return [
                    .warning(
                        "No available server is known to serve \(check.incomplete.map(\.name).enumerated), and nothing "
                            + "here can find out."), .paragraph(count),
                ]
            }
            return [
                .paragraph(
                    "Every model has, or can get here, an efficiency entry on an available server. \(count)")
            ]
        }

        var sections: [Report.Section] {
            var blocks: [Report.Block] = [.table(mainTable)]
            let distinct = Set(check.pairs.compactMap(command)).sorted()
            if !distinct.isEmpty {
                blocks.append(.paragraph("What fills in the rest:"))
                blocks += distinct.map(Report.Block.paragraph)
            }
            return [Report.Section(heading: "Pairs", blocks: blocks)]
        }

        var mainTable: Table {
            Table(
                caption: "Models on the server types of the fleet",
                columns: [
                    Table.Column("model", "model", .text), Table.Column("server", "server type", .text),
                    Table.Column("state", "state", .tag), Table.Column("provenance", "provenance", .tag),
                    Table.Column("command", "filled in by", .text),
                ], keyColumnCount: 2,
                rows: check.pairs.map { pair in
                    let words = pair.state.words
                    return [
                        .text(pair.model.name), .text(pair.serverType.name), .text(words.state),
                        words.provenance.map { .text($0.rawValue) } ?? .missing,
                        command(pair).map(Table.Cell.text) ?? .missing,
                    ]
                })
        }

        var provenance: [String] { [] }
    }
}

extension CatalogCheck.Pair.State {
    fileprivate var words: (state: String, provenance: Provenance?) {
        switch self {
        case .known(let provenance): ("known", provenance)
        case .cannotServe(let provenance): ("cannot serve", provenance)
        case .canBeModelled: ("can be modelled", nil)
        case .canBeMeasured: ("can be measured", nil)
        case .missing: ("missing", nil)
        }
    }
}
