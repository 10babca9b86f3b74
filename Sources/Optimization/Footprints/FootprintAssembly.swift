/// What a solve optimises, and what it may leave out.
struct FootprintStage {
    enum Goal {
        /// The least cost.
        case cost
        /// The least demand unserved of these buckets.
        case unserved([Int])
        /// The largest theta.
        case throughput
        /// The least share of demand unserved of all buckets: whether a program in fractions exists at all.
        case coverage
    }

    /// The demand that some buckets leave unserved together.
    struct Limit {
        let buckets: [Int]
        let most: Double
    }

    var goal: Goal
    /// Whether demand may stay unserved.
    var allowsUnserved = false
    var limits: [Limit] = []
}

/// Collects the rows that the relaxation and the integer programs have in common.
///
/// The flows y_gw count in deployments: how many of column g are busy with bucket w. The relaxation needs no
/// n_g, because there a deployment's cost and accelerators are paid in proportion to its flows.
struct FootprintAssembly {
    struct Row {
        var lower = -Double.infinity
        var upper = Double.infinity
        var terms: [LinearProgram.Term] = []
    }

    let instance: FootprintInstance
    let stage: FootprintStage
    private(set) var rows: [Row] = []
    private(set) var program = IntegerProgram()

    /// The row of each bucket's demand; nil without demand.
    private(set) var demandRows: [Int?] = []
    /// The row that balances prefill and decode of each bucket; nil where nothing is split.
    private(set) var balanceRows: [Int?] = []
    private(set) var packingRows: Range<Int> = 0..<0
    private(set) var budgetRow: Int?
    private(set) var linkRows: Range<Int> = 0..<0

    /// The variables of `FootprintInstance.boxes`.
    private(set) var boxColumns: Range<Int> = 0..<0
    /// The share of each bucket that is not served; nil where all must be.
    private(set) var unservedColumns: [Int?] = []
    private(set) var throughputColumn: Int?

    /// - Parameters:
    ///   - throughputLimit: no plan has a larger theta.
    ///   - boxRanges: the least and the most of each of the instance's boxes; nil for what is available.
    init(
        _ instance: FootprintInstance, _ stage: FootprintStage, throughputLimit: Double,
        boxRanges: [ClosedRange<Int>]? = nil
    ) {
        self.instance = instance
        self.stage = stage
        addRows()
        addBoxes(boxRanges)
        addUnserved()
        if case .throughput = stage.goal {
            let column = program.addColumn(cost: -1, upper: throughputLimit, isInteger: false)
            for row in demandRows { if let row { rows[row].terms.append((column, -1)) } }
            throughputColumn = column
        }
    }

    /// Whether money counts.
    var isCostly: Bool { if case .cost = stage.goal { true } else { false } }

    private mutating func addRow(_ lower: Double, _ upper: Double) -> Int {
        rows.append(Row(lower: lower, upper: upper))
        return rows.count - 1
    }

    private mutating func addRows() {
        let buckets = instance.program.buckets
        var need = 1.0
        if case .throughput = stage.goal { need = 0 }
        for bucket in buckets { demandRows.append(bucket.demand > 0 ? addRow(need, .infinity) : nil) }
        for (index, bucket) in buckets.enumerated() {
            let isBalanced = instance.isSplit[index] && bucket.demand > 0
            balanceRows.append(isBalanced ? addRow(0, 0) : nil)
        }
        packingRows = rows.count..<rows.count + instance.packingRowCount
        for _ in packingRows { _ = addRow(-.infinity, 0) }
        if instance.program.budget != nil { budgetRow = addRow(-.infinity, 1) }
        linkRows = rows.count..<rows.count + instance.program.links.count
        for link in instance.program.links { _ = addRow(-.infinity, link.capacity > 0 ? 1 : 0) }
    }

    private mutating func addBoxes(_ ranges: [ClosedRange<Int>]?) {
        let types = instance.program.boxTypes
        let first = program.relaxation.columnCount
        var byType: [[Int]] = types.map { _ in [] }
        for (number, box) in instance.boxes.enumerated() {
            let type = types[box.type]
            let range = ranges?[number] ?? 0...type.available
            let column = program.addColumn(
                cost: isCostly ? type.cost : 0, lower: Double(range.lowerBound),
                upper: Double(range.upperBound),
                isInteger: true)
            byType[box.type].append(column)
            for use in box.amounts {
                rows[packingRows.lowerBound + use.row].terms.append((column, -use.amount))
            }
            if let budgetRow, type.secondCost > 0 {
                rows[budgetRow].terms.append((column, type.secondCost / budgetScale))
            }
        }
        boxColumns = first..<program.relaxation.columnCount
        for (type, columns) in byType.enumerated() where columns.count > 1 {
            let row = addRow(-.infinity, Double(types[type].available))
            rows[row].terms = columns.map { ($0, 1) }
        }
    }

    private mutating func addUnserved() {
        var goal: [Int: Double] = [:]
        if case .unserved(let buckets) = stage.goal {
            for bucket in buckets { goal[bucket] = instance.program.buckets[bucket].demand }
        }
        let isCoverage = if case .coverage = stage.goal { true } else { false }
        for (bucket, row) in demandRows.enumerated() {
            guard let row, stage.allowsUnserved || isCoverage else {
                unservedColumns.append(nil)
                continue
            }
            // Without bounds on what is asked for beyond the demand, it is never more than all of it.
            let column = program.addColumn(
                cost: isCoverage ? 1 : goal[bucket] ?? 0, upper: 1, isInteger: false)
            rows[row].terms.append((column, 1))
            unservedColumns.append(column)
        }
        guard stage.allowsUnserved else { return }
        for limit in stage.limits {
            let scale = max(limit.most, limit.buckets.reduce(0) { $0 + instance.program.buckets[$1].demand })
            guard scale > 0 else { continue }
            let row = addRow(-.infinity, limit.most / scale)
            rows[row].terms = limit.buckets.compactMap { bucket in
                unservedColumns[bucket].map { ($0, instance.program.buckets[bucket].demand / scale) }
            }
        }
    }

    /// What the budget's row is divided by.
    private var budgetScale: Double { max(instance.program.budget ?? 1, 1e-9) }

    // MARK: Columns

    /// What a deployment takes of rows, as terms without their variable.
    func resources(of column: FootprintInstance.Column) -> [(row: Int, amount: Double)] {
        var terms = column.uses.map { (row: packingRows.lowerBound + $0.row, amount: $0.amount) }
        if let budgetRow, column.secondCost > 0 { terms.append((budgetRow, column.secondCost / budgetScale)) }
        return terms
    }

    /// What a deployment that is busy with one bucket does to rows.
    func flows(
        of service: FootprintInstance.Service, _ role: FootprintProgram.Role
    ) -> [(row: Int, amount: Double)] {
        var terms: [(row: Int, amount: Double)] = []
        if role != .decode, let row = demandRows[service.bucket] { terms.append((row, service.coverage)) }
        guard role != .whole else { return terms }
        if let row = balanceRows[service.bucket] {
            terms.append((row, role == .prefill ? service.coverage : -service.coverage))
        }
        guard role == .prefill else { return terms }
        let rate = service.coverage * instance.program.buckets[service.bucket].demand
        for (link, row) in zip(instance.program.links, linkRows) {
            guard let amount = link.amounts[service.bucket], amount > 0 else { continue }
            terms.append((row, amount * rate / (link.capacity > 0 ? link.capacity : 1)))
        }
        return terms
    }

    /// Adds a variable with its terms and returns its number.
    mutating func add(
        cost: Double, lower: Double = 0, upper: Double = .infinity, isInteger: Bool = false,
        terms: [(row: Int, amount: Double)]
    ) -> Int {
        let column = program.addColumn(cost: cost, lower: lower, upper: upper, isInteger: isInteger)
        for term in terms { rows[term.row].terms.append((column, term.amount)) }
        return column
    }

    /// Adds a row of its own, such as a column's capacity, and returns its number.
    mutating func add(row lower: Double, _ upper: Double) -> Int { addRow(lower, upper) }

    /// The program with all rows.
    func finished() -> IntegerProgram {
        var program = program
        for row in rows { program.addRow(lower: row.lower, upper: row.upper, terms: row.terms) }
        return program
    }
}
