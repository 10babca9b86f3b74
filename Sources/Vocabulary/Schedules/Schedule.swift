import Quantities

/// How one deployment runs one model. Each kind of schedule is a case.
///
/// What a search, the store or a report asks of a schedule is answered by one switch here. A new kind is a
/// case, its lines in this file, and a type with axes of its own.
public enum Schedule: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Threads and batches of a model that an inference library runs.
    case threads(ThreadSchedule)
    /// The rules of an engine that batches requests by itself, as for language models.
    case engine(EngineRules)
    /// What the source of an imported figure says of the load that it was taken under.
    case reported(ReportedLoad)

    /// A schedule of threads.
    /// - Precondition: that of `ThreadSchedule`.
    public init(
        partition: ThreadSchedule.Partition, threads: Int, workers: Int, batch: Int,
        sparse: ThreadSchedule.ThreadGroup? = nil, hotFraction: Fraction? = nil,
        precision: Precision = .default, joinWait: Nanoseconds? = nil
    ) {
        self = .threads(
            ThreadSchedule(
                partition: partition, threads: threads, workers: workers, batch: batch, sparse: sparse,
                hotFraction: hotFraction, precision: precision, joinWait: joinWait))
    }

    /// The threads and batches; nil for other kinds.
    public var threadSchedule: ThreadSchedule? {
        if case .threads(let threads) = self { threads } else { nil }
    }

    /// The engine's rules; nil for other kinds.
    public var engineRules: EngineRules? {
        if case .engine(let rules) = self { rules } else { nil }
    }

    /// What a source says of its load; nil for other kinds.
    public var reportedLoad: ReportedLoad? {
        if case .reported(let load) = self { load } else { nil }
    }

    public var description: String {
        switch self {
        case .threads(let threads): threads.description
        case .engine(let rules): rules.description
        case .reported(let load): load.description
        }
    }

    /// Kinds in the order of their cases; within a kind, its own order.
    public static func < (left: Schedule, right: Schedule) -> Bool {
        switch (left, right) {
        case (.threads(let left), .threads(let right)): left < right
        case (.engine(let left), .engine(let right)): left < right
        case (.reported(let left), .reported(let right)): left < right
        case (.threads, _), (.engine, .reported): true
        case (.engine, .threads), (.reported, _): false
        }
    }

    /// The numbers that every row of schedules has. An engine's sequences stand for threads that take one
    /// item at a time; where nothing is known of threads, ones hold their places and are not to be shown.
    public var columns: ThreadSchedule {
        switch self {
        case .threads(let threads): threads
        case .engine(let rules):
            ThreadSchedule(partition: .whole, threads: rules.sequencesMax, workers: 1, batch: 1)
        case .reported: ThreadSchedule(partition: .whole, threads: 1, workers: 1, batch: 1)
        }
    }

    /// What one deployment takes of a server type.
    public func footprint(on type: ServerType) -> Footprint {
        switch self {
        case .threads, .reported: .servers(1)
        case .engine(let rules): Footprint(devices: rules.devices, of: type)
        }
    }
}

// MARK: - Axes

extension Schedule {
    /// What schedules that differ only in their numbers have in common: of threads the partition, the
    /// precision and whether batches are joined, of an engine its role and precision.
    public var family: String {
        switch self {
        case .threads(let threads): threads.family
        case .engine(let rules): rules.family
        case .reported: "reported"
        }
    }

    /// The numbers that a search may vary, in the order in which a lattice has them.
    var axes: [ScheduleAxis] {
        switch self {
        case .threads: ThreadSchedule.axes
        case .engine: EngineRules.axes
        case .reported: []
        }
    }

    /// The value on an axis, 0 where an optional number is absent; nil on an axis of another kind.
    public func value(on axis: ScheduleAxis) -> Double? {
        switch self {
        case .threads(let threads): threads.value(on: axis)
        case .engine(let rules): rules.value(on: axis)
        case .reported: nil
        }
    }

    /// Makes the schedules of one family from values on some axes; every other number takes its default.
    enum Assembly {
        case threads(ThreadSchedule.Assembly)
        case engine(EngineRules.Assembly)

        /// nil for a family that no kind has.
        init?(family: String, axes: [ScheduleAxis]) {
            if let threads = ThreadSchedule.Assembly(family: family, axes: axes) {
                self = .threads(threads)
            } else if let engine = EngineRules.Assembly(family: family, axes: axes) {
                self = .engine(engine)
            } else {
                return nil
            }
        }

        /// - Parameter values: one for each of the axes, in their order.
        /// - Returns: nil where no schedule has these values.
        func schedule(_ values: [Double]) -> Schedule? {
            switch self {
            case .threads(let threads): threads.schedule(values).map(Schedule.threads)
            case .engine(let engine): engine.schedule(values).map(Schedule.engine)
            }
        }
    }
}

// MARK: - Coding

/// Threads stand at the level of the schedule itself, other kinds under a key of their own.
extension Schedule: Codable {
    private enum CodingKeys: String, CodingKey { case engine, reported }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self =
            if let rules = try values.decodeIfPresent(EngineRules.self, forKey: .engine) {
                .engine(rules)
            } else if let load = try values.decodeIfPresent(ReportedLoad.self, forKey: .reported) {
                .reported(load)
            } else {
                .threads(try ThreadSchedule(from: decoder))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .threads(let threads): try threads.encode(to: encoder)
        case .engine(let rules):
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(rules, forKey: .engine)
        case .reported(let load):
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(load, forKey: .reported)
        }
    }
}
