import Foundation
import Quantities

/// Speculative decoding of an engine, as a model: every drafted token is accepted with one probability until
/// the first that is not.
public struct DraftRule: Hashable, Sendable {
    /// Tokens drafted for each sequence of a step.
    public var tokens: Int
    public var acceptance: Double
    /// Of drafting, for each step.
    public var seconds: Double
    /// The time of drafting one token over that of a step without drafts.
    public var share: Double

    public init(tokens: Int, acceptance: Double, seconds: Double = 0, share: Double = 0) {
        self.tokens = tokens
        self.acceptance = acceptance
        self.seconds = seconds
        self.share = share
    }
}

/// What joins the accelerators of one engine.
public struct AcceleratorLink: Hashable, Codable, Sendable {
    /// Bytes per second of one accelerator, in one direction.
    public var bandwidth: Double
    /// Of each step of a collective, in seconds.
    public var latencySeconds: Double
    /// Whether the latency is the tool's own assumption.
    public var assumesLatency: Bool
    /// Where the bandwidth comes from.
    public var source: String

    /// 5 us, what GenZ begins a collective with.
    public static let assumedLatencySeconds = 5e-6

    public init(bandwidth: Double, latencySeconds: Double?, source: String) {
        self.bandwidth = bandwidth
        self.latencySeconds = latencySeconds ?? Self.assumedLatencySeconds
        assumesLatency = latencySeconds == nil
        self.source = source
    }
}

/// Watts of one accelerator by what its engine does, idle power included.
public struct ServingPower: Hashable, Sendable {
    public enum Law: Hashable, Sendable {
        /// One figure while prompts are read, another while answers are generated.
        case phases(reading: Watts, generating: Watts)
        /// `idle + range / (1 + exp(-steepness (log2 sequences - midpoint)))` while answers are generated,
        /// and the top of that while prompts are read.
        case logistic(range: Watts, steepness: Double, midpoint: Double)
        /// One figure while a step runs, and what the whole peak of arithmetic and the whole bandwidth add to
        /// it; steps add their shares of both.
        case mix(running: Watts, arithmetic: Watts, memory: Watts)
    }

    /// Seconds that an engine's work takes at the whole peak of arithmetic, and at the whole bandwidth.
    public struct PeakSeconds: Hashable, Sendable {
        public var arithmetic: Double
        public var memory: Double

        public init(arithmetic: Double, memory: Double) {
            self.arithmetic = arithmetic
            self.memory = memory
        }
    }

    public var law: Law
    public var source: String

    public init(law: Law, source: String) {
        self.law = law
        self.source = source
    }
}

extension ServingEngine {
    /// Mean watts of all accelerators over a time; nil where idle or busy power is not known.
    ///
    /// Exact for a law over phases, batches or work: every second of the engine is in one of the parts, and
    /// work adds up.
    /// - Parameters:
    ///   - seconds: of the whole, in which the engine also rests.
    ///   - reading: seconds in which steps read prompts.
    ///   - generating: seconds of steps that only generate, by the number of their sequences.
    ///   - work: of one accelerator; a law over it needs it.
    ///   - life: what it was over the time; nil for up all the time. It draws nothing while it is down.
    public func meanWatts(
        over seconds: Double, reading: Double, generating: [Double], work: ServingPower.PeakSeconds? = nil,
        life: ServingOutcome.EngineLife? = nil
    ) -> Watts? {
        guard let idle = idleWatts?.value, seconds > 0 else { return nil }
        let busy = generating.reduce(reading, +)
        guard var joules = joulesAbove(idle, reading: reading, generating: generating, work: work) else {
            return nil
        }
        // Steps that run into one another at the ends of a run are not counted twice.
        if busy > seconds { joules *= seconds / busy }
        guard let life else { return Watts((idle + joules / seconds) * Double(rules.devices)) }
        let boot = lifecycle?.bootWatts?.value ?? idle
        joules += idle * life.upSeconds + boot * life.bootSeconds
        return Watts(joules / seconds * Double(rules.devices))
    }

    /// What one accelerator takes beyond idle power over its steps.
    private func joulesAbove(
        _ idle: Double, reading: Double, generating: [Double], work: ServingPower.PeakSeconds?
    ) -> Double? {
        if case .mix(let running, let arithmetic, let memory) = power?.law {
            guard let work else { return nil }
            return (running.value - idle) * generating.reduce(reading, +)
                + arithmetic.value * work.arithmetic + memory.value * work.memory
        }
        guard var joules = wattsAbove(idle, batch: nil).map({ $0 * reading }) else { return nil }
        for (batch, time) in generating.enumerated() where time > 0 {
            guard let watts = wattsAbove(idle, batch: batch) else { return nil }
            joules += watts * time
        }
        return joules
    }

    /// Watts of all accelerators at one time; nil where they are not known, as under a law over work.
    public func watts(reading: Int, generating: Int) -> Watts? {
        guard let idle = idleWatts?.value else { return nil }
        let isIdle = reading + generating == 0
        let above = isIdle ? 0 : wattsAbove(idle, batch: reading > 0 ? nil : generating)
        return above.map { Watts((idle + $0) * Double(rules.devices)) }
    }

    /// What one accelerator draws above idle while a step runs.
    /// - Parameter batch: sequences of a step that only generates; nil of a step that reads.
    private func wattsAbove(_ idle: Double, batch: Int?) -> Double? {
        switch power?.law {
        case nil: return busyWatts.map { $0.value - idle }
        case .phases(let reading, let generating): return (batch == nil ? reading : generating).value - idle
        case .mix: return nil
        case .logistic(let range, let steepness, let midpoint):
            guard let batch else { return range.value }
            return range.value / (1 + exp(-steepness * (log2(Double(max(1, batch))) - midpoint)))
        }
    }
}
