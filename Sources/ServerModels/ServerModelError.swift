import Vocabulary

/// Why nothing can be computed of a server; every message names what was found and what was expected.
public enum ServerModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No costs can be counted for a model without a described graph; it can only be measured.
    case notModelled(model: ModelID, found: String, serverType: ServerTypeID)
    /// A measurement without service times cannot stand in for a server.
    case noServiceSamples(schedule: Schedule)

    public var description: String {
        switch self {
        case .notModelled(let model, let found, let serverType):
            "model \(model) on \(serverType): found \(found), expected a generated recommendation model; the "
                + "analytic server counts costs from a described graph, so this one can only be measured"
        case .noServiceSamples(let schedule):
            "schedule \(schedule): found a measurement without service samples, expected at least one"
        }
    }
}
