import Optimization

// MARK: - Failures as rows

extension FullProgram {
    /// What any n servers take of a model is  min over t of  n t + sum_h max(0, w[h] - t) N[h], where t is 0
    /// or one of the w. One binary column for each t says which.
    struct Levels {
        let lost: Int
        let covers: [(pair: Int, cover: Double)]
        var columns: [(column: Int, level: Double)] = []

        /// The column that is 1 for an allocation.
        func chosen(_ counts: ProvisioningProblem.Counts) -> Int? {
            func kept(_ level: Double) -> Double {
                covers.reduce(-Double(lost) * level) { $0 + min($1.cover, level) * Double(counts[$1.pair]) }
            }
            return columns.max { kept($0.level) < kept($1.level) }?.column
        }
    }

    /// The load is covered whatever one failure takes, whose kinds are the columns.
    func addFailure(
        _ failure: CoverFailure, _ row: Int, _ columns: [(type: Int, column: Int, cover: Double)],
        _ built: inout Built
    ) {
        let share = built.shares[row]
        let terms: [LinearProgram.Term] = columns.map { ($0.column, $0.cover) } + [(share, 1)]
        func pair(_ type: Int) -> Int { problem.index(model: models[row], serverType: type) }
        switch failure {
        case .rack(let racks):
            for (one, racks) in zip(columns, racks) {
                let lost = built.program.addColumn(
                    cost: 0, upper: Double(problem.available[one.type]), isInteger: true)
                built.helpers.append((lost, pair(one.type), .lost(racks: racks)))
                built.program.addRow(lower: 0, terms: [(lost, Double(racks)), (one.column, -1)])
                built.program.addRow(lower: 1, terms: terms + [(lost, -one.cover)])
            }
        case .itemsOfOneKind(let count):
            for one in columns {
                // Either so many are lost and there are more, or all of the type are lost.
                let isMore = built.program.addColumn(cost: 0, upper: 1, isInteger: true)
                built.helpers.append((isMore, pair(one.type), .isAtLeast(count)))
                built.program.addRow(
                    lower: 0, terms: terms + [(isMore, -(1 + Double(count) * one.cover))])
                built.program.addRow(
                    lower: 1, terms: terms.filter { $0.column != one.column } + [(isMore, 1)])
            }
        case .items(let count):
            var levels = Levels(lost: count, covers: columns.map { (pair($0.type), $0.cover) })
            for level in Set(columns.map(\.cover) + [0]).sorted() {
                let isChosen = built.program.addColumn(cost: 0, upper: 1, isInteger: true)
                levels.columns.append((isChosen, level))
                built.program.addRow(
                    lower: 0,
                    terms: columns.map { ($0.column, min($0.cover, level)) }
                        + [(share, 1), (isChosen, -(1 + Double(count) * level))])
            }
            built.program.addRow(lower: 1, upper: 1, terms: levels.columns.map { ($0.column, 1) })
            built.levels.append(levels)
        }
    }
}
