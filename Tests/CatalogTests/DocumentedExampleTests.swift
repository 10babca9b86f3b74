import Catalog
import Files
import Foundation
import Importing
import TestSupport
import Testing
import Traces
import Vocabulary

/// The examples in `Workloads/README.md` are files that the catalogue takes.
@Suite struct DocumentedExampleTests {
    private struct Example {
        let heading: String
        let text: String
    }

    /// Every block of YAML with the heading above it.
    private static func examples() throws -> [Example] {
        var examples: [Example] = []
        var heading = ""
        var lines: [String]?
        let path = "\(Repository.workloads)/README.md"
        for line in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                if let block = lines {
                    examples.append(Example(heading: heading, text: block.joined(separator: "\n") + "\n"))
                }
                lines = line == "```yaml" ? [] : nil
            } else if lines != nil {
                lines?.append(line)
            } else if line.hasPrefix("#") {
                heading = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
            }
        }
        return examples
    }

    /// What a model needs beside the example.
    private static let head = """
        id: example
        title: Example
        source: "made for a test"
        latency_quantile: 0.95
        latency_limit_ms: 10

        """

    @Test func everyExampleIsRead() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        let hours = (0..<24).map { String(format: "2024-06-03T%02d:00:00,%d", $0, 40 + $0) }
        try copy.write(
            "time,Price (EUR/MWh)\n" + hours.joined(separator: "\n") + "\n", to: "traces/day-ahead.csv")
        let modelled = try copy.read("scenarios/modelled.yaml")
            .replacing("id: modelled", with: "id: example")
        let beforeReplay = try #require(modelled.components(separatedBy: "\nreplay:").first) + "\n"
        let examples = try Self.examples()
        #expect(examples.count >= 12, "found only \(examples.count) examples: are they read?")
        for example in examples {
            let name = String(example.text.prefix { $0 != "\n" }.dropFirst("id: ".count))
            do {
                try read(example, named: name, in: copy, modelled: modelled, beforeReplay: beforeReplay)
            } catch {
                Issue.record("the example under '\(example.heading)': \(error)")
            }
        }
    }

    private func read(
        _ example: Example, named name: String, in copy: WorkingCopy, modelled: String, beforeReplay: String
    ) throws {
        let text = example.text
        let catalog = try copy.catalog
        switch example.heading {
        case "Models":
            try copy.write(text, to: "models/\(name).yaml")
            _ = try catalog.model(ModelID(name))
        case "Query sizes", "Inputs", "Served models", "Networks":
            let sizes = example.heading == "Query sizes" ? "predict_layers: [1]\nembedding_tables:\n" : ""
            let table = sizes.isEmpty ? "" : "  - {count: 1, rows: 10, dimension: 4, lookups: 1}\n"
            let query = sizes.isEmpty ? "query_sizes: {fixed_items: 1}\n" : ""
            try copy.write(Self.head + sizes + table + query + text, to: "models/example.yaml")
            _ = try catalog.model("example")
        case "Server types":
            try copy.write(text, to: "servers/\(name).yaml")
            _ = try catalog.serverType(ServerTypeID(name))
        case "Devices":
            try copy.write(text, to: "servers/devices/memories/\(name).yaml")
            _ = try catalog.device(.memory, name)
        case "Fleets":
            try copy.write(text, to: "fleets/\(name).yaml")
            _ = try catalog.fleet(name)
        case "Traces":
            try copy.write(text, to: "traces/\(name).yaml")
            _ = try catalog.traceRecipe(name)
        case "Plan":
            _ = try catalog.scenario(at: copy.write(modelled + text, to: "scenarios/example.yaml"))
        case "Replay":
            _ = try catalog.scenario(at: copy.write(beforeReplay + text, to: "scenarios/example.yaml"))
        case "Imports":
            _ = try ImportMapping(path: copy.write(text, to: "map.yaml"))
        case "Jobs":
            _ = try catalog.profileJob(at: copy.write(text, to: "jobs/\(name).yaml"))
        case "Studies":
            try StudyReaderTests.load(copy.write(text, to: "studies/\(name).yaml"), from: catalog)
        case "Controllers":
            _ = try catalog.controller(at: copy.write(text, to: "controller/\(name).yaml")) {
                (path, options) throws(FileError) in try TraceImporter(options: options).read(path: path)
            }
        default:
            Issue.record("nothing reads the example under '\(example.heading)'")
        }
    }
}
