import Foundation
import Pipeline
import Quantities

/// Progress on the standard error: one line that is redrawn on a terminal, plain lines at intervals
/// elsewhere.
final class TerminalProgress: ProgressListener, @unchecked Sendable {
    // Unchecked: all state is guarded by the lock.

    private let lock = NSLock()
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var stage = ""
    private var units = 0
    private var done = 0
    private var began = Date()
    private var expected: Nanoseconds?
    private var lastLine = Date.distantPast

    /// Between two plain lines of one stage.
    private static let plainInterval: TimeInterval = 10

    func stageBegan(_ name: String, units: Int, expected: Nanoseconds?) {
        lock.withLock {
            (stage, self.units, done, began, self.expected) = (name, units, 0, Date(), expected)
            lastLine = Date()
            guard units > 0 else { return }
            let estimate = expected.map { ", about \(Self.duration($0.seconds))" } ?? ""
            show("\(name): \(units) \(units == 1 ? "step" : "steps")\(estimate)", isFinal: !isTerminal)
        }
    }

    func advanced(_ detail: String) {
        lock.withLock {
            done += 1
            let isDue = Date().timeIntervalSince(lastLine) >= (isTerminal ? 0.1 : Self.plainInterval)
            guard isDue else { return }
            lastLine = Date()
            show("\(stage): \(done)/\(units)  \(detail)\(remaining)", isFinal: !isTerminal)
        }
    }

    func stageEnded(_ summary: String) {
        lock.withLock {
            let took = Self.duration(Date().timeIntervalSince(began))
            show("\(stage): \(summary) (\(took))", isFinal: true)
        }
    }

    func note(_ text: String) {
        lock.withLock { show(stage.isEmpty ? text : "\(stage): \(text)", isFinal: true) }
    }

    private var remaining: String {
        let elapsed = Date().timeIntervalSince(began)
        guard done > 0, done < units else { return "" }
        // What was seen so far outweighs what was expected once a tenth is done.
        let seen = elapsed / Double(done) * Double(units - done)
        let left = expected.map { done * 10 < units ? max($0.seconds - elapsed, 0) : seen } ?? seen
        return "  ~\(Self.duration(left)) left"
    }

    private func show(_ text: String, isFinal: Bool) {
        let line =
            isTerminal ? "\r\u{1B}[2K\(text.prefix(terminalWidth - 1))\(isFinal ? "\n" : "")" : "\(text)\n"
        StandardStreams.complain(line)
    }

    private var terminalWidth: Int {
        max(OutputTerminal.width(of: STDERR_FILENO) ?? 80, 20)
    }

    private static func duration(_ seconds: TimeInterval) -> String {
        if seconds < 10 { return "\((seconds * 10).rounded() / 10) s" }
        let whole = Int(seconds.rounded())
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }
}
