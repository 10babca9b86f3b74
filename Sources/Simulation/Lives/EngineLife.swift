import Quantities

/// When an engine boots, fails and drains. Times count from the first arrival.
///
/// An engine takes requests while it is up. It fails only while it is up; failures that are listed for other
/// times are passed over. What it draws does not depend on what the cluster does.
public struct EngineLife: Sendable, Hashable {
    /// When it is switched on.
    public var bootsAt = Nanoseconds.zero
    /// From then on, or from the end of a repair, until it is up: booting and loading of weights.
    public var bootTime = Nanoseconds.zero
    /// Ascending.
    public var failsAt: [Nanoseconds] = []
    /// Seconds from coming up to a failure, exponential with this mean; nil draws none.
    public var meanTimeToFailure: Double?
    /// From a failure until it boots again; nil for never.
    public var repairTime: Nanoseconds?
    /// From then on it takes no request, ends those that it has, and is switched off.
    public var drainsAt: Nanoseconds?

    public init() {}

    /// What keeps it from being played; nil where nothing does.
    var fault: String? {
        let times = [bootsAt, bootTime, repairTime ?? .zero, drainsAt ?? .zero] + failsAt
        // A year: sums of such times stay far from what the clock holds.
        let longest = Nanoseconds(seconds: 31_536_000)
        if times.contains(where: { $0 < .zero || $0 > longest }) { return "times below 0 or above a year" }
        if zip(failsAt, failsAt.dropFirst()).contains(where: { $0 >= $1 }) { return "failures out of order" }
        if let mean = meanTimeToFailure, !(1e-6...1e9).contains(mean) {
            return "a mean of \(mean) s to a failure"
        }
        return nil
    }
}

/// What becomes of the requests of an engine that fails.
public enum FailureRule: String, CaseIterable, Sendable, Hashable {
    /// They go back to the router and are read again, what was generated included.
    case restart
    /// They are lost.
    case lose
}

/// How long an engine was what.
public struct EngineLifeFigures: Sendable, Hashable {
    public var up = Nanoseconds.zero
    public var booting = Nanoseconds.zero
    /// Failed, not yet switched on, or switched off.
    public var down = Nanoseconds.zero
    public var failures = 0

    public init() {}

    /// The share of the time in which it was up; nil of no time.
    public var availability: Double? {
        let all = (up + booting + down).seconds
        return all > 0 ? up.seconds / all : nil
    }
}

/// A request on its way to an engine: new, read by another engine, or back from one that failed.
struct RoutedRequest: BitwiseCopyable {
    let request: TokenRequest
    var generated: Int32 = 0
    /// Whether its keys and values come with it.
    var isRead = false
    var preemptions: Int32 = 0
    var restarts: Int32 = 0
    var cachedTokens: Int32 = 0
    /// Tokens that were in the cache of an engine that failed.
    var lostTokens: Int32 = 0
    var scheduled: Int64 = -1
    var firstToken: Int64 = -1
    var lastToken: Int64 = -1
    /// Since when it waits for an engine to come up; -1 while it does not.
    var since: Int64 = -1

    init(_ request: TokenRequest) { self.request = request }

    /// What another engine has read.
    init(delivered record: TokenRecord) {
        request = record.request
        isRead = true
        generated = record.generated
        preemptions = record.preemptions
        restarts = record.restarts
        cachedTokens = record.cachedTokens
        scheduled = record.scheduled.count * 1000
        firstToken = record.firstToken.count * 1000
        lastToken = record.lastToken.count * 1000
    }

    /// What an engine that fails has of a job.
    /// - Parameters:
    ///   - generated: tokens that are there and stay.
    ///   - cached: tokens that were in the cache.
    init(_ job: TokenJob, generated: Int, cached: Int, lastToken: Int64) {
        request = job.request
        self.generated = Int32(generated)
        self.lastToken = lastToken
        preemptions = job.preemptions
        restarts = job.restarts + 1
        cachedTokens = job.cachedTokens
        lostTokens = Int32(cached)
        scheduled = job.scheduled
        firstToken = job.firstToken
    }
}
