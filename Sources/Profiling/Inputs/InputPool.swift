import Foundation
import Randomness
import Vocabulary

/// Random input for many items, drawn once before a run, so that drawing is no part of a service time.
///
/// A piece of `n` items reads a window of `n` consecutive items in place. Windows move on through the pool,
/// which is made large enough that the embedding rows it names do not fit the last-level cache twice over: a
/// row is cold again when its turn comes, as it would be under real traffic.
public final class InputPool: @unchecked Sendable {
    // Unchecked: the buffers are written in the initializer and only read afterwards.

    /// In the order of the graph.
    public let inputs: [ModelInput]
    /// How many items there are.
    public let items: Int
    private let buffers: [UnsafeMutableRawPointer]

    /// Windows start at multiples of this, so that rows of 4-byte elements start on a cache line.
    static let alignment = 16
    private static let bytesMax = 256 << 20
    /// So many that what is popular among them is so by their distribution.
    private static let itemsLeast = 1024

    /// Draws a pool for a model's inputs.
    /// - Parameters:
    ///   - windowMax: the largest window that will be asked for.
    ///   - cacheBytes: size of the last-level cache.
    public convenience init(drawing inputs: [ModelInput], windowMax: Int, cacheBytes: Int, seed: UInt64) {
        let affordable = Self.bytesMax / max(1, inputs.reduce(0) { $0 + $1.bytesPerItem })
        let cold = Self.itemsUntilCold(inputs, cacheBytes: cacheBytes, itemsMax: affordable)
        // Two windows at the least, so that consecutive pieces differ.
        let items = max(2 * windowMax, min(max(cold, Self.itemsLeast), affordable))
        self.init(inputs: inputs, items: Self.aligned(items), seed: seed)
    }

    /// The next number of items at which a window may start.
    static func aligned(_ items: Int) -> Int { (items + alignment - 1) / alignment * alignment }

    /// How many items it takes to read twice as many bytes of embedding rows as the cache holds.
    private static func itemsUntilCold(_ inputs: [ModelInput], cacheBytes: Int, itemsMax: Int) -> Int {
        let rowBytes = inputs.reduce(0) { $0 + $1.rowBytesPerItem }
        guard rowBytes > 0 else { return 0 }
        var items = 2 * cacheBytes / rowBytes + 1
        guard inputs.contains(where: \.isSkewed) else { return items }
        // Popular rows come again and again; only different ones push others out of the cache.
        while items < itemsMax,
            inputs.reduce(0, { $0 + $1.distinctRowBytes(items: items) }) < Double(2 * cacheBytes)
        {
            items *= 2
        }
        return items
    }

    /// Draws a pool of so many items.
    public init(inputs: [ModelInput], items: Int, seed: UInt64) {
        self.inputs = inputs
        self.items = items
        buffers = inputs.map { input in
            let bytes = max(64, input.bytesPerItem * items)
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            var stream = RandomStream(seed: seed, name: "input \(input.name)")
            Self.fill(buffer, of: input, items: items, using: &stream)
            return buffer
        }
    }

    /// A pool of given values, per input item after item.
    /// - Precondition: there are `items * width` values for each input.
    public init(inputs: [ModelInput], items: Int, values: [[Double]]) {
        precondition(zip(inputs, values).allSatisfy { $0.width * items == $1.count }, "every item has values")
        self.inputs = inputs
        self.items = items
        buffers = zip(inputs, values).map { input, values in
            let bytes = max(64, input.bytesPerItem * items)
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            for (index, value) in values.enumerated() { Self.store(value, at: index, of: input, in: buffer) }
            return buffer
        }
    }

    deinit {
        for buffer in buffers { buffer.deallocate() }
    }

    /// The memory of one input from an item on.
    package func address(ofInput index: Int, item: Int) -> UnsafeMutableRawPointer {
        // An input without a batch dimension has one value for all items.
        buffers[index] + (inputs[index].hasBatch ? item * inputs[index].bytesPerItem : 0)
    }

    private static func fill(
        _ buffer: UnsafeMutableRawPointer, of input: ModelInput, items: Int, using stream: inout RandomStream
    ) {
        switch input.values {
        case .between(let lower, let upper):
            let isWhole = input.elementType.isWhole
            for index in 0..<items * input.width {
                let value = lower + (upper - lower) * stream.uniform()
                store(isWhole ? value.rounded(.down) : value, at: index, of: input, in: buffer)
            }
        case .tableRows(let rows, let lookups, let distribution, _):
            let tables = (input.width + lookups - 1) / lookups
            let samplers = (0..<tables).map { _ in RowSampler(rows: rows, distribution, using: &stream) }
            var index = 0
            for _ in 0..<items {
                for column in 0..<input.width {
                    let row =
                        rows * (column / lookups) + samplers[column / lookups].row(using: &stream)
                    store(Double(row), at: index, of: input, in: buffer)
                    index += 1
                }
            }
        }
    }

    @inline(__always)
    private static func store(
        _ value: Double, at index: Int, of input: ModelInput, in buffer: UnsafeMutableRawPointer
    ) {
        switch input.elementType {
        case .float32: (buffer + index * 4).storeBytes(of: Float(value), as: Float.self)
        case .float64: (buffer + index * 8).storeBytes(of: value, as: Double.self)
        case .float16: (buffer + index * 2).storeBytes(of: Float16(value), as: Float16.self)
        case .int8: (buffer + index).storeBytes(of: Int8(value), as: Int8.self)
        case .uint8: (buffer + index).storeBytes(of: UInt8(value), as: UInt8.self)
        case .int32: (buffer + index * 4).storeBytes(of: Int32(value), as: Int32.self)
        case .int64: (buffer + index * 8).storeBytes(of: Int64(value), as: Int64.self)
        case .bool: (buffer + index).storeBytes(of: value == 0 ? 0 : 1, as: UInt8.self)
        }
    }
}

/// One worker's way through a pool.
package struct InputWindows {
    private let items: Int
    private var next: Int

    /// Workers start at different places, so that they do not warm the cache for one another.
    package init(items: Int, worker: Int, workers: Int) {
        self.items = items
        next = items * worker / workers / InputPool.alignment * InputPool.alignment
    }

    /// The first item of a window.
    /// - Precondition: the pool holds that many items.
    package mutating func advance(by window: Int) -> Int {
        precondition(window <= items, "a window fits the pool")
        if next + window > items { next = 0 }
        defer {
            next += (window + InputPool.alignment - 1) / InputPool.alignment * InputPool.alignment
        }
        return next
    }
}
