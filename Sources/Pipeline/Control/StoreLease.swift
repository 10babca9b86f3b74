import Controlling
import Store

/// The lease in the database, for controllers of one host. The database refuses ticks and orders of another
/// generation than the one that stands here.
struct StoreLease: SharedLease {
    let store: Store

    func lease() throws -> LeaseRecord? {
        try store.controllerLease(ControllerBooks.lease).map {
            LeaseRecord(holder: $0.holder, generation: $0.generation, beat: $0.beat)
        }
    }

    func replace(_ old: LeaseRecord?, with new: LeaseRecord, at wall: WallTime) throws -> Bool {
        try store.replaceControllerLease(
            ControllerBooks.lease, old.map(Self.row), with: Self.row(new),
            atUnixMilliseconds: wall.unixMilliseconds)
    }

    private static func row(_ record: LeaseRecord) -> StoredLease {
        StoredLease(holder: record.holder, generation: record.generation, beat: record.beat)
    }
}
