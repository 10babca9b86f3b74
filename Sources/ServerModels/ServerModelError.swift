import Vocabulary

/// Why nothing can be computed of a server; every message names what was found and what was expected.
public enum ServerModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No costs can be counted for a model without a described graph; it can only be measured.
    case notModelled(model: ModelID, found: String, serverType: ServerTypeID)
    /// A measurement without service times cannot stand in for a server.
    case noServiceSamples(schedule: Schedule)
    /// A schedule of another kind than the model is run by.
    case otherKind(schedule: Schedule, expected: String)
    /// The hardware lacks the parts that a schedule names.
    case doesNotFit(schedule: Schedule, serverType: ServerTypeID)

    public var description: String {
        switch self {
        case .notModelled(let model, let found, let serverType):
            "model \(model) on \(serverType): found \(found), expected a generated recommendation model; the "
                + "analytic server counts costs from a described graph, so this one can only be measured"
        case .noServiceSamples(let schedule):
            "schedule \(schedule): found a measurement without service samples, expected at least one"
        case .otherKind(let schedule, let expected):
            "schedule \(schedule): found another kind of schedule, expected \(expected)"
        case .doesNotFit(let schedule, let serverType):
            "schedule \(schedule): found more cores or devices than server type \(serverType) has, "
                + "expected one that fits it"
        }
    }
}
