import Quantities
import Vocabulary

/// What a server must have for a schedule of a model, computed before anything runs.
public struct RecommendationConstraints: Sendable {
    /// A limit that a schedule may break.
    public enum Constraint: String, Sendable, CaseIterable, Comparable {
        case cores
        case hostMemory
        case deviceMemory
        case hostLink
        case power
        case latency

        public static func < (left: Constraint, right: Constraint) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// The name for people.
        public var title: String {
            switch self {
            case .cores: "cores"
            case .hostMemory: "host memory"
            case .deviceMemory: "device memory"
            case .hostLink: "PCIe"
            case .power: "power budget"
            case .latency: "latency"
            }
        }
    }

    public let serverType: ServerType
    public let limits: ServiceLimits
    private let tables: Bytes
    private let weights: Bytes
    /// Bytes that one item takes on its way through the dense layers, all outputs kept.
    private let activations: Bytes
    /// Bytes of one item's lookup indices and sums.
    private let lookups: Bytes
    private let sentWhole: Bytes
    private let sentPooled: Bytes

    public init(
        _ serverType: ServerType, running graph: RecommendationGraph, within limits: ServiceLimits
    ) {
        self.serverType = serverType
        self.limits = limits
        let costs = OperatorCosts(graph)
        tables = costs.tables
        weights = costs.denseWeights
        let layers = graph.denseLayers + graph.predictLayers + graph.taskLayers.flatMap { $0 }
        let widths = Bytes(Double(4 * layers.reduce(0, +)))
        lookups = costs.indexBytesPerItem + costs.pooledBytesPerItem
        activations = costs.denseInputBytesPerItem + costs.pooledBytesPerItem + widths
        sentWhole = costs.denseInputBytesPerItem + costs.indexBytesPerItem
        sentPooled = costs.denseInputBytesPerItem + costs.pooledBytesPerItem
    }

    /// Host memory of a schedule: one copy of tables and weights, and each thread's buffers for a piece.
    public func hostMemory(_ schedule: ThreadSchedule) -> Bytes {
        let piece = Double(schedule.batch)
        let sparse = Double(schedule.sparse?.threads ?? 0) * piece
        switch schedule.partition {
        case .whole: return tables + weights + (lookups + activations) * (Double(schedule.threads) * piece)
        case .sparseDense:
            return tables + weights + lookups * sparse + activations * (Double(schedule.threads) * piece)
        case .accelerator: return sentWhole * (Double(schedule.threads) * piece)
        case .hostSparse: return tables + lookups * sparse + sentPooled * (Double(schedule.threads) * piece)
        }
    }

    /// Memory of one device: one set of weights and of the rows held there, and each copy's buffers for a
    /// launch.
    public func deviceMemory(_ schedule: ThreadSchedule) -> Bytes {
        let launches = Double(schedule.threads) * Double(schedule.batch)
        switch schedule.partition {
        case .whole, .sparseDense: return .zero
        case .accelerator: return tables + weights + (lookups + activations) * launches
        case .hostSparse:
            return tables * (schedule.hotFraction?.value ?? 0) + weights + (lookups + activations) * launches
        }
    }

    /// The time that the input of a full launch takes over the host link, alone on it; zero without an
    /// accelerator.
    public func launchTransfer(_ schedule: ThreadSchedule) -> Nanoseconds {
        guard let accelerator = serverType.accelerator else { return .zero }
        let sent: Bytes
        switch schedule.partition {
        case .whole, .sparseDense: sent = .zero
        case .accelerator: sent = sentWhole
        case .hostSparse: sent = sentPooled
        }
        return Nanoseconds(seconds: sent * Double(schedule.batch) / accelerator.hostLink)
    }

    /// The limits that a schedule breaks whatever the load, in order.
    public func broken(by schedule: ThreadSchedule) -> [Constraint] {
        var broken: [Constraint] = []
        // What is not known breaks nothing.
        if let processor = serverType.processor, schedule.hostCores > processor.cores {
            broken.append(.cores)
        }
        if let memory = serverType.memory, hostMemory(schedule) > memory.capacity {
            broken.append(.hostMemory)
        }
        if let accelerator = serverType.accelerator {
            if deviceMemory(schedule) > accelerator.memory { broken.append(.deviceMemory) }
            // A launch that takes longer than the limit to arrive cannot meet it even alone on the link.
            if launchTransfer(schedule) > limits.target.limit { broken.append(.hostLink) }
        }
        if let powerBudget = limits.powerBudget, serverType.power.idle > powerBudget { broken.append(.power) }
        return broken
    }

    /// Whether nothing speaks against a schedule before it runs.
    public func admits(_ schedule: ThreadSchedule) -> Bool { broken(by: schedule).isEmpty }
}
