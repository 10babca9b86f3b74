import GRDB
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

extension JobExpansion {
    /// The cells that workers take.
    public var pool: CellPool { CellPool(table: .job, owner: job.number, expansion: digest) }
}

/// Cells that workers take one after the other, in a table of the database.
public struct CellPool: Hashable, Sendable {
    /// Where cells stand. The tables have the columns of leases in common.
    enum Table: String, CustomStringConvertible {
        case job = "job_cell"
        case study = "study_cell"

        var description: String { rawValue }

        /// The column that names the job or study.
        var owner: String {
            switch self {
            case .job: "job_id"
            case .study: "study_id"
            }
        }

        /// The column whose equal values one worker had best take in a row; each cell's own where nothing is
        /// gained by that.
        var group: String {
            switch self {
            case .job: "compiled_position"
            case .study: "position"
            }
        }
    }

    let table: Table
    private let owner: Int64
    private let expansion: ContentDigest
    private let part: StudyPart

    init(table: Table, owner: Int64, expansion: ContentDigest, part: StudyPart = .whole) {
        self.table = table
        self.owner = owner
        self.expansion = expansion
        self.part = part
    }

    /// What holds of the pool's rows, with the names of `arguments`.
    var condition: String {
        "\(table.owner) = :owner AND expansion_digest = :expansion"
            + (part == .whole ? "" : " AND position % \(part.count) = \(part.number - 1)")
    }

    var arguments: StatementArguments { ["owner": owner, "expansion": expansion.hexadecimal] }
}

/// A process that works on jobs or studies.
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
    let table: CellPool.Table
    let row: Int64
    let token: String
}

/// What looking for a cell came to.
public enum CellClaim: Hashable, Sendable {
    case leased(CellLease)
    /// Nothing waits, but others are at so many cells that may come back.
    case othersAtWork(Int)
    /// Every cell of the pool is done or has failed.
    case finished
}
