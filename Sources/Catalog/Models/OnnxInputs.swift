import Files
import Vocabulary

/// What load feeds an ONNX file where nobody has said so: what the graph itself asks for, and assumptions
/// where it leaves something open.
struct OnnxInputs {
    private(set) var inputs: [ModelInput]
    /// The one number of items that the graph takes at once; nil where it takes any.
    let fixedBatch: Int?
    /// What the graph left open and how it was filled, a sentence each.
    private(set) var assumptions: [String] = []

    /// The size of a free dimension that is not the batch: a short text.
    private static let freeSize = 128

    private let graph: OnnxGraph
    private let path: String
    /// Of free dimensions, by their names in the graph.
    private let sizes: [String: Int]
    /// What the graph calls the batch; nil where it has no name for it.
    private let batch: String?
    /// Names of free dimensions other than the batch.
    private var free: Set<String> = []

    /// Fills what the graph asks for.
    /// - Parameters:
    ///   - path: of the file, for messages.
    ///   - sizes: of free dimensions, by their names in the graph.
    /// - Throws: where an input cannot be fed, or nothing in the graph can be a batch.
    init(_ graph: OnnxGraph, path: String, sizes: [String: Int]) throws(FileError) {
        self.graph = graph
        self.path = path
        self.sizes = sizes
        let leading = graph.inputs.compactMap(\.shape?.first)
        // The first dimension that is free in front is the batch; one without a name is it everywhere.
        let isFree = leading.contains { dimension in
            switch dimension {
            case .free: true
            case .symbol(let name): sizes[name] == nil
            case .fixed: false
            }
        }
        batch =
            leading.lazy.compactMap { dimension -> String? in
                if case .symbol(let name) = dimension, sizes[name] == nil { name } else { nil }
            }.first
        // A graph without one is made for one number of items.
        var fixed: Int?
        if !isFree, case .fixed(let size)? = leading.first { fixed = size }
        guard isFree || fixed != nil else {
            throw Self.refusal(path, found: "no input with a first dimension", expected: "one to batch over")
        }
        fixedBatch = fixed
        inputs = []
        var made: [ModelInput] = []
        var problems = FileProblems()
        for input in graph.inputs {
            do throws(FileError) { made.append(try self.input(input)) } catch { problems.add(error) }
        }
        for name in sizes.keys.sorted() where !free.contains(name) {
            problems.add(
                Self.refusal(
                    path, found: "no free dimension '\(name)'",
                    expected: free.isEmpty ? "none" : "one of \(free.sorted().joined(separator: ", "))"))
        }
        try problems.throwAll()
        inputs = made
    }

    private static func refusal(_ path: String, found: String, expected: String) -> FileError {
        .malformed(file: path, line: nil, found: found, expected: expected)
    }

    private mutating func input(_ input: OnnxGraph.Input) throws(FileError) -> ModelInput {
        guard let type = input.elementType.flatMap({ OnnxInputCheck.types[$0] }) else {
            throw Self.refusal(
                path,
                found: "the input '\(input.name)' of "
                    + (input.elementType.map { "element type \($0) of the ONNX standard" } ?? "no tensor"),
                expected: "one of "
                    + ModelInput.ElementType.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard let dimensions = input.shape else {
            throw Self.refusal(
                path, found: "the input '\(input.name)' of an unknown number of dimensions",
                expected: "a shape in the graph, or `inputs` in a model file")
        }
        var shape: [ModelInput.Dimension] = []
        for (index, dimension) in dimensions.enumerated() {
            switch dimension {
            case .fixed(let size) where index == 0 && size == fixedBatch: shape.append(.batch)
            case .fixed(let size): shape.append(.fixed(size))
            case .free where index == 0: shape.append(.batch)
            case .symbol(let name) where index == 0 && name == batch: shape.append(.batch)
            case .free: shape.append(.fixed(size(of: "\(input.name).\(index)")))
            case .symbol(let name): shape.append(.fixed(size(of: name)))
            }
        }
        let width = ModelInput(name: input.name, elementType: type, shape: shape, values: .uniform).width
        return ModelInput(
            name: input.name, elementType: type, shape: shape, values: values(of: input, type, width: width))
    }

    private mutating func size(of name: String) -> Int {
        let size = sizes[name] ?? Self.freeSize
        if free.insert(name).inserted, sizes[name] == nil {
            assumptions.append("the free dimension '\(name)' is taken as \(size)")
        }
        return size
    }

    private mutating func values(
        of input: OnnxGraph.Input, _ type: ModelInput.ElementType, width: Int
    ) -> ModelInput.Values {
        switch type {
        case .int8, .uint8, .int32, .int64: break
        case .bool: return .between(lower: 0, upper: 2)
        default: return .uniform
        }
        if let table = graph.smallestTable(of: input.name) {
            return .tableRows(
                rows: min(table.rows, Self.largest(type)), lookups: width, distribution: .uniform)
        }
        assumptions.append("the whole numbers of '\(input.name)' are taken as 0 and 1")
        return .between(lower: 0, upper: 2)
    }

    /// The number of rows that the type's numbers reach.
    private static func largest(_ type: ModelInput.ElementType) -> Int {
        switch type {
        case .int8: 128
        case .uint8: 256
        case .int32: 2_147_483_648
        default: .max
        }
    }
}
