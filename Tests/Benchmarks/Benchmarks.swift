import Foundation

/// Runs one benchmark by name; `Scripts/benchmark` builds and calls this.
@main
struct Benchmarks {
    /// In the order they are listed.
    static let all: [any Benchmark.Type] = [
        FuzzBenchmark.self, HTTPBenchmark.self, ImportBenchmark.self, JobsBenchmark.self, ModelBenchmark.self,
        PlanBenchmark.self,
        ProfileBenchmark.self,
        ReplayBenchmark.self, SearchBenchmark.self, SimulateBenchmark.self, StartBenchmark.self,
    ]

    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.first, let benchmark = all.first(where: { $0.name == name }) else {
            let found = arguments.first.map { "no benchmark '\($0)'" } ?? "no benchmark named"
            let known = all.map { "  \($0.name)  \($0.purpose)" }.joined(separator: "\n")
            FileHandle.standardError.write(Data("benchmark: \(found); there are:\n\(known)\n".utf8))
            exit(64)
        }
        var board = BenchmarkBoard(name: name)
        do {
            try benchmark.run(Array(arguments.dropFirst()), board: &board)
        } catch {
            FileHandle.standardError.write(Data("benchmark \(name): \(error)\n".utf8))
            exit(1)
        }
        board.finish()
    }
}
