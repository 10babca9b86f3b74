import Foundation
import Profiling
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite("Open-loop load", .serialized, .timeLimit(.minutes(2)))
struct LoadOpenLoopTests {
    private func load(
        rate: Double = 400, sizes: QuerySizes = .deepRecSys, batch: Int = 64, milliseconds: Double = 500,
        patience: Double = 2000, seed: UInt64 = 5
    ) -> OpenLoopRun {
        OpenLoopRun(
            rate: QueriesPerSecond(rate), sizes: sizes, batch: batch,
            duration: Nanoseconds(milliseconds: milliseconds), patience: Nanoseconds(milliseconds: patience),
            seed: seed)
    }

    @Test("The same seed gives the same queries at the same times, another seed others")
    func seededArrivals() {
        let one = load(seed: 5).arrivals
        #expect(one == load(seed: 5).arrivals)
        #expect(one.offsets != load(seed: 6).arrivals.offsets)
        #expect(one.sizes != load(seed: 6).arrivals.sizes)
    }

    @Test("Arrivals are Poisson at the rate, and sizes are the mixture's", arguments: [1, 2, 3] as [UInt64])
    func arrivalStatistics(seed: UInt64) {
        let arrivals = ArrivalSchedule(
            rate: QueriesPerSecond(1000), sizes: .deepRecSys, span: Nanoseconds(seconds: 100), seed: seed)
        #expect(arrivals.offsets == arrivals.offsets.sorted())
        #expect(arrivals.offsets.allSatisfy { $0 < Nanoseconds(seconds: 100) })
        #expect(arrivals.count == 100_000, "the rate is exact")
        let gaps = zip(arrivals.offsets.dropFirst(), arrivals.offsets).map { ($0 - $1).milliseconds }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(
            abs(variance.squareRoot() / mean - 1) < 0.03,
            "gaps of a Poisson process vary as much as their mean")
        let meanSize = Double(arrivals.sizes.reduce(0, +)) / Double(arrivals.count)
        #expect(abs(meanSize - 239) < 4)
    }

    @Test("A short run has the work that a long one has, more nearly than plain draws have it")
    func shortRunsHaveTheWorkOfLongOnes() {
        let sampler = QuerySizeSampler(.deepRecSys)
        var drawn = 0.0
        var systematic = 0.0
        for seed in UInt64(1)...50 {
            var stream = RandomStream(seed: seed, name: "plain")
            let sizes = ArrivalSchedule(
                rate: QueriesPerSecond(100), sizes: .deepRecSys, span: Nanoseconds(seconds: 3), seed: seed
            ).sizes
            #expect(sizes.count == 300)
            drawn += abs(
                (0..<300).reduce(0.0) { sum, _ in sum + Double(sampler.sample(using: &stream)) } / 300 - 239)
            systematic += abs(Double(sizes.reduce(0, +)) / 300 - 239)
        }
        #expect(systematic < drawn / 2)
    }

    @Test("Arrivals lie evenly over the span, up to luck", arguments: [1, 2, 3] as [UInt64])
    func arrivalsAreEven(seed: UInt64) {
        let offsets = ArrivalSchedule(
            rate: QueriesPerSecond(1000), sizes: .deepRecSys, span: Nanoseconds(seconds: 100), seed: seed
        ).offsets
        // Binomial with a standard deviation of 158.
        #expect(abs(offsets.count { $0 < Nanoseconds(seconds: 50) } - 50_000) < 5 * 158)
    }

    /// A generator at niceness -20 on a processor of its own took the weight of the whole session with it:
    /// of 6,847 queries/s that cells of 50 us were offered beside another session's program, 24 were served.
    @Test(
        "The generator of a busy run leaves every thread the niceness that it had", arguments: [true, false])
    func noThreadIsNicer(hasOwnCore: Bool) throws {
        let threads = ThreadNiceness()
        let before = threads.least
        let engine = FakeEngine { call, _ in if call % 50 == 0 { threads.look() } }
        var run = load(rate: 6847, sizes: QuerySizes.fixed(1), batch: 1, milliseconds: 200)
        run.generatorHasOwnCore = hasOwnCore
        let outcome = try Samples.run(run, on: engine, threads: 1)
        // A machine with other work ends an overloaded run early: that it ran is enough here.
        #expect(outcome.arrivedQueries > 0 && threads.looks > 0)
        #expect(threads.least == before, "found a thread at \(threads.least)")
    }

    @Test("At a rate too low for any arrival, there is none")
    func noArrivals() {
        let arrivals = ArrivalSchedule(
            rate: QueriesPerSecond(1e-12), sizes: .deepRecSys, span: Nanoseconds(seconds: 1), seed: 1)
        #expect(arrivals.count == 0)
    }

    @Test("With nothing to wait for, all queries that arrive are completed and counted", arguments: [1, 3])
    func conservation(threads: Int) throws {
        let load = load()
        let outcome = try Samples.run(load, on: NullEngine(), threads: threads)
        #expect(outcome.countedFrom - outcome.startedAt >= load.leadIn)
        let counted = load.arrivals.offsets.filter { outcome.startedAt + $0 >= outcome.countedFrom }.count
        #expect(counted > 100)
        #expect(outcome.arrivedQueries == counted)
        #expect(outcome.completedQueries == counted)
        #expect(outcome.abandonedQueries == 0)
        #expect(!outcome.isOverloaded)
        #expect(outcome.latencies.count == counted)
        #expect(outcome.generatorLateness.count == counted)
        // Latency runs from the scheduled arrival, so a late generator is part of it.
        #expect((outcome.latencies.mean ?? .zero) >= (outcome.generatorLateness.mean ?? .zero))
        #expect(outcome.startedAt + load.leadIn + load.duration == outcome.countedFrom + outcome.duration)
        #expect((0...1).contains(outcome.utilisation.value))
    }

    @Test("Queries are split into full batches and a remainder, and reach the threads in order")
    func pieces() throws {
        let load = load(batch: 100)
        let engine = FakeEngine()
        _ = try Samples.run(load, on: engine, threads: 1)
        let expected = load.arrivals.sizes.flatMap { size in
            Array(repeating: 100, count: size / 100) + (size % 100 == 0 ? [] : [size % 100])
        }
        #expect(engine.calls.map(\.items) == expected)
    }

    @Test("A stall shows in the latency of every query that was due meanwhile (no coordinated omission)")
    func stall() throws {
        let load = load(rate: 500, sizes: .fixed(1), batch: 1, milliseconds: 800)
        let stalled = 150
        let engine = FakeEngine { call, _ in if call == stalled { Thread.sleep(forTimeInterval: 0.3) } }
        let outcome = try Samples.run(load, on: engine, threads: 1)
        let begin = engine.calls[stalled].begin - outcome.startedAt
        #expect(begin >= load.leadIn)
        // Where other programs took the processor, a run counts its quieter part, which may lack the stall.
        let counted = outcome.countedFrom..<(outcome.countedFrom + outcome.duration)
        // Due in the first half of the stall: each waits for at least the other half.
        let waiting = load.arrivals.offsets.filter {
            $0 >= begin && $0 < begin + Nanoseconds(milliseconds: 150)
                && counted.contains(outcome.startedAt + $0)
        }
        #expect(waiting.count > 40 || outcome.duration < load.duration)
        let long = outcome.latencies.bins.filter { $0.latency >= Nanoseconds(milliseconds: 150) }
        #expect(long.reduce(0) { $0 + $1.count } >= waiting.count)
        #expect(outcome.completedQueries == outcome.arrivedQueries)
    }

    @Test("Too high a rate ends the run early, with the facts")
    func overload() throws {
        let load = load(rate: 500, sizes: .fixed(1), batch: 1, milliseconds: 60_000, patience: 200)
        let engine = FakeEngine { _, _ in Thread.sleep(forTimeInterval: 0.01) }
        let outcome = try Samples.run(load, on: engine, threads: 2)
        #expect(outcome.isOverloaded)
        #expect(outcome.duration < load.duration)
        #expect(outcome.arrivedQueries == outcome.completedQueries + outcome.abandonedQueries)
        #expect(outcome.latencies.count == outcome.arrivedQueries)
        // Two threads that need at least 10 ms a query end at most 200 a second, and one each at the edges.
        #expect(outcome.completedRate.value * outcome.duration.seconds <= 200 * outcome.duration.seconds + 2)
        #expect(outcome.utilisation > Fraction(0.5))
    }

    @Test("Threads that hang do not hang the run; what they leave is given up and counted")
    func hanging() throws {
        let load = load(rate: 200, sizes: .fixed(1), batch: 1, milliseconds: 200, patience: 50)
        let engine = FakeEngine { _, _ in Thread.sleep(forTimeInterval: 1) }
        let outcome = try Samples.run(load, on: engine, threads: 1)
        #expect(outcome.isOverloaded)
        #expect(outcome.abandonedQueries > 0)
        #expect(outcome.arrivedQueries == outcome.completedQueries + outcome.abandonedQueries)
        #expect(outcome.latencies.count == outcome.arrivedQueries)
    }

    @Test("An error of the engine ends the run and is reported")
    func failure() throws {
        let error = ProfilingError.engineFailed(engine: "fake", call: "x", model: "m", message: "broken")
        let engine = FakeEngine { (call, _) throws(ProfilingError) in if call >= 20 { throw error } }
        #expect(throws: error) { try Samples.run(load(), on: engine, threads: 2) }
    }

    @Test("Utilisation is the busy time that the service samples add up to")
    func utilisation() throws {
        let load = load(rate: 100, sizes: .fixed(1), batch: 1, milliseconds: 600)
        let engine = FakeEngine { _, _ in Thread.sleep(forTimeInterval: 0.004) }
        let outcome = try Samples.run(load, on: engine, threads: 2)
        let times = outcome.serviceSamples.map(\.time)
        #expect(times.allSatisfy { $0 >= Nanoseconds(milliseconds: 4) })
        let busy = outcome.utilisation.value * outcome.duration.seconds * 2
        let sum = times.reduce(0) { $0 + $1.seconds }
        // Pieces that reach over an end of the counted part are in one figure and not wholly in the other.
        let slack = 4 * (times.max() ?? .zero).seconds
        #expect(abs(busy - sum) <= slack)
        #expect(sum > 0.1)
    }

    @Test("A question that is decided ends the run early, either way", arguments: [0.0, 0.012])
    func decided(seconds: Double) throws {
        var load = load(rate: 400, sizes: .fixed(1), batch: 1, milliseconds: 60_000)
        let target = LatencyTarget(quantile: Quantile(0.9), limit: Nanoseconds(milliseconds: 10))
        load.question = TailQuestion(
            target: target, queriesMin: 60, durationMin: Nanoseconds(milliseconds: 100))
        // One thread that needs longer than the limit, on eight threads: no backlog, but every query is late.
        let engine = FakeEngine { _, _ in if seconds > 0 { Thread.sleep(forTimeInterval: seconds) } }
        let outcome = try Samples.run(load, on: engine, threads: 8)
        #expect(outcome.ending == .decided)
        #expect(outcome.duration < Nanoseconds(seconds: 30))
        #expect(outcome.arrivedQueries >= 60)
        #expect(outcome.arrivedQueries == outcome.completedQueries)
        let tail = Verdict.Tail(
            outcome.latencies, effectiveCount: outcome.effectiveQueries, target: target,
            confidence: Fraction(0.95))
        #expect(tail.answer == (seconds > 0 ? .misses : .meets))
    }

    @Test("A question that stays open lets the run last")
    func undecided() {
        let target = LatencyTarget(quantile: Quantile(0.9), limit: Nanoseconds(milliseconds: 10))
        let question = TailQuestion(target: target, queriesMin: 60, durationMin: .zero)
        // One query in ten is late, which is just what the target allows.
        let late = (0..<1000).map { $0 % 10 == 3 }
        #expect(TailInquiry.answer(late, question) == nil)
        #expect(TailInquiry.answer(Array(repeating: false, count: 1000), question) == .meets)
        #expect(TailInquiry.answer((0..<1000).map { $0 % 5 == 3 }, question) == .misses)
    }

    @Test("A generator that is kept from its core is late, and the lateness is told")
    func starvedGenerator() throws {
        // Every inference holds all it can get: more threads than there are cores spin for 3 ms a piece.
        let engine = FakeEngine { _, _ in
            let end = Date(timeIntervalSinceNow: 0.003)
            while Date() < end {}
        }
        let outcome = try Samples.run(
            load(rate: 300, sizes: .fixed(1), batch: 1, milliseconds: 300), on: engine, threads: 4)
        #expect(outcome.generatorLateness.count == outcome.arrivedQueries)
        // Lateness is part of each latency, whatever it was.
        let late = try #require(outcome.generatorLateness.max)
        let latest = try #require(outcome.latencies.max)
        #expect(latest >= late)
    }

    @Test("Pieces that wait for nothing are dispatched to threads that had to be woken up")
    func dispatch() throws {
        let load = load(rate: 200, sizes: .fixed(1), batch: 1, milliseconds: 400)
        let idle = try Samples.run(load, on: NullEngine(), threads: 1)
        #expect(idle.dispatch.count > 0 && idle.dispatch.count <= idle.arrivedQueries)
        // A thread that is always behind is never woken up once the first piece has come.
        let busy = try Samples.run(
            load, on: FakeEngine { _, _ in Thread.sleep(forTimeInterval: 0.02) }, threads: 1)
        #expect(busy.dispatch.count <= 2)
    }
}
