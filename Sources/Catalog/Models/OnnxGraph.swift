import Files

/// What an ONNX file says of its inputs, and of the tables that they are looked up in. Weights are not read.
///
/// Numbers of fields are those of the published `onnx.proto` (github.com/onnx/onnx).
struct OnnxGraph {
    /// One dimension of an input.
    enum Dimension: Hashable {
        case fixed(Int)
        /// Free, and equal wherever the same name stands.
        case symbol(String)
        /// Free.
        case free
    }

    struct Input {
        let name: String
        /// By the numbers of the ONNX standard; nil for what is no tensor.
        let elementType: Int?
        /// nil where the file leaves the rank open.
        let shape: [Dimension]?
    }

    /// One operator.
    struct Node {
        var kind = ""
        var inputs: [String] = []
        var outputs: [String] = []
        /// The attributes that are whole numbers.
        var integers: [String: Int] = [:]
        /// The shape of a constant's value.
        var constantShape: [Int]?
    }

    /// Those that a caller has to fill, in the order of the file.
    let inputs: [Input]
    let nodes: [Node]
    /// The shapes of tensors whose values stand in the file.
    let constants: [String: [Int]]
    /// The place in `nodes` of the operator that makes each tensor.
    private let makers: [String: Int]

    private static let expected = "an ONNX graph"
    /// Far beyond any graph known, and small enough that what is kept fits into memory.
    private static let itemsMax = 4_000_000
    private static let rankMax = 64
    /// Inputs or outputs of one operator that are kept.
    private static let namesMax = 65_536

    /// Reads a file's graph. O(operators and weights), whatever the weights' size.
    /// - Throws: `malformed` where the file is no ONNX graph.
    init(path: String) throws(FileError) {
        let file = try FileWindow(path: path, expected: Self.expected)
        var model = ProtobufMessage(file, expected: Self.expected)
        var graph: ProtobufMessage?
        while let field = try model.next() {
            if field.number == 7, let message = field.message { graph = message }
        }
        guard var graph else {
            throw .malformed(file: path, line: nil, found: "no graph", expected: Self.expected)
        }
        var (inputs, nodes, constants): ([Input], [Node], [String: [Int]]) = ([], [], [:])
        var items = 0
        while let field = try graph.next() {
            guard let message = field.message else { continue }
            items += 1 + (nodes.last.map { $0.inputs.count + $0.outputs.count } ?? 0)
            guard items <= Self.itemsMax else {
                throw .malformed(
                    file: path, line: nil, found: "more than \(Self.itemsMax) operators and tensors",
                    expected: "a smaller graph")
            }
            switch field.number {
            case 1: nodes.append(try Self.node(message))
            case 5:
                let tensor = try Self.tensor(message)
                constants[tensor.name] = tensor.shape
            case 11: inputs.append(try Self.input(message))
            default: break
            }
        }
        for node in nodes where node.kind == "Constant" {
            if let output = node.outputs.first, let shape = node.constantShape { constants[output] = shape }
        }
        // Older files list their weights among the inputs.
        self.inputs = inputs.filter { constants[$0.name] == nil }
        self.nodes = nodes
        self.constants = constants
        makers = Dictionary(
            nodes.indices.flatMap { index in nodes[index].outputs.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
    }

    private static func node(_ message: ProtobufMessage) throws(FileError) -> Node {
        var (message, node) = (message, Node())
        while let field = try message.next() {
            switch field.number {
            case 1 where node.inputs.count < namesMax: node.inputs.append(try field.text())
            case 2 where node.outputs.count < namesMax: node.outputs.append(try field.text())
            case 4: node.kind = try field.text()
            case 5:
                guard var attribute = field.message else { continue }
                var (name, integer, shape): (String, Int?, [Int]?) = ("", nil, nil)
                while let part = try attribute.next() {
                    switch part.number {
                    case 1: name = try part.text()
                    case 3: integer = part.integer.map { Int(Int64(bitPattern: $0)) }
                    case 5: shape = try part.message.map(tensor)?.shape
                    default: break
                    }
                }
                if let integer { node.integers[name] = integer }
                if name == "value" { node.constantShape = shape }
            default: break
            }
        }
        return node
    }

    private static func tensor(
        _ message: ProtobufMessage
    ) throws(FileError) -> (name: String, shape: [Int]) {
        var (message, name, shape): (ProtobufMessage, String, [Int]) = (message, "", [])
        while let field = try message.next() {
            switch field.number {
            case 1: shape += try field.integers(countMax: rankMax).map { Int(Int64(bitPattern: $0)) }
            case 8: name = try field.text()
            default: break
            }
        }
        return (name, shape)
    }

    private static func input(_ message: ProtobufMessage) throws(FileError) -> Input {
        var (message, name): (ProtobufMessage, String) = (message, "")
        var (elementType, shape): (Int?, [Dimension]?) = (nil, nil)
        while let field = try message.next() {
            if field.number == 1 { name = try field.text() }
            // The type, of which the first kind is a tensor.
            guard field.number == 2, var type = field.message else { continue }
            while let kind = try type.next() {
                guard kind.number == 1, var tensor = kind.message else { continue }
                while let part = try tensor.next() {
                    if part.number == 1 { elementType = part.integer.flatMap { Int(exactly: $0) } }
                    if part.number == 2, let message = part.message { shape = try dimensions(message) }
                }
            }
        }
        return Input(name: name, elementType: elementType, shape: shape)
    }

    private static func dimensions(_ message: ProtobufMessage) throws(FileError) -> [Dimension] {
        var (message, dimensions): (ProtobufMessage, [Dimension]) = (message, [])
        while let field = try message.next(), dimensions.count < rankMax {
            guard field.number == 1, var parts = field.message else { continue }
            var dimension = Dimension.free
            while let part = try parts.next() {
                switch part.number {
                case 1:
                    // Some exporters write a free dimension as 0 or -1.
                    let size = part.integer.map { Int64(bitPattern: $0) } ?? 0
                    dimension = size > 0 ? .fixed(Int(size)) : .free
                case 2:
                    let name = try part.text()
                    dimension = name.isEmpty ? .free : .symbol(name)
                default: break
                }
            }
            dimensions.append(dimension)
        }
        return dimensions
    }
}

extension OnnxGraph {
    /// A table that an input's values are row numbers of.
    struct Table: Hashable {
        let name: String
        let rows: Int
    }

    /// The smallest table of which an input's values are row numbers, whatever else they are; nil where the
    /// graph shows none.
    ///
    /// Values are followed through operators that only move them. What computes with them may bring them into
    /// any range, so nothing is said of what comes after. O(operators).
    func smallestTable(of input: String) -> Table? {
        var consumers: [String: [Int]] = [:]
        for (index, node) in nodes.enumerated() {
            for name in Set(node.inputs) { consumers[name, default: []].append(index) }
        }
        var (reached, waiting): (Set<String>, [String]) = ([input], [input])
        var smallest: Table?
        while let tensor = waiting.popLast() {
            for node in (consumers[tensor] ?? []).map({ nodes[$0] }) {
                if let table = table(of: node, indexedBy: tensor), table.rows < smallest?.rows ?? .max {
                    smallest = table
                }
                for output in Self.moved(tensor, by: node) where reached.insert(output).inserted {
                    waiting.append(output)
                }
            }
        }
        return smallest
    }

    /// The outputs of an operator that hold the values of one of its inputs, unchanged.
    private static func moved(_ tensor: String, by node: Node) -> [String] {
        switch node.kind {
        case "Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile", "Transpose",
            "Slice", "Split", "Gather", "GatherElements", "GatherND":
            node.inputs.first == tensor ? node.outputs : []
        case "Concat": node.outputs
        default: []
        }
    }

    /// The table that an operator looks up rows of, where it takes their numbers from a tensor.
    private func table(of node: Node, indexedBy tensor: String) -> Table? {
        guard node.inputs.count >= 2, node.inputs[1] == tensor else { return nil }
        let axis: Int
        switch node.kind {
        case "Gather", "GatherElements": axis = node.integers["axis"] ?? 0
        case "GatherBlockQuantized": axis = node.integers["gather_axis"] ?? 0
        case _ where node.kind.hasPrefix("EmbeddingBag"): axis = 0
        default: return nil
        }
        guard let shape = shape(of: node.inputs[0]) else { return nil }
        let place = axis < 0 ? axis + shape.count : axis
        guard shape.indices.contains(place), shape[place] > 0 else { return nil }
        return Table(name: node.inputs[0], rows: shape[place])
    }

    /// Of a tensor that stands in the file, or is one with its type or scale changed.
    private func shape(of tensor: String) -> [Int]? {
        var name = tensor
        // Longer chains than this are not written by exporters.
        for _ in 0..<8 {
            if let shape = constants[name] { return shape }
            guard let maker = makers[name].map({ nodes[$0] }),
                ["Identity", "Cast", "DequantizeLinear", "QuantizeLinear"].contains(maker.kind),
                let source = maker.inputs.first
            else { return nil }
            name = source
        }
        return nil
    }
}
