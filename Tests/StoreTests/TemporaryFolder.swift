import Foundation
import GRDB
import Store

/// A folder of a test's own, removed with everything in it when the test lets go of it.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "store-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of a file in the folder.
    func path(_ name: String = "test.sqlite") -> String { url.appendingPathComponent(name).path }

    /// Every file with the digest of its bytes.
    func contents() throws -> [String: ContentDigest] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).reduce(into: [:]) { files, name in
            let bytes = try Data(contentsOf: url.appendingPathComponent(name))
            files[name] = ContentDigest(ofText: bytes.base64EncodedString())
        }
    }
}

/// A connection that knows nothing of the store, to look behind its back and to break its rules.
func rawConnection(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    return try DatabaseQueue(path: path, configuration: configuration)
}

/// A generator of random numbers (SplitMix64) that a failing test can be repeated with.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
