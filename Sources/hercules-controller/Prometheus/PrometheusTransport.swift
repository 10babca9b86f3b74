/// Sends questions to Prometheus and brings back what was answered.
protocol PrometheusTransport: Sendable {
    /// - Parameters:
    ///   - path: for example `/api/v1/query`.
    ///   - form: names and values of the question.
    ///   - seconds: until the whole answer must be there.
    func send(
        path: String, form: [(name: String, value: String)], within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply
}

/// The transport over HTTP.
struct HTTPPrometheusTransport: PrometheusTransport {
    private let exchange: BoundedExchange

    /// - Throws: what is wrong with the certificates.
    init(_ settings: ExchangeSettings) throws {
        exchange = try BoundedExchange(settings, bytesMax: PrometheusAnswer.Limit.bytes)
    }

    /// Ends the client; no request may follow.
    func shutdown() async { await exchange.shutdown() }

    func send(
        path: String, form: [(name: String, value: String)], within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply {
        let query = form.map { "\($0.name)=\(BoundedExchange.escaped($0.value))" }.joined(separator: "&")
        return try await exchange.send("GET", path + "?" + query, within: seconds)
    }
}
