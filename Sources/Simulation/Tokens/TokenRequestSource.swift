/// Where requests come from, in order of arrival.
public protocol TokenRequestSource {
    /// The next request; nil where no more come by themselves. Arrivals never go back in time.
    mutating func next() -> TokenRequest?

    /// The request that one brings about by being answered, such as a conversation's next turn; nil for
    /// none. It arrives no earlier than the answer ended.
    mutating func following(_ record: TokenRecord) -> TokenRequest?
}

extension TokenRequestSource {
    public mutating func following(_: TokenRecord) -> TokenRequest? { nil }
}

/// Requests that were listed beforehand.
public struct ListedRequests: TokenRequestSource, Sendable {
    private var requests: ArraySlice<TokenRequest>

    /// - Precondition: arrivals ascend.
    public init(_ requests: [TokenRequest]) {
        precondition(
            zip(requests, requests.dropFirst()).allSatisfy { $0.arrival <= $1.arrival }, "arrivals ascend")
        self.requests = requests[...]
    }

    public mutating func next() -> TokenRequest? { requests.popFirst() }
}
