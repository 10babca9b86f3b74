import Quantities

/// The load of every model at one moment.
public struct Demand: Hashable, Codable, Sendable {
    public var loads: [ModelID: QueriesPerSecond]

    public init(_ loads: [ModelID: QueriesPerSecond]) { self.loads = loads }

    public subscript(model: ModelID) -> QueriesPerSecond { loads[model] ?? .zero }
    /// The models in name order.
    public var models: [ModelID] { loads.keys.sorted() }
    /// The demand with every load multiplied.
    public func scaled(by factor: Double) -> Demand { Demand(loads.mapValues { $0 * factor }) }
}

/// How many servers of each type run each model.
public struct Allocation: Hashable, Codable, Sendable {
    /// A number of servers of one type that run one model.
    public struct Share: Hashable, Codable, Sendable {
        public let model: ModelID
        public let serverType: ServerTypeID
        public let count: Int
        public init(model: ModelID, serverType: ServerTypeID, count: Int) {
            self.model = model
            self.serverType = serverType
            self.count = count
        }
    }

    private var counts: [ModelOnServer: Int] = [:]

    /// Nothing allocated.
    public init() {}

    /// The number of servers of a type that run a model; setting 0 removes the share.
    /// - Precondition: the count set is not negative.
    public subscript(model: ModelID, serverType: ServerTypeID) -> Int {
        get { counts[ModelOnServer(model: model, serverType: serverType)] ?? 0 }
        set {
            precondition(newValue >= 0, "a number of servers is not negative")
            counts[ModelOnServer(model: model, serverType: serverType)] = newValue == 0 ? nil : newValue
        }
    }

    /// The shares ordered by model, then server type; none is empty.
    public var shares: [Share] {
        counts.map { Share(model: $0.key.model, serverType: $0.key.serverType, count: $0.value) }
            .sorted { ($0.model, $0.serverType) < ($1.model, $1.serverType) }
    }

    /// Encoded as its ordered shares, so that equal allocations have equal bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(shares)
    }

    public init(from decoder: any Decoder) throws {
        for share in try decoder.singleValueContainer().decode([Share].self) {
            guard share.count > 0, self[share.model, share.serverType] == 0 else {
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: decoder.codingPath,
                        debugDescription: "a share is positive and listed once, found \(share)"))
            }
            self[share.model, share.serverType] = share.count
        }
    }

    /// Pairs that have servers.
    public var pairs: Set<ModelOnServer> { Set(counts.keys) }

    /// All servers allocated.
    public var serverCount: Int { counts.values.reduce(0, +) }

    /// Servers allocated per type.
    public var countsByServerType: [ServerTypeID: Int] {
        counts.reduce(into: [:]) { $0[$1.key.serverType, default: 0] += $1.value }
    }
}

/// An answer of the planner.
public struct Plan: Hashable, Codable, Sendable {
    /// What is known about the quality of the allocation.
    public enum Status: String, Codable, Sendable, CaseIterable {
        /// Within the requested gap of the proven bound.
        case optimal
        /// Serves the demand; no bound, or a wider gap than requested.
        case feasible
        /// The demand cannot be served; the allocation serves as much of it as could be found.
        case infeasible
    }

    /// Load of one model that the allocation leaves unserved.
    public struct Shortfall: Hashable, Codable, Sendable {
        public let model: ModelID
        public let load: QueriesPerSecond
        public init(model: ModelID, load: QueriesPerSecond) {
            self.model = model
            self.load = load
        }
    }

    /// What an objective other than provisioned power comes to.
    public struct Valuation: Hashable, Codable, Sendable {
        /// The objective's name.
        public let name: String
        public let unit: String
        public let value: Double
        /// No feasible allocation costs less than this; nil where nothing is proven.
        public let bound: Double?

        public init(name: String, unit: String, value: Double, bound: Double?) {
            self.name = name
            self.unit = unit
            self.value = value
            self.bound = bound
        }
    }

    public let status: Status
    public let allocation: Allocation
    /// Provisioned power of the allocation.
    public let objective: Watts
    /// No feasible allocation costs less than this; nil where the policy proves nothing, and where the
    /// objective was another.
    public let bound: Watts?
    /// The objective where it was another than provisioned power; nil where it was not.
    public let valuation: Valuation?
    /// Ordered by model; empty unless infeasible.
    public let shortfalls: [Shortfall]

    public init(
        status: Status, allocation: Allocation, objective: Watts, bound: Watts?, shortfalls: [Shortfall],
        valuation: Valuation? = nil
    ) {
        self.status = status
        self.allocation = allocation
        self.objective = objective
        self.bound = bound
        self.shortfalls = shortfalls
        self.valuation = valuation
    }

    /// The relative optimality gap (objective - bound) / objective; nil without a bound.
    public var gap: Fraction? {
        if let valuation {
            guard let bound = valuation.bound else { return nil }
            return valuation.value > 0
                ? Fraction(max(0, (valuation.value - bound) / valuation.value)) : .zero
        }
        guard let bound else { return nil }
        guard objective.value > 0 else { return .zero }
        return Fraction(max(0, (objective - bound) / objective))
    }
}
