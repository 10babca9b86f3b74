/// What an online provisioner wants done with the fleet.
public enum ProvisionerAction: Hashable, Codable, Sendable {
    /// More servers of a type for a model: booted if they are off, with the model loaded.
    case start(model: ModelID, serverType: ServerTypeID, count: Int)
    /// Fewer servers of a type for a model: they drain first.
    case stop(model: ModelID, serverType: ServerTypeID, count: Int)

    /// How many servers it concerns.
    public var count: Int {
        switch self {
        case .start(_, _, let count), .stop(_, _, let count): count
        }
    }

    public var model: ModelID {
        switch self {
        case .start(let model, _, _), .stop(let model, _, _): model
        }
    }

    public var serverType: ServerTypeID {
        switch self {
        case .start(_, let serverType, _), .stop(_, let serverType, _): serverType
        }
    }

    /// Whether it starts servers.
    public var isStart: Bool {
        if case .start = self { return true }
        return false
    }

    /// What turns one allocation into another: stops before starts, so that a server can change models, each
    /// in the order of model and server type.
    public static func changes(from old: Allocation, to new: Allocation) -> [ProvisionerAction] {
        let stops = old.shares.compactMap { share -> ProvisionerAction? in
            let surplus = share.count - new[share.model, share.serverType]
            return surplus > 0
                ? .stop(model: share.model, serverType: share.serverType, count: surplus) : nil
        }
        let starts = new.shares.compactMap { share -> ProvisionerAction? in
            let lack = share.count - old[share.model, share.serverType]
            return lack > 0 ? .start(model: share.model, serverType: share.serverType, count: lack) : nil
        }
        return stops + starts
    }
}

/// What a provisioner can see of its fleet at one moment.
public struct FleetObservation: Hashable, Codable, Sendable {
    /// Servers that take queries.
    public var serving: Allocation
    /// Servers that boot or load their model and will serve.
    public var starting: Allocation
    /// Servers that finish what they have and take no more queries.
    public var draining: Allocation
    /// Servers of each type that have not failed, whatever they do.
    public var available: [ServerTypeID: Int]

    public init(
        serving: Allocation, starting: Allocation, draining: Allocation, available: [ServerTypeID: Int]
    ) {
        self.serving = serving
        self.starting = starting
        self.draining = draining
        self.available = available
    }
}
