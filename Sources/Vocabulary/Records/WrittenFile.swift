/// A file that was written into a folder.
public struct WrittenFile: Hashable, Sendable {
    /// Relative to the folder.
    public let path: String
    public let bytes: Int

    public init(path: String, bytes: Int) {
        self.path = path
        self.bytes = bytes
    }
}
