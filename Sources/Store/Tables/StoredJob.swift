import Quantities
import Vocabulary

/// A profile job as it is stored.
public struct StoredJob: Hashable, Sendable {
    /// Names the job in other calls.
    public let id: RecordID<StoredJob>
    public let job: ProfileJob
    /// Seconds since 1970-01-01T00:00:00Z.
    public let createdAtUnixSeconds: Int64
}

/// A cell to be added to a job.
public struct PlannedCell: Hashable, Sendable {
    public let cell: JobCell
    /// Of everything that decides the measurement, unique within the job.
    public let digest: ContentDigest
    /// How long measuring it is expected to take.
    public let expected: Nanoseconds

    public init(cell: JobCell, digest: ContentDigest, expected: Nanoseconds) {
        self.cell = cell
        self.digest = digest
        self.expected = expected
    }
}

/// The cells of one job that one kind of host expands it into, in the order in which they are taken.
public struct JobExpansion: Hashable, Sendable {
    public let job: RecordID<StoredJob>
    public let hostFingerprint: String
    public let cells: [PlannedCell]
    /// Of all cells: processes with equal expansions share the work.
    public let digest: ContentDigest

    public init(job: RecordID<StoredJob>, hostFingerprint: String, cells: [PlannedCell]) {
        self.job = job
        self.hostFingerprint = hostFingerprint
        self.cells = cells
        digest = ContentDigest(ofText: cells.map(\.digest.hexadecimal).joined(separator: "\n"))
    }
}

/// A process that works on jobs.
public struct JobWorkerIdentity: Hashable, Sendable {
    /// The host's name, for people.
    public let host: String
    /// The running kernel and its process numbers: where two workers have the same, one can see whether the
    /// other still lives. nil where that is not known.
    public let machine: String?
    public let processID: Int
    /// When the process began, in the kernel's clock ticks, as process numbers are used again.
    public let processStart: Int64?

    public init(host: String, machine: String?, processID: Int, processStart: Int64?) {
        self.host = host
        self.machine = machine
        self.processID = processID
        self.processStart = processStart
    }
}

/// A cell that a worker has for itself until the lease ends.
public struct CellLease: Hashable, Sendable {
    public let cellDigest: String
    let row: Int64
    let token: String
}

/// What looking for a cell came to.
public enum CellClaim: Hashable, Sendable {
    case leased(CellLease)
    /// Nothing waits, but others are at so many cells that may come back.
    case othersAtWork(Int)
    /// Every cell of the expansion is done or has failed.
    case finished
}
