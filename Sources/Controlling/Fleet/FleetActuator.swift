import Quantities
import Vocabulary

/// Who knows what runs. It has no way to change anything: modes that only advise hold nothing else.
public protocol FleetReader: Sendable {
    /// What runs now. Never throws: what went wrong is a reading with its cause.
    func fleet(at time: ControlTime) async -> FleetReading
}

/// Who can change what runs; made only in the modes `approve` and `active`.
public protocol FleetActuator: FleetReader {
    /// Asks for one change and says what became of the asking. That it was accepted is no success: success is
    /// only what `fleet(at:)` shows later.
    func order(_ order: FleetOrder) async -> OrderAnswer
}

/// What came of looking at the fleet.
public enum FleetReading: Hashable, Codable, Sendable {
    /// What was seen, and the version of each object that was looked at.
    case seen(FleetObservation, versions: [ObjectVersion])
    /// Nobody knows what runs: everything is held.
    case unknown(detail: String)
}

/// The version of the object behind a pair, for example of its scale subresource.
public struct ObjectVersion: Hashable, Codable, Sendable {
    public let model: ModelID
    public let serverType: ServerTypeID
    public let version: String

    public init(model: ModelID, serverType: ServerTypeID, version: String) {
        self.model = model
        self.serverType = serverType
        self.version = version
    }
}

/// One change of the servers of a pair.
public struct FleetOrder: Hashable, Codable, Sendable {
    /// The row in which it was written before it was carried out.
    public let id: Int64
    /// The decision that it belongs to.
    public let decision: Int64
    public let model: ModelID
    public let serverType: ServerTypeID
    /// Servers that were seen, and servers that are wanted.
    public let from: Int
    public let to: Int
    /// Of the lease under which it is given: who carries it out refuses a lower one than he has seen.
    public let generation: Int64
    /// Of the object as it was seen; nil where objects have no versions.
    public let version: String?

    public init(
        id: Int64, decision: Int64, model: ModelID, serverType: ServerTypeID, from: Int, to: Int,
        generation: Int64, version: String?
    ) {
        self.id = id
        self.decision = decision
        self.model = model
        self.serverType = serverType
        self.from = from
        self.to = to
        self.generation = generation
        self.version = version
    }
}

/// What became of asking for a change.
public enum OrderAnswer: Hashable, Codable, Sendable {
    /// Taken on; not yet seen.
    case accepted
    /// Somebody else changed the object meanwhile: plan anew.
    case conflict(detail: String)
    /// Asked with a generation lower than one seen before.
    case fenced(detail: String)
    /// Will not be done however often it is asked.
    case refused(detail: String)
    /// May be asked again later.
    case failed(detail: String)
}
