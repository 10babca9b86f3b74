/// Where one layer runs.
public enum LayerPlace: Hashable, Codable, Sendable {
    case array
    /// Weights stay in the cells from one input to the next.
    case macrosHeld
    /// Weights are written before the layer runs.
    case macrosWritten
    /// Both at once: so many of 4 parts of the filters in the macros.
    case both(quarters: Int, isHeld: Bool)

    /// For people.
    public var label: String {
        switch self {
        case .array: "NPU"
        case .macrosHeld: "CIM, held"
        case .macrosWritten: "CIM, written"
        case .both(let quarters, let isHeld): "NPU + \(quarters)/4 CIM\(isHeld ? ", held" : ", written")"
        }
    }

    /// Whether macros have a part in it.
    public var usesMacros: Bool { self != .array }
}

/// A network on a device: where each layer runs, what each takes, and what the whole takes.
public struct EdgeMapping: Hashable, Sendable {
    /// One layer of it.
    public struct Layer: Hashable, Sendable {
        public let name: String
        public let kind: String
        public let macs: Double
        public let place: LayerPlace
        /// Of all items of the batch, with what it takes to bring the input there.
        public let seconds: Double
        public let joules: Double

        public init(
            name: String, kind: String, macs: Double, place: LayerPlace, seconds: Double, joules: Double
        ) {
            self.name = name
            self.kind = kind
            self.macs = macs
            self.place = place
            self.seconds = seconds
            self.joules = joules
        }
    }

    /// Items of the batch.
    public let items: Int
    public let layers: [Layer]
    /// From the first layer to the last.
    public let seconds: Double
    /// Dynamic energy of the batch.
    public let joules: Double
    /// How long each part is busy; batches that follow one another come no faster than the busier one.
    public let arraySeconds: Double
    public let macroSeconds: Double
    public let tilesHeld: Int

    public init(
        items: Int, layers: [Layer], seconds: Double, joules: Double, arraySeconds: Double,
        macroSeconds: Double, tilesHeld: Int
    ) {
        self.items = items
        self.layers = layers
        self.seconds = seconds
        self.joules = joules
        self.arraySeconds = arraySeconds
        self.macroSeconds = macroSeconds
        self.tilesHeld = tilesHeld
    }

    /// The time from one batch to the next where batches overlap.
    public var pipelinedSeconds: Double { max(arraySeconds, macroSeconds) }
}
