import Controlling
import Quantities
import Testing
import Vocabulary

/// How models come into a hold and out of it.
struct HoldTests {
    private func time(_ minute: Int) -> ControlTime {
        ControlTime(
            monotonic: Nanoseconds(seconds: 60) * minute,
            wall: WallTime(unixMilliseconds: 1_795_905_000_000 + Int64(minute) * 60_000))
    }

    private func reading(_ load: Double?, _ minute: Int) -> InputReading {
        InputReading(
            model: "a",
            answer: load.map {
                .value(
                    LoadValue(
                        queriesPerSecond: $0, lastSampleAt: time(minute).wall, samples: 4, expected: 4))
            } ?? .failed(.unreachable, detail: "nobody there"))
    }

    private func play(_ loads: [Double?], failSafe: FailSafe = .keep) -> [InputLedger.Verdict] {
        var ledger = InputLedger(rules: InputRules(), failSafe: failSafe)
        return loads.enumerated().map {
            ledger.judge(reading($0.element, $0.offset), at: time($0.offset), capacity: 1000)
        }
    }

    @Test func aHoldEndsAfterTwoTicksInTrust() {
        let made = play([100, nil, nil, 80, 70, 60])
        #expect(
            made.map(\.load) == [
                .trusted(100), .held(100), .held(100), .held(100), .trusted(70), .trusted(60),
            ])
        #expect(made[1].change == .heldNow && made[4].change == .releasedNow)
        #expect(made[3].trust.cause == .recovering)
        #expect(made[2].trust.since == time(1).wall && made[5].trust.since == nil)
    }

    @Test func oneTickInTrustBetweenTwoFailuresEndsNothing() {
        let made = play([100, nil, 50, nil, 50, nil, 50, 50])
        #expect(made[6].load == .held(100) && made[7].load == .trusted(50))
        #expect(made[3].change == nil, "it is still the same hold")
    }

    @Test func aRecoveringModelIsRaised() {
        #expect(play([100, nil, 150])[2].load == .held(150))
    }

    @Test func nothingIsMadeUpBeforeTheFirstTrust() {
        let made = play([nil, nil, 40, 40])
        #expect(made.map(\.load) == [.held(nil), .held(nil), .held(40), .trusted(40)])
    }

    @Test func aLongHoldIsTold() {
        let made = play([100] + Array(repeating: nil, count: 40))
        let told = made.enumerated().compactMap { entry -> [Int]? in
            if case .heldFor(let minutes)? = entry.element.change { return [entry.offset, minutes] }
            return nil
        }
        #expect(told == [[11, 10], [31, 30]])
        #expect(made[40].load == .held(100))
    }

    @Test func anOperatorMayChooseWhatALongHoldFallsBackOn() {
        let loads: [Double?] = [100, 300, 120] + Array(repeating: nil, count: 40)
        #expect(play(loads, failSafe: .keep)[42].load == .held(120))
        #expect(play(loads, failSafe: .peak)[42].load == .held(300))
        #expect(play(loads, failSafe: .peak)[20].load == .held(120), "not before thirty minutes")
        #expect(play(loads, failSafe: .seasonal)[42].load == .held(0), "the forecast alone counts")
    }

    @Test func moreThanHalfOfTheModelsHoldTheFleet() throws {
        func trust(_ state: TrustState, _ cause: TrustCause? = nil) -> InputTrust {
            InputTrust(state: state, cause: cause)
        }
        #expect(FleetTrust.hold(["a": trust(.fresh), "b": trust(.held, .stale)]) == nil)
        #expect(FleetTrust.hold(["a": trust(.thinOK), "b": trust(.held, .stale), "c": trust(.idle)]) == nil)
        let why = try #require(
            FleetTrust.hold(["a": trust(.fresh), "b": trust(.held, .stale), "c": trust(.held, .stale)]))
        #expect(why == "2 of 3 models are not believed, mostly stale")
        #expect(FleetTrust.hold([:]) == nil)
        // Thin samples are good enough to raise.
        #expect(FleetTrust.hold(["a": trust(.held, .thin), "b": trust(.held, .thin)]) == nil)
    }

    @Test func thePastIsRebuiltFromItsReadings() {
        let loads: [Double?] = [100, 120, nil, nil, 90, 95, nil, 80]
        var whole = InputLedger(rules: InputRules())
        for (minute, load) in loads.enumerated() {
            _ = whole.judge(reading(load, minute), at: time(minute), capacity: 1000)
        }
        var parts = InputLedger(rules: InputRules())
        for minute in 0..<4 {
            _ = parts.judge(reading(loads[minute], minute), at: time(minute), capacity: 1000)
        }
        #expect(parts != whole)
        for minute in 4..<8 {
            _ = parts.judge(reading(loads[minute], minute), at: time(minute), capacity: 1000)
        }
        #expect(parts == whole)
    }
}
