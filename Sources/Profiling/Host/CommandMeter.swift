import Foundation
import Quantities

/// An external meter, read by a program of the user's: a smart socket, a power distribution unit, a board
/// controller.
///
/// The program is started once, by the shell, and runs as long as the meter is used. It prints one reading a
/// line, as often as it has one, each line at once (line-buffered): the watts as a plain number, for example
/// `231.5`. Empty lines and lines that begin with `#` are passed over. A reading holds from the moment its
/// line arrives until the next.
public final class CommandMeter: PowerMeter, @unchecked Sendable {
    // Unchecked: what the reading thread changes is guarded by the condition.

    private let command: String
    private let process = Process()
    private let condition = NSCondition()
    private var microwatts: UInt64?
    private var readAt = Nanoseconds.zero
    private var fault: String?

    /// No reading for so long means that the meter is lost.
    private let patience: TimeInterval

    /// Starts the program and waits for its first reading.
    /// - Throws: `noMeter` where it cannot be started, ends, prints something else, or prints nothing for
    ///   `patience` seconds.
    public init(_ command: String, patience: TimeInterval = 10) throws(ProfilingError) {
        self.command = command
        self.patience = patience
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw .noMeter(what: command, reason: "\(error.localizedDescription)", remedy: Self.remedy)
        }
        let handle = output.fileHandleForReading
        let thread = Thread { [weak self] in Self.read(handle) { self?.take($0) ?? false } }
        thread.name = "meter"
        thread.start()
        _ = try latest()
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    private static let remedy = "let it print a number of watts a line, each line at once"

    public var boundary: String { "external meter (\(command))" }
    public var channels: [PowerChannel] { [PowerChannel(name: command, kind: .power)] }

    public func sample() throws(ProfilingError) -> PowerSample {
        let takenAt = SystemClock.now()
        return PowerSample(takenAt: takenAt, values: [try latest()])
    }

    private func latest() throws(ProfilingError) -> UInt64 {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: patience)
        while microwatts == nil && fault == nil {
            if !condition.wait(until: deadline) { break }
        }
        if let fault { throw .noMeter(what: command, reason: fault, remedy: Self.remedy) }
        guard let microwatts, (SystemClock.now() - readAt).seconds <= patience else {
            throw .noMeter(
                what: command, reason: "no reading for \(Int(patience)) s", remedy: Self.remedy)
        }
        return microwatts
    }

    /// No reading is longer.
    private static let lineBytesMax = 4096

    /// Feeds lines to `take` until it returns false or the program ends. A line that does not end is cut off.
    private static func read(_ handle: FileHandle, _ take: (String?) -> Bool) {
        var rest = Data()
        while true {
            let data = handle.availableData
            guard !data.isEmpty else {
                _ = take(nil)
                return
            }
            rest += data
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
                rest = Data(rest[rest.index(after: end)...])
                guard take(line) else { return }
            }
            if rest.count > lineBytesMax {
                guard take(String(decoding: rest.prefix(lineBytesMax), as: UTF8.self)) else { return }
                rest = Data()
            }
        }
    }

    private func take(_ line: String?) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        defer { condition.broadcast() }
        guard let line else {
            fault = fault ?? "the program ended"
            return false
        }
        let text = line.trimmingCharacters(in: .whitespaces)
        if text.isEmpty || text.hasPrefix("#") { return true }
        guard let watts = Double(text), watts >= 0, watts < 1e9 else {
            fault = "found the line '\(text.prefix(40))', expected a number of watts"
            return false
        }
        microwatts = UInt64((watts * 1e6).rounded())
        readAt = SystemClock.now()
        return true
    }
}
