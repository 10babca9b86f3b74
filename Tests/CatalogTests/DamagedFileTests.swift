import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

/// Files damaged at random are read or refused with a `FileError`; nothing else, and no crash.
@Suite struct DamagedFileTests {
    /// A generator of its own (Lehmer 1951), so that a failing seed can be run again.
    struct Dice {
        var state: UInt64
        mutating func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
    }

    private static let pieces: [String] = [
        "\n", ":", "- ", "  ", "\"", "'", "[", "]", "{", "}", "#", "&a ", "*a", "!t ", "|", ">", "~", "0",
        "-1", "1e400",
        "99999999999999999999", ".nan", ",", "\t", "\r", "\u{0}", "\u{FEFF}", "é", "---\n", "<<: ", "? ", "%",
    ]

    private func damaged(_ text: String, _ dice: inout Dice) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0...dice.roll(4) {
            let start = dice.roll(bytes.count)
            switch dice.roll(4) {
            case 0: bytes.insert(contentsOf: Self.pieces[dice.roll(Self.pieces.count)].utf8, at: start)
            case 1: bytes.removeSubrange(start..<min(bytes.count, start + 1 + dice.roll(40)))
            case 2: bytes[start] = UInt8(dice.roll(256))
            default:
                bytes.insert(contentsOf: bytes[start..<min(bytes.count, start + dice.roll(60))], at: start)
            }
            if bytes.isEmpty { bytes = [0x0A] }
        }
        return bytes
    }

    @Test(arguments: 0..<20)
    func yaml(seed: Int) throws {
        var dice = Dice(state: UInt64(seed))
        let copy = try WorkingCopy(ofWorkloads: true)
        let host = DetectedHost(cores: 4, memory: Bytes(8e9))
        for file in [
            "models/din.yaml", "servers/this-host.yaml", "servers/cpu-t2-nmp-x4-v100.yaml",
            "traces/week.yaml",
        ] {
            let text = try copy.read(file)
            let name = URL(filePath: file).deletingPathExtension().lastPathComponent
            for _ in 0..<60 {
                try Data(damaged(text, &dice)).write(to: URL(filePath: "\(copy.path)/\(file)"))
                do {
                    switch file.prefix(3) {
                    case "mod": _ = try copy.catalog.model(ModelID(name))
                    case "ser": _ = try copy.catalog.serverType(ServerTypeID(name), host: host)
                    default: _ = try copy.catalog.traceRecipe(name)
                    }
                } catch {
                    #expect(
                        error is FileError && "\(error)".contains("expected"), "seed \(seed): \(error)")
                }
            }
        }
    }

    @Test(arguments: 0..<20)
    func csv(seed: Int) throws {
        var dice = Dice(state: UInt64(seed))
        let copy = try WorkingCopy()
        let text =
            "time,a,b\n" + (0..<30).map { "2024-06-03T00:\(10 + $0):00Z,\($0).5,\"\($0 * $0)\"\n" }.joined()
        let path = "\(copy.path)/t.csv"
        for _ in 0..<200 {
            try Data(damaged(text, &dice)).write(to: URL(filePath: path))
            do {
                let (trace, summary) = try TraceImporter(options: TraceImportOptions()).read(path: path)
                #expect(summary.rowsRead == summary.rowsKept + summary.duplicateRows, "seed \(seed)")
                #expect(
                    trace.loads.values.allSatisfy { $0.allSatisfy { $0.value >= 0 && $0.value.isFinite } })
            } catch {
                #expect("\(error)".contains("expected"), "seed \(seed): \(error)")
            }
        }
    }
}
