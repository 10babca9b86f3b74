import Foundation

/// A small ONNX file, written field by field as `onnx.proto` numbers them.
package struct OnnxFileBytes {
    /// One dimension of an input or output.
    package enum Dimension {
        case fixed(Int)
        case symbol(String)
        case free
    }

    private var graph: [UInt8] = []

    package init() {}

    /// - Parameter type: by the numbers of the ONNX standard; 1 is float32, 7 int64, 10 float16.
    package mutating func input(_ name: String, type: Int = 1, _ shape: [Dimension]) {
        graph += Self.field(11, Self.value(name, type, shape))
    }

    package mutating func output(_ name: String, type: Int = 1, _ shape: [Dimension]) {
        graph += Self.field(12, Self.value(name, type, shape))
    }

    package mutating func node(
        _ kind: String, _ inputs: [String], _ outputs: [String], integers: [String: Int] = [:]
    ) {
        var node: [UInt8] = []
        for name in inputs { node += Self.field(1, Array(name.utf8)) }
        for name in outputs { node += Self.field(2, Array(name.utf8)) }
        node += Self.field(4, Array(kind.utf8))
        for (name, value) in integers.sorted(by: { $0.key < $1.key }) {
            // 2 is the kind of a whole number.
            let attribute = Self.field(1, Array(name.utf8)) + Self.number(3, value) + Self.number(20, 2)
            node += Self.field(5, attribute)
        }
        graph += Self.field(1, node)
    }

    /// Weights of 32-bit floats, all a half.
    package mutating func weights(_ name: String, _ shape: [Int]) {
        let half = Array(repeating: withUnsafeBytes(of: Float(0.5)) { Array($0) }, count: shape.reduce(1, *))
        tensor(name, type: 1, shape, Array(half.joined()))
    }

    /// A constant of 64-bit whole numbers.
    package mutating func whole(_ name: String, _ values: [Int64]) {
        let bytes = values.flatMap { value in withUnsafeBytes(of: value) { Array($0) } }
        tensor(name, type: 7, [values.count], bytes)
    }

    private mutating func tensor(_ name: String, type: Int, _ shape: [Int], _ bytes: [UInt8]) {
        var tensor: [UInt8] = []
        for size in shape { tensor += Self.number(1, size) }
        tensor += Self.number(2, type) + Self.field(8, Array(name.utf8)) + Self.field(9, bytes)
        graph += Self.field(5, tensor)
    }

    /// The file, with the operators of opset 17.
    package var bytes: [UInt8] {
        Self.number(1, 8) + Self.field(7, graph + Self.field(2, Array("g".utf8)))
            + Self.field(8, Self.field(1, []) + Self.number(2, 17))
    }

    package func write(to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

    // MARK: The wire format

    private static func value(_ name: String, _ type: Int, _ shape: [Dimension]) -> [UInt8] {
        let dimensions = shape.map { dimension in
            switch dimension {
            case .fixed(let size): field(1, number(1, size))
            case .symbol(let name): field(1, field(2, Array(name.utf8)))
            case .free: field(1, [])
            }
        }
        let tensor = number(1, type) + field(2, Array(dimensions.joined()))
        return field(1, Array(name.utf8)) + field(2, field(1, tensor))
    }

    private static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(UInt64(number) << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    private static func number(_ field: Int, _ value: Int) -> [UInt8] {
        varint(UInt64(field) << 3) + varint(UInt64(bitPattern: Int64(value)))
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (value, bytes): (UInt64, [UInt8]) = (value, [])
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }
}

extension OnnxFileBytes {
    /// What `OwnModelTests` and others describe: dense features and row numbers of a table.
    package static func ranker(rows: Int = 1000) -> OnnxFileBytes {
        var file = OnnxFileBytes()
        file.input("dense", [.symbol("batch"), .fixed(13)])
        file.input("rows", type: 7, [.fixed(2), .symbol("batch"), .fixed(3)])
        file.weights("table", [rows, 2])
        file.node("Gather", ["table", "rows"], ["pooled"])
        file.output("pooled", [.fixed(2), .symbol("batch"), .fixed(3), .fixed(2)])
        return file
    }

    /// Reshapes any batch to a row of 16, as `torch.onnx.export` writes `view(1, 16)`.
    package static func fixedReshape() -> OnnxFileBytes {
        var file = OnnxFileBytes()
        file.input("x", [.symbol("batch"), .fixed(4), .fixed(4)])
        file.whole("one row", [1, 16])
        file.weights("w", [16, 4])
        file.node("Reshape", ["x", "one row"], ["r"])
        file.node("MatMul", ["r", "w"], ["y"])
        file.output("y", [.symbol("batch"), .fixed(4)])
        return file
    }

    /// One product with weights.
    /// - Parameter batch: of input and output.
    package static func product(batch: Dimension = .symbol("batch")) -> OnnxFileBytes {
        var file = OnnxFileBytes()
        file.input("x", [batch, .fixed(16)])
        file.weights("w", [16, 4])
        file.node("MatMul", ["x", "w"], ["y"])
        file.output("y", [batch, .fixed(4)])
        return file
    }
}
