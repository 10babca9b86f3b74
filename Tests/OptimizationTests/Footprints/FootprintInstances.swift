import Optimization
import Randomness

/// Small programs and what every plan must obey.
enum FootprintInstances {
    /// Up to 4 box types, 3 sizes of pieces and 3 buckets of one model.
    static func drawn(using words: inout SplitMix64) -> FootprintProgram {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &words) }
        let types = (0..<number(1...4)).map { _ in
            FootprintProgram.BoxType(
                cost: Double(number(0...9)), size: [2, 4].randomElement(using: &words) ?? 4, available: 1)
        }
        let buckets = (0..<number(1...3)).map { _ in FootprintProgram.Bucket(demand: Double(number(0...8))) }
        var columns: [FootprintProgram.Column] = []
        for (type, box) in types.enumerated() {
            for size in [1, 2, 4] where size <= box.size && number(0...3) > 0 && columns.count < 6 {
                let services = buckets.indices.filter { _ in number(0...4) > 0 }.map {
                    FootprintProgram.Service(bucket: $0, rate: Double(number(1...6) * size))
                }
                columns.append(
                    .init(
                        cost: Double(number(1...9) * size),
                        pieces: [.init(boxType: type, accelerators: size)], services: services))
            }
        }
        return FootprintProgram(boxTypes: types, buckets: buckets, columns: columns, fill: 0.75)
    }

    /// A larger program with fractions that matter.
    static func medium(using words: inout SplitMix64) -> FootprintProgram {
        func number(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &words) }
        let types = (0..<3).map { _ in FootprintProgram.BoxType(cost: number(1...5), size: 8, available: 6) }
        let buckets = (0..<4).map { _ in FootprintProgram.Bucket(demand: number(2...20)) }
        let columns = (0..<12).map { index in
            let size = 1 << (index % 4)
            return FootprintProgram.Column(
                cost: number(1...3) * Double(size), pieces: [.init(boxType: index % 3, accelerators: size)],
                services: (0..<4).filter { ($0 < 2) == (index < 6) }.map {
                    .init(bucket: $0, rate: number(0.8...1.5) * Double(size), unitCost: number(0...0.1))
                })
        }
        return FootprintProgram(boxTypes: types, buckets: buckets, columns: columns)
    }

    /// What a plan breaks; nil where it breaks nothing.
    static func fault(_ plan: FootprintPlan, _ program: FootprintProgram) -> String? {
        var served = program.buckets.map { _ in 0.0 }
        var loads = program.columns.map { _ in 0.0 }
        var cost = zip(plan.boxes, program.boxTypes).reduce(0.0) { $0 + Double($1.0) * $1.1.cost }
        cost += zip(plan.counts, program.columns).reduce(0.0) { $0 + Double($1.0) * $1.1.cost }
        for flow in plan.flows {
            guard
                let service = program.columns[flow.column].services.first(where: { $0.bucket == flow.bucket })
            else { return "column \(flow.column) cannot serve bucket \(flow.bucket)" }
            loads[flow.column] += flow.rate / service.rate
            cost += flow.rate * service.unitCost
            if program.columns[flow.column].role != .decode { served[flow.bucket] += flow.rate }
        }
        for (column, load) in loads.enumerated() {
            let room = program.fill * Double(plan.counts[column])
            if load > room + 1e-6 { return "column \(column) is loaded with \(load) of \(room)" }
        }
        for (bucket, rate) in served.enumerated() {
            let asked = program.buckets[bucket].demand * (plan.throughput ?? 1)
            if rate + plan.unserved[bucket] < asked * (1 - 1e-6) - 1e-6 {
                return "bucket \(bucket) gets \(rate) of \(asked)"
            }
        }
        for (number, type) in program.boxTypes.enumerated() {
            if plan.boxes[number] > type.available {
                return "box type \(number): \(plan.boxes[number]) boxes"
            }
            var pieces: [Int] = []
            for (column, count) in zip(program.columns, plan.counts) {
                let own = column.pieces.filter { $0.boxType == number }.map(\.accelerators)
                for _ in 0..<count { pieces += own }
            }
            guard fits(pieces.sorted(by: >), boxes: plan.boxes[number], size: type.size) else {
                return "box type \(number): \(pieces) do not fit \(plan.boxes[number]) boxes of \(type.size)"
            }
        }
        if plan.throughput == nil, abs(cost - plan.objective) > 1e-6 * max(1, cost) {
            return "it costs \(cost), not \(plan.objective)"
        }
        return nil
    }

    /// Whether pieces, from the largest to the smallest, can be put into boxes, by trying every box.
    static func fits(_ pieces: [Int], boxes: Int, size: Int) -> Bool {
        var free = [Int](repeating: size, count: boxes)
        func place(_ index: Int) -> Bool {
            guard index < pieces.count else { return true }
            var tried: Set<Int> = []
            for box in free.indices where free[box] >= pieces[index] && tried.insert(free[box]).inserted {
                free[box] -= pieces[index]
                if place(index + 1) { return true }
                free[box] += pieces[index]
            }
            return false
        }
        return place(0)
    }
}

/// All counts of a small program, each checked without a solver: flows exist if and only if no prices of the
/// buckets make demand worth more than the deployments can earn (Farkas). Of all prices only those matter at
/// which columns are torn between buckets: in three dimensions, where two such planes meet.
struct FootprintBruteForce {
    private let program: FootprintProgram
    private let loaded: [Int]
    /// What demand is worth, and what a deployment of each column earns, at each of the prices.
    private var worths: [Double] = []
    private var earnings: [[Double]] = []

    init(_ program: FootprintProgram) {
        self.program = program
        loaded = program.buckets.indices.filter { program.buckets[$0].demand > 0 }
        for prices in corners() {
            worths.append(zip(loaded, prices).reduce(0) { $0 + program.buckets[$1.0].demand * $1.1 })
            earnings.append(
                program.columns.map { column in
                    program.fill
                        * zip(loaded, prices).reduce(0.0) { max($0, rate(column, $1.0) * $1.1) }
                })
        }
    }

    private func rate(_ column: FootprintProgram.Column, _ bucket: Int) -> Double {
        column.services.first { $0.bucket == bucket }?.rate ?? 0
    }

    private func corners() -> [[Double]] {
        let size = loaded.count
        guard size > 0 else { return [] }
        if size == 1 { return [[1]] }
        var planes: [[Double]] = (0..<size).map { own in (0..<size).map { $0 == own ? 1 : 0 } }
        for column in program.columns {
            for first in 0..<size {
                for second in (first + 1)..<size where second < size {
                    var plane = [Double](repeating: 0, count: size)
                    plane[first] = rate(column, loaded[first])
                    plane[second] = -rate(column, loaded[second])
                    if plane.contains(where: { $0 != 0 }), !planes.contains(plane) { planes.append(plane) }
                }
            }
        }
        var found: [[Double]] = []
        func keep(_ ray: [Double]) {
            for sign in [1.0, -1] {
                let prices = ray.map { $0 * sign }
                let sum = prices.reduce(0, +)
                guard sum > 1e-9, prices.allSatisfy({ $0 >= -1e-12 }) else { continue }
                found.append(prices.map { max(0, $0) / sum })
            }
        }
        if size == 2 {
            for plane in planes { keep([-plane[1], plane[0]]) }
            return found
        }
        for (index, left) in planes.enumerated() {
            for right in planes.dropFirst(index + 1) {
                keep([
                    left[1] * right[2] - left[2] * right[1], left[2] * right[0] - left[0] * right[2],
                    left[0] * right[1] - left[1] * right[0],
                ])
            }
        }
        return found
    }

    private func isServed(_ counts: [Int]) -> Bool {
        for (worth, earning) in zip(worths, earnings) {
            var earned = 0.0
            for (index, count) in counts.enumerated() { earned += Double(count) * earning[index] }
            if earned < worth - 1e-9 { return false }
        }
        return true
    }

    /// The least cost over all counts up to 4; nil where none serves all demand.
    func leastCost() -> Double? {
        var best: Double?
        var counts = program.columns.map { _ in 0 }
        var used = program.boxTypes.map { _ in 0 }
        func visit(_ index: Int, _ cost: Double) {
            guard index < counts.count else {
                var total = cost
                for (type, accelerators) in zip(program.boxTypes, used) {
                    total += type.cost * Double((accelerators + type.size - 1) / type.size)
                }
                if total < best ?? .infinity, isServed(counts) { best = total }
                return
            }
            let piece = program.columns[index].pieces[0]
            let type = program.boxTypes[piece.boxType]
            for count in 0...4 {
                let taken = count * piece.accelerators
                guard used[piece.boxType] + taken <= type.size * type.available else { break }
                counts[index] = count
                used[piece.boxType] += taken
                visit(index + 1, cost + Double(count) * program.columns[index].cost)
                used[piece.boxType] -= taken
            }
            counts[index] = 0
        }
        visit(0, 0)
        return best
    }
}
