import Controlling
import Foundation
import Quantities
import Testing

/// What was saved, against whom, and whether that speaks for acting.
struct SavingsLedgerTests {
    private let start = WallTime(unixMilliseconds: 1_795_824_000_000)

    /// Days of minutes in which ours draws as given and greedy draws 1 kW.
    private func ledger(days: Int, watts: (Int) -> Double, short: Bool = false) -> SavingsLedger {
        var ledger = SavingsLedger(pricePerKilowattHour: 0.2, gramsPerKilowattHour: 400, currency: "EUR")
        for minute in 0..<days * 1440 {
            ledger.add(
                [
                    "plan": .init(watts: watts(minute / 1440), isShort: short && minute == 3, starts: 0),
                    "greedy": .init(
                        watts: 1000, isShort: minute % 1440 == 0, starts: minute % 1440 == 1 ? 2 : 0),
                ], lasting: 60, at: start.adding(seconds: Double(minute) * 60),
                metered: minute % 2 == 0 ? 700 : nil,
                trusted: 2, of: 2)
        }
        return ledger
    }

    @Test func energyMoneyAndCarbonAreCountedByHand() throws {
        let savings = ledger(days: 1) { _ in 750 }.savings
        #expect(abs(savings.hours - 24) < 1e-9 && abs(savings.estimatedKilowattHours - 18) < 1e-9)
        let metered = try #require(savings.meteredKilowattHours)
        #expect(abs(metered - 8.4) < 1e-9, "half of the day at 700 W, and not mixed with what is estimated")
        let greedy = try #require(savings.against.first)
        let money = try #require(greedy.savedMoney)
        let carbon = try #require(greedy.savedCarbonGrams)
        #expect(abs(greedy.savedKilowattHours - 6) < 1e-9 && abs(money - 1.2) < 1e-9)
        #expect(abs(carbon - 2400) < 1e-6)
        #expect(greedy.shortMinutes == 1 && greedy.starts == 2 && savings.shortMinutes == 0)
    }

    @Test func ticksThatAreNotBelievedCountForNobody() {
        var ledger = SavingsLedger(pricePerKilowattHour: nil, gramsPerKilowattHour: nil, currency: nil)
        ledger.add(
            ["plan": .init(watts: 1, isShort: true, starts: 1)], lasting: 60, at: start, trusted: 1, of: 2)
        #expect(ledger.savings.hours == 0 && ledger.savings.estimatedKilowattHours == 0)
        #expect(ledger.scorecard(against: "reactive").trustedShare == 0.5)
    }

    @Test func theIntervalIsThatOfStudent() throws {
        // 10, 20 and 30 % saved: mean 20 %, deviation 10 %, t = 4.303 at two degrees of freedom.
        let card = ledger(days: 3) { 900 - 100 * Double($0) }.scorecard(against: "greedy")
        let greedy = try #require(card.comparisons.first)
        let low = try #require(greedy.savedShareLow)
        let high = try #require(greedy.savedShareHigh)
        let half = 4.303 * 0.1 / 3.0.squareRoot()
        #expect(abs(low - (0.2 - half)) < 1e-9 && abs(high - (0.2 + half)) < 1e-9)
        #expect(!card.recommendsActing && card.objections == ["3.0 days were counted, expected at least 7"])
    }

    @Test func aWeekInTrustSpeaksForActing() {
        #expect(ledger(days: 7) { _ in 900 }.scorecard(against: "greedy").recommendsActing)
        var unsafe = ledger(days: 7) { _ in 900 }
        unsafe.add([:], lasting: 60, at: start, trusted: 2, of: 2, unsafe: 1)
        #expect(!unsafe.scorecard(against: "greedy").recommendsActing)
    }

    @Test func theBooksSurviveJSON() throws {
        let before = ledger(days: 2) { _ in 800 }
        let after = try JSONDecoder().decode(SavingsLedger.self, from: JSONEncoder().encode(before))
        #expect(after == before)
    }
}
