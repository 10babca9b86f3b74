import Synchronization

/// Counts of requests to Prometheus, for our own metrics; none of them ever falls.
final class PrometheusRequestCounts: Sendable {
    /// Upper bounds of the histogram, in seconds.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// A copy of the counts at a moment.
    struct Values: Hashable, Sendable {
        /// By bound, and one more for what took longer.
        var counts = [Int](repeating: 0, count: PrometheusRequestCounts.bounds.count + 1)
        var secondsSum = 0.0
        var errors: [ExchangeFailure.Kind: Int] = [:]
    }

    private let state = Mutex(Values())

    var values: Values { state.withLock { $0 } }

    /// Notes one request.
    /// - Parameter failure: nil where it was answered well.
    func note(seconds: Double, failure: ExchangeFailure.Kind?) {
        let index = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { values in
            values.counts[index] += 1
            values.secondsSum += max(seconds, 0)
            if let failure { values.errors[failure, default: 0] += 1 }
        }
    }
}
