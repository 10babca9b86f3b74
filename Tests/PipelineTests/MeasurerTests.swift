import Foundation
import Pipeline
import Profiling
import Quantities
import Store
import Testing
import Vocabulary

/// The one way to a measurement: alone on the cores, judged, repeated where disturbed, kept.
@Suite struct MeasurerTests {
    private let fixtures: Fixtures

    init() throws { fixtures = try Fixtures() }

    private func locks() -> ResourceLocks {
        ResourceLocks(directory: fixtures.folder.path, names: ["core-0"], resources: "core 0")
    }

    private func measurer(hostName: String? = nil) -> Measurer {
        Measurer(
            recorder: Recorder(store: fixtures.store, run: nil),
            lock: HostLock(activity: "test", isShared: false, progress: SilentProgress(), locks: locks()),
            seed: 1, hostName: hostName, power: PowerSource.Places())
    }

    private func subject(on type: ServerType) -> Measurer.Subject {
        Measurer.Subject(
            fixtures.model, on: type, by: Fixtures.schedule, settings: ContentDigest(ofText: "settings"))
    }

    private let null = EngineSettings(name: "null")

    @Test func aRunHoldsTheCoresAndGivesThemBack() throws {
        let (host, others) = (fixtures.host, locks())
        var repeats = DisturbedRuns(expected: .zero, attemptsMax: 1)
        var holders: [ResourceHolder] = []
        try measurer().measure(subject(on: host), with: null, repeats: &repeats) { _ in
            holders = try others.tryAcquire(for: "another")
            return (fixtures.measurement(on: host), [])
        }
        #expect(!holders.isEmpty, "nobody else measures meanwhile")
        #expect(try others.tryAcquire(for: "another").isEmpty)
    }

    @Test func aRunWaitsWhileOthersMeasure() throws {
        let (host, others) = (fixtures.host, locks())
        #expect(try others.tryAcquire(for: "another").isEmpty)
        let measurer = measurer()
        #expect(!measurer.tryBegin())
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { others.release() }
        var repeats = DisturbedRuns(expected: .zero, attemptsMax: 1)
        var wasFree = false
        try measurer.measure(subject(on: host), with: null, repeats: &repeats) { _ in
            wasFree = try !locks().tryAcquire(for: "third").isEmpty
            return (fixtures.measurement(on: host), [])
        }
        #expect(wasFree, "the cores are this process's own")
    }

    @Test func whoHoldsTheCoresMayTakeThemAgain() throws {
        let (host, measurer, others) = (fixtures.host, measurer(), locks())
        #expect(measurer.tryBegin())
        var repeats = DisturbedRuns(expected: .zero, attemptsMax: 1)
        try measurer.measure(subject(on: host), with: null, repeats: &repeats) { _ in
            (fixtures.measurement(on: host), [])
        }
        #expect(try !others.tryAcquire(for: "another").isEmpty, "still held from before")
        measurer.end()
        #expect(try others.tryAcquire(for: "another").isEmpty)
    }

    @Test func aModelThatFailsIsKeptAsSuch() throws {
        let host = fixtures.host
        var repeats = DisturbedRuns(expected: .zero, attemptsMax: 1)
        func fail(_ error: ProfilingError) {
            #expect(throws: ProfilingError.self) {
                try measurer(hostName: "rack-7").measure(subject(on: host), with: null, repeats: &repeats) {
                    _ in
                    throw error
                }
            }
        }
        // That a server was not reached says nothing of the model.
        fail(.requestFailed(url: "http://here", reason: "nobody answers"))
        #expect(try fixtures.store.failures(of: fixtures.model, on: host).isEmpty)
        fail(.outputsDiffer(model: fixtures.model.id, items: 8, found: "1 row"))
        let found = try #require(try fixtures.store.failures(of: fixtures.model, on: host).first)
        #expect(found.schedule == Fixtures.schedule && found.engine == "null" && found.host.name == "rack-7")
        #expect(found.message.contains("found 1 row for 8 items"))
    }

    @Test func disturbedRunsAreMadeAgainAndEveryAttemptIsKept() throws {
        let host = fixtures.host
        var repeats = DisturbedRuns(expected: Nanoseconds(seconds: 100), attemptsMax: 3)
        var attempts = 0
        let found = try measurer(hostName: "rack-7").measure(
            subject(on: host), with: null, repeats: &repeats
        ) { _ in
            attempts += 1
            var run = fixtures.measurement(on: host)
            run.noise = Fixtures.noise(stealing: attempts < 3 ? 0.5 : 0)
            return (run, [fixtures.measurement(on: host, purpose: .saturation)])
        }
        #expect(attempts == 3 && found.measurement.attempt == 3 && !found.verdict.isDisturbed)
        let stored = try fixtures.store.measurements()
        #expect(stored.filter { $0.measurement.purpose == .cell }.map(\.measurement.attempt) == [1, 2, 3])
        #expect(stored.filter { $0.measurement.purpose == .saturation }.count == 3)
        #expect(Set(stored.map(\.measurement.host.name)) == ["rack-7"])
    }

    @Test func anAttemptThatTheCallerSavesIsNotSavedTwice() throws {
        let host = fixtures.host
        var repeats = DisturbedRuns(expected: .zero, attemptsMax: 1)
        try measurer().measure(subject(on: host), with: null, repeats: &repeats, keeping: .none) { _ in
            (fixtures.measurement(on: host), [])
        }
        #expect(try fixtures.store.measurements().isEmpty)
    }

    @Test func aCellIsSavedSaturatedAndLoaded() throws {
        let host = fixtures.host
        var repeats = DisturbedRuns(expected: .zero, attemptsMax: 1)
        let found = try measurer().measureCell(
            subject(on: host), fixtures.scenario.profile, repeats: &repeats)
        #expect(found.cell.saturation.pattern == .closed && found.cell.loaded.pattern == .openPoisson)
        #expect(try fixtures.store.measurements().map(\.measurement.purpose) == [.saturation, .cell])
    }
}
