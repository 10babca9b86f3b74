#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file read at any place, through a window that moves along: what is not asked for is never read.
package final class FileWindow {
    package let path: String
    /// In bytes, when the file was opened.
    package let size: Int
    private let descriptor: CInt
    private var window: [UInt8] = []
    private var start = 0
    private static let windowBytes = 1 << 16

    /// Opens a file for reading.
    /// - Throws: `unreadable` also for a folder, a pipe or a device, which have no places.
    package init(path: String, expected: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .unreadable(file: path, found: FileContents.reason(errno), expected: expected)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            close(descriptor)
            throw .unreadable(
                file: path, found: isFolder ? FileContents.reason(EISDIR) : "no regular file",
                expected: expected)
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The byte at a place; nil behind the end, also of a file that has become shorter.
    func byte(at place: Int) throws(FileError) -> UInt8? {
        if place < start || place >= start + window.count { try fill(from: place) }
        guard place >= start, place - start < window.count else { return nil }
        return window[place - start]
    }

    /// So many bytes from a place on; nil where there are not as many.
    func bytes(at place: Int, count: Int) throws(FileError) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for offset in 0..<count {
            guard let byte = try byte(at: place + offset) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private func fill(from place: Int) throws(FileError) {
        var count = 0
        window = [UInt8](unsafeUninitializedCapacity: Self.windowBytes) { buffer, filled in
            repeat {
                count = pread(descriptor, buffer.baseAddress, Self.windowBytes, off_t(place))
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        start = place
        guard count >= 0 else {
            throw .unreadable(file: path, found: FileContents.reason(errno), expected: "bytes to read")
        }
    }
}
