import Quantities
import Vocabulary

/// What two load runs must have in common for one to stand in for the other.
public struct MeasurementKey: Hashable, Sendable {
    /// Only its `behaviourDigest` counts: a new title, citation or latency target reuses what was measured.
    public var model: Model
    /// Only its `behaviourDigest` counts.
    public var serverType: ServerType
    /// Only its `fingerprint` counts.
    public var host: Host
    /// The inference engine's name.
    public var engine: String
    /// The inference engine's version.
    public var engineVersion: String
    /// How the server ran the model.
    public var schedule: Schedule
    /// Why the run was made.
    public var purpose: LoadRun.Purpose
    /// How queries were offered.
    public var pattern: LoadRun.LoadPattern
    /// Everything else that decides the outcome: durations, load fraction, seed, a confirmation's rate.
    public var settingsDigest: ContentDigest
    /// A measurement imported or modelled never stands in for one of this tool's own.
    public var provenance: Provenance

    /// Everything is spelt out: a component forgotten would be a wrong hit.
    public init(
        model: Model, serverType: ServerType, host: Host, engine: String, engineVersion: String,
        schedule: Schedule, purpose: LoadRun.Purpose, pattern: LoadRun.LoadPattern,
        settingsDigest: ContentDigest, provenance: Provenance = .measured
    ) {
        self.model = model
        self.serverType = serverType
        self.host = host
        self.engine = engine
        self.engineVersion = engineVersion
        self.schedule = schedule
        self.purpose = purpose
        self.pattern = pattern
        self.settingsDigest = settingsDigest
        self.provenance = provenance
    }
}

/// Which measurements to list; a property left nil restricts nothing.
public struct MeasurementFilter: Hashable, Sendable {
    /// Measurements of this definition, by `behaviourDigest`.
    public var model: Model?
    /// Measurements on this definition, by `behaviourDigest`.
    public var serverType: ServerType?
    /// Measurements on hosts with this fingerprint.
    public var host: Host?
    /// Why the run was made.
    public var purpose: LoadRun.Purpose?
    /// How queries were offered.
    public var pattern: LoadRun.LoadPattern?
    /// Everything else that decided the outcome.
    public var settingsDigest: ContentDigest?
    /// Where the figures come from.
    public var provenance: Provenance?
    /// Measurements made in one run.
    public var run: RecordID<StoredRun>?
    /// Only measurements without doubts.
    public var isValidOnly = false

    /// A filter that lets everything through.
    public init() {}
}

/// A measurement with its verdict, as stored.
public struct StoredMeasurement: Hashable, Sendable {
    /// Names the measurement in other calls.
    public let id: RecordID<LoadRun>
    /// The facts.
    public let measurement: LoadRun
    /// What to think of them.
    public let verdict: Verdict
    /// As in the key it can be found by.
    public let settingsDigest: ContentDigest
    /// The run it was made in; nil where it was made by itself.
    public let run: RecordID<StoredRun>?
}
