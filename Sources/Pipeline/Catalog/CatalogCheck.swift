import Catalog
import Foundation
import Profiling
import Quantities
import Reporting
import Store
import Vocabulary

/// Whether a scenario can be planned: which pairs of model and server type have an efficiency entry in the
/// database, which can get one here, and which cannot.
public struct CatalogCheck: Sendable {
    /// What is known of each pair, and how more can be.
    public let readiness: ScenarioReadiness
    private let scenarioPath: String
    private let commandEnding: String

    /// Reads a scenario, and the database where there is one.
    /// - Parameter commandEnding: what the commands that fill in a pair end with, to name the database.
    public init(scenarioPath: String, databasePath: String, commandEnding: String = "") throws {
        let host = try HostProbe().host()
        let scenario = try Catalog(forScenarioAt: scenarioPath, shipped: ShippedCatalogue.folder).scenario(
            at: scenarioPath, host: Session.detected(host), known: .builtIn
        ).scenario
        self.scenarioPath = scenarioPath
        self.commandEnding = commandEnding
        var session: Session?
        if FileManager.default.fileExists(atPath: databasePath) {
            // Looking belongs to no run.
            session = Session(
                scenario: scenario, store: try Store(path: databasePath, access: .existing),
                run: RecordID(0), host: host, progress: SilentProgress())
        }
        let stored = try session?.searches() ?? []
        let types = scenario.serverTypes.filter { scenario.fleet.hasServers(of: $0.id) }
        var pairs: [ScenarioReadiness.Pair] = []
        for model in scenario.models.sorted(by: { $0.id < $1.id }) {
            for type in types.sorted(by: { $0.id < $1.id }) {
                let search = stored.first {
                    $0.outcome.model == model.id && $0.outcome.serverType == type.id
                }
                let evidence =
                    try session?.evidence.of(model, on: type)
                    ?? Evidence.withoutDatabase(of: model, on: type, order: scenario.evidence)
                pairs.append(
                    ScenarioReadiness.Pair(
                        model: model.id, serverType: type.id,
                        state: Self.state(of: model, on: type, stored: search, evidence)))
            }
        }
        readiness = ScenarioReadiness(
            scenario: scenario.id, models: scenario.models.map(\.id), pairs: pairs)
    }

    private static func state(
        of model: Model, on type: ServerType, stored: StoredSearch?, _ evidence: PairEvidence
    ) -> ScenarioReadiness.Pair.State {
        if let entry = stored?.outcome.entry { return .known(entry.provenance) }
        if let outcome = stored?.outcome, outcome.stop.isFinal {
            return .cannotServe(outcome.evaluations.first?.provenance ?? .modelled)
        }
        switch evidence {
        case .measuredHere, .nothing(.profiling): return .canBeMeasured
        case .measuredElsewhere: return .canBeSearched
        case .imported(let figures):
            // Figures that no search has taken up yet are as good as those that one has.
            let entry = ImportedEfficiency(model: model, serverType: type).entry(
                of: figures, target: model.latencyTarget, powerBudget: nil)
            return entry == nil ? .cannotServe(.imported) : .known(.imported)
        case .modelled: return .canBeModelled
        case .nothing(.importing): return .missing
        }
    }

    /// Whether every model has, or can get here, an entry on at least one available server.
    public var isComplete: Bool { readiness.isComplete }

    /// The check as a document.
    public func text(as rendering: Rendering) -> String {
        ScenarioReadinessReport(readiness, scenarioPath: scenarioPath, commandEnding: commandEnding)
            .text(as: rendering)
    }
}
