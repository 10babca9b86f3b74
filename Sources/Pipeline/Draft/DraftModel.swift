import Catalog
import Files
import Quantities
import Vocabulary

/// A model file for a person to go on from: what it says is read from the ONNX file, or asked for, and what
/// is assumed stands in a comment.
public struct DraftModel: Sendable {
    public var name: String
    /// The ONNX file; nil for a model that is known by imported figures, or served.
    public var onnx: String?
    /// The model's name at a server; nil for one that is not served.
    public var servedName: String?
    /// nil for an assumed one.
    public var target: SearchRequest.Target?
    /// How many items a query holds; nil for one.
    public var items: Int?

    public init(name: String) { self.name = name }

    /// What is asked for of a model where nothing is said.
    public static let assumedTarget = LatencyTarget(
        quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100))

    /// The file of the model.
    public func file(in folder: String) throws -> DraftFile {
        DraftFile(
            path: "models/\(name).yaml",
            text: try text(onnxPath: onnx.map { DraftPath.relative($0, from: folder, above: 1) }))
    }

    /// The text of `models/NAME.yaml`.
    /// - Parameter onnxPath: how the file calls the ONNX file.
    func text(onnxPath: String?) throws -> String {
        let standard = Self.assumedTarget
        let limit = target?.limit ?? standard.limit
        let quantile = target?.quantile ?? standard.quantile
        var lines = [
            "id: \(name)", "title: \(DraftText.quoted(name))", "source: \"\(source)\"",
            "latency_quantile: \(DraftText.number(quantile.value))",
            "latency_limit_ms: \(DraftText.number(limit.milliseconds))"
                + (target == nil ? "  # an assumption: put in what you promise" : ""),
            "query_sizes: {fixed_items: \(items ?? 1)}"
                + (items == nil ? "  # a query is one item unless you know better" : ""),
        ]
        if let onnx, let onnxPath { lines += try Self.onnxLines(onnx, as: onnxPath) }
        if let servedName {
            lines += [
                "endpoint:", "  served_name: \(servedName)",
                "  # Lengths in tokens, an assumption; see Workloads/README.md for distributions.",
                "  prompt_tokens: {fixed: 512}", "  output_tokens: {fixed: 128}",
            ]
        }
        if onnx == nil, servedName == nil {
            lines.append("# Nothing says what it is made of: it is planned by the figures that are imported.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var source: String {
        onnx.map { "the file \(FileContents.name(of: $0))" } ?? "own figures"
    }

    private static func onnxLines(_ onnx: String, as path: String) throws -> [String] {
        let read = try OnnxModel(path: onnx, target: assumedTarget, items: 1, sizes: [:])
        var lines = ["onnx: \(path)"]
        if !read.assumptions.isEmpty {
            lines.append("# Assumed, as the graph leaves it open:")
            lines += read.assumptions.map { "#   \($0)" }
        }
        lines.append("inputs:")
        for input in read.model.inputs ?? [] {
            lines.append("  - name: \(DraftText.quoted(input.name))")
            lines.append("    element_type: \(input.elementType.rawValue)")
            let sizes = input.shape.map { dimension in
                if case .fixed(let size) = dimension { "\(size)" } else { "batch" }
            }
            lines.append("    shape: [\(sizes.joined(separator: ", "))]")
            switch input.values {
            case .between(let lower, let upper):
                lines.append("    range: [\(DraftText.number(lower)), \(DraftText.number(upper))]")
            case .tableRows(let rows, _, _, _): lines.append("    rows: \(rows)")
            }
        }
        return lines
    }
}

/// How values stand in YAML.
enum DraftText {
    /// The shortest decimal of a number, whole where it is.
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}
