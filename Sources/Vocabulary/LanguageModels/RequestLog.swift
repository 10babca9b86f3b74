/// From where on a request's time counts.
public enum ArrivalAnchor: String, CaseIterable, Hashable, Codable, Sendable {
    /// From the moment at which a client sends it: front end, network and tokeniser are in the time.
    case client
    /// From the moment at which the engine puts it into its queue.
    case engine
}

/// Requests that were read from a file.
public struct RequestLog: Hashable, Sendable {
    /// In order of arrival, the first at 0.
    public var requests: [ListedRequest]
    /// What wrote the file.
    public var writer: String
    /// Whether the file says when requests arrived. Where it does not, all are at 0.
    public var hasArrivals: Bool
    /// Where measured times count from; nil where no times of service were measured.
    public var anchor: ArrivalAnchor?
    /// Requests that failed or were cut off, which are left out.
    public var failed: Int

    public init(
        requests: [ListedRequest], writer: String, hasArrivals: Bool = true, anchor: ArrivalAnchor? = nil,
        failed: Int = 0
    ) {
        self.requests = requests
        self.writer = writer
        self.hasArrivals = hasArrivals
        self.anchor = anchor
        self.failed = failed
    }
}
