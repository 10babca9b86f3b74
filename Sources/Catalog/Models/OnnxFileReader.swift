import Files
import Vocabulary

/// Reads `onnx: FILE` with its inputs.
enum OnnxFileReader {
    /// - Parameters:
    ///   - inputs: nil for what the graph itself says of them.
    ///   - beside: the file that names it; a relative path starts at its folder.
    static func file(
        _ value: YAMLValue, inputs: YAMLValue?, beside: String
    ) throws(FileError) -> OnnxFile {
        let name = try value.text()
        let folder = beside.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        let path = name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
        let fingerprint: String
        do throws(FileError) {
            fingerprint = try Self.fingerprint(of: path)
        } catch {
            guard case .unreadable(_, let found, _) = error else { throw error }
            throw .invalidValue(value.place, found: "\(path), \(found)", expected: "a readable ONNX file")
        }
        let graph = try graph(path, of: value)
        guard let inputs else {
            let read = try OnnxInputs(graph, path: path, sizes: [:])
            return OnnxFile(
                path: path, fingerprint: fingerprint, inputs: read.inputs, fixedBatch: read.fixedBatch)
        }
        let check = OnnxInputCheck(graph, try ModelInputReader.inputs(inputs), inputs)
        return OnnxFile(
            path: path, fingerprint: fingerprint, inputs: check.inputs, fixedBatch: try check.fixedBatch())
    }

    /// - Throws: with the place that names the file, where it holds no graph.
    private static func graph(_ path: String, of value: YAMLValue) throws(FileError) -> OnnxGraph {
        do throws(FileError) {
            return try OnnxGraph(path: path)
        } catch {
            switch error {
            case .malformed(_, _, let found, let expected), .unreadable(_, let found, let expected):
                throw .invalidValue(value.place, found: "\(path), \(found)", expected: expected)
            default: throw error
            }
        }
    }

    /// Tells files apart by their bytes.
    static func fingerprint(of path: String) throws(FileError) -> String {
        let chunks = try FileChunks(path: path, expected: "an ONNX file")
        var fingerprint = ContentFingerprint()
        while true {
            let bytes = try chunks.next()
            if bytes.isEmpty { return fingerprint.text }
            fingerprint.add(bytes)
        }
    }
}

/// A model made of nothing but its ONNX file, with assumptions for what the file does not say.
public struct OnnxModel: Sendable {
    public let model: Model
    /// What the graph left open and how it was filled, a sentence each; empty where it says everything.
    public let assumptions: [String]

    /// - Parameters:
    ///   - path: the file.
    ///   - target: the latency that is asked of it.
    ///   - items: how many items a query holds.
    ///   - sizes: of free dimensions other than the batch, by their names in the graph.
    public init(
        path: String, target: LatencyTarget, items: Int, sizes: [String: Int]
    ) throws(FileError) {
        let read = try OnnxInputs(OnnxGraph(path: path), path: path, sizes: sizes)
        let file = OnnxFile(
            path: path, fingerprint: try OnnxFileReader.fingerprint(of: path), inputs: read.inputs,
            fixedBatch: read.fixedBatch)
        let name = FileContents.name(of: path)
        model = Model(
            id: ModelID(NameRule.name(from: FileContents.stem(of: path))), title: name,
            source: "The file \(name) itself; latency target and query sizes as asked for", kind: .onnx(file),
            latencyTarget: target, querySizes: .fixed(items))
        assumptions = read.assumptions
    }
}
