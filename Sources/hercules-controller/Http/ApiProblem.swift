/// What went wrong with a request, as RFC 9457 has it: a type that never changes, a title, a status and
/// words.
struct ApiProblem: Error, Hashable, Sendable {
    /// Kinds of problems; the raw value ends the `type`, and programs may rely on it.
    enum Kind: String, CaseIterable, Sendable {
        case badRequest = "bad-request"
        case unknownField = "unknown-field"
        case invalidField = "invalid-field"
        case unauthorised = "unauthorized"
        case forbidden
        case crossSite = "cross-site"
        case wrongHost = "wrong-host"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case conflict
        case revisionChanged = "revision-changed"
        case revisionRequired = "revision-required"
        case tooLarge = "too-large"
        case tooLong = "too-long"
        case tooManyFailures = "too-many-failures"
        case mediaType = "unsupported-media-type"
        case noTrustedPlan = "no-trusted-plan"
        case advisesOnly = "advises-only"
        case paused
        case busy
        case cannotWrite = "cannot-write"
        case failed = "internal-error"

        var status: Int {
            switch self {
            case .badRequest, .unknownField, .invalidField: 400
            case .unauthorised: 401
            case .forbidden, .crossSite: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .conflict: 409
            case .revisionChanged: 412
            case .tooLarge: 413
            case .tooLong: 414
            case .mediaType: 415
            case .wrongHost: 421
            case .revisionRequired: 428
            case .tooManyFailures: 429
            case .failed: 500
            case .noTrustedPlan, .advisesOnly, .paused, .busy, .cannotWrite: 503
            }
        }

        /// The kind in a few words.
        var title: String {
            switch self {
            case .badRequest: "The request cannot be understood"
            case .unknownField: "The body has a field that is not known"
            case .invalidField: "A value cannot be"
            case .unauthorised: "A token is needed"
            case .forbidden: "The token's role does not allow this"
            case .crossSite: "The request comes from another site"
            case .wrongHost: "This server is not asked for by that name"
            case .notFound: "There is nothing of that name"
            case .methodNotAllowed: "The path takes no such method"
            case .conflict: "Not in this state"
            case .revisionChanged: "Somebody else changed it meanwhile"
            case .revisionRequired: "The header If-Match is needed"
            case .tooLarge: "The body is too large"
            case .tooLong: "The path is too long"
            case .tooManyFailures: "Too many failed logins"
            case .mediaType: "The body has another type"
            case .noTrustedPlan: "There is no plan that can be trusted"
            case .advisesOnly: "The controller advises and does not act"
            case .paused: "The controller is paused"
            case .busy: "Too many are listening"
            case .cannotWrite: "It cannot be written down, so it is not done"
            case .failed: "The controller failed"
            }
        }
    }

    let kind: Kind
    let detail: String
    /// Seconds after which to ask again; nil where that would not help.
    var retryAfter: Int?

    init(_ kind: Kind, _ detail: String, retryAfter: Int? = nil) {
        self.kind = kind
        self.detail = detail
        self.retryAfter = retryAfter
    }

    private struct Document: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
    }

    /// The answer that says so.
    var response: ApiResponse {
        let document = Document(
            type: "urn:hercules:problem:\(kind.rawValue)", title: kind.title, status: kind.status,
            detail: detail)
        var headers = [("Cache-Control", "no-store")]
        if kind == .unauthorised { headers.append(("WWW-Authenticate", "Bearer realm=\"hercules\"")) }
        if let retryAfter { headers.append(("Retry-After", String(retryAfter))) }
        let bytes = (try? JSONText.bytes(document)) ?? []
        return ApiResponse(
            status: kind.status, type: "application/problem+json", bytes: bytes, headers: headers)
    }
}
