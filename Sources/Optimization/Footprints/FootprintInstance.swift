/// A ``FootprintProgram`` made ready for one goal: rates as shares of demands, uses as rows, limits on counts
/// that follow from stock and demand, and without columns that cannot be part of a best plan.
struct FootprintInstance {
    struct Service {
        let bucket: Int
        /// The share of the bucket's demand that one deployment serves when it serves nothing else.
        let coverage: Double
        /// What a deployment that serves nothing else pays for requests.
        let cost: Double
    }

    struct Column {
        /// Its place in the program.
        let index: Int
        let cost: Double
        let secondCost: Double
        /// What a deployment takes of the packing rows, by row.
        let uses: [(row: Int, amount: Double)]
        let services: [Service]
        let role: FootprintProgram.Role
        let least: Int
        /// No best plan has more of it.
        let most: Int
        /// Whether the program itself says how many at least or at most.
        let isLimited: Bool
    }

    /// The row that belongs to each box variable: a type, a pattern of it.
    struct Box {
        let type: Int
        let amounts: [(row: Int, amount: Double)]
    }

    let program: FootprintProgram
    let boxes: [Box]
    let packingRowCount: Int
    private(set) var columns: [Column]
    let dominatedCount: Int
    /// Whether some buckets have columns with the roles prefill and decode.
    let isSplit: [Bool]

    /// - Parameter isDemandFixed: whether no more than the demand is to be served, which limits the counts.
    init(_ program: FootprintProgram, isDemandFixed: Bool) throws(OptimizationError) {
        if let defect = program.defect { throw .malformedProgram(defect) }
        self.program = program
        var packings: [BoxPacking] = []
        for (number, type) in program.boxTypes.enumerated() {
            let sizes = program.columns.flatMap(\.pieces).filter { $0.boxType == number }.map(\.accelerators)
            guard let packing = BoxPacking(boxSize: type.size, pieces: sizes) else {
                throw .malformedProgram(
                    "the pieces of box type \(number) fill a box of \(type.size) accelerators in more than "
                        + "\(BoxPacking.patternLimit) ways; choose sizes that divide one another")
            }
            packings.append(packing)
        }
        var firstRows: [Int] = []
        var rowCount = 0
        for packing in packings {
            firstRows.append(rowCount)
            rowCount += packing.rowCount
        }
        packingRowCount = rowCount
        boxes = packings.enumerated().flatMap { type, packing in
            packing.patterns.map { pattern in
                Box(
                    type: type,
                    amounts: pattern.enumerated().filter { $0.element > 0 }.map {
                        (firstRows[type] + $0.offset, Double($0.element))
                    })
            }
        }
        let all = program.columns.enumerated().map { index, column in
            Self.prepared(
                column, index, program, packings, firstRows: firstRows, isDemandFixed: isDemandFixed)
        }
        var split = [Bool](repeating: false, count: program.buckets.count)
        for column in all where column.role != .whole {
            for service in column.services { split[service.bucket] = true }
        }
        isSplit = split
        let useful = all.filter { $0.least > 0 || ($0.most > 0 && !$0.services.isEmpty) }
        columns = ColumnDominance(useful).kept
        dominatedCount = useful.count - columns.count
    }

    private static func prepared(
        _ column: FootprintProgram.Column, _ index: Int, _ program: FootprintProgram,
        _ packings: [BoxPacking], firstRows: [Int], isDemandFixed: Bool
    ) -> Column {
        var uses: [Int: Int] = [:]
        var stock = Double(Int32.max)
        for piece in column.pieces {
            let use = packings[piece.boxType].use(of: piece.accelerators)
            uses[firstRows[piece.boxType] + use.row, default: 0] += use.amount
        }
        for type in Set(column.pieces.map(\.boxType)) {
            for row in 0..<packings[type].rowCount {
                guard let amount = uses[firstRows[type] + row] else { continue }
                let held = program.boxTypes[type].available * packings[type].most(on: row)
                stock = min(stock, Double(held / amount))
            }
        }
        let loaded = column.services.filter { program.buckets[$0.bucket].demand > 0 }
        let services = loaded.sorted { $0.bucket < $1.bucket }.map { service in
            let rate = service.rate * program.fill
            return Service(
                bucket: service.bucket, coverage: rate / program.buckets[service.bucket].demand,
                cost: service.unitCost * rate)
        }
        if isDemandFixed {
            let needed = services.reduce(0) { $0 + 1 / $1.coverage }
            // A little more, so that rounding never makes the limit too small.
            stock = min(stock, max((needed * (1 + 1e-9)).rounded(.up), Double(column.atLeast)))
        }
        let most = min(Int(stock), column.atMost ?? .max)
        return Column(
            index: index, cost: column.cost, secondCost: column.secondCost,
            uses: uses.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value)) }, services: services,
            role: column.role, least: column.atLeast, most: most,
            isLimited: column.atLeast > 0 || column.atMost != nil)
    }
}

/// Leaves out columns that another column replaces in any plan without raising its cost: the same role, no
/// more of any box, no higher cost, and no bucket served slower or at a higher price.
private struct ColumnDominance {
    let kept: [FootprintInstance.Column]

    init(_ columns: [FootprintInstance.Column]) {
        var byFirstBucket: [Int: [Int]] = [:]
        for (place, column) in columns.enumerated() {
            // A column serves no bucket that the one that replaces it does not serve.
            for service in column.services { byFirstBucket[service.bucket, default: []].append(place) }
        }
        var isDropped = [Bool](repeating: false, count: columns.count)
        for (place, column) in columns.enumerated() where !column.isLimited {
            guard let first = column.services.first else { continue }
            isDropped[place] = (byFirstBucket[first.bucket] ?? []).contains { other in
                guard other != place, !isDropped[other] else { return false }
                return Self.replaces(columns[other], column)
            }
        }
        kept = columns.indices.filter { !isDropped[$0] }.map { columns[$0] }
    }

    private static func replaces(
        _ other: FootprintInstance.Column, _ column: FootprintInstance.Column
    ) -> Bool {
        guard !other.isLimited, other.role == column.role, other.cost <= column.cost,
            other.secondCost <= column.secondCost, other.services.count >= column.services.count
        else { return false }
        var index = 0
        for use in other.uses {
            while index < column.uses.count, column.uses[index].row < use.row { index += 1 }
            guard index < column.uses.count, column.uses[index].row == use.row,
                column.uses[index].amount >= use.amount
            else { return false }
        }
        index = 0
        for service in column.services {
            while index < other.services.count, other.services[index].bucket != service.bucket { index += 1 }
            guard index < other.services.count else { return false }
            let better = other.services[index]
            // Unit costs are per deployment's worth, so they are compared per request.
            guard better.coverage >= service.coverage,
                better.cost * service.coverage <= service.cost * better.coverage
            else { return false }
        }
        return true
    }
}
