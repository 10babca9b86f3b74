import Foundation

/// What tells a process of this machine apart from every other, those that had its number before included.
public struct ProcessIdentity: Hashable, Sendable {
    /// The running kernel and the space its process numbers belong to: containers count for themselves. nil
    /// where the kernel does not say.
    public let machine: String?
    public let number: Int
    /// In clock ticks since the machine started; nil where the kernel does not say.
    public let start: Int64?

    /// This process.
    public static var current: ProcessIdentity {
        let files = SystemFiles(root: "/")
        let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        let boot = files.text("proc/sys/kernel/random/boot_id")
        let number = Int(getpid())
        return ProcessIdentity(
            machine: boot.flatMap { boot in space.map { "\(boot) \($0)" } }, number: number,
            start: start(of: number))
    }

    /// Whether a process of this machine still runs. One that ended and was not waited for by its parent does
    /// not.
    public static func isAlive(number: Int, start: Int64) -> Bool {
        guard let stat = statistics(of: number), stat.first != "Z" && stat.first != "X" else { return false }
        return Self.start(stat) == start
    }

    private static func start(of number: Int) -> Int64? { statistics(of: number).flatMap(start) }

    /// The 22nd field of the kernel's line, of which the first two are left out here.
    private static func start(_ fields: [Substring]) -> Int64? {
        fields.count > 19 ? Int64(fields[19]) : nil
    }

    /// The kernel's line on a process from the third field on. The second, its name, may hold anything but
    /// ends with the last closing bracket.
    private static func statistics(of number: Int) -> [Substring]? {
        guard let text = SystemFiles(root: "/").text("proc/\(number)/stat"),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }
}
