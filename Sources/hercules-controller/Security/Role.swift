/// What a token lets its bearer do.
enum Role: String, CaseIterable, Sendable {
    /// Reads everything that is no secret.
    case viewer
    /// Reads, and says what it carried out.
    case scaler
    /// Reads, and approves or rejects proposals.
    case approver
    /// Does everything.
    case operating = "operator"

    /// Whether a bearer of this role may do what another role is needed for. Scalers and approvers do not
    /// cover each other.
    func covers(_ needed: Role) -> Bool {
        self == needed || self == .operating || needed == .viewer
    }

    /// The names as they are written in files and on the command line.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Who asks, once that is known.
struct Principal: Hashable, Sendable {
    let name: String
    let role: Role

    /// Whoever asks without a token on a loopback address that allows it.
    static let anonymous = Principal(name: "anonymous", role: .viewer)
}
