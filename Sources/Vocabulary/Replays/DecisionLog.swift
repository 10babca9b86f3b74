import Quantities

/// The decision log of a policy, in columns: a year of decisions every few minutes takes some megabytes.
public struct DecisionLog: RandomAccessCollection, Sendable {
    /// One order, as numbers.
    package struct Order: Hashable, Sendable {
        package let model: Int32
        package let serverType: Int32
        /// Below zero where servers stop.
        package let servers: Int32
    }

    /// What orders and decisions name by position.
    package private(set) var models: [ModelID] = []
    package private(set) var serverTypes: [ServerTypeID] = []
    private var modelPositions: [ModelID: Int32] = [:]
    private var serverTypePositions: [ServerTypeID: Int32] = [:]
    private var instants: [Int64] = []
    private var reasons: [DecisionReason] = []
    /// -1 without a model.
    private var movedModels: [Int32] = []
    private var neededBefore = NumberSeries()
    private var neededNow = NumberSeries()
    private var orderEnds: [Int] = []
    private var orders: [Order] = []

    /// No decision.
    public init() {}

    /// Decisions as they are listed.
    public init(_ decisions: some Sequence<DecisionEntry>) {
        self.init()
        for decision in decisions { append(decision) }
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { instants.count }

    /// Amortised O(orders).
    public mutating func append(_ decision: DecisionEntry) {
        instants.append(decision.at.count)
        reasons.append(decision.reason)
        movedModels.append(decision.model.map { position(of: $0) } ?? -1)
        neededBefore.append(decision.neededBefore?.value)
        neededNow.append(decision.neededNow?.value)
        for action in decision.actions {
            let servers = Int32(clamping: action.count)
            orders.append(
                Order(
                    model: position(of: action.model), serverType: position(of: action.serverType),
                    servers: action.isStart ? servers : -servers))
        }
        orderEnds.append(orders.count)
    }

    private mutating func position(of model: ModelID) -> Int32 {
        if let known = modelPositions[model] { return known }
        let position = Int32(models.count)
        models.append(model)
        modelPositions[model] = position
        return position
    }

    private mutating func position(of serverType: ServerTypeID) -> Int32 {
        if let known = serverTypePositions[serverType] { return known }
        let position = Int32(serverTypes.count)
        serverTypes.append(serverType)
        serverTypePositions[serverType] = position
        return position
    }

    public subscript(index: Int) -> DecisionEntry {
        DecisionEntry(
            at: Nanoseconds(instants[index]), reason: reasons[index],
            model: movedModels[index] < 0 ? nil : models[Int(movedModels[index])],
            neededBefore: neededBefore[index].map { QueriesPerSecond($0) },
            neededNow: neededNow[index].map { QueriesPerSecond($0) },
            actions: orders(of: index).map { order in
                let model = models[Int(order.model)]
                let serverType = serverTypes[Int(order.serverType)]
                return order.servers < 0
                    ? .stop(model: model, serverType: serverType, count: Int(-order.servers))
                    : .start(model: model, serverType: serverType, count: Int(order.servers))
            })
    }

    /// The orders of a decision.
    package func orders(of index: Int) -> ArraySlice<Order> {
        orders[(index == 0 ? 0 : orderEnds[index - 1])..<orderEnds[index]]
    }

    /// The bare columns of a decision: when, why, and the position of the model that moved, or -1.
    package func head(of index: Int) -> (at: Int64, reason: DecisionReason, model: Int) {
        (instants[index], reasons[index], Int(movedModels[index]))
    }

    /// What the model that moved needed, before each decision and at it.
    package var needs: (before: NumberSeries, now: NumberSeries) { (neededBefore, neededNow) }
}

extension DecisionLog: Hashable {
    /// Whether the same was decided, whatever the numbering of models and server types.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.instants == right.instants, left.reasons == right.reasons,
            left.orderEnds == right.orderEnds, left.neededBefore == right.neededBefore,
            left.neededNow == right.neededNow
        else { return false }
        if left.models == right.models, left.serverTypes == right.serverTypes {
            return left.movedModels == right.movedModels && left.orders == right.orders
        }
        return zip(left, right).allSatisfy { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(instants) }
}

extension DecisionLog: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([DecisionEntry].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Array(self))
    }
}
