import Foundation

/// The SHA-256 of a file's bytes, as `sha256sum` prints it.
public enum FileDigest {
    /// Reads a file in pieces. O(bytes), in constant memory.
    /// - Parameter progress: hears how many bytes have been read so far.
    /// - Throws: what the file system reports.
    public static func hexadecimal(
        ofFileAt path: String, progress: (Int) -> Void = { _ in }
    ) throws -> String {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = SHA256()
        var count = 0
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update([UInt8](piece))
            count += piece.count
            progress(count)
        }
        let digits = Array("0123456789abcdef")
        return String(hash.finish().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
