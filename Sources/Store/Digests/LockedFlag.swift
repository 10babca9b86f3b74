import Foundation

/// A truth that several threads may set and ask for.
final class LockedFlag: @unchecked Sendable {
    // Unchecked: guarded by the lock.
    private let lock = NSLock()
    private var value = false

    var isSet: Bool { lock.withLock { value } }

    func set(_ value: Bool) { lock.withLock { self.value = value } }
}
