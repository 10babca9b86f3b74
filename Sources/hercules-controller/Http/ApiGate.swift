import Controlling

/// Decides whether a request may have what it asks for, before anything looks at it.
struct ApiGate: Sendable {
    /// The name of the cookie that a login sets.
    static let cookie = "hercules_session"

    let address: ListenAddress
    /// nil where there is no file of tokens: then nobody may write.
    let vault: TokenVault?
    let sessions: LoginSessions
    let loginFailures: FailureLimit

    private let hosts: Set<String>?

    init(address: ListenAddress, vault: TokenVault?) {
        self.address = address
        self.vault = vault
        sessions = LoginSessions()
        loginFailures = FailureLimit()
        hosts = address.acceptedHosts
    }

    /// Refuses a name that this server does not go by: a page of another site may have had its name point
    /// here.
    func requireHost(_ request: ApiRequest) throws(ApiProblem) {
        guard let header = request.header("host") else {
            throw ApiProblem(.wrongHost, "the header Host is missing")
        }
        guard hosts?.contains(Self.host(header)) ?? true else {
            throw ApiProblem(.wrongHost, "found \(header.prefix(128)), which this server does not go by")
        }
    }

    /// A host without its port, in lower case.
    static func host(_ header: String) -> String {
        var text = header.lowercased()
        if text.hasPrefix("[") {
            return String(text.dropFirst().prefix { $0 != "]" })
        }
        if let colon = text.lastIndex(of: ":") { text = String(text[..<colon]) }
        return text
    }

    /// Who asks, if that may be had by whoever that is.
    /// - Throws: a problem that says what is missing.
    func admit(
        _ request: ApiRequest, to route: ApiRoute, at now: ControlTime
    ) throws(ApiProblem) -> Principal {
        if route.isWrite { try requireSameSite(request) }
        let needed: Role
        switch route.access {
        case .open: return .anonymous
        case .metrics where address.isLoopback: return .anonymous
        case .metrics: needed = .viewer
        case .role(let role): needed = role
        }
        guard let principal = try principal(of: request, at: now) else {
            // Without a file of tokens nobody can have one: everyone on this machine may read.
            if vault == nil, address.isLoopback, !route.isWrite { return .anonymous }
            throw ApiProblem(
                .unauthorised,
                vault == nil ? "there is no file of tokens, so that nobody may write" : "no token was given")
        }
        guard principal.role.covers(needed) else {
            throw ApiProblem(
                .forbidden, "the role \(principal.role.rawValue) does not do what \(needed.rawValue) is for")
        }
        return principal
    }

    /// The bearer of the request's token, or of its session's; nil where it has neither.
    private func principal(
        of request: ApiRequest, at now: ControlTime
    ) throws(ApiProblem) -> Principal? {
        if let header = request.headers["authorization"] {
            let words = (header.count == 1 ? header[0] : "").split(separator: " ")
            guard words.count == 2, words[0].lowercased() == "bearer",
                let principal = vault?.principal(of: String(words[1]), at: now.wall)
            else { throw ApiProblem(.unauthorised, "the token is not known, or has expired") }
            return principal
        }
        guard let secret = request.cookie(Self.cookie) else { return nil }
        guard let holder = sessions.holder(of: secret, at: now.monotonic),
            let role = vault?.role(of: holder.name, digest: holder.token, at: now.wall)
        else { throw ApiProblem(.unauthorised, "the session has ended") }
        // A browser names where a request that changes something comes from.
        guard !request.isWrite || request.header("origin") != nil else {
            throw ApiProblem(.crossSite, "a write with a cookie needs the header Origin")
        }
        return Principal(name: holder.name, role: role)
    }

    /// Refuses what another site's page sends.
    private func requireSameSite(_ request: ApiRequest) throws(ApiProblem) {
        if request.headers["origin"] != nil {
            let own = (address.hasTLS ? "https://" : "http://") + (request.header("host") ?? "").lowercased()
            guard request.header("origin")?.lowercased() == own else {
                throw ApiProblem(.crossSite, "the header Origin names another site")
            }
        }
        if request.headers["sec-fetch-site"] != nil {
            guard let site = request.header("sec-fetch-site"), site == "same-origin" || site == "none" else {
                throw ApiProblem(.crossSite, "the header Sec-Fetch-Site names another site")
            }
        }
    }

    /// Turns a token into a session.
    /// - Returns: the header that sets the cookie.
    func login(
        _ token: String, from request: ApiRequest, at now: ControlTime
    ) throws(ApiProblem) -> String {
        guard loginFailures.allows(request.address, at: now.monotonic) else {
            throw ApiProblem(
                .tooManyFailures, "five logins from this address failed within a minute", retryAfter: 60)
        }
        guard let principal = vault?.principal(of: token, at: now.wall) else {
            loginFailures.note(request.address, at: now.monotonic)
            throw ApiProblem(.unauthorised, "the token is not known, or has expired")
        }
        let secret = sessions.begin(
            name: principal.name, token: TokenDigest(of: token), at: now.monotonic)
        return Self.cookieHeader(secret, seconds: LoginSessions.seconds)
    }

    /// The header that sets or, with no seconds, removes the cookie.
    static func cookieHeader(_ secret: String, seconds: Int) -> String {
        "\(cookie)=\(secret); Path=/; Max-Age=\(seconds); HttpOnly; Secure; SameSite=Strict"
    }

    /// Headers of every answer.
    var protection: [(name: String, value: String)] {
        [
            (
                "Content-Security-Policy",
                "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
                    + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ] + (address.hasTLS ? [("Strict-Transport-Security", "max-age=31536000")] : [])
    }
}
