import Quantities
import Vocabulary

/// What the caller found out about the machine the tool runs on; the catalogue itself probes nothing.
public struct DetectedHost: Hashable, Sendable {
    /// Cores that inference threads may use.
    public var cores: Int
    /// Main memory that the machine, or the container, may use.
    public var memory: Bytes

    /// A machine with so many cores and so much memory.
    public init(cores: Int, memory: Bytes) {
        self.cores = cores
        self.memory = memory
    }
}

/// Reads `servers/<name>.yaml`, composing a server of devices or of figures written in place.
struct ServerTypeReader {
    let devices: DeviceLibrary
    let host: DetectedHost?

    private enum Key: String, SectionKey {
        case id, title
        case isThisHost = "this_host"
        case processor, memory
        case nearMemory = "near_memory"
        case accelerator, power, sources
        case pricePerHour = "price_per_hour"
    }

    private enum ProcessorKey: String, SectionKey {
        case device, sockets, cores
        case peakPerCore = "peak_gflops_per_core"
        case lastLevelCachePerCore = "last_level_cache_mib_per_core"
    }

    private enum MemoryKey: String, SectionKey {
        case device, channels
        case modulesPerChannel = "modules_per_channel"
        case capacity = "capacity_gib"
        case bandwidth = "bandwidth_gb_per_s"
        case bandwidthPerCore = "bandwidth_gb_per_s_per_core"
    }

    private enum NearMemoryKey: String, SectionKey {
        case device
    }

    private enum AcceleratorKey: String, SectionKey {
        case device, count
    }

    private enum PowerKey: String, SectionKey {
        case idle = "idle_watts"
        case idlePerCore = "idle_watts_per_core"
        case peak = "peak_watts"
        case peakPerCore = "peak_watts_per_core"
        case halfLoadFactor = "half_load_factor"
    }

    /// The word that stands for a figure of the machine at hand.
    private static let detectWord = "detect"

    func serverType(at path: String, name: String) throws(CatalogError) -> ServerType {
        let section = try YAMLValue(path: path).section(Key.self)
        try section[.id].requireName(name)
        let isThisHost = try section.optional(.isThisHost)?.truth() ?? false
        let detected = isThisHost ? host : nil
        var sources = try section[.sources].citations()
        let processor = try processor(section[.processor], detected: detected, sources: &sources)
        let memory = try memory(
            section[.memory], cores: processor.cores, detected: detected, sources: &sources)
        let nearMemory = try nearMemory(section.optional(.nearMemory), sources: &sources)
        let cards = try accelerator(section.optional(.accelerator), sources: &sources)
        return ServerType(
            id: ServerTypeID(name), title: try section[.title].text(), processor: processor, memory: memory,
            nearMemory: nearMemory, accelerator: cards.map(\.accelerator),
            power: try power(section[.power], cores: processor.cores, cards: cards?.power),
            isThisHost: isThisHost,
            sources: sources,
            pricePerHour: try section.optional(.pricePerHour)?.number(.positive))
    }

    private func processor(
        _ value: YAMLValue, detected: DetectedHost?, sources: inout [String]
    ) throws(CatalogError) -> Processor {
        let section = try value.section(ProcessorKey.self)
        if section.optional(.device) != nil {
            try section.refuse([.cores, .peakPerCore, .lastLevelCachePerCore], beside: .device)
            let package = try device(
                section[.device], of: devices.processors, kind: "a processor", sources: &sources)
            let sockets = try section[.sockets].wholeNumber(to: 64)
            return Processor(
                cores: package.cores * sockets, peakPerCore: package.peakPerCore,
                lastLevelCache: package.lastLevelCache * Double(sockets))
        }
        try section.refuse([.sockets], beside: .cores)
        let cores = try detectable(section[.cores], detected?.cores) { (value) throws(CatalogError) in
            try value.wholeNumber(to: 100_000)
        }
        return Processor(
            cores: cores, peakPerCore: FlopsPerSecond(try section[.peakPerCore].number(.positive) * 1e9),
            lastLevelCache: Bytes(
                try section[.lastLevelCachePerCore].number(.positive) * mebibyte * Double(cores)))
    }

    private func memory(
        _ value: YAMLValue, cores: Int, detected: DetectedHost?, sources: inout [String]
    ) throws(CatalogError) -> MemorySystem {
        let section = try value.section(MemoryKey.self)
        if section.optional(.device) != nil {
            try section.refuse([.capacity, .bandwidth, .bandwidthPerCore], beside: .device)
            let module = try device(
                section[.device], of: devices.memories, kind: "a memory", sources: &sources)
            let channels = Double(try section[.channels].wholeNumber(to: 1024))
            let modules = channels * Double(try section[.modulesPerChannel].wholeNumber(to: 64))
            return MemorySystem(
                capacity: module.moduleCapacity * modules, bandwidth: module.channelBandwidth * channels)
        }
        try section.refuse([.channels, .modulesPerChannel], beside: .capacity)
        let capacity = try detectable(section[.capacity], detected.map(\.memory.value)) {
            (value) throws(CatalogError) in
            try value.number(.positive) * gibibyte
        }
        let (key, figure) = try section.either(.bandwidth, .bandwidthPerCore)
        let bandwidth = try figure.number(.positive) * 1e9
        return MemorySystem(
            capacity: Bytes(capacity),
            bandwidth: BytesPerSecond(key == .bandwidth ? bandwidth : bandwidth * Double(cores)))
    }

    private func nearMemory(_ value: YAMLValue?, sources: inout [String]) throws(CatalogError) -> NearMemory?
    {
        guard let section = try value?.section(NearMemoryKey.self) else { return nil }
        return try device(
            section[.device], of: devices.nearMemories, kind: "a near memory", sources: &sources)
    }

    private func accelerator(
        _ value: YAMLValue?, sources: inout [String]
    ) throws(CatalogError) -> (accelerator: Accelerator, power: (idle: Watts, peak: Watts))? {
        guard let section = try value?.section(AcceleratorKey.self) else { return nil }
        let card = try device(
            section[.device], of: devices.accelerators, kind: "an accelerator", sources: &sources)
        let count = try section[.count].wholeNumber(to: 64)
        let accelerator = Accelerator(
            name: card.title, count: count, peak: card.peak, memory: card.memory, bandwidth: card.bandwidth,
            hostLink: card.hostLink, launchOverhead: card.launchOverhead)
        return (accelerator, (card.idle * Double(count), card.peakPower * Double(count)))
    }

    private func power(
        _ value: YAMLValue, cores: Int, cards: (idle: Watts, peak: Watts)?
    ) throws(CatalogError) -> PowerCurve {
        let section = try value.section(PowerKey.self)
        let (idleKey, idleValue) = try section.either(.idle, .idlePerCore)
        let (peakKey, peakValue) = try section.either(.peak, .peakPerCore)
        let idle = try idleValue.number(.notNegative) * (idleKey == .idle ? 1 : Double(cores))
        let peak = try peakValue.number(.positive) * (peakKey == .peak ? 1 : Double(cores))
        guard peak >= idle else {
            throw peakValue.refusal(expected: "no less power than when idle (\(idle) W in all)")
        }
        return PowerCurve(
            hostIdle: Watts(idle), hostPeak: Watts(peak), acceleratorIdle: cards?.idle ?? .zero,
            acceleratorPeak: cards?.peak ?? .zero,
            halfLoadFactor: try section[.halfLoadFactor].number(.positive))
    }

    /// Looks a device up by name and takes over its citations.
    private func device<Device>(
        _ value: YAMLValue, of devices: [String: Sourced<Device>], kind: String, sources: inout [String]
    ) throws(CatalogError) -> Device {
        let name = try value.name()
        guard let sourced = devices[name] else {
            throw .unknownName(value.place, kind: kind, found: name, known: devices.keys.sorted())
        }
        sources += sourced.sources
        return sourced.device
    }

    /// A figure that may be written or, for the machine at hand, be left to detection.
    private func detectable<Figure>(
        _ value: YAMLValue, _ detected: Figure?, reading read: (YAMLValue) throws(CatalogError) -> Figure
    ) throws(CatalogError) -> Figure {
        guard value.plainText == Self.detectWord else { return try read(value) }
        guard let detected else {
            throw value.refusal(
                expected: "a number (detect works under this_host: true, on the machine itself)")
        }
        return detected
    }
}

extension YAMLSection {
    /// Refuses keys that say the same as another one.
    fileprivate func refuse(_ keys: [Key], beside other: Key) throws(CatalogError) {
        if let key = keys.first(where: { optional($0) != nil }) {
            throw .invalidValue(
                place(of: key), found: "\(key.rawValue) beside \(other.rawValue)",
                expected: "either a device or the figures themselves")
        }
    }
}
