import Controlling
import Quantities
import Testing

/// A lease between two controllers, each with a clock of its own.
struct LeaseWatchTests {
    /// What both can see; every change of it is one whole step.
    private struct Shared {
        var record: LeaseRecord?
    }

    private func attempt(
        _ watch: inout LeaseWatch, _ name: String, _ shared: inout Shared, at now: Nanoseconds
    ) {
        switch watch.step(shared.record, at: now) {
        case .take: shared.record = LeaseRecord(holder: name, generation: 1, beat: 0)
        case .renew(let old):
            shared.record = LeaseRecord(holder: name, generation: old.generation, beat: old.beat + 1)
        case .replace(let old):
            shared.record = LeaseRecord(holder: name, generation: old.generation + 1, beat: 0)
        case .wait: return
        }
        if let record = shared.record { watch.holds(record, asked: now) }
    }

    private func seconds(_ seconds: Int) -> Nanoseconds { Nanoseconds(seconds: Double(seconds)) }

    @Test func aHolderStopsActingBeforeAnyoneTakesOver() {
        var shared = Shared()
        var (one, two) = (LeaseWatch(name: "one"), LeaseWatch(name: "two"))
        attempt(&one, "one", &shared, at: .zero)
        attempt(&two, "two", &shared, at: .zero)
        #expect(one.generation(at: seconds(9)) == 1 && one.generation(at: seconds(10)) == nil)
        attempt(&two, "two", &shared, at: seconds(14))
        #expect(two.generation(at: seconds(14)) == nil)
        attempt(&two, "two", &shared, at: seconds(15))
        #expect(two.generation(at: seconds(15)) == 2)
        // The first wakes up, and finds that it has nothing any more.
        attempt(&one, "one", &shared, at: seconds(16))
        #expect(one.generation(at: seconds(16)) == nil && shared.record?.holder == "two")
    }

    @Test func aThousandHandoversNeverOverlap() {
        var shared = Shared()
        var watches = ["one": LeaseWatch(name: "one"), "two": LeaseWatch(name: "two")]
        var (handovers, overlaps, generations) = (0, 0, [Int64]())
        var asleep: (name: String, until: Int)?
        var second = 0
        while handovers < 1000, second < 100_000 {
            if let sleeping = asleep, sleeping.until <= second { asleep = nil }
            for name in ["one", "two"] where asleep?.name != name && second.isMultiple(of: 2) {
                attempt(&watches[name]!, name, &shared, at: seconds(second))
            }
            let acting = watches.values.filter { $0.generation(at: seconds(second)) != nil }
            if acting.count > 1 { overlaps += 1 }
            if let generation = shared.record?.generation, generations.last != generation {
                generations.append(generation)
                handovers += 1
            }
            // Whoever holds it is stopped after a while, for twenty seconds.
            if asleep == nil, second % 29 == 0, let holder = shared.record?.holder {
                asleep = (holder, second + 20)
            }
            second += 1
        }
        #expect(handovers == 1000)
        #expect(overlaps == 0)
        #expect(generations == generations.sorted() && Set(generations).count == generations.count)
    }

    @Test func aProcessThatIsStartedAnewUnderTheSameNameWaits() {
        var shared = Shared()
        var before = LeaseWatch(name: "one")
        attempt(&before, "one", &shared, at: .zero)
        var after = LeaseWatch(name: "one")
        attempt(&after, "one", &shared, at: seconds(1))
        #expect(after.generation(at: seconds(1)) == nil)
        attempt(&after, "one", &shared, at: seconds(16))
        #expect(after.generation(at: seconds(16)) == 2)
    }
}
