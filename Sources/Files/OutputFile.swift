#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a file was not written. Whatever stood at its path still stands there.
public struct OutputRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// As the caller named it.
    public let path: String
    public let found: String
    public let expected: String
    /// Whether another path would do, rather than another disk or other rights.
    public let isUsage: Bool

    package init(path: String, found: String, expected: String, isUsage: Bool) {
        self.path = path
        self.found = found
        self.expected = expected
        self.isUsage = isUsage
    }

    public var description: String { "\(path): found \(found), expected \(expected)" }
}

/// A file that a verb writes: the only way to one.
///
/// It is written beside its place under a name of its own, has reached the disk, and takes its place in one
/// step: whoever ends the process finds the old file or the new one. It takes the place of nothing else than
/// an earlier file of its kind: not of the database and its logs, not of a file that the command has read,
/// not of a folder, a pipe or a device. A file that is replaced keeps its mode, and a link to it stays.
public struct OutputFile: Sendable {
    /// What the file may take the place of.
    public struct Kind: Sendable {
        /// Completes "found a file that is not ...".
        let words: String
        /// How every file of the kind begins; nil where nothing may be replaced.
        let beginning: [UInt8]?

        /// Files that an earlier call may have written.
        /// - Parameter beginning: how each of them begins; not empty.
        public static func earlier(_ words: String, beginning: some StringProtocol) -> Kind {
            Kind(words: words, beginning: Array(beginning.utf8))
        }

        /// A file that must not be there yet.
        public static let new = Kind(words: "", beginning: nil)
    }

    public let path: String
    private let kind: Kind
    private let protected: [String]

    /// - Parameter database: not to be replaced, nor are its logs; nil where there is none.
    public init(path: String, kind: Kind, database: String?) {
        self.path = path
        self.kind = kind
        protected = database.map { name in ["", "-wal", "-shm", "-journal"].map { name + $0 } } ?? []
    }

    /// Whether the file could be written, as far as that can be told without writing.
    public func check() throws(OutputRefusal) { _ = try place() }

    /// Writes the whole file.
    public func write(_ text: String) throws(OutputRefusal) { _ = try write(pieces: CollectionOfOne(text)) }

    /// Writes the whole file, a piece at a time.
    /// - Returns: how long it is, in bytes.
    public func write(pieces: some Sequence<String>) throws(OutputRefusal) -> Int {
        var bytes = 0
        do {
            try make { partial in
                let descriptor = open(partial, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
                guard descriptor >= 0 else { throw SystemFailure(code: errno) }
                defer { close(descriptor) }
                for piece in pieces {
                    var piece = piece
                    bytes += piece.utf8.count
                    try piece.withUTF8 { try Self.write(UnsafeRawBufferPointer($0), to: descriptor) }
                }
            }
            return bytes
        } catch let error as OutputRefusal {
            throw error
        } catch let error as SystemFailure {
            throw failed(error.code)
        } catch {
            throw refused("\(error)", "a file that can be written", isUsage: false)
        }
    }

    /// Makes the file with what another library writes.
    /// - Parameters:
    ///   - mode: of a file that is not there yet; nil for what the process makes files with.
    ///   - fill: writes the file at the path that it is given, where an empty one stands.
    /// - Throws: `OutputRefusal`, or what `fill` throws; nothing is left behind then.
    public func make(mode: mode_t? = nil, _ fill: (_ partial: String) throws -> Void) throws {
        let place = try place()
        do {
            let partial = try PartialFile(beside: place.path)
            defer { partial.remove() }
            try fill(partial.path)
            try partial.finish(mode: place.mode ?? mode)
            // What has come there meanwhile is not replaced either.
            try partial.take(try self.place().path, isNew: kind.beginning == nil)
        } catch let error as SystemFailure {
            throw failed(error.code)
        }
    }

    // MARK: The place

    /// Where the file really goes, and the mode of what stands there.
    private func place() throws(OutputRefusal) -> (path: String, mode: mode_t?) {
        guard let target = Self.resolved(path) else {
            throw refused("a folder that is missing or not writable", "one to write to", isUsage: false)
        }
        for name in protected where target == Self.resolved(name) || Self.isSame(target, name) {
            throw refused(
                "the database \(protected[0])\(name == protected[0] ? "" : ", which this is a part of")",
                "another file")
        }
        var status = stat()
        guard stat(target, &status) == 0 else {
            guard errno == ENOENT, !Self.isLink(target) else { throw failed(errno) }
            try requireFolder(of: target)
            return (target, nil)
        }
        if let found = FileIdentity.kind(of: status) { throw refused(found, "a file to write") }
        if Self.isDescriptor(path) { throw refused("an open file of this process", "a file to write") }
        if InputFiles.contains(status) {
            throw refused("a file that this command reads", "another file")
        }
        guard let beginning = kind.beginning else {
            throw refused("something there already", "a new file")
        }
        if status.st_size > 0, try self.beginning(of: target, count: beginning.count) != beginning {
            throw refused("a file that is not \(kind.words)", "a new file, an empty one or \(kind.words)")
        }
        try requireFolder(of: target)
        return (target, status.st_mode & 0o7777)
    }

    private func requireFolder(of target: String) throws(OutputRefusal) {
        guard access(Self.folder(of: target), W_OK) == 0 else {
            throw refused("a folder that is missing or not writable", "one to write to", isUsage: false)
        }
    }

    private func beginning(of target: String, count: Int) throws(OutputRefusal) -> [UInt8] {
        let descriptor = open(target, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failed(errno) }
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, read(descriptor, buffer.baseAddress, count))
        }
    }

    private func refused(_ found: String, _ expected: String, isUsage: Bool = true) -> OutputRefusal {
        OutputRefusal(path: path, found: found, expected: expected, isUsage: isUsage)
    }

    private func failed(_ code: CInt) -> OutputRefusal {
        refused(String(cString: strerror(code)), "a file that can be written", isUsage: false)
    }

    /// A path without links: of the file itself, or of the folder that it would be in.
    private static func resolved(_ path: String) -> String? {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        guard let name = path.split(separator: "/").last, name != "..", name != "." else { return nil }
        guard let real = realpath(folder(of: path), nil) else { return nil }
        defer { free(real) }
        let folder = String(cString: real)
        return folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func isSame(_ path: String, _ other: String) -> Bool {
        guard let identity = FileIdentity(path: path) else { return false }
        return identity == FileIdentity(path: other)
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Names of what a process has open, which a file in its place would not be.
    private static func isDescriptor(_ path: String) -> Bool {
        ["/dev/stdout", "/dev/stderr", "/dev/stdin"].contains(path)
            || ["/dev/fd/", "/proc/"].contains { path.hasPrefix($0) }
    }

    /// Writes all bytes, however many calls that takes.
    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) throws(SystemFailure) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, start, rest.count)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, start, rest.count)
            #else
                let count = Darwin.write(descriptor, start, rest.count)
            #endif
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure(code: count < 0 ? errno : ENOSPC) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}

/// What a call of the system ended with.
package struct SystemFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: CInt

    package init(code: CInt) { self.code = code }

    package var description: String { String(cString: strerror(code)) }
}

/// A file on its way to its place. It is locked while its process lives, so that the next one can tell what
/// a killed one has left behind.
private struct PartialFile {
    let path: String
    private let descriptor: CInt
    private static let ending = ".hercules-partial"

    init(beside target: String) throws {
        let folder = OutputFile.folder(of: target)
        let stem = ".\(target.split(separator: "/").last.map { String($0.prefix(60)) } ?? "")."
        Self.sweep(folder, stem)
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        path = "\(folder == "/" ? "" : folder)/\(stem)\(number)\(Self.ending)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemFailure(code: errno) }
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
    }

    /// Removes what processes that are gone left of the same file.
    private static func sweep(_ folder: String, _ stem: String) {
        for name in (try? FileContents.allNames(in: folder)) ?? []
        where name.hasPrefix(stem) && name.hasSuffix(ending) {
            let digits = name.dropFirst(stem.count).dropLast(ending.count)
            guard !digits.isEmpty, digits.allSatisfy(\.isHexDigit) else { continue }
            let left = "\(folder)/\(name)"
            let descriptor = open(left, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(left) }
            close(descriptor)
        }
    }

    /// Sees to it that all of it is on the disk, under the mode it will have.
    func finish(mode: mode_t?) throws(SystemFailure) {
        // Another library may have put a file of its own at the path.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw SystemFailure(code: errno) }
        defer { close(descriptor) }
        let standard = umask(0)
        _ = umask(standard)
        guard fchmod(descriptor, mode ?? 0o666 & ~standard) == 0, fsync(descriptor) == 0 else {
            throw SystemFailure(code: errno)
        }
    }

    /// Gives the file its name.
    func take(_ target: String, isNew: Bool) throws(SystemFailure) {
        // A link fails where something has come there meanwhile; a file system without links has to do with
        // the look that was taken just now.
        if isNew, link(path, target) == 0 {
            unlink(path)
        } else if isNew, errno == EEXIST {
            throw SystemFailure(code: EEXIST)
        } else if rename(path, target) != 0 {
            throw SystemFailure(code: errno)
        }
        let folder = open(OutputFile.folder(of: target), O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard folder >= 0 else { return }
        _ = fsync(folder)
        close(folder)
    }

    func remove() {
        // Gone where it has taken its place.
        unlink(path)
        close(descriptor)
    }
}
