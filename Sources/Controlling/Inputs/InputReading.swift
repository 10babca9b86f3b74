import Quantities
import Vocabulary

/// Where loads come from. A source never throws: what went wrong is a reading with its cause.
public protocol LoadSource: Sendable {
    /// Reads the load of every model as it is known at a moment.
    ///
    /// - Returns: one reading for each model that the controller serves, in any order; a model without a
    ///   reading is held.
    func read(at time: ControlTime) async -> [InputReading]

    /// Reads the loads as they were known at moments that have passed, so that intervals without a decision
    /// need not be lost.
    ///
    /// - Parameter times: in order, at most some thousand.
    /// - Returns: the readings of each moment; nil where the source has no past.
    func readPast(at times: [ControlTime]) async -> [[InputReading]]?
}

extension LoadSource {
    /// No past.
    public func readPast(at _: [ControlTime]) async -> [[InputReading]]? { nil }
}

/// What came of asking for one model's load, not yet judged.
public struct InputReading: Hashable, Codable, Sendable {
    /// What was answered.
    public enum Answer: Hashable, Codable, Sendable {
        /// Raw samples of a counter, series by series: the load is worked out and judged here.
        case counters([SampleSeries])
        /// A load that somebody else worked out, with what it rests on.
        case value(LoadValue)
        /// No answer that could be used.
        case failed(TrustCause, detail: String)
    }

    public let model: ModelID
    public let answer: Answer
    /// When the answer was evaluated, by the clock of whoever gave it; nil where it does not say.
    public let evaluatedAt: WallTime?

    public init(model: ModelID, answer: Answer, evaluatedAt: WallTime? = nil) {
        self.model = model
        self.answer = answer
        self.evaluatedAt = evaluatedAt
    }
}

/// The raw samples of one series of a counter within the window.
public struct SampleSeries: Hashable, Codable, Sendable {
    /// One sample, with its own time.
    public struct Sample: Hashable, Codable, Sendable {
        public let at: WallTime
        /// May be anything that a monitoring system stores, numbers that are none included.
        public let value: Double

        public init(at: WallTime, value: Double) {
            self.at = at
            self.value = value
        }

        public init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            at = try container.decode(WallTime.self)
            value = try container.decode(AnyNumber.self).value
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(at)
            try container.encode(AnyNumber(value))
        }
    }

    /// What tells the series from others, for example its labels in order.
    public let name: String
    /// In order of time.
    public let samples: [Sample]

    public init(name: String, samples: [Sample]) {
        self.name = name
        self.samples = samples
    }
}

/// A load that a rule or a gateway worked out.
public struct LoadValue: Hashable, Codable, Sendable {
    /// In queries/s; may be no number.
    public let queriesPerSecond: Double
    /// When the last sample that it rests on was taken; nil where nobody says.
    public let lastSampleAt: WallTime?
    /// Samples that it rests on, and how many there should be; nil where nobody says.
    public let samples: Int?
    public let expected: Int?

    public init(queriesPerSecond: Double, lastSampleAt: WallTime?, samples: Int?, expected: Int?) {
        self.queriesPerSecond = queriesPerSecond
        self.lastSampleAt = lastSampleAt
        self.samples = samples
        self.expected = expected
    }

    private enum CodingKeys: String, CodingKey { case queriesPerSecond, lastSampleAt, samples, expected }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        queriesPerSecond = try container.decode(AnyNumber.self, forKey: .queriesPerSecond).value
        lastSampleAt = try container.decodeIfPresent(WallTime.self, forKey: .lastSampleAt)
        samples = try container.decodeIfPresent(Int.self, forKey: .samples)
        expected = try container.decodeIfPresent(Int.self, forKey: .expected)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(AnyNumber(queriesPerSecond), forKey: .queriesPerSecond)
        try container.encodeIfPresent(lastSampleAt, forKey: .lastSampleAt)
        try container.encodeIfPresent(samples, forKey: .samples)
        try container.encodeIfPresent(expected, forKey: .expected)
    }
}

/// A number in JSON that may be none: those are written as text, as Prometheus does.
struct AnyNumber: Hashable, Codable, Sendable {
    let value: Double

    init(_ value: Double) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            value = number
            return
        }
        switch try container.decode(String.self) {
        case "NaN": value = .nan
        case "+Inf": value = .infinity
        case "-Inf": value = -.infinity
        case let other:
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "found \(other), expected a number, NaN, +Inf or -Inf")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        guard !value.isFinite else { return try container.encode(value) }
        try container.encode(value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf")
    }

    /// Two numbers that are none are alike, so that readings compare by what was answered.
    static func == (left: Self, right: Self) -> Bool {
        left.value == right.value || left.value.isNaN && right.value.isNaN
    }

    func hash(into hasher: inout Hasher) { hasher.combine(value.isNaN ? .nan : value) }
}
