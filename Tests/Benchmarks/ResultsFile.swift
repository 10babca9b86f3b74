import Foundation
import Profiling
import Reporting
import Vocabulary

/// Where, when and from what a benchmark was run.
struct BenchmarkSetting {
    let command: String
    /// The commit, and whether the checkout differed from it.
    let commit: String
    let date: String
    let machine: String

    /// Looks at the clock, the machine, and the checkout in the working directory.
    /// - Parameter arguments: the benchmark's name and what stood after it.
    init(arguments: [String]) throws {
        command = (["Scripts/benchmark"] + arguments).joined(separator: " ")
        commit = Self.commit()
        date = Self.text(of: Date())
        let host = try HostProbe().host()
        let gibibytes = (host.memory.value / 1_073_741_824).rounded(significantDigits: 3)
        machine =
            "\(host.processor), \(host.cores) cores, \(gibibytes) GiB of memory, \(host.operatingSystem)"
    }

    private static func text(of date: Date) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "yyyy-MM-dd HH:mm 'UTC'"
        return format.string(from: date)
    }

    private static func commit() -> String {
        guard let commit = git(["rev-parse", "--short=12", "HEAD"]), !commit.isEmpty else {
            return "not a git checkout"
        }
        let changes = git(["status", "--porcelain"]) ?? ""
        // Documents are not measured, and this run's predecessors have changed the results.
        let isChanged = changes.split(separator: "\n").contains { !$0.hasSuffix(".md") }
        return isChanged ? "\(commit), with changes that are not committed" : commit
    }

    /// What git prints; nil where it fails or is not there.
    private static func git(_ arguments: [String]) -> String? {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return text.trimmingCharacters(in: .newlines)
    }
}

/// What a benchmark found, as a section of the results file.
struct ResultsSection {
    let name: String
    let text: String

    init(_ board: BenchmarkBoard, purpose: String, setting: BenchmarkSetting) {
        name = board.name
        var parts = [
            "\(purpose.prefix(1).uppercased())\(purpose.dropFirst()).",
            Self.table(
                ["", ""],
                [
                    ["command", "`\(setting.command)`"], ["commit", setting.commit],
                    ["date", setting.date], ["machine", setting.machine],
                ]),
        ]
        let printed = board.printed.trimmingCharacters(in: .newlines)
        if !printed.isEmpty { parts.append("```text\n\(printed)\n```") }
        if !board.bars.isEmpty {
            parts.append(
                Self.table(
                    ["bar", "found", "target", ""],
                    board.bars.map {
                        [
                            $0.what, Self.text($0.value), "\($0.side.rawValue) \(Self.text($0.target))",
                            $0.isMet ? "met" : "**missed**",
                        ]
                    }))
        }
        if !board.figures.isEmpty {
            parts.append(
                Self.table(
                    ["figure", "value"],
                    board.figures.sorted { $0.key < $1.key }.map { [$0.key, Self.text($0.value)] }))
        }
        text = parts.joined(separator: "\n\n")
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String {
            let safe = cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }
            return "| \(safe.joined(separator: " | ")) |"
        }
        return ([line(head), line(head.map { _ in "---" })] + rows.map(line)).joined(separator: "\n")
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .number(let number): text(number)
        case .string(let text): text
        default: value.compactText
        }
    }

    private static func text(_ number: Double) -> String {
        JSONValue.number(number.rounded(significantDigits: 5)).compactText
    }
}

/// The file of all results: a section for each benchmark, in the order of names.
struct ResultsFile {
    let path: String

    /// Puts a section in the place of the one with its name, or among the others where there is none. The
    /// file is replaced at once or not at all.
    /// - Parameter known: every benchmark there is. Those without a section are listed; sections of others
    ///   are dropped.
    func replace(_ section: ResultsSection, known: [String]) throws {
        var sections: [String: String] = [:]
        if FileManager.default.fileExists(atPath: path) {
            sections = Self.sections(of: try String(contentsOfFile: path, encoding: .utf8))
        }
        sections[section.name] = section.text
        let written = known.filter { sections[$0] != nil }
        let missing = known.filter { sections[$0] == nil }
        var parts = [
            "# Benchmark results",
            """
            Written by `Scripts/benchmark NAME --write`, and for all benchmarks by
            `Scripts/benchmark --write`; never by hand. Each section is the last run of one benchmark, with
            its command, commit, date and machine. A missed bar says **missed**. Figures from different
            machines or commits are not comparable.
            """,
        ]
        if !missing.isEmpty { parts.append("Without a result so far: \(missing.joined(separator: ", ")).") }
        parts += written.sorted().map { "## \($0)\n\n\(sections[$0] ?? "")" }
        try Data((parts.joined(separator: "\n\n") + "\n").utf8)
            .write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// The text of each section by its heading. Printed tables are left whole, whatever their lines begin
    /// with.
    static func sections(of text: String) -> [String: String] {
        var sections: [String: [Substring]] = [:]
        var current: String?
        var isPrinted = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isPrinted.toggle() }
            if !isPrinted, line.hasPrefix("## ") {
                current = String(line.dropFirst(3))
            } else if let current {
                sections[current, default: []].append(line)
            }
        }
        return sections.mapValues { $0.joined(separator: "\n").trimmingCharacters(in: .newlines) }
    }
}
