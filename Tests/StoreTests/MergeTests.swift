import Foundation
import GRDB
import Quantities
import Store
import Testing
import Vocabulary

/// Files of several machines become one: nothing lost, nothing doubled, in whatever order.
@Suite struct MergeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func merge(_ sources: [String], into target: String) throws -> Store {
        let store = try Store(path: folder.path(target))
        for source in sources {
            _ = try store.merge(folder.path(source), toolVersion: "1", atUnixSeconds: 77)
        }
        #expect(try store.integrityProblems() == [])
        return store
    }

    /// One of everything, with measurements and a job of a host of its own.
    private func makeFile(_ name: String, host: String, seed: UInt64) throws {
        let store = try Store.filled(at: folder.path(name))
        var measurement = Samples.measurement
        measurement.seed = seed
        measurement.host = Host(
            name: host, processor: "Processor of \(host)", cores: 4, memory: Bytes(1e9), operatingSystem: "os"
        )
        let job = try store.addJob(
            JobSamples.job, toolVersion: "1", atUnixSeconds: 100 + Int64(seed))
        let expansion = JobExpansion(
            job: job, hostFingerprint: measurement.host.fingerprint,
            cells: (0..<3).map { JobSamples.cell(threads: 1, batch: 1 + $0, engineVersion: host) })
        try store.add(expansion)
        let worker = JobWorkerIdentity(host: host, machine: nil, processID: 1, processStart: nil)
        for number in 0..<2 {
            measurement.seed = seed + UInt64(number)
            guard
                case .leased(let lease) = try store.claimCell(
                    of: expansion.pool, for: worker, lease: Nanoseconds(seconds: 10), now: .zero,
                    isAlive: { _, _ in true })
            else {
                Issue.record("no cell to be had")
                return
            }
            _ = try store.complete(
                lease, with: measurement, verdict: Verdict(doubts: []), model: Samples.model,
                serverType: Samples.serverType, settingsDigest: Samples.settings, took: .zero,
                atUnixSeconds: 1)
        }
        try store.close()
    }

    @Test func everythingOfAFileArrivesAndASecondTimeChangesNothing() throws {
        try makeFile("a.sqlite", host: "a", seed: 100)
        let original = try Store(path: folder.path("a.sqlite"))
        let store = try merge(["a.sqlite"], into: "out.sqlite")
        #expect(try store.contentDump() == original.contentDump())
        #expect(try store.contentDigest() == original.contentDigest())
        // As values, too, and not only as text.
        #expect(try store.measurements().map(\.measurement) == original.measurements().map(\.measurement))
        #expect(try store.lastReplay()?.outcome == Samples.replay)
        #expect(try store.lastRun()?.scenario == Samples.scenario)

        let dump = try store.contentDump()
        let rows = try store.tables().filter { $0.kind == .table }.map(\.rowCount)
        let summary = try store.merge(folder.path("a.sqlite"), toolVersion: "1", atUnixSeconds: 99)
        #expect(summary.isKnown)
        #expect(try store.contentDump() == dump)
        #expect(try store.tables().filter { $0.kind == .table }.map(\.rowCount) == rows)
    }

    @Test func theOrderOfFilesDoesNotMatter() throws {
        try makeFile("a.sqlite", host: "a", seed: 100)
        try makeFile("b.sqlite", host: "b", seed: 200)
        try makeFile("c.sqlite", host: "c", seed: 300)
        let orders = [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a", "b", "a"]]
        let dumps = try orders.enumerated().map { index, order in
            try merge(order.map { "\($0).sqlite" }, into: "out\(index).sqlite").contentDump()
        }
        #expect(dumps[0] == dumps[1])
        #expect(dumps[0] == dumps[2])
        let store = try Store(path: folder.path("out0.sqlite"))
        // Two of each host's job, and two that the three files each made for themselves.
        #expect(try store.measurements().count == 3 * 4)
        #expect(try store.jobs().count == 1)
        let cells = try store.cells(of: store.jobs()[0].id)
        // Three of each host, and the one that each file has from the start.
        #expect(cells.count == 10)
        #expect(cells.count(where: { $0.state == .done }) == 6)
        let sources = try store.rows(of: "merge_source")
        #expect(sources.rowCount == 3)
    }

    @Test func runsOfTwoHostsInTheSameSecondStayApart() throws {
        try makeFile("a.sqlite", host: "a", seed: 100)
        try makeFile("b.sqlite", host: "b", seed: 200)
        let store = try merge(["a.sqlite", "b.sqlite"], into: "out.sqlite")
        #expect(try store.rows(of: "run").rowCount == 2)
    }

    @Test func aCopyTakenEarlierAndTheFileItselfBecomeOne() throws {
        let path = folder.path("a.sqlite")
        let store = try Store(path: path)
        let run = try store.beginRun(
            of: Samples.scenario, seed: 7, toolVersion: "1", atUnixSeconds: 1_790_000_000)
        let id = try store.save(
            Samples.measurement, verdict: Verdict(doubts: [.stolenTime]), model: Samples.model,
            serverType: Samples.serverType, settingsDigest: Samples.settings, run: run)
        _ = try merge(["a.sqlite"], into: "early.sqlite")
        try store.finishRun(run, status: .finished, atUnixSeconds: 1_790_000_333)
        try store.replaceVerdict(of: id, with: Verdict(doubts: []), toolVersion: "2")
        let forward = try merge(["early.sqlite", "a.sqlite"], into: "forward.sqlite")
        let backward = try merge(["a.sqlite", "early.sqlite"], into: "backward.sqlite")
        #expect(try forward.contentDump() == backward.contentDump())
        #expect(try forward.contentDump() == store.contentDump())
        #expect(try forward.lastRun()?.status == .finished)
        #expect(try forward.measurements().map(\.verdict.doubts) == [[]])
    }

    @Test func aModelDefinedInTwoWaysIsRefusedWithBothAndNothingChanges() throws {
        try makeFile("a.sqlite", host: "a", seed: 100)
        let other = try Store(path: folder.path("b.sqlite"))
        let model = Model(
            id: Samples.model.id, title: "Another", source: "s", kind: Samples.model.kind,
            latencyTarget: Samples.model.latencyTarget, querySizes: .fixed(3))
        var measurement = Samples.measurement
        measurement.seed = 9
        try other.save(
            measurement, verdict: Verdict(doubts: []), model: model, serverType: Samples.serverType,
            settingsDigest: Samples.settings)
        let store = try merge(["a.sqlite"], into: "out.sqlite")
        let dump = try store.contentDump()
        #expect {
            try store.merge(folder.path("b.sqlite"), toolVersion: "1", atUnixSeconds: 1)
        } throws: { error in
            guard case StoreError.conflictingModels(model.id.name, _, let found, _, let expected) = error
            else { return false }
            let text = "\(error)"
            return found != expected && text.contains(found) && text.contains(expected)
                && text.contains("b.sqlite") && text.contains("out.sqlite")
        }
        #expect(try store.contentDump() == dump)
        // On request both are kept, and then a second time is no conflict.
        _ = try store.merge(
            folder.path("b.sqlite"), keepsRedefinitions: true, toolVersion: "1", atUnixSeconds: 1)
        #expect(try store.merge(folder.path("b.sqlite"), toolVersion: "1", atUnixSeconds: 1).isKnown)
        #expect(try store.measurements().count == 5)
    }

    @Test func whatStandsInTheLogOfAKilledProcessIsMerged() throws {
        let child = try ChildProcess(folder: folder, first: 1, count: 1_000_000)
        child.wait(forLines: 5)
        child.kill()
        let saved = try child.finish().saved
        let size = try FileManager.default.attributesOfItem(atPath: folder.path() + "-wal")[.size] as? Int
        #expect(size ?? 0 > 0, "the log holds what was not checkpointed")
        let before = try folder.contents()["test.sqlite"]
        let store = try merge(["test.sqlite"], into: "out.sqlite")
        #expect(try store.measurements().count >= saved.count)
        #expect(saved.count >= 5)
        #expect(try folder.contents()["test.sqlite"] == before, "the file itself is only read")
    }

    @Test func aFileThatIsBeingWrittenIsMergedAsItStands() throws {
        let child = try ChildProcess(folder: folder, first: 1, count: 60)
        child.wait(forLines: 3)
        let store = try merge(["test.sqlite"], into: "out.sqlite")
        #expect(try store.measurements().count >= 3)
        #expect(try child.finish().status == 0)
        _ = try store.merge(folder.path(), toolVersion: "1", atUnixSeconds: 1)
        #expect(try store.measurements().count == 60)
    }

    @Test func aBackupTakenWhileOthersWriteIsWhole() throws {
        let child = try ChildProcess(folder: folder, first: 1, count: 60)
        child.wait(forLines: 3)
        try Store.backUp(folder.path(), to: folder.path("backup.sqlite"))
        let backup = try Store(path: folder.path("backup.sqlite"), access: .existing)
        #expect(try backup.integrityProblems() == [])
        let count = try backup.measurements().count
        #expect(count >= 3)
        #expect(try backup.measurements().allSatisfy { $0.verdict.doubts.count == 2 })
        #expect(try child.finish().status == 0)
        #expect(try backup.measurements().count == count)
        #expect {
            try Store.backUp(folder.path(), to: folder.path("backup.sqlite"))
        } throws: { error in
            guard case StoreError.notWritten(let refusal) = error else { return false }
            return refusal.path == folder.path("backup.sqlite") && refusal.isUsage
        }
    }

    @Test func anOlderSchemaIsMergedAndLeftAsItIs() throws {
        let path = folder.path("old.sqlite")
        try Store.filled(at: path).close()
        let connection = try rawConnection(path)
        try connection.write { database in
            // As a version before jobs and run identities would have left it.
            try database.execute(
                sql: """
                    DROP TRIGGER run_gets_an_identity; DROP VIEW job_cell_summary; DROP VIEW job_summary;
                    DROP TABLE job_cell; DROP TABLE job; DROP TABLE run_identity; DROP TABLE merge_source;
                    DELETE FROM grdb_migrations WHERE identifier = 'V008-jobs'
                    """)
        }
        try connection.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let store = try merge(["old.sqlite"], into: "out.sqlite")
        #expect(try store.measurements().count == 2)
        #expect(try store.merge(path, toolVersion: "1", atUnixSeconds: 1).isKnown)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test func whatCannotBeMergedIsRefusedAndNothingChanges() throws {
        let store = try Store.filled(at: folder.path("out.sqlite"))
        let dump = try store.contentDump()
        try "not a database at all".write(
            toFile: folder.path("text.sqlite"), atomically: true, encoding: .utf8)
        try Store.filled(at: folder.path("new.sqlite")).close()
        let connection = try rawConnection(folder.path("new.sqlite"))
        try connection.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('V999-from-the-future')")
        }
        try connection.close()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link.sqlite"), withDestinationPath: folder.path("out.sqlite"))
        try FileManager.default.linkItem(
            atPath: folder.path("out.sqlite"), toPath: folder.path("hard.sqlite"))
        func refusal(_ name: String) -> StoreError? {
            do throws(StoreError) {
                _ = try store.merge(folder.path(name), toolVersion: "1", atUnixSeconds: 1)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal("none.sqlite") == .missing(path: folder.path("none.sqlite")))
        for name in ["out.sqlite", "link.sqlite", "hard.sqlite"] {
            #expect(refusal(name) == .sameFile(path: folder.path(name)))
        }
        guard case .notADatabase = refusal("text.sqlite") else {
            Issue.record("a text was taken for a database")
            return
        }
        guard case .newerDatabase(_, ["V999-from-the-future"], _) = refusal("new.sqlite") else {
            Issue.record("a newer schema was merged")
            return
        }
        guard case .inaccessible = refusal("") else {
            Issue.record("a folder was taken for a database")
            return
        }
        #expect(try store.contentDump() == dump)
    }

    /// All of a file or nothing: a target that becomes full in the middle holds what it held.
    @Test func aTargetThatIsFullKeepsWhatItHad() throws {
        let source = try Store.filled(at: folder.path("a.sqlite"))
        var measurement = Samples.measurement
        measurement.latencies = Samples.histogram(from: 0, bins: 4_000)
        for seed in 0..<20 {
            measurement.seed = UInt64(seed)
            try source.save(
                measurement, verdict: Verdict(doubts: []), model: Samples.model,
                serverType: Samples.serverType, settingsDigest: Samples.settings)
        }
        let store = try Store(path: folder.path("out.sqlite"))
        let dump = try store.contentDump()
        let pages = try rawConnection(folder.path("out.sqlite")).read {
            try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0
        }
        try store.setSizeLimit(pages: pages + 20)
        #expect {
            try store.merge(folder.path("a.sqlite"), toolVersion: "1", atUnixSeconds: 1)
        } throws: { error in
            guard case StoreError.diskFull = error else { return false }
            return true
        }
        #expect(try store.contentDump() == dump)
        try store.setSizeLimit(pages: 100_000)
        #expect(try !store.merge(folder.path("a.sqlite"), toolVersion: "1", atUnixSeconds: 1).isKnown)
    }
}
