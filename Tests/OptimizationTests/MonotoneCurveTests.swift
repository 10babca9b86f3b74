import Optimization
import Randomness
import Testing

@Suite struct MonotoneCurveTests {
    private func points(_ pairs: [(Double, Double)]) -> [MonotoneCurve.Knot] {
        pairs.map { MonotoneCurve.Knot(x: $0.0, y: $0.1) }
    }

    @Test func pointsInOrderAreKept() {
        let curve = MonotoneCurve(through: points([(4, 40), (1, 10), (2, 25)]), .rising)
        #expect(curve.knots == points([(1, 10), (2, 25), (4, 40)]))
        #expect(curve.residual == 0)
        #expect(curve.hull == 1...4)
        for knot in curve.knots { #expect(curve.value(at: knot.x) == knot.y) }
    }

    @Test func neighboursOutOfOrderArePooledByWeight() {
        // The point at 2 weighs twice; the pool's value is (4 + 4 + 1) / 3.
        let curve = MonotoneCurve(through: points([(1, 0), (2, 4), (2, 4), (3, 1), (4, 9)]), .rising)
        #expect(curve.knots == points([(1, 0), (2, 3), (3, 3), (4, 9)]))
        #expect(abs(curve.residual - (6.0 / 5).squareRoot()) < 1e-12)
        let falling = MonotoneCurve(through: points([(1, 0), (2, 4), (3, 1)]), .falling)
        #expect(falling.knots == points([(1, 2), (2, 2), (3, 1)]))
    }

    @Test(arguments: 0..<20)
    func noMonotoneSequenceIsCloser(seed: Int) {
        var words = SplitMix64(seed: UInt64(seed))
        let values = (0..<6).map { _ in Double(words.next() % 5) }
        let curve = MonotoneCurve(
            through: values.enumerated().map { MonotoneCurve.Knot(x: Double($0), y: $1) }, .rising)
        func distance(_ sequence: [Double]) -> Double {
            zip(values, sequence).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let ours = distance(curve.knots.map(\.y))
        // Every monotone sequence over a grid of halves.
        func search(_ prefix: [Double]) {
            guard prefix.count < values.count else {
                #expect(ours <= distance(prefix) + 1e-9, "\(values): \(prefix)")
                return
            }
            for step in Int((prefix.last ?? 0) * 2)...8 { search(prefix + [Double(step) / 2]) }
        }
        search([])
    }

    @Test(arguments: 0..<50)
    func theCurveIsMonotoneBetweenItsKnots(seed: Int) {
        var words = SplitMix64(seed: UInt64(seed + 100))
        let some = (0..<9).map { _ in
            MonotoneCurve.Knot(x: Double(words.next() % 1000), y: Double(words.next() % 1000))
        }
        for direction in MonotoneCurve.Direction.allCases {
            let curve = MonotoneCurve(through: some, direction)
            var last: Double?
            for step in 0...500 {
                let x =
                    curve.hull.lowerBound
                    + (curve.hull.upperBound - curve.hull.lowerBound) * Double(step) / 500
                guard let value = curve.value(at: x) else { continue }
                if let last {
                    #expect(
                        direction == .rising ? value >= last - 1e-9 : value <= last + 1e-9, "\(some) at \(x)")
                }
                last = value
            }
        }
    }

    @Test func outsideTheHullNothingIsKnownUnlessAskedFor() {
        let curve = MonotoneCurve(through: points([(1, 10), (2, 20)]), .rising)
        #expect(curve.value(at: 0.99) == nil && curve.value(at: 2.01) == nil)
        #expect(curve.heldValue(at: 0) == 10 && curve.heldValue(at: 9) == 20)
        #expect(curve.value(at: 1.5) == 15)
        let one = MonotoneCurve(through: points([(3, 7), (3, 9)]), .rising)
        #expect(one.value(at: 3) == 8 && one.value(at: 4) == nil)
    }

    @Test func leavingOutPointsOfALineFindsThemAgain() {
        let line = points((1...6).map { (Double($0), 2 * Double($0)) })
        let left = MonotoneCurve.leftOut(line, .rising)
        #expect(left.map(\.x) == [2, 3, 4, 5], "the ends cannot be found")
        for point in left { #expect(abs(point.predicted - point.found) < 1e-9) }
    }
}
