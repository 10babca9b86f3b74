import Foundation
import Quantities
import Randomness
import Store
import Testing
import Vocabulary

/// Kills a profiling process at seeded moments, as the kernel's out-of-memory killer would.
///
/// Fifteen times in a test run; `Scripts/check-kills` asks for a hundred through `HERCULES_KILLS`.
@Suite struct JobKillTests {
    private let workloads: SmallWorkloads

    init() throws { workloads = try SmallWorkloads() }

    @Test func nothingIsLostHalfWrittenOrMeasuredTwice() throws {
        let kills = ProcessInfo.processInfo.environment["HERCULES_KILLS"].flatMap { Int($0) } ?? 15
        let seed: UInt64 = 20_261_125
        var generator = SplitMix64(seed: seed)
        let repetitions = max(4, kills * 2 / 5)
        try workloads.writeJob(rates: [500, 600, 700, 800, 900, 1000, 1100, 1200], repetitions: repetitions)
        let database = workloads.folder.appendingPathComponent("hercules.sqlite").path
        let arguments = ["profile", "Workloads/jobs/small.yaml", "--quiet"]

        // What has been seen committed, by the number of its row.
        var committed: [Int64: ContentDigest] = [:]
        var (killed, lost, half, doubled, killedAtWork) = (0, 0, 0, 0, 0)
        let span = try spanOfFourCells(arguments, database)
        for round in 1...kills {
            let process = try HerculesCommand.start(
                arguments, in: workloads.folder, output: FileHandle.nullDevice, errors: FileHandle.nullDevice)
            usleep(UInt32(Double(generator.next() % 1000) / 1000 * span * 1e6))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { killed += 1 }
            guard FileManager.default.fileExists(atPath: database) else { continue }
            let store = try Store(path: database)
            #expect(try store.integrityProblems() == [], "round \(round), seed \(seed)")
            let state = try State(store)
            for (id, digest) in committed where state.measurements[id] != digest { lost += 1 }
            half += state.half
            doubled += state.doubled
            if state.leased > 0 { killedAtWork += 1 }
            #expect(state.leased <= 1)
            committed = state.measurements
        }
        let last = try HerculesCommand.run(Array(arguments.dropLast()), in: workloads.folder)
        #expect(last.status == 0, "\(last.errors)")
        let store = try Store(path: database)
        let state = try State(store)
        for (id, digest) in committed where state.measurements[id] != digest { lost += 1 }
        half += state.half
        doubled += state.doubled
        #expect(lost == 0 && half == 0 && doubled == 0, "seed \(seed)")
        #expect(state.cells == 8 * repetitions)
        #expect(state.done == state.cells && state.measurements.count == state.cells)
        #expect(killed > kills / 2)
        #expect(committed.count >= 4, "some were committed before the last run")
        print(
            """
            kills: \(killed) of \(kills) processes killed at moments of seed \(seed), \(killedAtWork) of \
            them at a
            """
                + " cell; \(state.cells) cells, \(state.measurements.count) measurements, \(committed.count) "
                + "of them "
                + "before the last run; lost \(lost), half written \(half), measured twice \(doubled); "
                + "finished by "
                + "the next run: \(state.done == state.cells)")
    }

    /// How long a process takes from its start to its fourth measurement, in seconds, so that kills fall into
    /// every part of its work however slow the machine is. Ends by a kill as well.
    private func spanOfFourCells(_ arguments: [String], _ database: String) throws -> Double {
        let process = try HerculesCommand.start(
            arguments, in: workloads.folder, output: FileHandle.nullDevice, errors: FileHandle.nullDevice)
        let clock = ContinuousClock()
        let began = clock.now
        while process.isRunning {
            usleep(5_000)
            guard FileManager.default.fileExists(atPath: database),
                let store = try? Store(path: database, access: .existing), let job = try? store.jobs().first
            else { continue }
            if try store.cells(of: job.id).count(where: { $0.state == .done }) >= 4 { break }
        }
        let span = (clock.now - began) / .seconds(1)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return span
    }

    /// What a database says of its only job.
    private struct State {
        var measurements: [Int64: ContentDigest] = [:]
        var (cells, done, leased, half, doubled) = (0, 0, 0, 0, 0)

        init(_ store: Store) throws {
            let stored = try store.measurements()
            for one in stored { measurements[one.id.number] = try ContentDigest(of: one.measurement) }
            guard let job = try store.jobs().first else {
                half = stored.count
                return
            }
            let all = try store.cells(of: job.id)
            cells = all.count
            done = all.count { $0.state == .done }
            leased = all.count { $0.state == .leased }
            let ofCells = all.compactMap(\.measurement)
            // A measurement without its cell, or a cell without its measurement, would be half a commit.
            half = Set(stored.map(\.id)).symmetricDifference(ofCells).count
            // Rate and seed tell this job's cells apart.
            let keys = stored.map { "\($0.measurement.offeredRate?.value ?? 0) \($0.measurement.seed)" }
            doubled = keys.count - Set(keys).count
        }
    }
}
