import Optimization
import Testing

@Suite struct NelderMeadTests {
    @Test func aCurvedValleyIsFollowedToItsEnd() {
        let rosenbrock: ([Double]) -> Double = { point in
            let (x, y) = (point[0], point[1])
            return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x)
        }
        var point = [-1.2, 1.0]
        for _ in 0..<3 { point = NelderMead().minimum(from: point, of: rosenbrock).point }
        #expect(abs(point[0] - 1) < 1e-3 && abs(point[1] - 1) < 1e-3)
    }

    @Test func aFunctionWithoutAValueIsAvoided() {
        let found = NelderMead().minimum(from: [3]) { $0[0] < 1 ? .nan : $0[0] }
        #expect(found.value >= 1 && found.value < 1.001)
    }

    @Test func evaluationsAreBounded() {
        var search = NelderMead()
        search.evaluationsMax = 50
        var count = 0
        _ = search.minimum(from: [0, 0, 0]) { point in
            count += 1
            return -point.reduce(0, +)
        }
        #expect(count <= 50 + 4)
    }
}
