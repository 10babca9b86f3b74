import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("Random input")
struct LoadInputTests {
    private let inputs = [
        ModelInput(name: "dense", elementType: .float32, width: 3, values: .uniform),
        ModelInput(name: "rows", elementType: .int32, width: 6, values: .tableRows(rows: 10, lookups: 2)),
        ModelInput(name: "wide", elementType: .int64, width: 1, values: .tableRows(rows: 4, lookups: 1)),
    ]

    private func values<Value>(_ pool: InputPool, _ input: Int, as type: Value.Type) -> [Value] {
        let count = pool.items * inputs[input].width
        return (0..<count).map {
            pool.address(ofInput: input, item: 0).load(
                fromByteOffset: $0 * MemoryLayout<Value>.stride, as: Value.self)
        }
    }

    @Test("Values stay in their range, and every table of a group gets its own rows, each of them some time")
    func ranges() {
        let pool = InputPool(inputs: inputs, items: 500, seed: 1)
        #expect(values(pool, 0, as: Float.self).allSatisfy { (0..<1).contains($0) })
        var rows = [Set<Int32>](repeating: [], count: 3)
        for (index, row) in values(pool, 1, as: Int32.self).enumerated() { rows[index % 6 / 2].insert(row) }
        #expect(rows == [Set(0..<10), Set(10..<20), Set(20..<30)])
        #expect(Set(values(pool, 2, as: Int64.self)) == Set(0..<4))
    }

    @Test("The same seed gives the same input, another seed another")
    func seeded() {
        func rows(_ seed: UInt64) -> [Int32] {
            values(InputPool(inputs: inputs, items: 50, seed: seed), 1, as: Int32.self)
        }
        #expect(rows(1) == rows(1))
        #expect(rows(1) != rows(2))
    }

    @Test("A pool names more embedding rows than the cache holds")
    func coldRows() throws {
        let inputs = try #require(TinyModels.all[3].inputs)  // ncf: 4 rows of 256 bytes an item
        let pool = InputPool(drawing: inputs, windowMax: 64, cacheBytes: 8 << 20, seed: 1)
        #expect(pool.items * 4 * 256 >= 2 * (8 << 20))
        #expect(pool.items.isMultiple(of: 16))
    }

    @Test(
        "Skewed rows: a few are asked for again and again, they are strewn over the table, and the pool grows"
    )
    func skewedRows() {
        func input(_ distribution: IndexDistribution) -> ModelInput {
            ModelInput(
                name: "rows", elementType: .int64, width: 4,
                values: .tableRows(rows: 100_000, lookups: 2, distribution: distribution, rowBytes: 256))
        }
        let skewed = [input(.zipf(exponent: 1.1))]
        let pool = InputPool(drawing: skewed, windowMax: 16, cacheBytes: 1 << 20, seed: 1)
        let even = InputPool(drawing: [input(.uniform)], windowMax: 16, cacheBytes: 1 << 20, seed: 1)
        #expect(pool.items > even.items)
        let address = pool.address(ofInput: 0, item: 0).assumingMemoryBound(to: Int64.self)
        let rows = Array(UnsafeBufferPointer(start: address, count: pool.items * 4))
        // Two megabytes of different rows are twice the cache.
        #expect(Double(Set(rows).count * 256) > 0.9 * 2 * Double(1 << 20))
        for table in 0..<2 {
            let own = rows.enumerated().filter { $0.offset % 4 / 2 == table }.map(\.element)
            #expect(own.allSatisfy { (100_000 * table..<100_000 * (table + 1)).contains(Int($0)) })
            let counts = Dictionary(own.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.value > $1.value }
            let popular = counts.prefix(10)
            // Under this law the ten most popular rows draw a third of all lookups.
            #expect(popular.reduce(0) { $0 + $1.value } > own.count / 4)
            let places = popular.map(\.key)
            #expect((places.max() ?? 0) - (places.min() ?? 0) > 30_000)
        }
    }

    @Test(
        """
        Every element type holds its range, whole where the type is, and a shape without batch is one \
        value for all
        """
    )
    func elementTypes() {
        let inputs = ModelInput.ElementType.allCases.map {
            ModelInput(
                name: $0.rawValue, elementType: $0, shape: [.fixed(3), .batch],
                values: .between(lower: 0, upper: 2))
        }
        let fixed = ModelInput(
            name: "temperature", elementType: .float64, shape: [.fixed(2)],
            values: .between(lower: -1, upper: -0.5))
        let pool = InputPool(inputs: inputs + [fixed], items: 64, seed: 1)
        func values(_ index: Int) -> [Double] {
            (0..<192).map { element in
                let bytes = pool.address(ofInput: index, item: 0) + element * inputs[index].elementType.size
                return switch inputs[index].elementType {
                case .float32: Double(bytes.load(as: Float.self))
                case .float64: bytes.load(as: Double.self)
                case .float16: Double(bytes.load(as: Float16.self))
                case .int8: Double(bytes.load(as: Int8.self))
                case .uint8, .bool: Double(bytes.load(as: UInt8.self))
                case .int32: Double(bytes.load(as: Int32.self))
                case .int64: Double(bytes.load(as: Int64.self))
                }
            }
        }
        for (index, input) in inputs.enumerated() {
            let drawn = values(index)
            if !input.elementType.isWhole {
                #expect(drawn.allSatisfy { (0..<2).contains($0) } && Set(drawn).count > 100)
            } else {
                #expect(Set(drawn) == [0, 1])
            }
            #expect(input.dimensions(items: 5) == [3, 5])
        }
        let last = inputs.count
        #expect(pool.address(ofInput: last, item: 17) == pool.address(ofInput: last, item: 0))
        #expect(fixed.dimensions(items: 5) == [2])
    }

    @Test("Windows lie in the pool, start on cache lines and differ between workers")
    func windows() {
        var first = InputWindows(items: 1024, worker: 0, workers: 3)
        var second = InputWindows(items: 1024, worker: 1, workers: 3)
        var starts: [Int] = []
        for window in [100, 512, 7, 400, 1024, 1, 512] {
            let start = first.advance(by: window)
            #expect(start >= 0 && start + window <= 1024)
            #expect(start.isMultiple(of: 16))
            starts.append(start)
        }
        #expect(starts[..<3] == [0, 112, 624])
        #expect(second.advance(by: 100) == 336)
    }

    @Test("A graph's inputs are named after its parts, as in the ONNX files")
    func names() throws {
        let inputs = try #require(TinyModels.all[7].inputs)
        #expect(inputs.map(\.name) == ["dense", "indices_0", "indices_1"])
        #expect(inputs.map(\.width) == [512, 41, 2])
        #expect(inputs.map(\.elementType) == [.float32, .int32, .int32])
    }
}
