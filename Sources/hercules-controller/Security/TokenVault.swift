import Controlling
import Foundation
import Synchronization

/// The tokens in force: the file is read again whenever it has changed.
///
/// A file that has become unreadable, or readable by others, lets nobody in until it is mended.
final class TokenVault: Sendable {
    /// What tells one state of a file from another.
    private struct Stamp: Hashable {
        let seconds: Int
        let nanoseconds: Int
        let size: Int
        let inode: UInt64
        let mode: UInt32
    }

    private struct State {
        var stamp: Stamp?
        var file: TokenFile?
        var failure: TokenFileError?
    }

    let path: String
    private let state: Mutex<State>

    /// Reads the file once, so that a bad one is found at the start.
    init(path: String) throws(TokenFileError) {
        self.path = path
        let (file, stamp) = try Self.read(path)
        state = Mutex(State(stamp: stamp, file: file))
    }

    /// The bearer of a token; nil where nobody is known by it.
    func principal(of token: String, at now: WallTime) -> Principal? {
        guard token.utf8.count <= 256 else { return nil }
        return current()?.entry(of: token, at: now).map { Principal(name: $0.name, role: $0.role) }
    }

    /// The role that a name has now; nil where its token was taken away, changed or has expired.
    func role(of name: String, digest: TokenDigest, at now: WallTime) -> Role? {
        current()?.entries.first {
            $0.name == name && $0.digest.equalsInConstantTime(digest) && ($0.expires.map { now < $0 } ?? true)
        }?.role
    }

    /// What is wrong with the file now; nil where nothing is.
    var failure: TokenFileError? {
        _ = current()
        return state.withLock { $0.failure }
    }

    private func current() -> TokenFile? {
        state.withLock { state -> TokenFile? in
            let stamp = Self.stamp(path)
            if let stamp, stamp == state.stamp, let file = state.file { return file }
            do throws(TokenFileError) {
                let (file, stamp) = try Self.read(path)
                state = State(stamp: stamp, file: file)
            } catch {
                state = State(stamp: nil, file: nil, failure: error)
            }
            return state.file
        }
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return stamp(status)
    }

    private static func stamp(_ status: stat) -> Stamp {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Stamp(
            seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec), size: Int(status.st_size),
            inode: UInt64(status.st_ino), mode: UInt32(status.st_mode))
    }

    /// Reads a file and judges its mode by the same descriptor, so that no other file can slip in between.
    private static func read(_ path: String) throws(TokenFileError) -> (TokenFile, Stamp) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path, reason: String(cString: strerror(errno))) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path, reason: "found no plain file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .mode(path, found: "0" + String(status.st_mode & 0o777, radix: 8))
        }
        guard let data = try? handle.read(upToCount: TokenFile.bytesMax + 1) else {
            throw .unreadable(path, reason: "cannot be read")
        }
        guard data.count <= TokenFile.bytesMax, let text = String(data: data, encoding: .utf8) else {
            throw .unreadable(path, reason: "expected text of at most \(TokenFile.bytesMax) bytes")
        }
        return (try TokenFile(text: text, path: path), stamp(status))
    }
}
