import Quantities
import Vocabulary

/// The efficiency entries that a search found, as an array of
/// `{"model","server","method","partition","threads","workers","batch","qps","watts","provenance",
/// "evaluations","spaceSize"}` and more.
///
/// A pair for which no schedule meets the constraints has no entry and therefore no element.
public struct SearchJSON: ContractJSON {
    /// An array has no place for a version of its own.
    public var text: String { StableJSON.text(of: self) }

    private struct Entry: Encodable {
        let model: String
        let server: String
        let method: String
        /// null, like the three below it, where a source does not say how its figure was made.
        let partition: NullableString
        let threads: NullableInteger
        let workers: NullableInteger
        let batch: NullableInteger
        let sparseThreads: Int?
        let sparseWorkers: Int?
        let hotFraction: Double?
        /// nil for what the runtime takes by itself.
        let precision: String?
        /// nil where batches are not joined.
        let joinWaitMilliseconds: Double?
        /// Of an engine that batches by itself; its sequences stand as threads then.
        let engine: EngineRules?
        /// What the source of an imported figure says of its load.
        let reported: ReportedLoad?
        let qps: FiniteNumber
        let watts: FiniteNumber
        let queriesPerJoule: FiniteNumber
        let provenance: String
        let wattsProvenance: String
        let evaluations: Int
        let spaceSize: Int
        let latencyQuantile: Double
        let latencyLimitMilliseconds: Double
        let powerBudgetWatts: FiniteNumber
        /// nil where no live load was offered; the key is then left out.
        let liveCheck: LiveCheckJSON?

        init(_ entry: EfficiencyEntry) {
            model = entry.model.name
            server = entry.serverType.name
            method = entry.method
            reported = entry.schedule.reportedLoad
            let columns = reported == nil ? entry.schedule.columns : nil
            partition = NullableString(columns?.partition.rawValue)
            threads = NullableInteger(columns?.threads)
            workers = NullableInteger(columns?.workers)
            batch = NullableInteger(columns?.batch)
            sparseThreads = columns?.sparse?.threads
            sparseWorkers = columns?.sparse?.workers
            hotFraction = columns?.hotFraction?.value
            precision = columns.flatMap { $0.precision == .default ? nil : $0.precision.rawValue }
            joinWaitMilliseconds = columns?.joinWait?.milliseconds
            engine = entry.schedule.engineRules
            qps = FiniteNumber(entry.throughput)
            watts = FiniteNumber(entry.power)
            queriesPerJoule = FiniteNumber(entry.queriesPerJoule)
            provenance = entry.provenance.rawValue
            wattsProvenance = entry.powerProvenance.rawValue
            evaluations = entry.evaluations
            spaceSize = entry.spaceSize
            latencyQuantile = entry.target.quantile.value
            latencyLimitMilliseconds = entry.target.limit.milliseconds
            powerBudgetWatts = FiniteNumber(entry.powerBudget)
            liveCheck = entry.check.map(LiveCheckJSON.init)
        }
    }

    private let entries: [Entry]

    /// The given entries, ordered by model, then server type; those of one pair stay in the order given.
    public init(entries: [EfficiencyEntry]) {
        self.entries = entries.enumerated().sorted {
            ($0.element.model, $0.element.serverType, $0.offset)
                < ($1.element.model, $1.element.serverType, $1.offset)
        }.map { Entry($0.element) }
    }

    /// Encodes the bare array.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }
}

/// Simulated and live rate of a schedule.
private struct LiveCheckJSON: Encodable {
    let simulatedQps: FiniteNumber
    /// Half the 95 % interval of that, as a share.
    let uncertaintyFraction: FiniteNumber
    /// null where no undisturbed run decided.
    let liveQps: FiniteNumber
    let doubts: [String]
    let schedules: Int

    init(_ check: LiveCheck) {
        simulatedQps = FiniteNumber(check.simulated)
        uncertaintyFraction = FiniteNumber(check.uncertainty)
        liveQps = FiniteNumber(check.live)
        doubts = check.doubts.map(\.rawValue)
        schedules = check.schedules
    }
}
