import Quantities
import Store
import Vocabulary

/// The efficiency entries of every cell. Cells that differ in nothing that entries depend on share them.
struct StudyFigures {
    /// What entries depend on.
    private struct Key: Hashable {
        let models: [Model]
        let serverTypes: [ServerType]
        let search: SearchSettings
        let profile: ProfileSettings
        let imports: [ScenarioImport]?
        let evidence: [EvidenceKind]?
        let seed: UInt64
        let spread: Double?

        init(_ scenario: Scenario, withSpread: Bool = true) {
            models = scenario.models
            serverTypes = scenario.serverTypes
            search = scenario.search
            profile = scenario.profile
            imports = scenario.imports
            evidence = scenario.evidence
            seed = scenario.seed
            spread = withSpread ? scenario.efficiencySpread : nil
        }
    }

    private var tables: [Key: EfficiencyTable] = [:]

    /// Searches what has not been searched, and reads the rest.
    init(of scenarios: [Scenario], session: (Scenario) -> Session) throws {
        var searched: Set<Key> = []
        for scenario in scenarios {
            let key = Key(scenario)
            guard tables[key] == nil else { continue }
            let session = session(scenario)
            if searched.insert(Key(scenario, withSpread: false)).inserted {
                try SearchStage(session).run().requireProfiled(on: session)
            }
            tables[key] = try session.efficiencyTable()
        }
    }

    subscript(scenario: Scenario) -> EfficiencyTable { tables[Key(scenario)] ?? EfficiencyTable([]) }
}
