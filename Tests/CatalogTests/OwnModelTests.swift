import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Models that are not generated from a description: ONNX files and endpoints.
@Suite struct OwnModelTests {
    private static let head = """
        id: m
        title: t
        source: s
        latency_quantile: 0.95
        latency_limit_ms: 10
        query_sizes: {fixed_items: 1}

        """

    private static let onnx = """
        onnx: files/m.onnx
        inputs:
          - name: dense
            element_type: float32
            shape: [batch, 13]
            range: [-1, 1]
          - name: rows
            element_type: int64
            shape: [2, batch, 3]
            rows: 1_000
            index_distribution: {zipf: 1.05}
            row_bytes: 256

        """

    private static let endpoint = """
        endpoint:
          served_name: tiny
          prompt_tokens: {log_normal: {median: 40, sigma: 0.6, lower: 8, upper: 200}}
          output_tokens: {uniform: {lower: 8, upper: 33}}

        """

    private func copy(_ body: String) throws -> WorkingCopy {
        let copy = try WorkingCopy()
        try copy.write(Self.head + body, to: "models/m.yaml")
        try FileManager.default.createDirectory(
            atPath: copy.path + "/models/files", withIntermediateDirectories: true)
        try OnnxFileBytes.ranker().write(to: copy.path + "/models/files/m.onnx")
        return copy
    }

    private func refusal(_ body: String) throws -> String? {
        let copy = try copy(body)
        return message(without: copy.path) { _ = try copy.catalog.model("m") }
    }

    @Test func anOnnxFileIsFoundBesideItsModel() throws {
        let copy = try copy(Self.onnx)
        let model = try copy.catalog.model("m")
        guard case .onnx(let file) = model.kind else {
            Issue.record("found \(model.kind.label)")
            return
        }
        #expect(file.path == copy.path + "/models/files/m.onnx")
        #expect(
            file.inputs == [
                ModelInput(
                    name: "dense", elementType: .float32, shape: [.batch, .fixed(13)],
                    values: .between(lower: -1, upper: 1)),
                ModelInput(
                    name: "rows", elementType: .int64, shape: [.fixed(2), .batch, .fixed(3)],
                    values: .tableRows(
                        rows: 1000, lookups: 6, distribution: .zipf(exponent: 1.05), rowBytes: 256)),
            ])
        try OnnxFileBytes.ranker(rows: 2000).write(to: file.path)
        guard case .onnx(let other) = try copy.catalog.model("m").kind else { return }
        #expect(other.fingerprint != file.fingerprint)
        #expect(model.graph == nil)
    }

    @Test func anEndpointHasItsLengths() throws {
        let copy = try copy(Self.endpoint)
        let model = try copy.catalog.model("m")
        let text = ServedModel.Payload.text(
            prompt: .logNormal(median: 40, sigma: 0.6, lower: 8, upper: 200),
            output: .uniform(lower: 8, upper: 33))
        #expect(model.kind == .endpoint(ServedModel(servedName: "tiny", payload: text)))
        #expect(model.inputs == nil)
    }

    @Test func theShippedExamplesAreOfTheirKinds() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        #expect(try catalog.model("example-ranker").kind.label == "an ONNX file")
        #expect(try catalog.model("example-chat").kind.label == "a model behind an endpoint")
        #expect(
            try catalog.model("example-skewed").graph?.embeddingTables[0].indexDistribution
                == .zipf(exponent: 0.99))
    }

    @Test(arguments: [
        (
            "files/m.onnx", "files/x.onnx",
            "onnx: found models/files/x.onnx, no such file or folder, expected a readable ONNX file"
        ),
        (
            "onnx: files/m.onnx\n", "",
            "inputs: found inputs without onnx, expected an onnx file that they are inputs of"
        ),
        (
            "[batch, 13]",
            "[1, 13]\n    range: [0, 1]\n  - name: x\n    element_type: bool\n    shape: [batch, batch]",
            "inputs[1].shape[1]: found batch a second time, expected one batch dimension"
        ),
        ("range: [-1, 1]", "range: [1, 1]", "inputs[0].range[1]: found 1, expected a number above 1.0"),
        ("range: [-1, 1]", "rows: 5", "inputs[0].rows: found 5, expected row numbers that float32 can hold"),
        ("    rows: 1_000\n", "", "inputs[1]: found neither range nor rows, expected one of them"),
        ("name: rows", "name: dense", "inputs[1].name: found dense a second time, expected every input once"),
        (
            "{zipf: 1.05}", "{zipf: 0}",
            "inputs[1].index_distribution.zipf: found 0, expected a number above 0"
        ),
        (
            "{zipf: 1.05}", "zipf",
            "inputs[1].index_distribution: found zipf, expected uniform, or zipf and its exponent"
        ),
        (
            "range: [-1, 1]", "range: [-1, 1]\n    row_bytes: 8",
            "inputs[0].row_bytes: found this key beside range, expected rows beside it"
        ),
        (
            "onnx:", "predict_layers: [1]\nonnx:",
            "predict_layers: found this key beside onnx, expected either one or the other"
        ),
        (
            "element_type: int64", "element_type: int8",
            "inputs[1].rows: found 1_000, expected row numbers that int8 can hold"
        ),
    ])
    func faultsOfOnnxModelsAreNamed(from: String, to: String, expected: String) throws {
        let text = try #require(try refusal(Self.onnx.replacingOccurrences(of: from, with: to)))
        #expect(text.hasSuffix(expected), "\(text)")
    }

    @Test(arguments: [
        (
            "upper: 33", "upper: 8",
            "endpoint.output_tokens.uniform.upper: found 8, expected a whole number of at least 9"
        ),
        (
            "uniform: {lower: 8, upper: 33}", "fixed: 0",
            "endpoint.output_tokens.fixed: found 0, expected a whole number of at least 1"
        ),
        (
            "uniform: {lower: 8, upper: 33}", "fixed: 2, uniform: {lower: 8, upper: 33}",
            "endpoint.output_tokens: found fixed and uniform, expected one of fixed, uniform, histogram, "
                + "log_normal"
        ),
        ("  served_name: tiny\n", "", "endpoint.served_name: found nothing, expected this key"),
        (
            "endpoint:", "onnx: x\nendpoint:",
            "endpoint: found this key beside onnx, expected either one or the other"
        ),
    ])
    func faultsOfEndpointsAreNamed(from: String, to: String, expected: String) throws {
        let text = try #require(try refusal(Self.endpoint.replacingOccurrences(of: from, with: to)))
        #expect(text.hasSuffix(expected), "\(text)")
    }
}
