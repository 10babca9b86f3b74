import Quantities

/// The machine a measurement was taken on.
public struct Host: Hashable, Codable, Sendable {
    public let name: String
    public let processor: String
    public let cores: Int
    public let memory: Bytes
    public let operatingSystem: String

    public init(name: String, processor: String, cores: Int, memory: Bytes, operatingSystem: String) {
        self.name = name
        self.processor = processor
        self.cores = cores
        self.memory = memory
        self.operatingSystem = operatingSystem
    }

    /// What makes two hosts the same for the reuse of measurements: everything but the name, which a
    /// container changes on every start.
    public var fingerprint: String { "\(processor) / \(cores) cores" }
}

/// What disturbed a measurement while it ran, sampled during the run. What cannot be read is nil.
public struct HostNoise: Hashable, Codable, Sendable {
    /// Share of processor time that the hypervisor gave to others.
    public let stealFraction: Fraction?
    /// The same in the worst sample of the run.
    public let stealMaxFraction: Fraction?
    /// Share of the time in which some runnable task waited for a processor.
    public let processorPressureFraction: Fraction?
    /// The same in the worst sample of the run.
    public let processorPressureMaxFraction: Fraction?
    /// Share of all cores' time that other processes used.
    public let otherLoadFraction: Fraction?
    /// The lowest clock of any core in any sample.
    public let frequencyMin: Hertz?
    /// The mean clock over cores and samples.
    public let frequencyMean: Hertz?

    public init(
        stealFraction: Fraction?, stealMaxFraction: Fraction? = nil, processorPressureFraction: Fraction?,
        processorPressureMaxFraction: Fraction? = nil, otherLoadFraction: Fraction? = nil,
        frequencyMin: Hertz? = nil, frequencyMean: Hertz? = nil
    ) {
        self.stealFraction = stealFraction
        self.stealMaxFraction = stealMaxFraction
        self.processorPressureFraction = processorPressureFraction
        self.processorPressureMaxFraction = processorPressureMaxFraction
        self.otherLoadFraction = otherLoadFraction
        self.frequencyMin = frequencyMin
        self.frequencyMean = frequencyMean
    }
}
