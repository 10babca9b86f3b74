#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file read piece by piece, so that a long trace never has to fit into memory as bytes.
package final class FileChunks {
    private let path: String
    private let descriptor: CInt
    private static let chunkSize = 1 << 16

    /// Opens a file for reading.
    package init(path: String, expected: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadable(file: path, found: FileContents.reason(errno), expected: expected)
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw .unreadable(file: path, found: FileContents.reason(EISDIR), expected: expected)
        }
    }

    deinit { close(descriptor) }

    /// The next bytes of the file; empty at its end.
    package func next() throws(FileError) -> [UInt8] {
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, filled in
            repeat {
                count = read(descriptor, buffer.baseAddress, Self.chunkSize)
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        guard count >= 0 else {
            throw .unreadable(file: path, found: FileContents.reason(errno), expected: "bytes to read")
        }
        return chunk
    }
}

/// Whole small files, and what folders hold.
package enum FileContents {
    /// All bytes of a file.
    /// - Parameter max: a file of more bytes is refused.
    package static func bytes(
        of path: String, expected: String, max: Int = .max
    ) throws(FileError) -> [UInt8] {
        let chunks = try FileChunks(path: path, expected: expected)
        var bytes: [UInt8] = []
        while true {
            let chunk = try chunks.next()
            if chunk.isEmpty { return bytes }
            bytes += chunk
            guard bytes.count <= max else {
                throw .malformed(
                    file: path, line: nil, found: "more than \(max) bytes", expected: "a smaller file")
            }
        }
    }

    /// A file as text: valid UTF-8, without a byte-order mark.
    package static func text(of path: String, expected: String) throws(FileError) -> String {
        var bytes = try bytes(of: path, expected: expected)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(
                file: path, line: lineOfInvalidUTF8(in: bytes), found: "bytes that are not UTF-8",
                expected: "UTF-8 text")
        }
        return text
    }

    /// The names of the files of one kind in a folder, without their extension, in order.
    package static func names(in directory: String, suffix: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else {
            throw .unreadable(file: directory, found: reason(errno), expected: "a folder")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(suffix), !name.hasPrefix(".") {
                names.append(String(name.dropLast(suffix.count)))
            }
        }
        return names.sorted()
    }

    /// The names of the files of one kind in folders, each once, in order. Folders that are not there are
    /// passed over as long as one is.
    package static func names(inAnyOf directories: [String], suffix: String) throws(FileError) -> [String] {
        let there = directories.filter(isDirectory)
        guard !there.isEmpty || directories.isEmpty else {
            return try names(in: directories[0], suffix: suffix)
        }
        var all: Set<String> = []
        for directory in there { all.formUnion(try names(in: directory, suffix: suffix)) }
        return all.sorted()
    }

    /// Throws where a file cannot be opened for reading, or is a folder.
    package static func requireReadable(_ path: String, expected: String) throws(FileError) {
        _ = try FileChunks(path: path, expected: expected)
    }

    /// Whether there is anything at a path.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// Whether there is something at a path that is a folder.
    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A path's last part.
    package static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// A path's last part without its extension.
    package static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// What was found in place of a readable file, in words.
    package static func reason(_ code: CInt) -> String {
        switch code {
        case ENOENT: "no such file or folder"
        case EACCES, EPERM: "no permission to read it"
        case EISDIR: "a folder"
        case ENOTDIR: "a path through something that is not a folder"
        default: String(cString: strerror(code))
        }
    }

    /// The line of the first byte that no UTF-8 text contains at that point.
    private static func lineOfInvalidUTF8(in bytes: [UInt8]) -> Int {
        var line = 1
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        return line
    }
}
