import Files
import Vocabulary

/// Holds the inputs that a person describes beside the graph's own.
///
/// A runtime may accept other inputs than the graph is made for, and answer without the work: OpenVINO fills
/// rows beyond a table with zeros. So nothing is left for it to find out.
struct OnnxInputCheck {
    /// As described.
    let inputs: [ModelInput]
    private let graph: OnnxGraph
    private let section: YAMLValue

    private typealias Key = ModelInputReader.Key

    /// - Parameter section: where the inputs stand.
    init(_ graph: OnnxGraph, _ inputs: [ModelInput], _ section: YAMLValue) {
        self.graph = graph
        self.inputs = inputs
        self.section = section
    }

    /// Checks names, types, shapes, dimensions that the graph calls by one name, and the values of indices.
    /// - Returns: the one number of items that the graph takes; nil where it takes any.
    func fixedBatch() throws(FileError) -> Int? {
        let own = graph.inputs.map(\.name)
        guard Set(own) == Set(inputs.map(\.name)) else {
            throw .invalidValue(
                section.place, found: "inputs \(Self.list(inputs.map(\.name)))",
                expected: "\(Self.list(own)), which the graph has")
        }
        var batch: Int?
        var symbols: [String: (dimension: ModelInput.Dimension, input: String)] = [:]
        for (input, item) in zip(inputs, try section.list()) {
            guard let found = graph.inputs.first(where: { $0.name == input.name }) else { continue }
            let keys = try item.section(Key.self)
            try checkType(input, found, keys)
            for (dimension, graphs) in try paired(input, found, keys) {
                switch (dimension, graphs) {
                case (.batch, .fixed(let size)):
                    guard batch ?? size == size else {
                        throw try keys[.shape].refused(
                            "a batch of \(size)", "\(batch ?? size) items, the batch of the other inputs")
                    }
                    batch = size
                case (.fixed(let size), .fixed(let other)):
                    guard size == other else {
                        throw try keys[.shape].refused(
                            Self.text(input.shape), "\(Self.text(found.shape ?? [])), the graph's")
                    }
                case (_, .symbol(let name)):
                    let known = symbols[name] ?? (dimension, input.name)
                    guard known.dimension == dimension else {
                        throw try keys[.shape].refused(
                            "\(Self.text(dimension)) for '\(name)'",
                            "\(Self.text(known.dimension)), as in \(known.input): the graph calls both "
                                + "dimensions by one name")
                    }
                    symbols[name] = known
                case (_, .free): break
                }
            }
            try checkValues(input, keys)
        }
        return batch
    }

    private func checkType(
        _ input: ModelInput, _ found: OnnxGraph.Input, _ keys: YAMLSection<Key>
    ) throws(FileError) {
        guard let code = found.elementType else {
            throw try keys[.name].refused(
                input.name, "an input that is a tensor: the graph's is something else")
        }
        guard let type = Self.types[code] else {
            throw try keys[.elementType].refused(
                input.elementType.rawValue,
                "an input of \(ModelInput.ElementType.allCases.map(\.rawValue).joined(separator: ", ")): "
                    + "the graph's is of type \(code) of the ONNX standard")
        }
        guard type == input.elementType else {
            throw try keys[.elementType].refused(
                input.elementType.rawValue, "\(type.rawValue), the graph's")
        }
    }

    /// Each dimension beside the graph's own; none where the graph leaves the rank open.
    private func paired(
        _ input: ModelInput, _ found: OnnxGraph.Input, _ keys: YAMLSection<Key>
    ) throws(FileError) -> [(ModelInput.Dimension, OnnxGraph.Dimension)] {
        guard let shape = found.shape else { return [] }
        guard shape.count == input.shape.count else {
            throw try keys[.shape].refused(Self.text(input.shape), "\(Self.text(shape)), the graph's")
        }
        return Array(zip(input.shape, shape))
    }

    /// Values that are row numbers lie within every table that they are looked up in.
    private func checkValues(_ input: ModelInput, _ keys: YAMLSection<Key>) throws(FileError) {
        guard let table = graph.smallestTable(of: input.name) else { return }
        switch input.values {
        case .tableRows(let rows, _, _, _):
            guard rows > table.rows else { return }
            throw try keys[.rows].refused(
                "\(rows)", "at most \(table.rows), the rows of '\(table.name)' that the graph looks up")
        case .between(let lower, let upper):
            // The upper end is excluded, and whole numbers are rounded down.
            let highest = upper.rounded(.up) - 1
            guard lower < 0 || highest > Double(table.rows - 1) else { return }
            throw try keys[.range].refused(
                "\(lower) to \(upper)",
                "0 to \(table.rows) at most: row numbers of '\(table.name)', which the graph looks up")
        }
    }

    /// By the numbers of the ONNX standard.
    static let types: [Int: ModelInput.ElementType] = [
        1: .float32, 2: .uint8, 3: .int8, 6: .int32, 7: .int64, 9: .bool, 10: .float16, 11: .float64,
    ]

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(20).joined(separator: ", ")
        return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }

    private static func text(_ shape: [ModelInput.Dimension]) -> String {
        "[\(shape.map(text).joined(separator: ", "))]"
    }

    private static func text(_ dimension: ModelInput.Dimension) -> String {
        if case .fixed(let size) = dimension { "\(size)" } else { "batch" }
    }

    private static func text(_ shape: [OnnxGraph.Dimension]) -> String {
        let sizes = shape.map { dimension in
            switch dimension {
            case .fixed(let size): "\(size)"
            case .symbol(let name): name
            case .free: "free"
            }
        }
        return "[\(sizes.joined(separator: ", "))]"
    }
}

extension YAMLValue {
    fileprivate func refused(_ found: String, _ expected: String) -> FileError {
        .invalidValue(place, found: found, expected: expected)
    }
}
