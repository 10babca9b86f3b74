import Optimization
import Vocabulary

/// The program of loads that may be split, for the solver: whole servers N, loads x, and where not all can be
/// served, the shares s that are not.
struct VariantProgram {
    /// What is minimised, in this order, where not everything can be had.
    enum Step: CaseIterable {
        /// The sum of the shares that are not served.
        case unserved
        /// What the mean accuracies lack to the best, weighed by load.
        case accuracy
        case cost
    }

    /// What earlier steps found.
    struct Limits {
        var unserved: Double?
        var lack: Double?
    }

    private(set) var whole = IntegerProgram()
    private let problem: VariantProblem
    /// The column of each pair; nil where a type cannot serve a model or nothing is asked of it.
    private var columns: [Int?]
    /// The column of x by group and place.
    private var loadColumns: [[Int]] = []
    private var floorRows: [Int?] = []
    private var typeRows: [Int] = []

    /// - Parameter step: nil for the least cost at which everything is served.
    init(_ problem: VariantProblem, step: Step? = nil, limits: Limits = Limits()) {
        self.problem = problem
        let base = problem.base
        columns = base.noServers.map { _ in nil }
        let isCost = step == nil || step == .cost
        for group in problem.groups where group.load > 0 {
            for model in group.variants {
                for type in base.serverTypes.indices where base.canServe(model, with: type) {
                    let pair = base.index(model: model, serverType: type)
                    let most = min(
                        Double(base.available[type]), (group.load / base.throughputs[pair]).rounded(.up))
                    columns[pair] = whole.addColumn(
                        cost: isCost ? base.costs[pair] : 0, upper: most, isInteger: true)
                }
            }
        }
        var unserved: [LinearProgram.Term] = []
        var lacks: [LinearProgram.Term] = []
        for group in problem.groups {
            addLoads(group, step, unserved: &unserved, lacks: &lacks)
        }
        for type in base.serverTypes.indices {
            let terms: [LinearProgram.Term] = base.models.indices.compactMap { model in
                columns[base.index(model: model, serverType: type)].map { ($0, 1) }
            }
            typeRows.append(whole.addRow(upper: Double(base.available[type]), terms: terms))
        }
        if let cap = base.goal.constraints.powerCap {
            let terms: [LinearProgram.Term] = columns.indices.compactMap { pair in
                columns[pair].map { ($0, base.powers[pair]) }
            }
            whole.addRow(upper: cap.value, terms: terms)
        }
        if let limit = limits.unserved { whole.addRow(upper: limit + 1e-7, terms: unserved) }
        if let limit = limits.lack { whole.addRow(upper: limit + 1e-7 * (1 + limit), terms: lacks) }
    }

    /// Loads are in shares of the group's, so that rows are of one size.
    private mutating func addLoads(
        _ group: VariantProblem.Group, _ step: Step?, unserved: inout [LinearProgram.Term],
        lacks: inout [LinearProgram.Term]
    ) {
        guard group.load > 0 else {
            loadColumns.append([])
            floorRows.append(nil)
            return
        }
        let base = problem.base
        let placed = group.variants.indices.map { place in
            whole.addColumn(
                cost: step == .accuracy ? group.lack(place) : 0, upper: group.shareMax[place],
                isInteger: false)
        }
        loadColumns.append(placed)
        for (place, column) in placed.enumerated() {
            lacks.append((column, group.lack(place)))
            var terms: [LinearProgram.Term] = [(column, 1)]
            for type in base.serverTypes.indices {
                let pair = base.index(model: group.variants[place], serverType: type)
                if let servers = columns[pair] {
                    terms.append((servers, -base.throughputs[pair] / group.load))
                }
            }
            whole.addRow(upper: 0, terms: terms)
        }
        var served: [LinearProgram.Term] = placed.map { ($0, 1) }
        if step != nil {
            let share = whole.addColumn(cost: step == .unserved ? 1 : 0, upper: 1, isInteger: false)
            unserved.append((share, 1))
            served.append((share, 1))
        }
        whole.addRow(lower: 1, upper: 1, terms: served)
        guard let floor = group.floor else {
            floorRows.append(nil)
            return
        }
        let terms: [LinearProgram.Term] = placed.indices.map {
            (placed[$0], group.accuracies[$0] - floor)
        }
        floorRows.append(whole.addRow(lower: 0, terms: terms))
    }

    /// Without whole numbers.
    var relaxation: LinearProgram { whole.relaxation }

    /// The multiplier of each floor, in cost for a unit of load times one of accuracy, and the price of each
    /// type.
    func duals(_ rows: [Double]) -> (multipliers: [Double], prices: [Double]) {
        (
            zip(floorRows, problem.groups).map { row, group in
                row.map { max(0, rows[$0]) / group.load } ?? 0
            }, typeRows.map { max(0, -rows[$0]) }
        )
    }

    /// Servers of a point, not yet whole where it is not.
    func parts(_ values: [Double]) -> [Double] {
        columns.map { column in column.map { max(0, values[$0]) } ?? 0 }
    }

    /// Servers of a point whose numbers are whole.
    func counts(_ values: [Double]) -> ProvisioningProblem.Counts {
        columns.map { column in column.map { Int(max(0, values[$0]).rounded()) } ?? 0 }
    }

    /// The point of an allocation, for the solver to start from.
    func start(_ counts: ProvisioningProblem.Counts) -> [Double] {
        var values = [Double](repeating: 0, count: whole.isInteger.count)
        for (pair, column) in columns.enumerated() {
            if let column { values[column] = Double(counts[pair]) }
        }
        for (group, placed) in zip(problem.groups, loadColumns) where group.load > 0 {
            let loads = problem.route(counts, group).loads
            for (place, column) in placed.enumerated() { values[column] = loads[place] / group.load }
        }
        return values
    }
}
