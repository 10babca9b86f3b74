import Foundation
import Quantities
import Store
import Testing
import Vocabulary

/// Cells of a job: who has them, when they come back, and that nothing is measured twice.
@Suite struct JobTests {
    private let folder: TemporaryFolder
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    private static let lease = Nanoseconds(seconds: 10)

    private func worker(_ number: Int, machine: String? = "kernel 1") -> JobWorkerIdentity {
        JobWorkerIdentity(host: "node\(number)", machine: machine, processID: number, processStart: 7)
    }

    private func expansion(_ count: Int = 4, engineVersion: String = "1") throws -> JobExpansion {
        let job = try store.addJob(JobSamples.job, toolVersion: "1", atUnixSeconds: 5)
        let cells = (0..<count).map { number in
            JobSamples.cell(threads: 1 + number / 2, batch: 8 + number, engineVersion: engineVersion)
        }
        return JobExpansion(job: job, hostFingerprint: "processor / 4 cores", cells: cells)
    }

    private func claim(
        _ expansion: JobExpansion, _ worker: JobWorkerIdentity, at seconds: Double = 0,
        after last: String? = nil, alive: Bool = true
    ) throws -> CellClaim {
        try store.claimCell(
            of: expansion.pool, for: worker, lease: Self.lease, now: Nanoseconds(seconds: seconds),
            after: last
        ) { _, _ in alive }
    }

    private func lease(_ claim: CellClaim) throws -> CellLease {
        guard case .leased(let lease) = claim else {
            Issue.record("found \(claim), expected a lease")
            throw ChildProcess.StartFailure(description: "no lease")
        }
        return lease
    }

    private func complete(_ lease: CellLease, seed: UInt64 = 1) throws -> RecordID<LoadRun>? {
        var measurement = Samples.measurement
        measurement.seed = seed
        return try store.complete(
            lease, with: measurement, verdict: Verdict(doubts: []), model: Samples.model,
            serverType: Samples.serverType, settingsDigest: Samples.settings, took: Nanoseconds(seconds: 1),
            atUnixSeconds: 9)
    }

    @Test func equalDefinitionsAreOneJobAndItsCellsAreAddedOnce() throws {
        let first = try expansion()
        try store.add(first)
        let second = try expansion()
        try store.add(second)
        #expect(first == second)
        #expect(try store.jobs().count == 1)
        #expect(try store.jobs(named: "small").first?.job == JobSamples.job)
        #expect(try store.jobs(named: "other").isEmpty)
        #expect(try store.cells(of: first.job).map(\.state) == [.waiting, .waiting, .waiting, .waiting])
    }

    @Test func workersGetDifferentCellsAndThoseOfTheirCompiledModelFirst() throws {
        let expansion = try expansion()
        try store.add(expansion)
        let first = try lease(claim(expansion, worker(1)))
        #expect(first.cellDigest == expansion.cells[0].digest.hexadecimal)
        // The second cell shares the first one's compiled model, so another worker begins with the third.
        let other = try lease(claim(expansion, worker(2)))
        #expect(other.cellDigest == expansion.cells[2].digest.hexadecimal)
        _ = try complete(first)
        let next = try lease(claim(expansion, worker(1), after: first.cellDigest))
        #expect(next.cellDigest == expansion.cells[1].digest.hexadecimal)
        _ = try complete(other, seed: 2)
        _ = try complete(next, seed: 3)
        let last = try lease(claim(expansion, worker(1), after: next.cellDigest))
        #expect(try claim(expansion, worker(2)) == .othersAtWork(1))
        _ = try complete(last, seed: 4)
        #expect(try claim(expansion, worker(2)) == .finished)
        #expect(try store.measurements().count == 4)
        #expect(try store.cells(of: expansion.job).allSatisfy { $0.state == .done && $0.measurement != nil })
        #expect(try store.openCells(of: expansion.pool) == (0, 0))
    }

    @Test func aLeaseThatRanOutComesBackAndItsMeasurementIsNotSaved() throws {
        let expansion = try expansion(1)
        try store.add(expansion)
        let slow = try lease(claim(expansion, worker(1), at: 100))
        #expect(try claim(expansion, worker(2, machine: "kernel 2"), at: 109.9) == .othersAtWork(1))
        #expect(try store.renew(slow, until: Nanoseconds(seconds: 115)))
        #expect(try claim(expansion, worker(2, machine: "kernel 2"), at: 114.9) == .othersAtWork(1))
        let taken = try lease(claim(expansion, worker(2, machine: "kernel 2"), at: 115.1))
        #expect(try !store.renew(slow, until: Nanoseconds(seconds: 200)))
        #expect(try complete(slow) == nil)
        #expect(try store.measurements().isEmpty)
        // Nor can the first worker give back or fail what is no longer its own.
        try store.release(slow)
        #expect(try !store.fail(slow, error: "late", attemptsMax: 1))
        #expect(try complete(taken) != nil)
        #expect(try complete(taken, seed: 2) == nil, "a cell is completed once")
        #expect(try store.measurements().count == 1)
        #expect(try store.cells(of: expansion.job)[0].interruptions == 1)
    }

    @Test func aDeadProcessOfTheSameMachineGivesItsCellBackAtOnce() throws {
        let expansion = try expansion(1)
        try store.add(expansion)
        _ = try lease(claim(expansion, worker(1)))
        #expect(try claim(expansion, worker(2), at: 1, alive: true) == .othersAtWork(1))
        // Another machine cannot see whether it lives.
        #expect(try claim(expansion, worker(3, machine: "kernel 3"), at: 1, alive: false) == .othersAtWork(1))
        _ = try lease(claim(expansion, worker(2), at: 1, alive: false))
        #expect(try store.cells(of: expansion.job)[0].interruptions == 1)
    }

    @Test func aCellThatEndsEveryProcessIsGivenUp() throws {
        let expansion = try expansion(1)
        try store.add(expansion)
        for _ in 0..<Store.interruptionsMax {
            _ = try lease(claim(expansion, worker(1), alive: false))
        }
        #expect(try claim(expansion, worker(2), alive: false) == .finished)
        let cell = try store.cells(of: expansion.job)[0]
        #expect(cell.state == .failed)
        #expect(cell.error?.contains("20 times") == true)
    }

    @Test func failuresAreRetriedLastAndBounded() throws {
        let expansion = try expansion(2)
        try store.add(expansion)
        let first = try lease(claim(expansion, worker(1)))
        #expect(try !store.fail(first, error: "it rained", attemptsMax: 2))
        let second = try lease(claim(expansion, worker(1)))
        #expect(second.cellDigest != first.cellDigest, "what failed comes last")
        _ = try complete(second)
        let again = try lease(claim(expansion, worker(1)))
        #expect(again.cellDigest == first.cellDigest)
        #expect(try store.fail(again, error: "it poured", attemptsMax: 2))
        #expect(try claim(expansion, worker(1)) == .finished)
        let failed = try store.cells(of: expansion.job).filter { $0.state == .failed }
        #expect(failed.map(\.error) == ["it poured"])
        #expect(failed.map(\.failures) == [2])
        #expect(try store.retryFailedCells(of: expansion.pool) == 1)
        #expect(try complete(lease(claim(expansion, worker(1))), seed: 2) != nil)
    }

    @Test func aCellGivenBackWaitsWithoutACount() throws {
        let expansion = try expansion(1)
        try store.add(expansion)
        try store.release(try lease(claim(expansion, worker(1))))
        let cell = try store.cells(of: expansion.job)[0]
        #expect(cell.state == .waiting && cell.interruptions == 0 && cell.failures == 0)
    }

    @Test func anotherEngineVersionTakesThePlaceOfCellsNobodyMeasured() throws {
        let old = try expansion(2)
        try store.add(old)
        let lease = try lease(claim(old, worker(1)))
        let new = try expansion(2, engineVersion: "2")
        try store.add(new)
        #expect(try store.cells(of: old.job).count == 4, "somebody still measures the old ones")
        _ = try complete(lease)
        try store.add(new)
        let cells = try store.cells(of: old.job)
        #expect(cells.count(where: { $0.state == .done }) == 1)
        #expect(cells.count(where: { $0.state == .waiting }) == 2)
    }

    @Test func aMeasurementMadeBeforeFillsACell() throws {
        let expansion = try expansion(1)
        try store.add(expansion)
        let id = try store.save(
            Samples.measurement, verdict: Verdict(doubts: []), model: Samples.model,
            serverType: Samples.serverType, settingsDigest: Samples.settings)
        #expect(try store.fill([(expansion.cells[0].digest, id)], of: expansion.job) == 1)
        #expect(try store.fill([(expansion.cells[0].digest, id)], of: expansion.job) == 0)
        #expect(try store.measuredSettings() == [Samples.settings.hexadecimal])
        #expect(try claim(expansion, worker(1)) == .finished)
    }

    /// Threads stand for processes here: each has a connection of its own.
    @Test func manyWorkersMeasureEveryCellOnce() async throws {
        let expansion = try expansion(40)
        try store.add(expansion)
        let path = folder.path()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...4 {
                let worker = worker(number)
                group.addTask {
                    let store = try Store(path: path)
                    while case .leased(let lease) = try store.claimCell(
                        of: expansion.pool, for: worker, lease: Self.lease, now: .zero,
                        isAlive: { _, _ in true })
                    {
                        var measurement = Samples.measurement
                        measurement.seed = UInt64(lease.cellDigest.prefix(8), radix: 16) ?? 0
                        let id = try store.complete(
                            lease, with: measurement, verdict: Verdict(doubts: []), model: Samples.model,
                            serverType: Samples.serverType, settingsDigest: Samples.settings, took: .zero,
                            atUnixSeconds: 1)
                        #expect(id != nil)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.measurements().count == 40)
        #expect(Set(try store.measurements().map(\.measurement.seed)).count == 40)
        #expect(try store.cells(of: expansion.job).allSatisfy { $0.state == .done })
    }
}

enum JobSamples {
    static let job = ProfileJob(
        id: "small", title: "A small job", seed: 3, models: [Samples.model],
        engines: [EngineSettings(name: "null")],
        hosts: [HostRule(pattern: "*", serverType: Samples.serverType.id)],
        schedules: .grid(batches: [8, 16]), loads: [.closed, .saturationFraction(Fraction(0.5))],
        repetitions: 1, cellDuration: Nanoseconds(seconds: 1))

    static func cell(threads: Int, batch: Int, engineVersion: String = "1") -> PlannedCell {
        let cell = JobCell(
            model: Samples.model, serverType: Samples.serverType, engine: EngineSettings(name: "null"),
            engineVersion: engineVersion,
            schedule: Schedule(partition: .whole, threads: threads, workers: 1, batch: batch),
            load: .closed, repetition: 1)
        return PlannedCell(
            cell: cell, digest: ContentDigest(ofText: "\(cell.schedule) \(engineVersion)"),
            expected: Nanoseconds(seconds: 1))
    }
}
