import Profiling
import Quantities
import Testing

@Suite struct LiveBisectionTests {
    @Test("The bracket closes around the true rate from any guess", arguments: [20.0, 90, 100, 400])
    func bisection(guess: Double) throws {
        let limit = 137.0
        let found = LiveBisection().find(startingAt: QueriesPerSecond(guess)) { $0.value <= limit }
        let missed = try #require(found.missed)
        #expect(found.met.value <= limit && limit < missed.value)
        #expect(missed.value / found.met.value <= 1.031)
        #expect(abs(found.estimate.value / limit - 1) < 0.031)
        #expect(found.rates <= 14)
    }

    @Test("A guess that meets the target is the answer where nothing above it is asked for")
    func noHigher() {
        var bisection = LiveBisection()
        bisection.mayExceedGuess = false
        let met = bisection.find(startingAt: QueriesPerSecond(100)) { $0.value <= 137 }
        #expect(met.met == QueriesPerSecond(100) && met.rates == 1 && met.missed == nil)
        let missed = bisection.find(startingAt: QueriesPerSecond(200)) { $0.value <= 137 }
        #expect(missed.met.value <= 137 && missed.met.value > 137 / 1.04)
    }

    @Test("A target that no rate meets yields no rate, and no rate far below the guess is tried")
    func hopeless() {
        var tried: [Double] = []
        let found = LiveBisection().find(startingAt: QueriesPerSecond(100)) {
            tried.append($0.value)
            return false
        }
        #expect(found.met == .zero && found.estimate == .zero)
        #expect(found.rates == tried.count && tried.count < LiveBisection().ratesMax)
        #expect(tried.dropLast().allSatisfy { $0 > 2 }, "\(tried)")
    }
}
