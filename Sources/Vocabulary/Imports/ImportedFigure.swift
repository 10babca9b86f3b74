import Quantities

/// One performance figure that somebody else measured, with its units normalised. What the source does not
/// say is nil.
public struct ImportedFigure: Hashable, Codable, Sendable {
    /// What a throughput counts.
    public enum ThroughputUnit: String, Hashable, Codable, Sendable, CaseIterable {
        /// Requests, whatever they carry.
        case queries
        /// Inputs inferred: a request of batch b carries b of them.
        case items
        /// Tokens put out.
        case tokens
        /// Passes over a training set; only ratios between rows of one file mean anything.
        case epochs
    }

    /// What watts cover.
    public enum PowerScope: String, Hashable, Codable, Sendable, CaseIterable {
        /// One accelerator.
        case device
        /// All accelerators that took part, together; the host is left out.
        case devices
        /// Everything behind the meter of the server.
        case system
    }

    /// Tails of one kind of time, as far as a source has them.
    public struct Tail: Hashable, Codable, Sendable {
        public var p50: Nanoseconds?
        public var p90: Nanoseconds?
        public var p95: Nanoseconds?
        public var p99: Nanoseconds?

        public init(
            p50: Nanoseconds? = nil, p90: Nanoseconds? = nil, p95: Nanoseconds? = nil, p99: Nanoseconds? = nil
        ) {
            self.p50 = p50
            self.p90 = p90
            self.p95 = p95
            self.p99 = p99
        }

        /// Those known, by ascending order of the quantile.
        public var known: [Nanoseconds] { [p50, p90, p95, p99].compactMap { $0 } }
    }

    /// The line of the file on which the row begins, or the object's number in a file of objects, from 1.
    public var line: Int
    /// As the source names it, unless a mapping renames it.
    public var model: String
    /// The server or accelerator, as the source names it, unless a mapping renames it.
    public var server: String
    /// How many accelerators took part.
    public var devices: Int?
    public var parallelism: String?
    public var precision: String?
    public var framework: String?
    /// Whatever else tells rows of a source apart, for people.
    public var detail: String?
    /// Items in a request.
    public var batch: Int?
    /// Requests in flight.
    public var concurrency: Double?
    /// Whether the requests in flight were computed by Little's law instead of read, so that the law cannot
    /// check them.
    public var isConcurrencyDerived: Bool?
    public var offeredRate: QueriesPerSecond?
    /// Of all devices together, per second.
    public var throughput: Double?
    public var throughputUnit: ThroughputUnit?
    /// Whether the throughput was computed by Little's law instead of read, so that the law cannot check it.
    public var isThroughputDerived = false
    public var meanLatency: Nanoseconds?
    public var p50Latency: Nanoseconds?
    public var p90Latency: Nanoseconds?
    public var p95Latency: Nanoseconds?
    public var p99Latency: Nanoseconds?
    /// To the first token, on average; the median where a source has no average.
    public var firstTokenLatency: Nanoseconds?
    public var firstTokenTail: Tail?
    /// Per output token after the first, of whole requests; the median where a source has no average.
    public var outputTokenLatency: Nanoseconds?
    public var outputTokenTail: Tail?
    /// Between two tokens of a stream, on average.
    public var interTokenLatency: Nanoseconds?
    public var interTokenTail: Tail?
    /// Requests that were answered; nil where the source does not say.
    public var completedRequests: Double?
    /// Requests that were not answered, or with an error; nil where the source does not say.
    public var failedRequests: Double?
    public var inputTokens: Double?
    public var outputTokens: Double?
    /// The latency bound under which the throughput was found.
    public var target: LatencyTarget?
    public var power: Watts?
    public var powerScope: PowerScope?
    public var powerProvenance: PowerProvenance?
    /// Power as a share of what the devices are rated for, where the source gives no watts.
    public var powerFraction: Fraction?
    /// The cap that the device was held to.
    public var powerLimit: Watts?
    /// Share of time in which the accelerator was busy.
    public var utilisation: Fraction?
    /// Of one of what the throughput counts.
    public var energyPerItem: Joules?
    /// Why the source itself does not take the run for a valid one; the verdict is stored, not the figure's.
    public var invalidity: String?
    /// Where this row comes from, where the file says so.
    public var source: String?
    public var licence: String?
    /// When it was published or measured, as the source writes it.
    public var date: String?
    /// Whether the user measured it, rather than somebody who published it.
    public var isOwn: Bool?
    /// What the throughput is multiplied by before a plan uses it; nil for 1.
    public var derating: Fraction?

    /// What not every source has stands at nil and is set afterwards.
    public init(line: Int, model: String, server: String) {
        self.line = line
        self.model = model
        self.server = server
    }

    /// Requests per second; nil where the source does not say how many items or tokens one carries.
    public var requestRate: Double? {
        guard let throughput, let throughputUnit else { return nil }
        switch throughputUnit {
        case .queries: return throughput
        case .items: return batch.map { throughput / Double($0) }
        case .tokens: return outputTokens.flatMap { $0 > 0 ? throughput / $0 : nil }
        case .epochs: return nil
        }
    }

    /// The share of requests that failed; nil where the source does not say.
    public var failedFraction: Double? {
        guard let failedRequests, failedRequests >= 0 else { return nil }
        guard failedRequests > 0 else { return 0 }
        guard let completedRequests else { return nil }
        return failedRequests / (failedRequests + completedRequests)
    }

    /// The measured latency of a quantile, among those a source may have; nil where it is not known.
    public func latency(at order: Double) -> Nanoseconds? {
        switch order {
        case 0.5: p50Latency
        case 0.9: p90Latency
        case 0.95: p95Latency
        case 0.99: p99Latency
        default: nil
        }
    }

    /// The quantiles that a source may have, ascending.
    public static let quantiles = [0.5, 0.9, 0.95, 0.99]

    /// A number of a row, with the name that it is shown with.
    private struct NamedNumber: Sendable {
        let name: String
        let value: @Sendable (ImportedFigure) -> Double?
    }

    /// Every number that has a range.
    private static let numbers: [NamedNumber] = [
        NamedNumber(name: "devices") { $0.devices.map(Double.init) },
        NamedNumber(name: "batchItems") { $0.batch.map(Double.init) },
        NamedNumber(name: "concurrency") { $0.concurrency },
        NamedNumber(name: "offeredQueriesPerSecond") { $0.offeredRate?.value },
        NamedNumber(name: "throughputPerSecond") { $0.throughput },
        NamedNumber(name: "meanLatencyMilliseconds") { $0.meanLatency?.milliseconds },
        NamedNumber(name: "p50LatencyMilliseconds") { $0.p50Latency?.milliseconds },
        NamedNumber(name: "p90LatencyMilliseconds") { $0.p90Latency?.milliseconds },
        NamedNumber(name: "p95LatencyMilliseconds") { $0.p95Latency?.milliseconds },
        NamedNumber(name: "p99LatencyMilliseconds") { $0.p99Latency?.milliseconds },
        NamedNumber(name: "firstTokenMilliseconds") { $0.firstTokenLatency?.milliseconds },
        NamedNumber(name: "outputTokenMilliseconds") { $0.outputTokenLatency?.milliseconds },
        NamedNumber(name: "interTokenMilliseconds") { $0.interTokenLatency?.milliseconds },
        NamedNumber(name: "failedRequests") { $0.failedRequests },
        NamedNumber(name: "inputTokens") { $0.inputTokens },
        NamedNumber(name: "outputTokens") { $0.outputTokens },
        NamedNumber(name: "powerWatts") { $0.power?.value },
        NamedNumber(name: "powerFraction") { $0.powerFraction?.value },
        NamedNumber(name: "powerLimitWatts") { $0.powerLimit?.value },
        NamedNumber(name: "utilisationFraction") { $0.utilisation?.value },
        NamedNumber(name: "energyPerItemJoules") { $0.energyPerItem?.value },
    ]

    /// The names that numbers are shown with, for ranges.
    public static let numberNames = numbers.map(\.name)

    /// Hands over the numbers of the row that are known, each with the position of its name.
    public func forEachNumber(_ body: (Int, Double) -> Void) {
        for (position, number) in Self.numbers.enumerated() {
            if let value = number.value(self) { body(position, value) }
        }
    }
}

/// What a datasheet says a device can do at most.
public struct HardwareLimit: Hashable, Sendable {
    public var line: Int
    public var name: String
    /// `gpu`, `cpu`, `tpu`.
    public var kind: String
    public var maximumPower: Watts
    public var idlePower: Watts?
    /// Peak rate of single precision.
    public var singlePeak: FlopsPerSecond?
    /// Peak rate of half precision, as the source gives it, with sparsity where it says so.
    public var halfPeak: FlopsPerSecond?
    public var memory: Bytes?
    public var source: String?

    public init(line: Int, name: String, kind: String, maximumPower: Watts) {
        self.line = line
        self.name = name
        self.kind = kind
        self.maximumPower = maximumPower
    }
}

/// A law that a figure can be checked against.
public enum FigureCheck: String, Hashable, Sendable, CaseIterable {
    /// Requests in flight = requests per second x mean latency.
    case little
    /// A higher quantile is no smaller.
    case quantiles
    /// Energy per item = watts / throughput.
    case energy
    /// Watts lie between what the hardware draws idle and its maximum.
    case power
    /// Arithmetic per second is no more than the hardware's peak.
    case roofline
    /// Time to the first token + output tokens x time per output token = latency.
    case phases
    /// Requests that fail are not served.
    case failures
    /// The source itself takes the run for a valid one.
    case validity
}

/// What checking a figure against the laws came to. A law that does not apply, for want of numbers, has no
/// entry.
public struct FigureVerdict: Hashable, Sendable {
    /// A law that was broken.
    public struct Failure: Hashable, Sendable {
        public let check: FigureCheck
        public let reason: String
    }

    /// A bit for each law that applies.
    private var applying: UInt8 = 0
    /// The laws that were broken, in their order.
    public private(set) var failures: [Failure] = []

    /// - Parameter findings: nil where the figure passed, else what is wrong.
    public init(findings: [FigureCheck: String?] = [:]) {
        for (check, reason) in findings { note(check, reason) }
    }

    /// Notes what a law that applies came to: nil where it holds.
    public mutating func note(_ check: FigureCheck, _ reason: String?) {
        applying |= 1 << check.bit
        guard let reason else { return }
        let place = failures.firstIndex { $0.check.bit > check.bit } ?? failures.count
        failures.insert(Failure(check: check, reason: reason), at: place)
    }

    /// Of the laws that apply: nil where the figure passed, else what is wrong.
    public var findings: [FigureCheck: String?] {
        var findings: [FigureCheck: String?] = [:]
        for check in FigureCheck.allCases {
            guard let finding = finding(check) else { continue }
            findings.updateValue(finding.isEmpty ? nil : finding, forKey: check)
        }
        return findings
    }

    /// What a law came to: empty where the figure passed, nil where the law does not apply.
    package func finding(_ check: FigureCheck) -> String? {
        guard applying & 1 << check.bit != 0 else { return nil }
        return failures.isEmpty ? "" : failures.first { $0.check == check }?.reason ?? ""
    }

    public var isSound: Bool { failures.isEmpty }
}

extension FigureCheck {
    fileprivate var bit: UInt8 {
        switch self {
        case .little: 0
        case .quantiles: 1
        case .energy: 2
        case .power: 3
        case .roofline: 4
        case .phases: 5
        case .failures: 6
        case .validity: 7
        }
    }
}
