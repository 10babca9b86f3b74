import Foundation

/// Runs one benchmark by name; `Scripts/benchmark` builds and calls this.
///
///     Benchmarks NAME [ARGUMENT...]             prints tables, then one line of JSON
///     Benchmarks NAME [ARGUMENT...] --write     also replaces its section of the results file
///     Benchmarks --write                        does so for every benchmark, each in a process of its own
///
/// `--results FILE` names another results file than `Tests/Benchmarks/RESULTS.md`.
@main
struct Benchmarks {
    /// In the order they are listed.
    static let all: [any Benchmark.Type] = [
        ControllerBenchmark.self, FleetLLMBenchmark.self, FuzzBenchmark.self, HTTPBenchmark.self,
        ImportBenchmark.self,
        JobsBenchmark.self, ModelBenchmark.self,
        NasBenchmark.self, PlanBenchmark.self, ProfileBenchmark.self, ReplayBenchmark.self,
        SavingsBenchmark.self,
        SearchBenchmark.self, ServingBenchmark.self, SimulateBenchmark.self, StacksBenchmark.self,
        StartBenchmark.self,
    ]

    private static let standardResults = "Tests/Benchmarks/RESULTS.md"

    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        var results = standardResults
        if let index = arguments.firstIndex(of: "--results"), index + 1 < arguments.count {
            results = arguments[index + 1]
            arguments.removeSubrange(index...(index + 1))
        }
        let writes = arguments.contains("--write")
        arguments.removeAll { $0 == "--write" }
        if arguments.isEmpty, writes { exit(runAll(results)) }
        guard let name = arguments.first, let benchmark = all.first(where: { $0.name == name }) else {
            let found = arguments.first.map { "no benchmark '\($0)'" } ?? "no benchmark named"
            let known = all.map { "  \($0.name)  \($0.purpose)" }.joined(separator: "\n")
            say("\(found); there are:\n\(known)")
            exit(64)
        }
        do {
            try run(benchmark, arguments, results: writes ? results : nil)
        } catch {
            say("\(name): \(error)")
            exit(1)
        }
    }

    /// - Parameters:
    ///   - arguments: its name and what stood after it.
    ///   - results: the file to write its section to; nil for none.
    private static func run(_ benchmark: any Benchmark.Type, _ arguments: [String], results: String?) throws {
        var board = BenchmarkBoard(name: benchmark.name)
        // What is measured is what was checked out when the benchmark began.
        let setting = try BenchmarkSetting(arguments: arguments)
        try benchmark.run(Array(arguments.dropFirst()), board: &board)
        board.finish()
        guard let results else { return }
        let section = ResultsSection(board, purpose: benchmark.purpose, setting: setting)
        try ResultsFile(path: results).replace(section, known: all.map { $0.name })
        say("wrote the section '\(benchmark.name)' of \(results)")
    }

    /// Runs every benchmark as a process of its own: what one leaves in memory must not count for the next.
    /// - Returns: 0, or 1 where one failed; the others are run all the same.
    private static func runAll(_ results: String) -> Int32 {
        var failed: [String] = []
        for benchmark in all {
            say("running \(benchmark.name)")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            process.arguments = [benchmark.name, "--write", "--results", results]
            do { try process.run() } catch {
                say("\(benchmark.name): \(error)")
                failed.append(benchmark.name)
                continue
            }
            process.waitUntilExit()
            if process.terminationStatus != 0 { failed.append(benchmark.name) }
        }
        if !failed.isEmpty {
            say("failed, with their sections left alone: \(failed.joined(separator: ", "))")
        }
        return failed.isEmpty ? 0 : 1
    }

    private static func say(_ text: String) {
        FileHandle.standardError.write(Data("benchmark: \(text)\n".utf8))
    }
}
