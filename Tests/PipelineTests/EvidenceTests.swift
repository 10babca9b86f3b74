import Pipeline
import Quantities
import Store
import Testing
import Vocabulary

/// What is known of a pair, and which kind of it counts.
@Suite struct EvidenceTests {
    private var fixtures: Fixtures

    init() throws { fixtures = try Fixtures() }

    private func kind(on type: ServerType, order: [EvidenceKind]? = nil) throws -> EvidenceKind? {
        var scenario = fixtures.scenario
        scenario.evidence = order
        return try Evidence(scenario, store: fixtures.store).of(fixtures.model, on: type).kind
    }

    private func measure(on type: ServerType, settings: ContentDigest) throws {
        try Recorder(store: fixtures.store, run: nil).save(
            fixtures.measurement(on: type), Verdict(doubts: []), of: fixtures.model, on: type,
            settings: settings)
    }

    private func importFigure() throws {
        let digest = ContentDigest(ofText: "f").hexadecimal
        let origin = ImportOrigin(
            kind: "csv", file: "f.csv", fileDigest: digest, options: "", source: "s", licence: nil,
            toolVersion: "test", importedAtUnixSeconds: 1)
        var figure = ImportedFigure(
            line: 1, model: fixtures.model.id.name, server: fixtures.type.id.name)
        figure.throughput = 10
        figure.throughputUnit = .queries
        try fixtures.store.saveImport(origin) { writer in
            try writer.add(figure, verdict: FigureVerdict())
            var summary = ImportSummary(
                file: "f.csv", kind: "csv", source: "s", licence: nil, fileDigest: digest)
            summary.rowsKept = 1
            return summary
        }
    }

    private var settings: ContentDigest {
        get throws {
            try MeasurementSettings.cell(fixtures.scenario.profile, seed: fixtures.scenario.seed).digest
        }
    }

    @Test func measuredComesBeforeImportedBeforeModelled() throws {
        #expect(try kind(on: fixtures.type) == .modelled)
        try importFigure()
        #expect(try kind(on: fixtures.type) == .imported)
        try measure(on: fixtures.type, settings: ContentDigest(ofText: "a job's"))
        #expect(try kind(on: fixtures.type) == .measuredElsewhere)
    }

    @Test func aScenarioMayOrderTheKindsAndLeaveSomeOut() throws {
        try importFigure()
        try measure(on: fixtures.type, settings: ContentDigest(ofText: "a job's"))
        #expect(try kind(on: fixtures.type, order: [.imported, .measuredElsewhere]) == .imported)
        #expect(try kind(on: fixtures.type, order: [.modelled, .imported]) == .modelled)
        #expect(try kind(on: fixtures.type, order: [.measuredHere]) == nil)
    }

    @Test func thisMachineIsMeasuredUnderTheScenariosSettingsOrNotKnown() throws {
        let host = fixtures.host
        let before = try Evidence(fixtures.scenario, store: fixtures.store).of(fixtures.model, on: host)
        guard case .nothing(.profiling) = before else {
            Issue.record("expected that this machine has to be profiled, found \(before)")
            return
        }
        try measure(on: host, settings: ContentDigest(ofText: "other settings"))
        #expect(try kind(on: host) == nil)
        try measure(on: host, settings: settings)
        let found = try Evidence(fixtures.scenario, store: fixtures.store).of(fixtures.model, on: host)
        #expect(found.kind == .measuredHere)
        #expect(found.cells?.loaded.count == 1)
        #expect(found.cells?.cell(of: Fixtures.schedule)?.completedRate == QueriesPerSecond(100))
    }

    @Test func nothingOfAModelThatFailedInSomeCellCounts() throws {
        let host = fixtures.host
        try measure(on: host, settings: settings)
        #expect(try kind(on: host) == .measuredHere)
        let wider = Schedule(partition: .whole, threads: 2, workers: 1, batch: 64)
        func failure(of engine: String) -> CellFailure {
            CellFailure(
                model: fixtures.model.id, serverType: host.id, schedule: wider, host: Fixtures.machine,
                engine: engine, engineVersion: "1", message: "found 1 row for 8 items",
                failedAtUnixSeconds: 6, toolVersion: "test")
        }
        let recorder = Recorder(store: fixtures.store, run: nil)
        try recorder.save(failure(of: "another"), of: fixtures.model, on: host)
        #expect(try kind(on: host) == .measuredHere, "another engine's failure says nothing of this one")
        try recorder.save(failure(of: "null"), of: fixtures.model, on: host)
        #expect(try kind(on: host) == nil)
        // The cell that failed, measured after all.
        var later = fixtures.measurement(on: host, schedule: wider)
        later.measuredAtUnixSeconds = 7
        try recorder.save(later, Verdict(doubts: []), of: fixtures.model, on: host, settings: settings)
        #expect(try kind(on: host) == .measuredHere)
    }

    @Test func aModelThatNothingKnowsWaitsForAnImport() throws {
        var fixtures = fixtures
        let served = ServedModel(servedName: "m", payload: .text(prompt: .fixed(1), output: .fixed(1)))
        fixtures.scenario.models = [
            Model(
                id: "own", title: "", source: "", kind: .endpoint(served),
                latencyTarget: fixtures.model.latencyTarget, querySizes: .fixed(1))
        ]
        let found = try Evidence(fixtures.scenario, store: fixtures.store)
            .of(fixtures.model, on: fixtures.type)
        guard case .nothing(.importing) = found else {
            Issue.record("expected that figures have to be imported, found \(found)")
            return
        }
        #expect(!found.isSearchable)
    }
}
