#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Foundation

/// Which file it is, whatever names lead to it.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    package init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// The file at a path, also through links; nil where there is none.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// What something is that is no file, in words; nil for a file.
    package static func kind(of status: stat) -> String? {
        switch status.st_mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: "a folder"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "something that is no file"
        }
    }
}

/// The files that this process has read: what a command was given to read, it does not replace.
package enum InputFiles {
    private static let lock = NSLock()
    // Unchecked: guarded by the lock.
    nonisolated(unsafe) private static var known: Set<Version> = []

    /// A file as it was read: the number of one that is deleted is given to the next.
    private struct Version: Hashable {
        let file: FileIdentity
        let seconds: Int
        let nanoseconds: Int

        init(_ status: stat) {
            file = FileIdentity(status)
            #if canImport(Darwin)
                let time = status.st_mtimespec
            #else
                let time = status.st_mtim
            #endif
            (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
        }
    }

    package static func note(_ status: stat) { lock.withLock { _ = known.insert(Version(status)) } }

    package static func contains(_ status: stat) -> Bool {
        lock.withLock { known.contains(Version(status)) }
    }
}
