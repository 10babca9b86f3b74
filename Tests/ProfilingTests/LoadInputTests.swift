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
    func coldRows() {
        let graph = TinyModels.all[3].graph  // ncf: 4 rows of 256 bytes an item
        let pool = InputPool(graph: graph, windowMax: 64, cacheBytes: 8 << 20, seed: 1)
        #expect(pool.items * 4 * 256 >= 2 * (8 << 20))
        #expect(pool.items.isMultiple(of: 16))
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
    func names() {
        let inputs = TinyModels.all[7].graph.inputs
        #expect(inputs.map(\.name) == ["dense", "indices_0", "indices_1"])
        #expect(inputs.map(\.width) == [512, 41, 2])
        #expect(inputs.map(\.elementType) == [.float32, .int32, .int32])
    }
}
