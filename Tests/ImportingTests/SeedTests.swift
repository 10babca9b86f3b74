import Catalog
import Foundation
import TestSupport
import Testing
import Vocabulary

/// The published figures that come with the tool: names that exist, limits that are the models' own, watts
/// that the machine can draw, and facts that agree with where they were read.
@Suite struct SeedTests {
    private static let path = "\(Repository.root)/Database/Seed/published.csv"

    /// No field of the file has a comma or a quote in it.
    private static func rows(ofTableAt path: String, quoted: Bool = false) throws -> [[String: String]] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("#") }
        let heads = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return lines.dropFirst().map { line in
            var fields: [String] = [""]
            var isQuoted = false
            for character in line {
                switch character {
                case "\"" where quoted: isQuoted.toggle()
                case "," where !isQuoted: fields.append("")
                default: fields[fields.count - 1].append(character)
                }
            }
            return Dictionary(uniqueKeysWithValues: zip(heads, fields))
        }
    }

    @Test func everyRowHasItsModelItsServerAndItsSource() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let rows = try Self.rows(ofTableAt: Self.path)
        #expect(rows.count == 40)
        var pairs: Set<String> = []
        for row in rows {
            let model = try catalog.model(ModelID(try #require(row["model"])))
            let server = try catalog.serverType(ServerTypeID(try #require(row["server"])))
            #expect(pairs.insert("\(model.id) on \(server.id)").inserted, "\(row)")
            #expect(Double(row["target_quantile"] ?? "") == model.latencyTarget.quantile.value, "\(row)")
            #expect(Double(row["target_limit_ms"] ?? "") == model.latencyTarget.limit.milliseconds, "\(row)")
            #expect(row["devices"].flatMap(Int.init) == server.accelerator?.count, "\(row)")
            let watts = try #require(row["watts"].flatMap(Double.init))
            #expect(
                watts > server.power.idle.value && watts < server.power.peak.value,
                "\(server.id) draws \(server.power.idle) to \(server.power.peak): \(row)")
            #expect(row["watts_scope"] == "system" && row["watts_provenance"] == "metered")
            #expect(row["source"]?.contains("https://github.com/mlcommons/inference_results_v") == true)
            #expect(row["licence"] == "Apache-2.0")
        }
        // Enough for a choice: every model on eight types or more, some pairs unknown.
        for model in ["bert-99", "bert-99.9", "resnet50", "retinanet"] {
            #expect(rows.filter { $0["model"] == model }.count >= 9, "\(model)")
        }
    }

    @Test(.enabled(if: Repository.hasSharedData, Repository.sharedDataComment))
    func theFactsAreThoseOfTheResults() throws {
        let results = try Self.rows(
            ofTableAt: "\(Repository.sharedData)/mlperf_power/joined_power.csv", quoted: true)
        for row in try Self.rows(ofTableAt: Self.path) {
            // "MLPerf Inference v3.0 closed power Server NVIDIA PLATFORM https://..."
            let words = try #require(row["source"]).split(separator: " ").map(String.init)
            let found = results.filter {
                $0["version"] == words[2] && $0["org"] == words[6] && $0["platform"] == words[7]
                    && $0["model"] == row["model"] && $0["scenario"] == "Server"
            }
            #expect(found.count == 1, "\(row)")
            let result = try #require(found.first)
            #expect(row["throughput"].flatMap(Double.init) == result["result"].flatMap(Double.init), "\(row)")
            let watts = try #require(row["watts"].flatMap(Double.init))
            let power = try #require(result["power"].flatMap(Double.init))
            #expect(abs(watts - power) <= 0.0501, "\(row)")
            #expect(row["devices"] == result["acc_per_node"], "\(row)")
        }
    }
}
