import CNative
import Foundation
import Vocabulary

/// The ONNX files of models, written on first use by `Scripts/generate-onnx` and kept in a directory.
///
/// A file's name ends in a digest of everything it depends on (graph, seed, pooling operator and the script
/// itself), so a file that is there is the right one.
public struct GeneratedModels: Sendable {
    /// How a table's lookups are summed in the graph.
    public enum Pooling: String, Codable, Sendable, CaseIterable {
        /// One fused operator that OpenVINO knows; the fastest there.
        case bag
        /// Two operators of the ONNX standard, for every other runtime.
        case gather
    }

    /// The Python and the script that write the files.
    public struct Generator: Hashable, Sendable {
        public let python: String
        public let script: String

        public init(python: String, script: String) {
            self.python = python
            self.script = script
        }

        /// The ones of the checkout whose `.deps` this process uses.
        public static func find() throws(ProfilingError) -> Generator {
            let interpreter = ".deps/venv/bin/python"
            var path = [CChar](repeating: 0, count: 4096)
            guard cnative_dependency_find("venv/bin/python", &path, path.count) == 1 else {
                throw .notInstalled(
                    what: interpreter, reason: "neither under the working directory nor above the executable")
            }
            let python = String(
                decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let root = String(python.dropLast(interpreter.count))
            return Generator(python: python, script: root + "Scripts/generate-onnx")
        }
    }

    public let directory: String
    public let pooling: Pooling
    private let generator: Generator?

    /// - Parameter generator: nil looks for the checkout's own when a file has to be written or checked.
    public init(directory: String, pooling: Pooling = .bag, generator: Generator? = nil) {
        self.directory = directory
        self.pooling = pooling
        self.generator = generator
    }

    /// The path of a model's ONNX file, whether it is there or not.
    public func path(of model: Model, seed: UInt64) throws(ProfilingError) -> String {
        "\(directory)/\(try stem(of: model, seed: seed, generator: try usedGenerator())).onnx"
    }

    /// Whether a model's files are there already.
    public func holds(_ model: Model, seed: UInt64) throws(ProfilingError) -> Bool {
        Self.isComplete(try path(of: model, seed: seed))
    }

    /// The path of a model's ONNX file: a user's own as it is; a generated one is written first where it is
    /// missing, which takes seconds, and as many bytes as the tables have.
    /// - Throws: `kindNotSupported` for a model that somebody else serves.
    public func file(of model: Model, seed: UInt64, engine: String = "onnx") throws(ProfilingError) -> String
    {
        switch model.kind {
        case .recommendation: break
        case .onnx(let file):
            guard FileManager.default.isReadableFile(atPath: file.path) else {
                throw .unreadable(
                    path: file.path, reason: "found no file, expected the ONNX file of model \(model.id)")
            }
            return file.path
        case .endpoint, .network, .language, .figures:
            throw .kindNotSupported(
                model: model.id, found: model.kind.label, engine: engine,
                expected: "a generated model or an ONNX file")
        }
        let generator = try usedGenerator()
        let stem = try stem(of: model, seed: seed, generator: generator)
        let path = "\(directory)/\(stem).onnx"
        if Self.isComplete(path) { return path }
        try run(
            generator, Request(id: model.id, seed: seed, stem: stem, graph: try Self.graph(of: model)),
            arguments: [])
        guard Self.isComplete(path) else {
            throw .generationFailed(
                model: model.id, directory: directory, message: "\(generator.script) wrote no \(path)")
        }
        return path
    }

    /// The paths of the two parts of a generated model: the sparse one ends in
    /// `RecommendationGraph.splitTensors`, the dense one takes them as inputs. They are written with the
    /// model's own file, and read the same weights.
    /// - Throws: `kindNotSupported` for a model that has no such parts.
    public func parts(
        of model: Model, seed: UInt64, engine: String = "onnx"
    ) throws(ProfilingError) -> (sparse: String, dense: String) {
        guard let graph = model.graph, !graph.splitTensors.isEmpty else {
            throw .kindNotSupported(
                model: model.id,
                found: model.graph == nil ? model.kind.label : "a model without embedding tables",
                engine: engine,
                expected: "a generated model with embedding tables, the only kind that sparseDense can split")
        }
        let stem = try file(of: model, seed: seed, engine: engine).dropLast(".onnx".count)
        return ("\(stem).sparse.onnx", "\(stem).dense.onnx")
    }

    /// Writes a model's files together with the outputs that numpy computes for a few items: the path of that
    /// JSON.
    package func reference(of model: Model, seed: UInt64, items: Int) throws(ProfilingError) -> String {
        let generator = try usedGenerator()
        let stem = try stem(of: model, seed: seed, generator: generator)
        try run(
            generator, Request(id: model.id, seed: seed, stem: stem, graph: try Self.graph(of: model)),
            arguments: ["--reference", "\(items)"])
        return "\(directory)/\(stem).reference.json"
    }

    // MARK: Naming

    private struct Request: Encodable {
        var id: ModelID
        var seed: UInt64
        var stem: String
        var graph: RecommendationGraph

        func json() throws(ProfilingError) -> Data {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            do {
                return try encoder.encode(self)
            } catch {
                throw .generationFailed(model: id, directory: "", message: "\(error)")
            }
        }
    }

    /// What the file is made from: which rows load will ask for is no part of it.
    private static func graph(of model: Model) throws(ProfilingError) -> RecommendationGraph {
        guard var graph = model.graph else {
            throw .generationFailed(
                model: model.id, directory: "", message: "found \(model.kind.label), expected a description")
        }
        for index in graph.embeddingTables.indices { graph.embeddingTables[index].indexDistribution = nil }
        return graph
    }

    private func usedGenerator() throws(ProfilingError) -> Generator {
        if let generator { return generator }
        return try Generator.find()
    }

    private func stem(of model: Model, seed: UInt64, generator: Generator) throws(ProfilingError) -> String {
        guard let script = FileManager.default.contents(atPath: generator.script) else {
            throw .unreadable(
                path: generator.script, reason: "found no file, expected the script of the checkout")
        }
        var digest = ContentFingerprint()
        digest.add(script)
        let graph = try Self.graph(of: model)
        digest.add(try Request(id: "", seed: seed, stem: pooling.rawValue, graph: graph).json())
        let name = model.id.name.map {
            $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-"
        }
        return "\(String(name))-\(digest.text)"
    }

    private static func isComplete(_ path: String) -> Bool {
        // The graph is renamed into place after its weights.
        FileManager.default.fileExists(atPath: path) && FileManager.default.fileExists(atPath: path + ".data")
    }

    // MARK: Running the script

    private func run(_ generator: Generator, _ request: Request, arguments: [String]) throws(ProfilingError) {
        let json = try request.json()
        func failed(_ message: String) -> ProfilingError {
            .generationFailed(model: request.id, directory: directory, message: message)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: generator.python)
        process.arguments =
            [generator.script, "--directory", directory, "--pooling", pooling.rawValue] + arguments
        let (input, errors) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        let output: Data
        do {
            // The request is far smaller than a pipe's buffer. Written before the start, it cannot meet a
            // reader that is gone already, which would end this process with SIGPIPE.
            try input.fileHandleForWriting.write(contentsOf: json)
            try input.fileHandleForWriting.close()
            try process.run()
            output = try errors.fileHandleForReading.readToEnd() ?? Data()
        } catch {
            throw failed("\(generator.python): \(error.localizedDescription)")
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            // A Python traceback ends with what happened.
            let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
            let last = lines.last.map(String.init) ?? "exit status \(process.terminationStatus)"
            if last.contains("ModuleNotFoundError") {
                throw .notInstalled(what: "a Python package of .deps/venv", reason: last)
            }
            throw failed(last)
        }
    }
}
