import Foundation

/// The SHA-256 of a file's bytes, as `sha256sum` prints it.
public enum FileDigest {
    /// Reads a file in pieces. O(bytes), in constant memory.
    /// - Throws: what the file system reports.
    public static func hexadecimal(ofFileAt path: String) throws -> String {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = SHA256()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update([UInt8](piece))
        }
        return hash.finishHexadecimal()
    }
}
