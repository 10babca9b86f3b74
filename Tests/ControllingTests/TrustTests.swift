import Controlling
import Quantities
import Testing
import Vocabulary

/// Judgements of readings. The figures are those that a Prometheus 2.42 gave for a counter that rises by 100
/// a second and is scraped every second, as its target died.
struct TrustTests {
    private static let start = 1_795_905_000_000.0

    private func at(_ seconds: Double) -> ControlTime {
        ControlTime(
            monotonic: Nanoseconds(seconds: seconds),
            wall: WallTime(unixMilliseconds: Int64(Self.start + seconds * 1000)))
    }

    /// Samples each second up to a moment, of a counter that rises by 100 a second.
    private func counter(
        _ name: String = "up", last: Double, count: Int, perSecond: Double = 100,
        _ change: (Int, Double) -> Double? = { $1 }
    ) -> SampleSeries {
        let samples = (0..<count).compactMap { index -> SampleSeries.Sample? in
            let time = last - Double(count - 1 - index)
            return change(index, 1e6 + perSecond * time).map { .init(at: at(time).wall, value: $0) }
        }
        return SampleSeries(name: name, samples: samples)
    }

    private func rules(window: Double = 10, _ set: (inout InputRules) -> Void = { _ in }) -> InputRules {
        var rules = InputRules()
        rules.scrapeSeconds = 1
        rules.windowSeconds = window
        set(&rules)
        return rules
    }

    private func judged(
        _ answer: InputReading.Answer, rules: InputRules? = nil, at seconds: Double = 100,
        evaluatedAt: Double? = nil, capacity: Double = 1000
    ) -> InputLedger.Verdict {
        var ledger = InputLedger(rules: rules ?? self.rules())
        return ledger.judge(
            InputReading(
                model: "a", answer: answer, evaluatedAt: evaluatedAt.map { at($0).wall } ?? at(seconds).wall),
            at: at(seconds), capacity: capacity)
    }

    @Test func aLivingTargetIsBelieved() throws {
        let verdict = judged(.counters([counter(last: 99.8, count: 10)]))
        #expect(verdict.trust.state == .fresh && verdict.trust.cause == nil)
        let load = try #require(verdict.load.queriesPerSecond)
        #expect(abs(load - 100) < 1e-6)
        #expect(verdict.trust.samples == 10 && verdict.trust.expected == 10)
    }

    @Test(arguments: [
        (2.3, 8, TrustCause.thin), (3.9, 7, .stale), (5.5, 5, .stale), (7.1, 3, .stale), (8.7, 2, .stale),
    ])
    func aDeadTargetIsSeenAndItsSlopeDoesNotFall(age: Double, count: Int, cause: TrustCause) throws {
        let verdict = judged(.counters([counter(last: 100 - age, count: count)]))
        #expect(verdict.trust.state == .held && verdict.trust.cause == cause)
        let own = try #require(verdict.trust.queriesPerSecond)
        #expect(abs(own - 100) < 1e-6, "what rate() says falls to a quarter meanwhile")
        #expect(verdict.load == .held(nil), "nothing was ever believed")
    }

    @Test func oneMissedScrapeIsGoodEnoughToRaise() {
        var ledger = InputLedger(rules: rules(window: 8))
        func read(_ perSecond: Double, last: Double, at seconds: Double, count: Int) -> InputLedger.Verdict {
            ledger.judge(
                InputReading(
                    model: "a", answer: .counters([counter(last: last, count: count, perSecond: perSecond)]),
                    evaluatedAt: at(seconds).wall), at: at(seconds), capacity: 1000)
        }
        #expect(read(100, last: 99.9, at: 100, count: 8).load == .trusted(100))
        // Seven of eight are fewer than nine tenths.
        let low = read(50, last: 158.9, at: 160, count: 7)
        #expect(low.trust.state == .thinOK && low.load == .held(100))
        let high = read(150, last: 218.9, at: 220, count: 7)
        #expect(high.trust.state == .thinOK && high.load == .held(150))
        #expect(read(50, last: 279.9, at: 280, count: 8).load == .trusted(50), "that was no hold")
        #expect(read(50, last: 338.9, at: 340, count: 6).trust.state == .held)
    }

    /// A third of the samples is missing: nothing is believed that would stop a server, and a rise is
    /// followed.
    @Test func thinSamplesRaiseAndLowerNothing() {
        var ledger = InputLedger(rules: rules(window: 9))
        func read(_ perSecond: Double, at seconds: Double, count: Int) -> InputLedger.Verdict {
            ledger.judge(
                InputReading(
                    model: "a",
                    answer: .counters([counter(last: seconds - 0.1, count: count, perSecond: perSecond)]),
                    evaluatedAt: at(seconds).wall), at: at(seconds), capacity: 1000)
        }
        #expect(read(100, at: 100, count: 6).load == .held(nil), "nothing was ever believed")
        #expect(read(100, at: 160, count: 9).trust.cause == .recovering)
        #expect(read(100, at: 220, count: 9).load == .trusted(100))
        let risen = read(180, at: 280, count: 6)
        #expect(risen.trust.state == .held && risen.trust.cause == .thin && risen.load == .held(180))
        #expect(read(40, at: 340, count: 6).load == .held(100))
        #expect(read(2000, at: 400, count: 6).load == .held(100), "more than ten times the largest so far")
        #expect(read(120, at: 460, count: 9).trust.cause == .recovering)
    }

    @Test func aSeriesThatBeginsIsThin() {
        // rate() said 76.8 of a true 100 here.
        let verdict = judged(.counters([counter(last: 99.9, count: 8)]))
        #expect(verdict.trust.cause == .thin && verdict.trust.state == .held)
    }

    @Test func aNewPodAmongOldOnesCountsByItsOwnTime() throws {
        let verdict = judged(
            .counters([counter("old", last: 99.8, count: 10), counter("new", last: 99.6, count: 4)]))
        #expect(verdict.trust.state == .fresh)
        let load = try #require(verdict.load.queriesPerSecond)
        #expect(abs(load - 200) < 1e-6)
    }

    @Test func oneDeadPodOfTenIsSeen() {
        var series = (0..<9).map { counter("pod \($0)", last: 99.8, count: 10) }
        series.append(counter("pod 9", last: 96, count: 7))
        let verdict = judged(.counters(series))
        #expect(verdict.trust.cause == .stale)
        #expect(verdict.trust.detail?.contains("pod 9") == true)
    }

    @Test func aResetIsNoFall() throws {
        let verdict = judged(
            .counters([
                counter(last: 99.8, count: 10) { index, value in index < 5 ? value : Double(index - 5) * 100 }
            ]))
        // Four seconds before the reset and four after it were counted; the one around it is left out.
        let load = try #require(verdict.load.queriesPerSecond)
        #expect(abs(load - 100) < 1e-6)
        #expect(verdict.trust.resets == 1 && verdict.trust.state == .fresh)
    }

    @Test func whatIsNoNumberIsNeverZero() {
        for wrong in [Double.nan, .infinity, -.infinity, -1] {
            let verdict = judged(
                .counters([counter(last: 99.8, count: 10) { index, value in index == 4 ? wrong : value }]))
            #expect(verdict.trust.cause == .invalid && verdict.load == .held(nil))
            let value = judged(
                .value(
                    LoadValue(queriesPerSecond: wrong, lastSampleAt: at(99).wall, samples: 10, expected: 10)))
            #expect(value.trust.cause == .invalid && value.load == .held(nil))
        }
        #expect(judged(.counters([])).trust.cause == .invalid)
        #expect(
            judged(.counters([counter(last: 99.8, count: 10), counter(last: 99.8, count: 10)])).trust.cause
                == .invalid, "the same series twice")
        let two = InputReading.Answer.counters([
            counter("a", last: 99.8, count: 10), counter("b", last: 99.8, count: 10),
        ])
        #expect(judged(two, rules: rules { $0.seriesMax = 1 }).trust.cause == .invalid)
        #expect(judged(two).trust.state == .fresh)
        let nobodyKnows = LoadValue(queriesPerSecond: 5, lastSampleAt: nil, samples: nil, expected: nil)
        #expect(judged(.value(nobodyKnows)).trust.cause == .invalid)
    }

    @Test func idleIsOnlyBelievedWithFreshSamples() {
        #expect(judged(.counters([counter(last: 99.8, count: 10, perSecond: 0)])).trust.state == .idle)
        #expect(judged(.counters([counter(last: 99.8, count: 10, perSecond: 0)])).load == .trusted(0))
        #expect(judged(.counters([counter(last: 95, count: 5, perSecond: 0)])).trust.cause == .stale)
        let zero = LoadValue(queriesPerSecond: 0, lastSampleAt: at(99).wall, samples: 3, expected: 10)
        #expect(judged(.value(zero)).trust.cause == .thin)
    }

    @Test func clocksThatDifferAreNoLoad() {
        let series = InputReading.Answer.counters([counter(last: 99.8, count: 10)])
        #expect(judged(series, evaluatedAt: 94.9).trust.cause == .skew)
        #expect(judged(series, evaluatedAt: 105.1).trust.cause == .skew)
        #expect(judged(series, evaluatedAt: 100.5).trust.state == .fresh)
        #expect(
            judged(.counters([counter(last: 108, count: 10)])).trust.cause == .skew, "samples of the future")
        // Pushed samples arrive late and are asked for as of 30 s ago.
        let late = InputReading.Answer.counters([counter(last: 69.8, count: 10)])
        #expect(judged(late, rules: rules { $0.delaySeconds = 30 }, evaluatedAt: 70).trust.state == .fresh)
        #expect(judged(late, rules: rules { $0.delaySeconds = 30 }, evaluatedAt: 100).trust.cause == .skew)
    }

    @Test func whatASourceSaysWentWrongHolds() {
        for cause in [TrustCause.partial, .unreachable, .misconfigured] {
            let verdict = judged(.failed(cause, detail: "why"))
            #expect(verdict.trust.cause == cause && verdict.trust.detail == "why")
        }
        var ledger = InputLedger(rules: rules())
        #expect(ledger.judge(nil, at: at(100), capacity: 1).trust.cause == .unreachable)
    }

    @Test func theSpacingOfSamplesIsFoundOut() {
        var open = rules()
        open.scrapeSeconds = nil
        #expect(judged(.counters([counter(last: 99.8, count: 10)]), rules: open).trust.state == .fresh)
        #expect(judged(.counters([counter(last: 95, count: 6)]), rules: open).trust.cause == .stale)
        #expect(judged(.counters([counter(last: 99.8, count: 1)]), rules: open).trust.cause == .thin)
    }

    @Test func aCounterThatJumpsIsNotBelieved() {
        // A million more at once reads as 100,000 a second.
        var ledger = InputLedger(rules: rules())
        func read(_ second: Double, jumpsAt: Int? = nil, perSecond: Double = 100) -> InputLedger.Verdict {
            let series = counter(last: second - 0.2, count: 10, perSecond: perSecond) { index, value in
                jumpsAt.map { index >= $0 } ?? false ? value + 1e6 : value
            }
            return ledger.judge(
                InputReading(model: "a", answer: .counters([series]), evaluatedAt: at(second).wall),
                at: at(second), capacity: 1000)
        }
        #expect(read(100).load == .trusted(100))
        let jump = read(105, jumpsAt: 4)
        #expect(jump.trust.cause == .implausible && jump.load == .held(100))
        #expect(read(110, jumpsAt: 2).trust.cause == .implausible, "the same samples again")
        #expect(read(160).trust.cause == .recovering)
        #expect(read(220).load == .trusted(100))
    }

    @Test func aTrueSurgeIsBelievedAtTheSecondWindow() {
        var ledger = InputLedger(rules: rules())
        func read(_ second: Double, _ perSecond: Double) -> InputLedger.Verdict {
            ledger.judge(
                InputReading(
                    model: "a",
                    answer: .counters([counter(last: second - 0.2, count: 10, perSecond: perSecond)]),
                    evaluatedAt: at(second).wall), at: at(second), capacity: 1000)
        }
        #expect(read(100, 100).load == .trusted(100))
        #expect(read(160, 1100).trust.cause == .implausible, "eleven times the largest so far")
        let second = read(220, 1250)
        #expect(second.trust.cause == .recovering && second.load == .held(1250))
        #expect(read(280, 1200).load == .trusted(1200))
        // Beyond three times what the fleet serves, two windows that differ by half do not help.
        #expect(read(340, 3100).trust.cause == .implausible)
        #expect(read(400, 4700).trust.cause == .implausible)
        #expect(read(460, 4700).trust.cause == .recovering)
    }

    /// A counter that jumps at every scrape says the same in window after window: no fleet could follow it.
    @Test func whatNoFleetCouldServeIsNeverBelieved() {
        var ledger = InputLedger(rules: rules())
        func read(_ second: Double, _ perSecond: Double) -> InputLedger.Verdict {
            ledger.judge(
                InputReading(
                    model: "a",
                    answer: .counters([counter(last: second - 0.2, count: 10, perSecond: perSecond)]),
                    evaluatedAt: at(second).wall), at: at(second), capacity: 1000)
        }
        #expect(read(100, 100).load == .trusted(100))
        for window in 1...5 {
            let verdict = read(100 + 60 * Double(window), 1e12)
            #expect(verdict.trust.cause == .implausible && verdict.load == .held(100))
        }
        #expect(read(460, 100).trust.cause == .recovering)
        #expect(read(520, 100).load == .trusted(100))
    }
}
