import Foundation
import GRDB
import Testing

/// A database of the version before schedules had kinds, under today's command.
///
/// The expected files are what that version wrote over the same database, with each policy's `changes` since.
/// Nothing is searched or played again, so nothing in them depends on the machine.
@Suite struct EarlierVersionTests {
    private static let tests = HerculesCommand.repository.appendingPathComponent("Tests")

    private func database(in folder: URL) throws -> DatabaseQueue {
        let dump = Self.tests.appendingPathComponent("StoreTests/Fixtures/V036.sql")
        let queue = try DatabaseQueue(path: folder.appendingPathComponent("hercules.sqlite").path)
        let text = try String(contentsOf: dump, encoding: .utf8)
        try queue.writeWithoutTransaction { try $0.execute(sql: text) }
        return queue
    }

    @Test func itGivesTheBytesThatItGaveThen() throws {
        let workloads = try SmallWorkloads()
        try database(in: workloads.folder).close()
        for (name, arguments, note) in [
            ("search", ["search"], "searched 0 pairs, 4 were stored"),
            ("replay", ["replay", "--omit-timing"], "the stored outcome is shown"),
            ("report", ["report"], nil as String?), ("plan", ["plan"], nil),
        ] {
            let outcome = try HerculesCommand.run(arguments + ["--format", "json"], in: workloads.folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let expected = try String(
                contentsOf: Self.tests.appendingPathComponent("EndToEndTests/Goldens/V036/\(name).json"),
                encoding: .utf8)
            #expect(outcome.output == expected, "\(name)")
            if let note { #expect(outcome.errors.contains(note), "\(outcome.errors)") }
        }
    }

    @Test func anEngineOnPartOfAServerIsShownAndNotPlanned() throws {
        let workloads = try SmallWorkloads()
        let queue = try database(in: workloads.folder)
        try queue.close()
        // Brings the schema up to date.
        #expect(try HerculesCommand.run(["search"], in: workloads.folder).status == 0)
        let later = try DatabaseQueue(
            path: workloads.folder.appendingPathComponent("hercules.sqlite").path)
        func replace(_ rules: String) throws {
            try later.write { database in
                try database.execute(
                    sql: """
                        UPDATE efficiency SET "partition" = 'whole', threads = 64, workers = 1,
                            batch_items = 1, engine_rules = ?
                        WHERE search_id = 21
                        """, arguments: [rules])
                try database.execute(
                    sql: "DELETE FROM outcome_digest WHERE record_table = 'search' AND record_id = 21")
            }
        }
        let rules =
            #"{"expertParallel":1,"pipelineParallel":1,"precision":"bf16","role":"mixed","sequencesMax":64,"#
            + #""tensorParallel":1,"tokenBudget":2048}"#
        try replace(rules)
        let search = try HerculesCommand.run(["search", "--format", "json"], in: workloads.folder)
        let entries = try #require(
            try JSONSerialization.jsonObject(with: Data(search.output.utf8)) as? [[String: Any]])
        let engine = try #require(entries.first { $0["engine"] != nil })
        #expect(engine["partition"] as? String == "whole" && engine["threads"] as? Int == 64)
        #expect((engine["engine"] as? [String: Any])?["tokenBudget"] as? Int == 2048)
        #expect(entries.count { $0["engine"] != nil } == 1)
        let table = try HerculesCommand.run(["search", "--format", "csv"], in: workloads.folder).output
        #expect(table.contains(",engine TP=1 sequences=64 tokens=2048 bf16,,,,"), "\(table)")

        // The one accelerator of this type is all of it. Two boxes are not.
        let whole = try HerculesCommand.run(["plan", "--format", "json"], in: workloads.folder)
        #expect(whole.status == 0, "\(whole.errors)")
        try replace(rules.replacingOccurrences(of: #""tensorParallel":1"#, with: #""tensorParallel":2"#))
        // A report shows what there is, without a plan.
        for verb in ["plan", "replay"] {
            let refused = try HerculesCommand.run([verb], in: workloads.folder)
            #expect(refused.status == 1, "\(verb): \(refused.output)")
            #expect(refused.errors.contains("expected one that fits one server"), "\(refused.errors)")
            #expect(refused.errors.contains("2 whole servers"), "\(refused.errors)")
        }
    }
}
