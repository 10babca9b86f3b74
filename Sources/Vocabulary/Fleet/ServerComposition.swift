/// A server type together with the parts and files that its figures come from.
public struct ServerComposition: Hashable, Sendable {
    /// A device and how many of it a server has.
    public struct Part: Hashable, Sendable {
        public let device: CatalogDevice
        /// Packages, memory channels or cards; nil for what a server has or has not.
        public let count: Int?

        public init(device: CatalogDevice, count: Int?) {
            self.device = device
            self.count = count
        }
    }

    /// A figure that the server type's own file, or a chassis that it extends, says.
    public struct OwnFigure: Hashable, Sendable {
        /// Its keys, for example `power.idle_watts`, which name the unit.
        public let key: String
        public let text: String
        /// Which of `files` it stands in.
        public let file: Int

        public init(key: String, text: String, file: Int) {
            self.key = key
            self.text = text
            self.file = file
        }
    }

    /// A file and the citations it gives for what it says itself.
    public struct File: Hashable, Sendable {
        /// The server type's name, or the chassis' one.
        public let name: String
        public let sources: [String]

        public init(name: String, sources: [String]) {
            self.name = name
            self.sources = sources
        }
    }

    public let serverType: ServerType
    public let parts: [Part]
    public let figures: [OwnFigure]
    /// The server type's own file, then each chassis from the nearest on.
    public let files: [File]

    /// - Precondition: every figure stands in one of the files.
    public init(serverType: ServerType, parts: [Part], figures: [OwnFigure], files: [File]) {
        precondition(
            figures.allSatisfy { files.indices.contains($0.file) }, "every figure stands in one of the files")
        self.serverType = serverType
        self.parts = parts
        self.figures = figures
        self.files = files
    }
}
