#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Foundation

/// A folder for files that nobody needs later. It goes with the value; one whose process was killed goes when
/// the next is made.
///
/// A lock beside the folder is held as long as the process lives, so that it can be told whose folders are
/// left over.
package final class ScratchFolder: Sendable {
    package let path: String
    private let lock: String
    private let descriptor: CInt
    private static let beginning = "hercules-"
    private static let ending = ".lock"

    /// Makes an empty folder that only this user can look into.
    /// - Parameter parent: where temporary files go, unless given.
    package init(in parent: String? = nil) throws(SystemFailure) {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        Self.sweep(parent)
        (lock, descriptor) = try Self.lock(in: parent)
        path = String(lock.dropLast(Self.ending.count))
        guard mkdir(path, 0o700) == 0 else { throw SystemFailure(code: errno) }
    }

    private static func lock(in parent: String) throws(SystemFailure) -> (path: String, descriptor: CInt) {
        while true {
            let path = "\(parent)/\(beginning)\(UUID().uuidString)\(ending)"
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw SystemFailure(code: errno) }
            // Between the two calls another process's sweep may have taken the lock, found no folder and
            // removed the file; then nothing would say that the folder is in use.
            var status = stat()
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, stat(path, &status) == 0 {
                return (path, descriptor)
            }
            close(descriptor)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        unlink(lock)
        close(descriptor)
    }

    /// The path of a file in the folder.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Removes the folders of this user's processes that are gone.
    private static func sweep(_ parent: String) {
        for name in (try? FileContents.allNames(in: parent)) ?? []
        where name.hasPrefix(beginning) && name.hasSuffix(ending) {
            let stem = String(name.dropLast(ending.count))
            guard UUID(uuidString: String(stem.dropFirst(beginning.count))) != nil else { continue }
            let lock = "\(parent)/\(name)"
            let descriptor = open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_nlink > 0,
                flock(descriptor, LOCK_EX | LOCK_NB) == 0
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(parent)/\(stem)")
            unlink(lock)
        }
    }
}
