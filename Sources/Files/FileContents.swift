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
    /// In bytes, when it was opened.
    package let size: Int
    private static let chunkSize = 1 << 16

    /// Opens a file for reading, and notes it as one that this process must not replace.
    /// - Throws: `FileError.unreadable` also for what is there and no file: a pipe would wait for its writer,
    ///   and a device may have no end.
    /// - Parameter isInput: false for a file that is read in order to be replaced.
    package init(path: String, expected: String, isInput: Bool = true) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        var status = stat()
        let code = descriptor >= 0 && fstat(descriptor, &status) == 0 ? 0 : errno
        size = Int(status.st_size)
        guard code == 0 else {
            throw .unreadable(file: path, found: FileContents.reason(code), expected: expected)
        }
        if let kind = FileIdentity.kind(of: status) {
            throw .unreadable(file: path, found: kind, expected: expected)
        }
        if isInput { InputFiles.note(status) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

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
    /// - Parameters:
    ///   - max: a file of more bytes is refused.
    ///   - isInput: false for a file that is read in order to be replaced.
    package static func bytes(
        of path: String, expected: String, max: Int = .max, isInput: Bool = true
    ) throws(FileError) -> [UInt8] {
        let chunks = try FileChunks(path: path, expected: expected, isInput: isInput)
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

    /// No text that a person writes is longer.
    private static let textBytesMax = 4 << 20

    /// A file as text: valid UTF-8, without a byte-order mark, of at most 4 MiB.
    package static func text(of path: String, expected: String) throws(FileError) -> String {
        var bytes = try bytes(of: path, expected: expected, max: textBytesMax)
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
        try allNames(in: directory).filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
            .map { String($0.dropLast(suffix.count)) }.sorted()
    }

    /// The names of everything in a folder, in no order.
    package static func allNames(in directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else {
            throw .unreadable(file: directory, found: reason(errno), expected: "a folder")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
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

    /// Throws where a file cannot be opened for reading, or is a folder, a pipe or a device.
    package static func requireReadable(_ path: String, expected: String) throws(FileError) {
        _ = try FileChunks(path: path, expected: expected)
    }

    /// Whether there is anything at a path.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// Throws where a file cannot be read, or is seen at its beginning to be no text, or is longer than any
    /// table: before all of it is read.
    package static func requireText(_ path: String, expected: String) throws(FileError) {
        let chunks = try FileChunks(path: path, expected: expected)
        guard chunks.size <= tableBytesMax else {
            throw .unreadable(
                file: path, found: "\(chunks.size) bytes",
                expected: "\(expected) of at most \(tableBytesMax)")
        }
        let beginning = try chunks.next()
        if let zero = beginning.firstIndex(of: 0) {
            let line = 1 + beginning[..<zero].count { $0 == 0x0A }
            throw .malformed(file: path, line: line, found: "a zero byte", expected: "text")
        }
    }

    private static let tableBytesMax = 64 << 30

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
        case ENXIO: "a pipe, a socket or a device without a driver"
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
