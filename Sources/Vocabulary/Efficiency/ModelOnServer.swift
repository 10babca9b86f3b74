/// A model on a server type: what an efficiency entry, a share of an allocation and evidence are about.
public struct ModelOnServer: Hashable, Codable, Sendable, Comparable {
    public let model: ModelID
    public let serverType: ServerTypeID

    public init(model: ModelID, serverType: ServerTypeID) {
        self.model = model
        self.serverType = serverType
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.model, left.serverType) < (right.model, right.serverType)
    }
}
