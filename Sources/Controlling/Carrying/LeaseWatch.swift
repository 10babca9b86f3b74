import Quantities

/// A lease as it stands in whatever both controllers can see. Its beat rises with every renewal, so that
/// nobody has to compare clocks with anybody.
public struct LeaseRecord: Hashable, Codable, Sendable {
    public let holder: String
    /// Rises whenever the lease changes hands.
    public let generation: Int64
    public let beat: Int64

    public init(holder: String, generation: Int64, beat: Int64) {
        self.holder = holder
        self.generation = generation
        self.beat = beat
    }
}

/// What one controller knows of the lease: whether it may act, and whether it may take over. Time is its own
/// monotonic clock's alone.
///
/// A holder stops acting some time before anybody else may take over: as long as clocks run at about the same
/// pace, two never act at once. What is written carries the generation, so that even a holder that was
/// stopped and wakes up cannot write.
public struct LeaseWatch: Hashable, Sendable {
    /// What to try next.
    public enum Step: Hashable, Sendable {
        /// Nobody holds it.
        case take
        /// It is ours: raise the beat of this record.
        case renew(LeaseRecord)
        /// Its holder has not been heard of for long: put ourselves in the place of this record.
        case replace(LeaseRecord)
        /// Somebody else holds it.
        case wait
    }

    /// Of `coordination.k8s.io` leases as client-go sets them: held for 15 s, given up after 10, tried every
    /// 2.
    public static let duration = Nanoseconds(seconds: 15)
    public static let actFor = Nanoseconds(seconds: 10)
    public static let retry = Nanoseconds(seconds: 2)

    private let name: String
    private var seen: LeaseRecord?
    private var seenAt = Nanoseconds.zero
    private var mine: (record: LeaseRecord, at: Nanoseconds)?

    /// - Parameter name: of this controller; no other has it.
    public init(name: String) { self.name = name }

    /// What to try, having looked at the lease.
    public mutating func step(_ record: LeaseRecord?, at now: Nanoseconds) -> Step {
        guard let record else { return .take }
        if record != seen { (seen, seenAt) = (record, now) }
        if record.holder == name, mine?.record.generation == record.generation { return .renew(record) }
        // A process that was started anew does not know what the one before it had in hand: it waits too,
        // unless nothing of the same name can be alive.
        return now - seenAt >= Self.duration ? .replace(record) : .wait
    }

    /// The lease was taken or renewed.
    ///
    /// - Parameter asked: when the attempt began, not when it was answered.
    public mutating func holds(_ record: LeaseRecord, asked: Nanoseconds) {
        mine = (record, asked)
        (seen, seenAt) = (record, asked)
    }

    /// The lease was lost, or an attempt to renew it found it changed.
    public mutating func lost() { mine = nil }

    /// The generation under which this controller may act; nil where it may not.
    public func generation(at now: Nanoseconds) -> Int64? {
        guard let mine, now >= mine.at, now - mine.at < Self.actFor else { return nil }
        return mine.record.generation
    }

    /// Who holds the lease, as far as was seen.
    public var holder: String? { seen?.holder }

    public static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.seen == right.seen && left.seenAt == right.seenAt
            && left.mine?.record == right.mine?.record && left.mine?.at == right.mine?.at
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(seen)
    }
}
