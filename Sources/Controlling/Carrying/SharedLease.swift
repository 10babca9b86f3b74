/// A lease that every controller of a fleet sees: in a database on one host, an API server in a
/// cluster.
public protocol SharedLease: Sendable {
    /// The lease as it stands; nil where nobody has ever taken it.
    func lease() async throws -> LeaseRecord?

    /// Puts a lease in the place of the one that was just looked at.
    /// - Returns: false where somebody else was quicker; nothing has changed then.
    func replace(_ old: LeaseRecord?, with new: LeaseRecord, at wall: WallTime) async throws -> Bool
}
