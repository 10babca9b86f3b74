import Quantities
import Vocabulary

/// Something that happened, as it is sent to whoever listens and kept in the database. Its number is that of
/// its row, so that a listener can resume.
public struct ControllerEvent: Hashable, Codable, Sendable {
    /// What happened.
    public enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        case tick, decision, order, ack, hold, release, drift, alarm, mode, lease
    }

    public let id: Int64
    public let at: WallTime
    public let kind: Kind
    /// In a sentence.
    public let text: String
    public let model: ModelID?
    public let serverType: ServerTypeID?
    public let decision: Int64?

    public init(
        id: Int64, at: WallTime, kind: Kind, text: String, model: ModelID? = nil,
        serverType: ServerTypeID? = nil, decision: Int64? = nil
    ) {
        self.id = id
        self.at = at
        self.kind = kind
        self.text = text
        self.model = model
        self.serverType = serverType
        self.decision = decision
    }
}

/// One line of the audit: who changed what, when, and from where.
public struct AuditEntry: Hashable, Codable, Sendable {
    public let id: Int64
    public let at: WallTime
    public let actor: String
    public let role: String
    public let address: String
    public let action: String
    /// What it was and what it became, as JSON; nil where there was nothing.
    public let before: String?
    public let after: String?
    /// SHA-256 of this entry and of the digest before, in hexadecimal.
    public let digest: String

    public init(
        id: Int64, at: WallTime, actor: String, role: String, address: String, action: String,
        before: String?, after: String?, digest: String
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.role = role
        self.address = address
        self.action = action
        self.before = before
        self.after = after
        self.digest = digest
    }
}
