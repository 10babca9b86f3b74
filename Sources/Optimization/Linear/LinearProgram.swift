/// A linear program in the form
///
///     minimise    sum_j  c_j x_j
///     subject to  lower_i <= sum_j a_ij x_j <= upper_i      for every row i
///                 lower_j <= x_j <= upper_j                 for every column j
///
/// Rows are sparse; infinite bounds are `Double.infinity` and its negative.
public struct LinearProgram: Hashable, Sendable {
    /// c_j, one for each column.
    public private(set) var costs: [Double] = []
    /// Lower bounds of the columns.
    public private(set) var columnLower: [Double] = []
    /// Upper bounds of the columns.
    public private(set) var columnUpper: [Double] = []
    /// Names of the columns, for messages; nil where none was given.
    public private(set) var columnNames: [String?] = []

    /// Lower bounds of the rows.
    public private(set) var rowLower: [Double] = []
    /// Upper bounds of the rows.
    public private(set) var rowUpper: [Double] = []
    /// Names of the rows, for messages; nil where none was given.
    public private(set) var rowNames: [String?] = []

    /// Where each row begins in `columnIndices` and `coefficients`; one more than there are rows.
    public private(set) var rowStarts: [Int32] = [0]
    /// The column of each coefficient, row after row.
    public private(set) var columnIndices: [Int32] = []
    /// The a_ij that are not zero, row after row.
    public private(set) var coefficients: [Double] = []

    /// A term a_ij x_j of a row.
    public typealias Term = (column: Int, coefficient: Double)

    /// A program without columns and rows.
    public init() {}

    /// How many columns there are.
    public var columnCount: Int { costs.count }
    /// How many rows there are.
    public var rowCount: Int { rowLower.count }

    /// Adds a variable and returns its index.
    @discardableResult
    public mutating func addColumn(
        cost: Double, lower: Double = 0, upper: Double = .infinity, name: String? = nil
    ) -> Int {
        costs.append(cost)
        columnLower.append(lower)
        columnUpper.append(upper)
        columnNames.append(name)
        return costs.count - 1
    }

    /// Adds a constraint and returns its index.
    /// - Precondition: every term names a column that exists, and none twice.
    @discardableResult
    public mutating func addRow(
        lower: Double = -.infinity, upper: Double = .infinity, name: String? = nil,
        terms: [Term]
    ) -> Int {
        for term in terms {
            precondition(costs.indices.contains(term.column), "a term names a column that exists")
            columnIndices.append(Int32(term.column))
            coefficients.append(term.coefficient)
        }
        rowStarts.append(Int32(columnIndices.count))
        rowLower.append(lower)
        rowUpper.append(upper)
        rowNames.append(name)
        return rowLower.count - 1
    }

    /// sum_j c_j x_j.
    public func objective(at point: [Double]) -> Double {
        zip(costs, point).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The value sum_j a_ij x_j of every row i.
    public func activities(at point: [Double]) -> [Double] {
        (0..<rowCount).map { row in
            (Int(rowStarts[row])..<Int(rowStarts[row + 1])).reduce(0) {
                $0 + coefficients[$1] * point[Int(columnIndices[$1])]
            }
        }
    }

    /// The same program with every cost zero: any feasible point is optimal.
    var withoutCosts: LinearProgram {
        var copy = self
        copy.costs = costs.map { _ in 0 }
        return copy
    }

    /// What makes the program unfit for a solver: not a number, an infinite coefficient, or bounds that
    /// cross.
    var defect: String? {
        for column in costs.indices {
            let name = columnNames[column] ?? "column \(column)"
            if !costs[column].isFinite {
                return "the cost of \(name) is \(costs[column]), expected a finite number"
            }
            if let crossed = Self.crossed(columnLower[column], columnUpper[column]) {
                return "the bounds of \(name) are \(crossed)"
            }
        }
        for row in 0..<rowCount {
            let name = rowNames[row] ?? "row \(row)"
            if let crossed = Self.crossed(rowLower[row], rowUpper[row]) {
                return "the bounds of \(name) are \(crossed)"
            }
            let terms = Int(rowStarts[row])..<Int(rowStarts[row + 1])
            if let term = terms.first(where: { !coefficients[$0].isFinite }) {
                return "a coefficient of \(name) is \(coefficients[term]), expected a finite number"
            }
        }
        return nil
    }

    private static func crossed(_ lower: Double, _ upper: Double) -> String? {
        lower <= upper && lower < .infinity && upper > -.infinity
            ? nil : "\(lower)...\(upper), expected a lower bound that does not exceed the upper"
    }
}

/// A linear program some or all variables of which must be whole numbers.
public struct IntegerProgram: Hashable, Sendable {
    /// The program without the demand for whole numbers: its relaxation.
    public private(set) var relaxation = LinearProgram()
    /// Whether each column must be a whole number.
    public private(set) var isInteger: [Bool] = []

    /// A program without columns and rows.
    public init() {}

    /// Adds a variable and returns its index; see ``LinearProgram/addColumn(cost:lower:upper:name:)``.
    @discardableResult
    public mutating func addColumn(
        cost: Double, lower: Double = 0, upper: Double = .infinity, isInteger: Bool, name: String? = nil
    ) -> Int {
        self.isInteger.append(isInteger)
        return relaxation.addColumn(cost: cost, lower: lower, upper: upper, name: name)
    }

    /// Adds a constraint and returns its index; see ``LinearProgram/addRow(lower:upper:name:terms:)``.
    @discardableResult
    public mutating func addRow(
        lower: Double = -.infinity, upper: Double = .infinity, name: String? = nil,
        terms: [LinearProgram.Term]
    ) -> Int {
        relaxation.addRow(lower: lower, upper: upper, name: name, terms: terms)
    }
}
