import Controlling
import Quantities
import Synchronization

/// Who is logged in from a browser: a cookie holds 32 random bytes, and only their digest is kept.
///
/// A session ends after twelve hours, when its token is taken away, or when the process ends.
final class LoginSessions: Sendable {
    private struct Session {
        let digest: TokenDigest
        let name: String
        let token: TokenDigest
        let ends: Nanoseconds
    }

    static let seconds = 12 * 3600
    static let sessionsMax = 256

    private let sessions = Mutex<[Session]>([])

    /// Begins a session; the oldest gives way where there are too many.
    /// - Returns: what the cookie holds.
    func begin(name: String, token: TokenDigest, at now: Nanoseconds) -> String {
        let secret = RandomToken.make()
        let session = Session(
            digest: TokenDigest(of: secret), name: name, token: token,
            ends: now + Nanoseconds(seconds: Double(Self.seconds)))
        sessions.withLock { sessions in
            sessions.removeAll { $0.ends <= now }
            if sessions.count >= Self.sessionsMax { sessions.removeFirst() }
            sessions.append(session)
        }
        return secret
    }

    /// Ends a session, if there is one.
    func end(_ secret: String) {
        let digest = TokenDigest(of: secret)
        sessions.withLock { $0.removeAll { $0.digest.equalsInConstantTime(digest) } }
    }

    /// Who a session belongs to, and the token that it rests on; nil for an unknown or ended one.
    func holder(of secret: String, at now: Nanoseconds) -> (name: String, token: TokenDigest)? {
        guard secret.utf8.count == 64 else { return nil }
        let digest = TokenDigest(of: secret)
        return sessions.withLock { sessions in
            var found: Session?
            for session in sessions where session.digest.equalsInConstantTime(digest) { found = session }
            guard let found, now < found.ends else { return nil }
            return (found.name, found.token)
        }
    }
}

/// Counts what failed, by address: after five in a minute an address waits.
final class FailureLimit: Sendable {
    static let failuresMax = 5
    static let addressesMax = 4_096
    private static let window = Nanoseconds(60_000_000_000)

    private let failures = Mutex<[String: [Nanoseconds]]>([:])

    /// Whether an address may try now.
    func allows(_ address: String, at now: Nanoseconds) -> Bool {
        failures.withLock { ($0[address] ?? []).count { now - $0 < Self.window } < Self.failuresMax }
    }

    /// Notes a failure. Where too many addresses fail at once, those that may try again are forgotten first.
    func note(_ address: String, at now: Nanoseconds) {
        failures.withLock { failures in
            if failures.count >= Self.addressesMax, failures[address] == nil {
                failures = failures.filter { $0.value.contains { now - $0 < Self.window } }
                if failures.count >= Self.addressesMax, let first = failures.keys.first {
                    failures[first] = nil
                }
            }
            let recent = (failures[address] ?? []).filter { now - $0 < Self.window }
            failures[address] = recent.suffix(Self.failuresMax - 1) + [now]
        }
    }
}
