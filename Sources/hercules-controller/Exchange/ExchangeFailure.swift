import Controlling

/// Why a question to another server was not answered in a way that can be used.
struct ExchangeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Kinds, as the metric of errors counts them.
    enum Kind: String, CaseIterable, Sendable {
        /// No connection, or it broke.
        case connection
        /// No answer within the time.
        case deadline
        /// 429, or 500 and above.
        case unavailable
        /// 401 or 403, or a file of credentials that cannot be read.
        case denied
        /// 400, 404 or 422: the query or the address is wrong.
        case query
        /// A redirect: nothing is sent elsewhere, least of all a token.
        case redirect
        /// Too many bytes.
        case size
        /// No JSON, or JSON of another shape.
        case shape
        /// JSON that ends too early.
        case cut
        /// Warnings beside the answer: parts of the data may be missing.
        case warnings
    }

    let kind: Kind
    let detail: String

    init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        // What a server says may be long, and goes into logs and the database.
        self.detail = String(detail.prefix(300))
    }

    /// Under which cause the model is held.
    var cause: TrustCause {
        switch kind {
        case .connection, .deadline, .unavailable: .unreachable
        case .denied, .query, .redirect: .misconfigured
        case .shape: .invalid
        case .size, .cut, .warnings: .partial
        }
    }

    /// Whether asking again within the same tick may help.
    var mayPass: Bool { kind == .connection || kind == .unavailable || kind == .cut }

    var description: String { "\(kind.rawValue): \(detail)" }
}
