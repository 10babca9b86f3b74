import CNative
import Quantities
import Vocabulary

/// Reads what kind of machine this is from the files of the Linux kernel.
public struct HostProbe: Sendable {
    let files: SystemFiles
    private let schedulable: Int
    /// One for each processor whose clock can be read.
    let frequencyFiles: [String]

    /// - Parameters:
    ///   - root: the directory that holds `proc`, `sys` and `etc`; another than `/` is for tests.
    ///   - schedulableCores: how many cores the scheduler lets this process use; nil asks the kernel.
    public init(root: String = "/", schedulableCores: Int? = nil) {
        let files = SystemFiles(root: root)
        self.files = files
        let directory = "sys/devices/system/cpu"
        frequencyFiles = files.names(in: directory)
            .filter { $0.hasPrefix("cpu") && Int($0.dropFirst(3)) != nil }
            .map { "\(directory)/\($0)/cpufreq/scaling_cur_freq" }.filter(files.exists)
        schedulable = max(1, schedulableCores ?? Int(cnative_usable_processors()))
    }

    /// The machine as it is stored with every measurement.
    /// - Throws: `unreadable` where `/proc/cpuinfo` or `/proc/meminfo` is missing or says nothing.
    public func host() throws(ProfilingError) -> Host {
        Host(
            name: files.text("proc/sys/kernel/hostname") ?? "unknown", processor: try processor(),
            cores: usableCores, memory: try memory(), operatingSystem: operatingSystem)
    }

    /// Cores that this process can keep busy: those the scheduler lets it use (taskset, cpuset), and no more
    /// than its control groups' processor time pays for.
    public var usableCores: Int {
        guard let quota = processorQuota else { return schedulable }
        return max(1, min(schedulable, Int(quota)))
    }

    /// The processors this process may use, by memory node.
    public var topology: HostTopology {
        HostTopology(root: files.path(""), allowed: ThreadPlacement.allowedCores)
    }

    /// Size of the largest cache of the first processor; 32 MiB where it cannot be read.
    public var lastLevelCache: Bytes {
        let sizes = (0..<5).compactMap { index in
            files.text("sys/devices/system/cpu/cpu0/cache/index\(index)/size").flatMap(Self.cacheBytes)
        }
        return Bytes(Double(sizes.max() ?? 32 << 20))
    }

    // MARK: Parts

    private func processor() throws(ProfilingError) -> String {
        let path = "proc/cpuinfo"
        guard files.exists(path) else {
            throw .unreadable(
                path: files.path(path), reason: "found no file, expected the kernel's list of processors")
        }
        let lines = files.lines(path)
        // x86 says `model name`; on ARM the kernel only gives part numbers.
        for key in ["model name", "Model", "Hardware", "CPU part"] {
            for line in lines {
                let sides = line.split(separator: ":", maxSplits: 1)
                guard sides.count == 2, Self.trimmed(sides[0]) == key else { continue }
                return (key == "CPU part" ? "ARM part " : "") + Self.trimmed(sides[1])
            }
        }
        throw .unreadable(
            path: files.path(path), reason: "found no model name, expected one for each processor")
    }

    private func memory() throws(ProfilingError) -> Bytes {
        let path = "proc/meminfo"
        guard files.exists(path) else {
            throw .unreadable(
                path: files.path(path), reason: "found no file, expected the kernel's memory figures")
        }
        for line in files.lines(path) where line.hasPrefix("MemTotal:") {
            let words = line.split(separator: " ")
            if words.count >= 2, let kibibytes = Double(words[1]) { return Bytes(kibibytes * 1024) }
        }
        throw .unreadable(
            path: files.path(path), reason: "found no MemTotal, expected a line `MemTotal: <n> kB`")
    }

    private var operatingSystem: String {
        for line in files.lines("etc/os-release") where line.hasPrefix("PRETTY_NAME=") {
            return line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }
        }
        return files.text("proc/sys/kernel/ostype") ?? "unknown"
    }

    /// Cores' worth of time that the control groups grant, the least over the group and its parents; nil
    /// without a limit.
    private var processorQuota: Double? {
        var quotas: [Double] = []
        for line in files.lines("proc/self/cgroup") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isUnified = fields[0] == "0" && fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("cpu") else { continue }
            var group = String(fields[2])
            while true {
                let quota =
                    isUnified
                    ? unifiedQuota("sys/fs/cgroup\(group == "/" ? "" : group)/cpu.max")
                    : legacyQuota("sys/fs/cgroup/cpu\(group == "/" ? "" : group)/cpu.cfs_")
                if let quota { quotas.append(quota) }
                guard group != "/", let slash = group.lastIndex(of: "/") else { break }
                group = slash == group.startIndex ? "/" : String(group[..<slash])
            }
        }
        return quotas.min()
    }

    /// Control groups version 2: `<quota> <period>` in microseconds, or `max <period>`.
    private func unifiedQuota(_ path: String) -> Double? {
        let words = (files.text(path) ?? "").split(separator: " ")
        guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
            return nil
        }
        return quota / period
    }

    /// Control groups version 1: two files; a quota of -1 is none.
    private func legacyQuota(_ prefix: String) -> Double? {
        guard let quota = files.text(prefix + "quota_us").flatMap(Double.init), quota > 0,
            let period = files.text(prefix + "period_us").flatMap(Double.init), period > 0
        else { return nil }
        return quota / period
    }

    /// `32768K`, `1M` or a plain number.
    private static func cacheBytes(_ text: String) -> Int? {
        switch text.last {
        case "K": Int(text.dropLast()).map { $0 << 10 }
        case "M": Int(text.dropLast()).map { $0 << 20 }
        default: Int(text)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
