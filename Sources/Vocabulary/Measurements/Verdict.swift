import Quantities

/// A judgement over a measurement, kept apart from its facts.
public struct Verdict: Hashable, Codable, Sendable {
    /// Why a measurement should not be relied on.
    public enum Doubt: String, Codable, Sendable, CaseIterable {
        /// Too few queries stand behind the tail quantile.
        case tooFewQueries
        /// The run was shorter than the minimum.
        case tooShort
        /// The hypervisor took processor time away.
        case stolenTime
        /// Tasks competed for the processors.
        case processorPressure
        /// Other processes used the processors.
        case otherLoad
        /// The cores' clock fell during the run.
        case frequencyFell
        /// The generator fell behind its own schedule.
        case generatorBehind
        /// Latencies had not settled by the middle of the run.
        case notSettled
    }

    /// Whether the latency target is met, as far as the measurement tells.
    public enum Answer: String, Codable, Sendable, CaseIterable {
        case meets
        case misses
        /// The limit lies inside the tail's confidence interval.
        case undecided
    }

    /// A confidence interval of a tail quantile, and what it says about the limit.
    public struct Tail: Hashable, Codable, Sendable {
        public var target: LatencyTarget
        /// Of the interval, for example 0.95.
        public var confidence: Fraction
        /// nil where too few queries give a bound.
        public var lower: Nanoseconds?
        public var upper: Nanoseconds?
        public var answer: Answer

        public init(
            target: LatencyTarget, confidence: Fraction, lower: Nanoseconds?, upper: Nanoseconds?,
            answer: Answer
        ) {
            self.target = target
            self.confidence = confidence
            self.lower = lower
            self.upper = upper
            self.answer = answer
        }
    }

    public let doubts: [Doubt]
    /// nil where no question was put to the tail.
    public let tail: Tail?
    public var isValid: Bool { doubts.isEmpty }

    public init(doubts: [Doubt], tail: Tail? = nil) {
        self.doubts = doubts
        self.tail = tail
    }
}

extension Verdict {
    /// Whether the run was disturbed from outside, so that the same run at another time may be valid.
    public var isDisturbed: Bool {
        doubts.contains { doubt in
            switch doubt {
            case .stolenTime, .processorPressure, .otherLoad, .frequencyFell, .generatorBehind, .notSettled:
                true
            case .tooFewQueries, .tooShort: false
            }
        }
    }
}
