/// Whole counts close to the relaxation, by diving: relaxations in turns with more and more counts held up at
/// whole numbers.
///
/// Boxes are rounded first, while all flows can still follow. Counts are only ever held from below, the ones
/// nearest to their next whole number first: what they serve more then is taken from columns that are still
/// free, so that in the end little is rounded up in vain.
struct FootprintDive {
    private let instance: FootprintInstance
    private let stage: FootprintStage
    private let throughputLimit: Double
    private let solver: HiGHSSolver
    private let kept: [Int]

    private static let roundLimit = 60

    init(
        _ instance: FootprintInstance, _ stage: FootprintStage, throughputLimit: Double, kept: [Int],
        solver: HiGHSSolver
    ) {
        self.instance = instance
        self.stage = stage
        self.throughputLimit = throughputLimit
        self.kept = kept
        self.solver = solver
    }

    /// - Returns: counts by place that serve what is to be served; nil where the dive ran aground.
    func run() throws(OptimizationError) -> [Int: Int]? {
        var least: [Int: Int] = [:]
        var boxes: [ClosedRange<Int>]?
        for _ in 0..<Self.roundLimit {
            let whole = FootprintWhole(
                instance, stage, throughputLimit: throughputLimit, kept: kept,
                ranges: { number in
                    let column = instance.columns[number]
                    return (least[number] ?? column.least)...column.most
                }, boxes: boxes)
            guard let optimum = try solver.clearOptimum(of: whole.program.relaxation) else {
                // Too few boxes: let them be bought again.
                guard let held = boxes else { return nil }
                let open = zip(held, instance.boxes).map { range, box in
                    range.lowerBound...instance.program.boxTypes[box.type].available
                }
                guard open != held else { return nil }
                boxes = open
                continue
            }
            let reading = whole.fractions(optimum.values)
            if boxes == nil {
                boxes = zip(reading.boxes, instance.boxes).map { value, box in
                    let most = instance.program.boxTypes[box.type].available
                    let count = min(most, Int((value + 0.3).rounded(.down)))
                    return count...count
                }
                continue
            }
            var open: [(number: Int, up: Int, distance: Double)] = []
            for (number, value) in zip(kept, reading.counts) {
                let up = (value - 1e-6).rounded(.up)
                if up - value < 1e-6 {
                    least[number] = Int(up)
                } else if Int(up) <= instance.columns[number].most {
                    open.append((number, Int(up), up - value))
                }
            }
            guard !open.isEmpty else {
                return Dictionary(
                    uniqueKeysWithValues: zip(kept, reading.counts).map { ($0, Int($1.rounded())) }.filter {
                        $0.1 > 0
                    })
            }
            open.sort { ($0.distance, $0.number) < ($1.distance, $1.number) }
            for item in open.prefix(max(1, open.count / 5)) { least[item.number] = item.up }
        }
        return nil
    }
}
