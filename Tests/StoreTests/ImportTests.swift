import Foundation
import GRDB
import Quantities
import Store
import Testing
import Vocabulary

enum ImportSamples {
    static let origin = origin(digest: String(repeating: "a", count: 64))

    static func origin(digest: String, options: String = "") -> ImportOrigin {
        ImportOrigin(
            kind: "csv", file: "figures.csv", fileDigest: digest, options: options, source: "A paper",
            licence: "CC-BY-4.0", toolVersion: "1.2.3-test", importedAtUnixSeconds: 1_790_000_000)
    }

    static let figure = {
        var figure = ImportedFigure(line: 2, model: "bert-99", server: "box-x4")
        figure.devices = 4
        figure.parallelism = "tp4"
        figure.precision = "int8"
        figure.framework = "engine 1"
        figure.detail = "all of it"
        figure.batch = 8
        figure.concurrency = 16
        figure.offeredRate = QueriesPerSecond(100)
        figure.throughput = 800
        figure.throughputUnit = .items
        figure.isThroughputDerived = true
        figure.meanLatency = Nanoseconds(160)
        figure.p50Latency = Nanoseconds(150)
        figure.p90Latency = Nanoseconds(190)
        figure.p95Latency = Nanoseconds(200)
        figure.p99Latency = Nanoseconds(210)
        figure.firstTokenLatency = Nanoseconds(50)
        figure.outputTokenLatency = Nanoseconds(5)
        figure.inputTokens = 128
        figure.outputTokens = 64.5
        figure.target = LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(300))
        figure.power = Watts(1250.5)
        figure.powerScope = .system
        figure.powerProvenance = .metered
        figure.powerFraction = Fraction(0.75)
        figure.powerLimit = Watts(1300)
        figure.utilisation = Fraction(0.5)
        figure.energyPerItem = Joules(1.5)
        figure.source = "its table 3"
        figure.licence = "MIT"
        figure.date = "2024-01-02"
        return figure
    }()

    static let verdict = FigureVerdict(findings: [.little: nil, .power: "too much"])

    static let limit = {
        var limit = HardwareLimit(line: 3, name: "A100", kind: "gpu", maximumPower: Watts(400))
        limit.idlePower = Watts(50)
        limit.singlePeak = FlopsPerSecond(19.5e12)
        limit.halfPeak = FlopsPerSecond(312e12)
        limit.memory = Bytes(80e9)
        limit.source = "datasheet"
        return limit
    }()

    static let summary = {
        var summary = ImportSummary(
            file: "figures.csv", kind: "csv", source: "A paper", licence: "CC-BY-4.0",
            fileDigest: String(repeating: "a", count: 64))
        summary.rowsRead = 3
        summary.rowsKept = 2
        summary.mark(["too much"], line: 2)
        summary.refuse("no number", line: 4)
        return summary
    }()
}

@Suite struct ImportTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    private func save(_ origin: ImportOrigin, _ figures: [ImportedFigure]) throws {
        try store.saveImport(origin) { writer in
            for figure in figures { try writer.add(figure, verdict: FigureVerdict()) }
            return ImportSamples.summary
        }
    }

    @Test func everyFieldComesBack() throws {
        try store.saveImport(ImportSamples.origin) { writer in
            try writer.add(ImportSamples.figure, verdict: ImportSamples.verdict)
            try writer.add(ImportSamples.limit)
            return ImportSamples.summary
        }
        #expect(try store.importedFigures(isSoundOnly: false) == [ImportSamples.figure])
        #expect(try store.importedFigures() == [], "one that breaks a law is no sound one")
        #expect(try store.hardwareLimits() == [ImportSamples.limit])
        let row = try rawConnection(folder.path()).read {
            try Row.fetchOne($0, sql: "SELECT * FROM imported_figure")
        }
        #expect(row?["little_check"] == "" && row?["power_check"] == "too much")
        #expect(row?["energy_check"] as String? == nil && row?["is_sound"] == 0)
        let views = try store.rows(of: "imported_figure_summary")
        #expect(views.rows[0][try #require(views.columns.firstIndex(of: "doubts"))] == .text("too much"))
        let files = try store.rows(of: "import_summary")
        #expect(files.rows[0][try #require(files.columns.firstIndex(of: "rows_refused"))] == .integer(1))
    }

    @Test func aFileIsOneImportHoweverOftenItComes() throws {
        let figures = [ImportSamples.figure]
        try save(ImportSamples.origin, figures)
        #expect(try store.holdsImport(ImportSamples.origin))
        let other = ImportSamples.origin(digest: ImportSamples.origin.fileDigest, options: "mapped")
        #expect(try !store.holdsImport(other), "read in another way it says something else")
        try save(other, figures + figures)
        #expect(try store.importedFigures().count == 2, "the later reading stands")
        #expect(try store.rows(of: "import_source").rowCount == 1)
        try save(ImportSamples.origin(digest: String(repeating: "b", count: 64)), figures)
        #expect(try store.importedFigures().count == 3)
    }

    @Test func anErrorHalfWayLeavesWhatWasThere() throws {
        struct Broken: Error {}
        try save(ImportSamples.origin, [ImportSamples.figure])
        let other = ImportSamples.origin(digest: ImportSamples.origin.fileDigest, options: "mapped")
        #expect(throws: Broken.self) {
            try store.saveImport(other) { writer in
                try writer.add(ImportSamples.figure, verdict: FigureVerdict())
                throw Broken()
            }
        }
        #expect(try store.importedFigures() == [ImportSamples.figure])
        #expect(try store.holdsImport(ImportSamples.origin))
    }

    @Test(arguments: ["A paper", "figures.csv", "aaaaaaaa"])
    func importsAreForgottenBySourceFileOrDigest(name: String) throws {
        try save(ImportSamples.origin, [ImportSamples.figure])
        let forgotten = try store.forgetImports(name)
        #expect(forgotten.files == 1 && forgotten.rows == 2)
        #expect(try store.rows(of: "imported_figure").rowCount == 0)
        #expect(throws: StoreError.unknownImport(name: name, known: [])) { try store.forgetImports(name) }
    }

    @Test func mergingTwiceKeepsOneOfEach() throws {
        try save(ImportSamples.origin, [ImportSamples.figure])
        let into = try Store(path: folder.path("other.sqlite"))
        for _ in 0..<2 {
            _ = try into.merge(folder.path(), toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_001)
        }
        #expect(try into.importedFigures() == [ImportSamples.figure])
    }

    @Test func rowsAreSelectedAndOrdered() throws {
        var other = ImportSamples.figure
        other.model = "resnet50"
        other.throughput = 9000
        try save(ImportSamples.origin, [ImportSamples.figure, other, ImportSamples.figure])
        var selection = RowSelection()
        selection.conditions = [
            .init(column: "model", value: "bert-99"), .init(column: "devices", value: "4"),
        ]
        #expect(try store.rows(of: "imported_figure", selection: selection).rowCount == 2)
        for (text, count) in [
            ("throughput_per_second>=9000", 1), ("throughput_per_second<9000", 2), ("model!=bert-99", 1),
            ("model>bert-99", 1), ("model<=bert-99", 2), ("line>nothing", 0),
            ("throughput_per_second>9000", 0),
        ] {
            selection.conditions = [try #require(RowSelection.Condition(text))]
            #expect(
                try store.rows(of: "imported_figure", selection: selection).rowCount == count, "\(text)")
        }
        for text in ["model", "=3", ""] { #expect(RowSelection.Condition(text) == nil) }
        selection.conditions = []
        selection.order = "throughput_per_second"
        selection.isDescending = true
        let rows = try store.rows(of: "imported_figure", limit: 1, selection: selection)
        #expect(rows.rows[0].contains(.text("resnet50")) && rows.rowCount == 3)
        selection.order = "throughput"
        #expect {
            try store.rows(of: "imported_figure", selection: selection)
        } throws: { error in
            guard case StoreError.unknownColumn("throughput", "imported_figure", let known) = error else {
                return false
            }
            return known.contains("throughput_per_second")
        }
    }

    @Test func checkFindsValuesOutOfRangeAndBrokenBlobs() throws {
        let path = folder.path("filled.sqlite")
        let filled = try Store.filled(at: path)
        #expect(try filled.integrityProblems() == [])
        let raw = try rawConnection(path)
        try raw.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try database.execute(sql: "UPDATE imported_figure SET power_watts = -1")
            try database.execute(sql: "UPDATE measurement SET latency_histogram_blob = x'11ff' WHERE id = 1")
        }
        let problems = try filled.integrityProblems()
        #expect(
            problems.contains(
                "table imported_figure, column power_watts: 1 value outside 0 to the largest finite number"))
        #expect(
            problems.contains {
                $0.hasPrefix("table measurement, row 1, column latency_histogram_blob: found")
            })
    }

    @Test func vacuumGivesSpaceBackAndFactsCount() throws {
        try save(ImportSamples.origin, Array(repeating: ImportSamples.figure, count: 5000))
        #expect(try store.facts().contains { $0.name == "imported figures" && $0.value == "5000" })
        _ = try store.forgetImports("A paper")
        let (before, after) = try store.vacuum()
        #expect(after < before && after > 0)
        #expect(try store.integrityProblems() == [])
    }

    @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 1 << 20, (1 << 20) + 3])
    func aFileHasTheDigestOfItsText(size: Int) throws {
        let text = String(repeating: "x", count: size)
        let file = folder.path("text-\(size)")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        #expect(try FileDigest.hexadecimal(ofFileAt: file) == ContentDigest(ofText: text).hexadecimal)
    }
}
