/// Predicts a number from a vector of choices as a sum of what each choice adds: a table of operators, fitted
/// by ridge regression. O(n d^2 + d^3) to fit for d choices in all, O(genes) to predict.
public struct OperatorTable: Sendable {
    private let firsts: [Int]
    private let effects: [Double]
    private let base: Double
    private var scale = 1.0
    private var shift = 0.0

    /// - Parameters:
    ///   - sizes: how many values each choice has.
    ///   - ridge: keeps apart what the samples cannot tell apart; above 0.
    /// - Precondition: there is a value for each sample, and at least one.
    public init(choices: [[Int]], sizes: [Int], values: [Double], ridge: Double = 1e-3) {
        precondition(!choices.isEmpty && choices.count == values.count, "a value for each sample")
        var firsts: [Int] = []
        var width = 0
        for size in sizes {
            firsts.append(width)
            width += size
        }
        self.firsts = firsts
        let mean = values.reduce(0, +) / Double(values.count)
        base = mean
        var matrix = (0..<width).map { _ in [Double](repeating: 0, count: width) }
        var right = [Double](repeating: 0, count: width)
        for (sample, value) in zip(choices, values) {
            let places = zip(firsts, sample).map(+)
            for one in places {
                right[one] += value - mean
                for other in places { matrix[one][other] += 1 }
            }
        }
        for place in 0..<width { matrix[place][place] += ridge }
        effects = KernelRidge.solve(&matrix, right)
    }

    /// The same table for another device of which a few samples are known: a line from what the table says to
    /// what they show, by least squares.
    public func corrected(choices: [[Int]], values: [Double]) -> OperatorTable {
        let said = choices.map(value)
        let (x, y) = (
            said.reduce(0, +) / Double(max(1, said.count)), values.reduce(0, +) / Double(max(1, values.count))
        )
        let spread = said.reduce(0) { $0 + ($1 - x) * ($1 - x) }
        let both = zip(said, values).reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) }
        let slope = spread > 0 ? both / spread : 1
        var copy = self
        copy.scale = scale * slope
        copy.shift = (shift - x) * slope + y
        return copy
    }

    public func value(of choices: [Int]) -> Double {
        let plain = zip(firsts, choices).reduce(base) { $0 + effects[$1.0 + $1.1] }
        return plain * scale + shift
    }
}
