import Foundation

/// Who holds a lock, as the holder wrote it into the file.
public struct ResourceHolder: Hashable, Sendable, CustomStringConvertible {
    public let processID: Int
    /// What it is doing, for people.
    public let activity: String
    /// What it holds, for people: `cores 0-3`.
    public let resources: String

    public var description: String { "process \(processID) (\(activity), \(resources))" }
}

/// Locks on the parts of a machine that a measurement needs for itself, held across processes.
///
/// There is one file for each core, so that processes held to different cores (`taskset`, a cpuset, a batch
/// system) never wait for one another, and those that share one do. The kernel drops a lock with the process
/// that holds it, however that ends. Processes in containers see one another only where they share the
/// folder.
public final class ResourceLocks: @unchecked Sendable {
    // Unchecked: the descriptors are guarded by the lock.

    /// The folder could not be used.
    public struct Failure: Error, CustomStringConvertible {
        public let path: String
        public let reason: String
        public var description: String { "\(path): \(reason)" }
    }

    /// What is locked, for people.
    public let resources: String
    private let directory: String
    private let names: [String]
    private let lock = NSLock()
    private var held: [Int32] = []

    /// - Parameters:
    ///   - names: what to lock, in the same order in every process.
    ///   - resources: the same for people.
    public init(directory: String = ResourceLocks.runtimeDirectory(), names: [String], resources: String) {
        self.directory = directory
        self.names = names
        self.resources = resources
    }

    /// Locks for the cores that this process may run on.
    public convenience init(
        directory: String = ResourceLocks.runtimeDirectory(), cores: [Int] = ResourceLocks.usableCores()
    ) {
        self.init(
            directory: directory, names: cores.sorted().map { "core-\($0)" },
            resources: "cores \(Self.ranges(cores.sorted()))")
    }

    /// Locks for a server elsewhere, which two load generators would disturb for one another.
    public convenience init(directory: String = ResourceLocks.runtimeDirectory(), endpoint: String) {
        let name = endpoint.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        self.init(
            directory: directory, names: ["endpoint-\(String(name).prefix(120))"],
            resources: "the server at \(endpoint)")
    }

    deinit { release() }

    /// Takes all of the locks, or none.
    /// - Returns: who holds those that could not be had; empty where they are ours now.
    public func tryAcquire(for activity: String) throws(Failure) -> [ResourceHolder] {
        lock.lock()
        defer { lock.unlock() }
        guard held.isEmpty else { return [] }
        var taken: [Int32] = []
        var holders: [ResourceHolder] = []
        for name in names {
            let path = "\(directory)/hercules-\(name).lock"
            let descriptor: Int32
            do {
                descriptor = try Self.open(path)
            } catch {
                taken.forEach { close($0) }
                throw error
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                taken.append(descriptor)
            } else {
                holders.append(Self.holder(descriptor))
                close(descriptor)
            }
        }
        guard holders.isEmpty else {
            taken.forEach { close($0) }
            return Array(Set(holders)).sorted { $0.processID < $1.processID }
        }
        for descriptor in taken { Self.write("\(getpid())\n\(activity)\n\(resources)\n", to: descriptor) }
        held = taken
        return []
    }

    /// Gives the locks back; does nothing where none is held.
    public func release() {
        lock.lock()
        defer { lock.unlock() }
        held.forEach { close($0) }
        held = []
    }

    /// Where locks lie unless `$HERCULES_RUNTIME_DIR` says otherwise: the first of the system's folders for
    /// them that anybody may write to, so that the processes of different users meet.
    public static func runtimeDirectory() -> String {
        if let chosen = ProcessInfo.processInfo.environment["HERCULES_RUNTIME_DIR"], !chosen.isEmpty {
            return chosen
        }
        return ["/run/lock", "/var/lock"].first { access($0, W_OK) == 0 } ?? "/tmp"
    }

    /// The numbers of the cores this process may run on; core 0 alone where the kernel does not say.
    public static func usableCores(root: String = "/") -> [Int] {
        let lines = SystemFiles(root: root).lines("proc/self/status")
        let list = lines.first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: ":").last
        let cores = (list ?? "").trimmingCharacters(in: .whitespaces).split(separator: ",").flatMap {
            part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
        return cores.isEmpty ? [0] : cores
    }

    /// `0-3,8` for the numbers 0, 1, 2, 3 and 8.
    static func ranges(_ numbers: [Int]) -> String {
        var parts: [(first: Int, last: Int)] = []
        for number in numbers {
            if let end = parts.last?.last, end + 1 == number {
                parts[parts.count - 1].last = number
            } else {
                parts.append((number, number))
            }
        }
        return parts.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
            .joined(separator: ",")
    }

    /// Opens a lock's file, making it where it is missing. In a folder that all may write to, the kernel lets
    /// nobody open for creation what another user made, so that comes second. A file that may only be read
    /// can be locked too.
    private static func open(_ path: String) throws(Failure) -> Int32 {
        for flags in [O_RDWR, O_RDONLY] {
            let descriptor = Foundation.open(path, flags | O_CLOEXEC)
            if descriptor >= 0 { return descriptor }
        }
        let made = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard made >= 0 else { throw Failure(path: path, reason: String(cString: strerror(errno))) }
        fchmod(made, 0o666)
        return made
    }

    private static func holder(_ descriptor: Int32) -> ResourceHolder {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
        guard lines.count >= 3, let process = Int(lines[0]) else {
            return ResourceHolder(processID: 0, activity: "unknown", resources: "unknown")
        }
        return ResourceHolder(
            processID: process, activity: String(lines[1]), resources: String(lines[2]))
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, bytes, bytes.count, 0) }
    }
}
