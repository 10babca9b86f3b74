import Catalog
import Foundation
import Importing
import Quantities
import Testing
import Vocabulary

/// Any JSON through a mapping over paths.
@Suite struct JSONTableTests {
    private static let text = """
        {"config": {"model.name": "net", "hardware": {"name": "box", "gpus": [1, 2]}},
         "runs": {"b": {"load": {"users": 16}, "out": {"rps": 90, "p99": 0.25},
                        "gpus": [{"w": 200}, {"w": 210}]},
                  "a": {"load": {"users": 8}, "out": {"rps": 50, "p99": 0.2},
                        "gpus": [{"w": 150}, {"w": null}]}}}
        """

    private func mapping(_ change: (inout ImportMapping) -> Void = { _ in }) -> ImportMapping {
        var mapping = ImportMapping()
        mapping.rows = "$.runs.*"
        mapping.columns = [
            "model": "$.config['model.name']", "server": "$.config.hardware.name",
            "devices": "count($.config.hardware.gpus[*])", "concurrency": "load.users",
            "throughput": "out.rps", "p99_ms": "out.p99", "watts": "sum(gpus[*].w)",
        ]
        mapping.constants = [
            "throughput_unit": "queries", "watts_scope": "devices", "watts_provenance": "metered",
        ]
        mapping.factors = ["p99_ms": 1000]
        change(&mapping)
        return mapping
    }

    @Test func rowsAndCellsAreFoundAtTheirPaths() throws {
        let figures = try ImportedFile(Self.text).figures("json", mapping())
        #expect(figures.map(\.concurrency) == [8, 16], "an object's values come in the order of its keys")
        #expect(figures.map(\.throughput) == [50, 90] && figures.map(\.model) == ["net", "net"])
        #expect(figures.map(\.p99Latency) == [Nanoseconds(seconds: 0.2), Nanoseconds(seconds: 0.25)])
        #expect(figures.map(\.power) == [nil, Watts(410)], "a sum with a missing part is unknown")
        #expect(figures.allSatisfy { $0.devices == 2 && $0.server == "box" })
    }

    @Test func aLineADocumentIsReadTheSameWay() throws {
        let lines = try ImportedFile("{\"m\":\"a\",\"t\":1}\n{\"m\":\"b\",\"t\":2}\n")
        let figures = try lines.figures(
            "json",
            mapping {
                $0.rows = nil
                $0.columns = ["model": "m", "throughput": "t"]
                $0.constants = ["server": "box", "throughput_unit": "items"]
                $0.factors = [:]
            })
        #expect(figures.map(\.model) == ["a", "b"] && figures.map(\.throughput) == [1, 2])
    }

    @Test(arguments: [
        ("runs", "out.rps", "throughput: found nothing"),
        ("$.runs.*", "gpus[*].w", "throughput: found 2 values at gpus[*].w, expected one, or sum(...)"),
        ("$.runs.*", "gpus", "throughput: found a list or an object at gpus"),
    ])
    func aRowThatCannotBeReadIsRefused(rows: String, throughput: String, message: String) throws {
        let refusals = try ImportedFile(Self.text).refusals(
            "json",
            mapping {
                $0.rows = rows
                $0.columns["throughput"] = throughput
            })
        #expect(refusals.first?.contains(message) == true, "\(refusals)")
    }

    @Test(arguments: [
        ("$.runs[", "out.rps", "mapping.rows: found '$.runs['"),
        ("$.runs.*", ".rps", "mapping.columns.throughput: found '.rps', expected a path like"),
        ("$.none", "out.rps", "found nothing at '$.none', expected at least one row"),
    ])
    func aPathThatIsNoneIsNamed(rows: String, throughput: String, message: String) throws {
        #expect {
            try ImportedFile(Self.text).rows(
                "json",
                mapping {
                    $0.rows = rows
                    $0.columns["throughput"] = throughput
                })
        } throws: { error in
            "\(error)".contains(message)
        }
    }

    @Test func whatPlansNeedHasToBeSaid() throws {
        #expect {
            try ImportedFile(Self.text).rows("json", mapping { $0.columns["model"] = nil })
        } throws: { error in
            "\(error)".contains("mapping.columns.model: found nothing, expected this key")
        }
    }
}
