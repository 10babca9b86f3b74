import Catalog
import Files
import Foundation
import Importing
import Pipeline
import Quantities
import Randomness
import Reporting
import Simulation
import Store
import Traces
import Vocabulary

/// Mutated files against every importer: each must end in rows or in an error of the catalogue's, never in a
/// crash, a hang or half an import.
enum FuzzBenchmark: Benchmark {
    static let name = "fuzz"
    static let purpose = "seeded mutations of foreign files against every importer: [cases] [seed]"

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let cases = arguments.first.flatMap { Int($0) } ?? 1_000_000
        let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
        let fuzz = try ImportFuzz(seed: seed)
        defer { fuzz.remove() }
        let tally = try fuzz.run(cases: cases) { board.progress("fuzz: \($0) cases") }
        board.show(
            Table(
                caption: "\(tally.cases) mutated files, seed \(seed)",
                columns: [
                    .init("outcome", "Outcome", .text), .init("cases", "Cases", .plain),
                ],
                rows: [
                    [.text("read to the end"), .integer(tally.read)],
                    [.text("refused with an error"), .integer(tally.refused)],
                    [.text("any other error"), .integer(tally.strange.count)],
                    [.text("took longer than \(ImportFuzz.limitSeconds) s"), .integer(tally.slow)],
                    [.text("also imported into a database"), .integer(tally.imported)],
                    [.text("of these, left partial rows"), .integer(tally.partial)],
                ]))
        for text in tally.strange.prefix(5) + tally.slowest.prefix(5) { board.note(text) }
        board.figure("cases", .integer(tally.cases))
        board.figure("rowsRead", .integer(tally.rows))
        board.bar("errors that are not the catalogue's", Double(tally.strange.count), atMost: 0)
        board.bar("cases slower than \(ImportFuzz.limitSeconds) s", Double(tally.slow), atMost: 0)
        board.bar("partial imports", Double(tally.partial), atMost: 0)
    }
}

/// A run of mutated files.
struct ImportFuzz {
    struct Tally {
        var cases = 0
        var read = 0
        var refused = 0
        var rows = 0
        var slow = 0
        var imported = 0
        var partial = 0
        var strange: [String] = []
        var slowest: [String] = []
    }

    /// Twenty years of minutes between two arrivals take a second, and ten without optimization.
    #if DEBUG
        static let limitSeconds = 50
    #else
        static let limitSeconds = 5
    #endif

    private let folder: URL
    private let samples: [(kind: FuzzSamples.Kind, bytes: [UInt8])]
    private let seed: UInt64
    /// Where clusters find devices and models; nil where the tool's own catalogue is nowhere.
    private let catalog = ShippedCatalogue.folder.flatMap { try? Catalog(directory: $0) }

    init(seed: UInt64) throws {
        self.seed = seed
        // In memory where there is such a folder: a million files are written.
        let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        folder = URL(fileURLWithPath: base).appendingPathComponent("fuzz-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        samples = FuzzSamples.all()
        try Data(FuzzSamples.pathDocument.utf8).write(to: URL(fileURLWithPath: document))
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// - Parameter report: hears how many cases are done, now and then.
    func run(cases: Int, report: (Int) -> Void) throws -> Tally {
        var tally = Tally()
        var random = RandomStream(seed: seed, name: "fuzz")
        let path = folder.appendingPathComponent("case").path
        let store = try Store(path: folder.appendingPathComponent("fuzz.sqlite").path)
        for number in 0..<cases {
            let sample = samples[number % samples.count]
            let bytes = Mutation.mutated(sample.bytes, using: &random)
            guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { continue }
            tally.cases += 1
            let began = ContinuousClock.now
            switch sample.kind {
            case .figures(let kind):
                // Odd, so that samples take turns at it however many there are.
                try check(path, kind, number % 499 == 0 ? store : nil, number, &tally)
            case .trace(let layout): checkTrace(path, layout, number, &tally)
            case .path: checkPath(bytes, number, &tally)
            case .serving(let kind): checkServing(kind, bytes, number, &tally)
            }
            let took = ContinuousClock.now - began
            if took > .seconds(Self.limitSeconds) {
                tally.slow += 1
                tally.slowest.append("case \(number), \(sample.kind): \(took)")
            }
            if (number + 1) % 100_000 == 0 { report(number + 1) }
        }
        return tally
    }

    private func checkServing(
        _ kind: ServingFuzz.Kind, _ bytes: [UInt8], _ number: Int, _ tally: inout Tally
    ) {
        guard let catalog else { return }
        do {
            try ServingFuzz.read(kind, bytes, catalog: catalog, in: folder)
            tally.read += 1
        } catch is FileError {
            tally.refused += 1
        } catch {
            tally.strange.append("case \(number), \(kind): \(error)")
        }
    }

    /// Reads a document by a mutated path, and by one for its rows.
    private func checkPath(_ bytes: [UInt8], _ number: Int, _ tally: inout Tally) {
        let text = String(decoding: bytes, as: UTF8.self)
        var mapping = FuzzSamples.mapping(of: "json")
        if number % 2 == 0 { mapping.columns["throughput"] = text } else { mapping.rows = text }
        var rows = 0
        do {
            try Importers.named("json")?.read(ImportInput(path: document, mapping: mapping)) { _ in rows += 1
            }
            tally.read += 1
            tally.rows += rows
        } catch is FileError {
            tally.refused += 1
        } catch {
            tally.strange.append("case \(number), path \(text.prefix(40)): \(error)")
        }
    }

    private var document: String { folder.appendingPathComponent("document.json").path }

    private func checkTrace(_ path: String, _ layout: TraceLayout, _ number: Int, _ tally: inout Tally) {
        var options = TraceImportOptions()
        options.layout = layout
        // Every way of reading takes its turn: a zone where none may be needed, sums, names, prices.
        options.timeZone = number % 5 == 1 ? LocalTimeZone("Europe/Berlin") : nil
        options.sumsSeries = number % 7 == 2
        options.gapFill = [.interpolate, .hold, .zero, .refuse][number % 4]
        if layout == .table, number % 6 == 3 { options.modelColumn = "svc" }
        if number % 9 == 4 { options.loadKind = .arrivals }
        if layout == .mooncake, number % 3 == 0 { options.timeFormat = .relativeSeconds }
        let least = number % 10 == 5 ? -1e6 : 0
        options.loadMin = least
        do {
            let (trace, _) = try TraceImporter(options: options).read(path: path)
            tally.read += 1
            tally.rows += trace.intervalCount
            let loads = trace.loads.values.flatMap { $0 }
            if !loads.allSatisfy({ $0.value.isFinite && $0.value >= least }) {
                tally.strange.append("case \(number), trace \(layout.rawValue): a load that is none")
            }
        } catch {
            tally.refused += 1
        }
    }

    private func check(
        _ path: String, _ kind: String, _ store: Store?, _ number: Int, _ tally: inout Tally
    ) throws {
        guard let importer = Importers.named(kind) else {
            tally.strange.append("case \(number): there is no kind '\(kind)'")
            return
        }
        let mapping = FuzzSamples.mapping(of: kind)
        let checks = PhysicsChecks(limits: [])
        var rows = 0
        var figures: [ImportedFigure] = []
        var hasFailed = false
        do {
            try importer.read(ImportInput(path: path, mapping: mapping)) { row in
                rows += 1
                if case .figure(let figure) = row {
                    _ = checks.verdict(on: figure)
                    if store != nil { figures.append(figure) }
                }
            }
            tally.read += 1
            tally.rows += rows
        } catch is FileError {
            hasFailed = true
            tally.refused += 1
        } catch {
            hasFailed = true
            tally.strange.append("case \(number), \(kind): \(error)")
        }
        guard let store else { return }
        let origin = ImportOrigin(
            kind: kind, file: "case \(number)", fileDigest: try FileDigest.hexadecimal(ofFileAt: path),
            options: "",
            source: "case \(number)", licence: nil, toolVersion: "fuzz", importedAtUnixSeconds: 0)
        let before = try store.rows(of: "imported_figure", limit: 0).rowCount
        tally.imported += 1
        try? store.saveImport(origin) { writer in
            try importer.read(ImportInput(path: path, mapping: mapping)) { row in
                if case .figure(let figure) = row {
                    try writer.add(figure, verdict: checks.verdict(on: figure))
                }
            }
            return ImportSummary(file: path, kind: kind, source: "", licence: nil, fileDigest: "")
        }
        let added = try store.rows(of: "imported_figure", limit: 0).rowCount - before
        if added != (hasFailed ? 0 : figures.count) { tally.partial += 1 }
        if added > 0 { _ = try store.forgetImports("case \(number)") }
    }
}

/// One to four changes of a file.
private enum Mutation {
    private static let words: [[UInt8]] =
        [
            "NaN", "inf", "-1", "1e400", "1e308", "0", "\"", "\"\"", "\n", "\r\n", "\r", ",", ";", "{", "}",
            "[", "]", ":",
            "null", "true", "99999999999999999999", "0x10", "sep=;", "1.234,5", "5 req/s", "26/10/2025 02:00",
            " - ", "(CET)", "[*]", "VALID", ":::MLLOG ", "\u{FEFF}", "\u{0}", "é", "-0", "1e-400", "#",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xFF, 0xFE]]

    static func mutated(_ bytes: [UInt8], using random: inout RandomStream) -> [UInt8] {
        var bytes = bytes
        for _ in 0...pick(4, &random) {
            let place = pick(bytes.count + 1, &random)
            let length = min(bytes.count - place, 1 + pick(40, &random))
            switch pick(7, &random) {
            case 0 where place < bytes.count: bytes[place] ^= UInt8(1 << pick(8, &random))
            case 1: bytes.removeSubrange(place..<place + length)
            case 2:
                bytes.insert(contentsOf: bytes[place..<place + length], at: pick(bytes.count + 1, &random))
            case 3: bytes.insert(contentsOf: words[pick(words.count, &random)], at: place)
            case 4: bytes.replaceSubrange(place..<place + length, with: words[pick(words.count, &random)])
            case 5: bytes.removeSubrange(place...)
            default:
                // A whole number or word becomes another.
                let end = bytes[place...].firstIndex { $0 == 0x2C || $0 == 0x0A } ?? bytes.count
                bytes.replaceSubrange(place..<end, with: words[pick(words.count, &random)])
            }
        }
        return bytes
    }

    private static func pick(_ count: Int, _ random: inout RandomStream) -> Int {
        min(count - 1, Int(random.uniform() * Double(count)))
    }
}
