/// Whether a scenario can be planned: what is known of each model on each server type of its fleet, and how
/// more can be found out.
public struct ScenarioReadiness: Hashable, Sendable {
    /// How far one pair of model and server type has come.
    public struct Pair: Hashable, Sendable {
        public enum State: Hashable, Sendable {
            /// An entry is in the database.
            case known(Provenance)
            /// The database says that the type cannot serve the model within its target.
            case cannotServe(Provenance)
            /// Measured on a host that stands for the type, and not searched yet.
            case canBeSearched
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

        public init(model: ModelID, serverType: ServerTypeID, state: State) {
            self.model = model
            self.serverType = serverType
            self.state = state
        }
    }

    /// The name of the scenario.
    public let scenario: String
    /// In name order.
    public let models: [ModelID]
    /// Ordered by model, then server type; only types of which there are servers.
    public let pairs: [Pair]

    public init(scenario: String, models: [ModelID], pairs: [Pair]) {
        self.scenario = scenario
        self.models = models.sorted()
        self.pairs = pairs
    }

    /// Models that no available server is known to serve, and of which nothing can be found out here.
    public var incomplete: [ModelID] {
        models.filter { model in
            !pairs.contains { pair in
                guard pair.model == model else { return false }
                switch pair.state {
                case .known, .canBeSearched, .canBeModelled, .canBeMeasured: return true
                case .cannotServe, .missing: return false
                }
            }
        }
    }

    /// Whether every model has, or can get here, an entry on at least one available server.
    public var isComplete: Bool { incomplete.isEmpty }
}
