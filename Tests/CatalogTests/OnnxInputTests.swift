import Catalog
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Inputs that a person describes are held beside the graph's own.
@Suite struct OnnxInputTests {
    private static func head(_ inputs: String) -> String {
        """
        id: m
        title: t
        source: s
        latency_quantile: 0.95
        latency_limit_ms: 10
        query_sizes: {fixed_items: 8}
        onnx: m.onnx
        inputs:
        \(inputs)
        """
    }

    private func file(_ bytes: [UInt8], _ inputs: String) throws -> OnnxFile {
        let copy = try WorkingCopy()
        try copy.write(Self.head(inputs), to: "models/m.yaml")
        try Data(bytes).write(to: URL(filePath: copy.path + "/models/m.onnx"))
        guard case .onnx(let file) = try copy.catalog.model("m").kind else { throw CancellationError() }
        return file
    }

    private func refusal(_ file: OnnxFileBytes, _ inputs: String) -> String? {
        message { _ = try self.file(file.bytes, inputs) }
    }

    private static let rows = "  - {name: ids, element_type: int64, shape: [batch, 4], rows: 50}"

    /// A table of 50 rows, of which a graph looks up what comes of its input.
    private func lookup(_ operators: [(String, [String], [String])] = [], from: String = "ids")
        -> OnnxFileBytes
    {
        var file = OnnxFileBytes()
        file.input("ids", type: 7, [.symbol("batch"), .fixed(4)])
        file.weights("table", [50, 8])
        for (kind, inputs, outputs) in operators { file.node(kind, inputs, outputs) }
        file.node("Gather", ["table", from], ["y"])
        file.output("y", [.symbol("batch"), .fixed(4), .fixed(8)])
        return file
    }

    @Test func rowsBeyondATableAreRefused() throws {
        #expect(try file(lookup().bytes, Self.rows).inputs.count == 1)
        let text = try #require(
            refusal(lookup(), Self.rows.replacingOccurrences(of: "50}", with: "5000}")))
        #expect(
            text.hasSuffix(
                "inputs[0].rows: found 5000, expected at most 50, the rows of 'table' that the graph looks up"
            ),
            "\(text)")
    }

    @Test func indicesAreFollowedThroughWhatOnlyMovesThem() throws {
        let beyond = Self.rows.replacingOccurrences(of: "50}", with: "51}")
        let moved = lookup([("Cast", ["ids"], ["a"]), ("Reshape", ["a", "s"], ["b"])], from: "b")
        #expect(refusal(moved, beyond)?.contains("found 51, expected at most 50") == true)
        // A remainder brings any number into the table.
        let computed = lookup([("Mod", ["ids", "table size"], ["a"])], from: "a")
        #expect(refusal(computed, beyond) == nil)
    }

    @Test func aRangeOfIndicesLiesWithinTheTable() {
        let range = "  - {name: ids, element_type: int64, shape: [batch, 4], range: [0, 50]}"
        #expect(refusal(lookup(), range) == nil)
        for wrong in ["[0, 51]", "[-1, 50]"] {
            let text = refusal(lookup(), range.replacingOccurrences(of: "[0, 50]", with: wrong))
            #expect(text?.contains("inputs[0].range: found") == true, "\(text ?? "accepted")")
        }
    }

    @Test func dimensionsOfOneNameAgree() {
        var file = OnnxFileBytes()
        file.input("ids", [.symbol("batch"), .symbol("length")])
        file.input("mask", [.symbol("batch"), .symbol("length")])
        file.node("Mul", ["ids", "mask"], ["y"])
        let inputs = """
              - {name: ids, element_type: float32, shape: [batch, 128], range: [0, 1]}
              - {name: mask, element_type: float32, shape: [batch, 128], range: [0, 1]}
            """
        #expect(refusal(file, inputs) == nil)
        let text = refusal(
            file,
            inputs.replacingOccurrences(
                of: "mask, element_type: float32, shape: [batch, 128]",
                with: "mask, element_type: float32, shape: [batch, 64]"))
        #expect(
            text?.contains("inputs[1].shape: found 64 for 'length', expected 128, as in ids") == true,
            "\(text ?? "accepted")")
    }

    @Test(arguments: [
        ("name: x", "name: z", "inputs: found inputs z, expected x, which the graph has"),
        ("float32", "float64", "inputs[0].element_type: found float64, expected float32, the graph's"),
        (
            "[batch, 16]", "[batch, 17]",
            "inputs[0].shape: found [batch, 17], expected [batch, 16], the graph's"
        ),
        ("[batch, 16]", "[batch]", "inputs[0].shape: found [batch], expected [batch, 16], the graph's"),
    ])
    func whatTheGraphDoesNotTakeIsRefused(from: String, to: String, expected: String) throws {
        let inputs = "  - {name: x, element_type: float32, shape: [batch, 16], range: [0, 1]}"
        #expect(refusal(.product(), inputs) == nil)
        let text = try #require(refusal(.product(), inputs.replacingOccurrences(of: from, with: to)))
        #expect(text.hasSuffix(expected), "\(text)")
    }

    @Test func aBatchThatTheGraphFixesIsTheOnlyOne() throws {
        let inputs = "  - {name: x, element_type: float32, shape: [batch, 16], range: [0, 1]}"
        #expect(try file(OnnxFileBytes.product().bytes, inputs).fixedBatch == nil)
        #expect(try file(OnnxFileBytes.product(batch: .fixed(1)).bytes, inputs).fixedBatch == 1)
        #expect(try file(OnnxFileBytes.product(batch: .fixed(4)).bytes, inputs).fixedBatch == 4)
    }

    @Test func whatIsNoGraphIsRefusedWhereverItBreaks() throws {
        let inputs = "  - {name: x, element_type: float32, shape: [batch, 16], range: [0, 1]}"
        let whole = OnnxFileBytes.product().bytes
        for length in [0, 1, 3, whole.count / 2, whole.count - 1] {
            let text = message { _ = try self.file(Array(whole.prefix(length)), inputs) }
            #expect(text?.contains("onnx: found ") == true, "of \(length) bytes: \(text ?? "accepted")")
        }
        // Damaged anywhere, it is read or refused.
        for place in stride(from: 0, to: whole.count, by: 3) {
            var bytes = whole
            bytes[place] ^= 0x55
            _ = message { _ = try self.file(bytes, inputs) }
        }
    }

    @Test(
        .enabled(if: Repository.hasSharedCases, Repository.sharedCasesComment),
        arguments: [
            ("t-fp16", nil), ("t-scalar", nil), ("t-static1", nil), ("t-fixreshape", nil),
            ("t-oob", "inputs[0].rows: found 5000, expected at most 50"),
        ] as [(String, String?)])
    func filesOfOthersAreReadAsTheyAre(name: String, fault: String?) throws {
        let copy = try WorkingCopy()
        let yaml = try String(
            contentsOfFile: "\(Repository.sharedCases)/onnx/\(name).yaml", encoding: .utf8)
        let line = try #require(yaml.split(separator: "\n").first { $0.hasPrefix("onnx: ") })
        let graph = line.dropFirst("onnx: ".count)
        try copy.write(yaml, to: "models/\(name).yaml")
        try FileManager.default.copyItem(
            atPath: "\(Repository.sharedCases)/onnx/\(graph)", toPath: "\(copy.path)/models/\(graph)")
        let text = message { _ = try copy.catalog.model(ModelID(name)) }
        #expect(fault.map { text?.contains($0) == true } ?? (text == nil), "\(text ?? "accepted")")
    }
}
