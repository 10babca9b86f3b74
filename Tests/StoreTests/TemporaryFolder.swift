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
