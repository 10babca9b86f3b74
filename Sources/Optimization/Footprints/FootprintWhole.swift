/// The integer program over some columns, and how its answers read.
struct FootprintWhole {
    let instance: FootprintInstance
    let program: IntegerProgram
    private let assembly: FootprintAssembly
    /// The places of the columns it holds.
    let kept: [Int]
    /// n_g, for each of `kept`.
    private let countColumns: [Int]
    /// y_gw in deployments, or 0 and 1 for a bucket that is not divided, for each of `kept`.
    private let flowColumns: [[Int]]

    /// - Parameters:
    ///   - kept: places of columns, ascending.
    ///   - ranges: the least and the most of each column, by place.
    ///   - boxes: the least and the most of each of the instance's boxes; nil for what is available.
    init(
        _ instance: FootprintInstance, _ stage: FootprintStage, throughputLimit: Double, kept: [Int],
        ranges: (Int) -> ClosedRange<Int>, boxes: [ClosedRange<Int>]? = nil
    ) {
        var assembly = FootprintAssembly(
            instance, stage, throughputLimit: throughputLimit, boxRanges: boxes)
        var countColumns: [Int] = []
        var flowColumns: [[Int]] = []
        for number in kept {
            let column = instance.columns[number]
            let range = ranges(number)
            let capacityRow = assembly.add(row: -.infinity, 0)
            countColumns.append(
                assembly.add(
                    cost: assembly.isCostly ? column.cost : 0, lower: Double(range.lowerBound),
                    upper: Double(range.upperBound), isInteger: true,
                    terms: assembly.resources(of: column) + [(capacityRow, -1)]))
            var flows: [Int] = []
            for service in column.services {
                let isWhole = instance.program.buckets[service.bucket].isWhole
                let unit = isWhole ? 1 / service.coverage : 1
                let terms = assembly.flows(of: service, column.role) + [(row: capacityRow, amount: 1)]
                flows.append(
                    assembly.add(
                        cost: assembly.isCostly ? service.cost * unit : 0, upper: isWhole ? 1 : .infinity,
                        isInteger: isWhole, terms: terms.map { ($0.row, $0.amount * unit) }))
            }
            flowColumns.append(flows)
        }
        self.instance = instance
        self.assembly = assembly
        self.kept = kept
        self.countColumns = countColumns
        self.flowColumns = flowColumns
        program = assembly.finished()
    }

    /// The plan that values stand for.
    func incumbent(_ solution: IntegerSolution.Incumbent) -> FootprintIncumbent {
        let values = solution.values
        var counts: [Int: Int] = [:]
        var flows: [FootprintPlan.Flow] = []
        for (place, number) in kept.enumerated() {
            let column = instance.columns[number]
            let count = Int(values[countColumns[place]])
            guard count > 0 else { continue }
            counts[number] = count
            for (flow, service) in zip(flowColumns[place], column.services) {
                let bucket = instance.program.buckets[service.bucket]
                let share = values[flow] * (bucket.isWhole ? 1 : service.coverage)
                guard share > 1e-12 else { continue }
                flows.append(
                    FootprintPlan.Flow(
                        column: column.index, bucket: service.bucket, rate: share * bucket.demand))
            }
        }
        var boxes = instance.program.boxTypes.map { _ in 0 }
        for (box, column) in zip(instance.boxes, assembly.boxColumns) {
            boxes[box.type] += Int(values[column])
        }
        let unserved = assembly.unservedColumns.enumerated().map { bucket, column in
            column.map { max(0, values[$0]) * instance.program.buckets[bucket].demand } ?? 0
        }
        return FootprintIncumbent(
            objective: solution.objective, counts: counts, boxes: boxes, flows: flows, unserved: unserved,
            throughput: assembly.throughputColumn.map { values[$0] })
    }

    /// Counts, for each of `kept`, and boxes of a relaxation.
    func fractions(_ values: [Double]) -> (counts: [Double], boxes: [Double]) {
        (countColumns.map { values[$0] }, assembly.boxColumns.map { values[$0] })
    }

    /// The values that begin a search at a plan, where its columns are among those held.
    func start(at plan: FootprintIncumbent) -> [Double]? {
        guard plan.counts.keys.allSatisfy(kept.contains) else { return nil }
        guard instance.boxes.count == instance.program.boxTypes.count else { return nil }
        var values = [Double](repeating: 0, count: program.relaxation.columnCount)
        var rates: [Int: [Int: Double]] = [:]
        for flow in plan.flows { rates[flow.column, default: [:]][flow.bucket] = flow.rate }
        for (place, number) in kept.enumerated() {
            let column = instance.columns[number]
            values[countColumns[place]] = Double(plan.counts[number] ?? 0)
            for (flow, service) in zip(flowColumns[place], column.services) {
                let bucket = instance.program.buckets[service.bucket]
                let share = (rates[column.index]?[service.bucket] ?? 0) / bucket.demand
                values[flow] = bucket.isWhole ? share.rounded() : share / service.coverage
            }
        }
        for (box, column) in zip(instance.boxes, assembly.boxColumns) {
            values[column] = Double(plan.boxes[box.type])
        }
        for (bucket, column) in assembly.unservedColumns.enumerated() {
            if let column { values[column] = plan.unserved[bucket] / instance.program.buckets[bucket].demand }
        }
        if let column = assembly.throughputColumn { values[column] = plan.throughput ?? 0 }
        return values
    }
}

/// A plan during a search.
struct FootprintIncumbent {
    /// What the stage minimises.
    let objective: Double
    /// By place of the column; none is 0.
    let counts: [Int: Int]
    let boxes: [Int]
    let flows: [FootprintPlan.Flow]
    let unserved: [Double]
    let throughput: Double?
}
