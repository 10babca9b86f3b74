/// Everything that can be asked for; see `ApiRoute.all`.
enum ApiOperation: String, CaseIterable, Sendable {
    case health, readiness, metrics, dashboard, dashboardScript, dashboardStyle, plotly, openAPI
    case login, logout
    case status, plan, fleet, forecast, history, savings, scorecard, decisions, decision, events, audit
    case allocation, acknowledge, push
    case setMode, pause, resume, override, rollback, reload, approve, reject
}

/// One path and method: who may ask, what for, and with which values. The server, the OpenAPI document and
/// the attacks of the tests are all made from the same table.
struct ApiRoute: Sendable {
    /// Who may ask.
    enum Access: Hashable, Sendable {
        /// Anybody who reaches the address.
        case open
        /// Anybody on loopback, else a role.
        case metrics
        case role(Role)
    }

    /// What a value may be.
    enum Kind: String, Sendable {
        case text = "string"
        case wholeNumber = "integer"
        case time = "date-time"
        case allocations = "array"
    }

    /// A value in the path, behind the question mark, or in the body.
    struct Field: Sendable {
        let name: String
        let kind: Kind
        let isRequired: Bool
        let summary: String

        init(_ name: String, _ kind: Kind, required: Bool = false, _ summary: String) {
            self.name = name
            self.kind = kind
            isRequired = required
            self.summary = summary
        }
    }

    let operation: ApiOperation
    let method: String
    /// For example `/v1/decisions/{id}`.
    let path: String
    let access: Access
    let summary: String
    var query: [Field] = []
    /// Fields of the JSON body; nil where there is none.
    var body: [Field]?
    /// Whether the header If-Match is needed.
    var isConditional = false
    /// The type of the answer.
    var type = "application/json"

    /// The parts of the path between slashes.
    var segments: [Substring] { path.split(separator: "/") }

    /// Whether it changes something.
    var isWrite: Bool { method != "GET" }

    /// The values of the names in braces; nil where a path is another one. O(segments).
    func match(_ path: [String]) -> [String: String]? {
        let own = segments
        guard own.count == path.count else { return nil }
        var values: [String: String] = [:]
        for (part, given) in zip(own, path) {
            if part.hasPrefix("{") {
                guard !given.isEmpty else { return nil }
                values[String(part.dropFirst().dropLast())] = given
            } else if part != given {
                return nil
            }
        }
        return values
    }
}
