import Files
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

/// Reads `servers/<name>.yaml`, composing a server of a chassis, of devices and of figures written in place.
struct ServerTypeReader {
    let devices: DeviceReader
    let stacks: SoftwareStackReader
    /// The folders of what server types may extend, the nearest first.
    let chassisDirectories: [String]
    let host: DetectedHost?

    private enum Key: String, SectionKey {
        case id, title, extends
        case isThisHost = "this_host"
        case processor, memory
        case nearMemory = "near_memory"
        case accelerator, edge, power, sources
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

    /// The figures are for what a device's documents leave open, or where this server runs it differently.
    private enum AcceleratorKey: String, SectionKey {
        case device, count, software, interconnect
        case peak = "peak_fp32_tflops"
        case hostLink = "host_link_gb_per_s"
        case launchOverhead = "launch_overhead_us"
        case idle = "idle_watts"
        case thermalDesign = "thermal_design_watts"
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

    func serverType(at path: String, name: String) throws(FileError) -> ServerType {
        try composition(at: path, name: name).serverType
    }

    func composition(at path: String, name: String) throws(FileError) -> ServerComposition {
        let (section, files) = try layers(at: path, name: name)
        let own = section.layers[0]
        let isThisHost = try section.optional(.isThisHost)?.truth() ?? false
        let detected = isThisHost ? host : nil
        var parts: [ServerComposition.Part] = []
        // A type that nothing here measures or models is known by others' figures, and by its power.
        let isDescribed =
            isThisHost || section.optional(.processor) != nil || section.optional(.memory) != nil
        var processor: Processor?
        var memory: MemorySystem?
        if isDescribed {
            let known = try self.processor(
                section.requiredSection(.processor, ProcessorKey.self), detected: detected, parts: &parts)
            memory = try self.memory(
                section.requiredSection(.memory, MemoryKey.self), cores: known.cores, detected: detected,
                parts: &parts)
            processor = known
        }
        let nearMemory = try nearMemory(section.section(.nearMemory, NearMemoryKey.self), parts: &parts)
        let cards = try accelerator(section.section(.accelerator, AcceleratorKey.self), parts: &parts)
        let edge = try section.section(.edge, EdgeKey.self).map { (keys) throws(FileError) in
            try EdgeDeviceReader(devices: devices).device(keys, parts: &parts)
        }
        let citations =
            files.flatMap(\.sources) + parts.flatMap { $0.device.documents.map(\.citation) }
            + (cards?.accelerator.software?.sources ?? [])
        let type = ServerType(
            id: ServerTypeID(name), title: try own[.title].text(), processor: processor, memory: memory,
            nearMemory: nearMemory, accelerator: cards.map(\.accelerator),
            power: try power(
                section.requiredSection(.power, PowerKey.self), cores: processor?.cores, cards: cards?.power,
                statics: edge.map { Watts($0.staticWatts) }),
            isThisHost: isThisHost, sources: citations,
            pricePerHour: try section.optional(.pricePerHour)?.number(.positive), edge: edge)
        return ServerComposition(
            serverType: type, parts: parts, figures: try ownFigures(section), files: files)
    }

    // MARK: - Inheritance

    /// The file itself and what it extends, the nearest first.
    private func layers(
        at path: String, name: String
    ) throws(FileError) -> (section: LayeredSection<Key>, files: [ServerComposition.File]) {
        var sections: [YAMLSection<Key>] = []
        var files: [ServerComposition.File] = []
        var chain: [String] = []
        var next: (path: String, name: String)? = (path, name)
        while let (path, name) = next {
            let section = try YAMLValue(path: path).section(Key.self)
            try section[.id].requireName(name)
            _ = try section.optional(.title)?.text()
            sections.append(section)
            files.append(ServerComposition.File(name: name, sources: try section[.sources].citations()))
            next = nil
            guard let value = section.optional(.extends) else { continue }
            let parent = try value.name()
            let known = try FileContents.names(
                inAnyOf: chassisDirectories.filter(FileContents.isDirectory), suffix: ".yaml")
            let paths = chassisDirectories.map { "\($0)/\(parent).yaml" }
            guard known.contains(parent), let path = paths.first(where: FileContents.exists) else {
                throw .unknownName(value.place, kind: "a chassis", found: parent, known: known)
            }
            chain.append(parent)
            guard chain.filter({ $0 == parent }).count == 1 else {
                throw .invalidValue(
                    value.place, found: "a chassis that extends itself (\(chain.joined(separator: " > ")))",
                    expected: "chassis that end in one that extends none")
            }
            next = (path, parent)
        }
        return (LayeredSection(sections), files)
    }

    /// What the files say themselves, apart from which devices they name.
    private func ownFigures(
        _ section: LayeredSection<Key>
    ) throws(FileError) -> [ServerComposition.OwnFigure] {
        var figures: [ServerComposition.OwnFigure] = []
        func add<Inner: SectionKey>(_ key: Key, _ keys: Inner.Type) throws(FileError) {
            var said: Set<Inner> = []
            for (file, layer) in section.layers.enumerated() {
                guard let inner = try layer.optional(key)?.section(keys) else { continue }
                for innerKey in Inner.allCases where innerKey.rawValue != "device" && !said.contains(innerKey)
                {
                    guard let value = inner.optional(innerKey) else { continue }
                    said.insert(innerKey)
                    figures.append(
                        ServerComposition.OwnFigure(key: value.key, text: value.found, file: file))
                }
            }
        }
        try add(.processor, ProcessorKey.self)
        try add(.memory, MemoryKey.self)
        try add(.accelerator, AcceleratorKey.self)
        try add(.power, PowerKey.self)
        for (file, layer) in section.layers.enumerated() {
            guard let value = layer.optional(.pricePerHour) else { continue }
            figures.append(ServerComposition.OwnFigure(key: value.key, text: value.found, file: file))
            break
        }
        return figures
    }

    // MARK: - Parts

    private func processor(
        _ section: LayeredSection<ProcessorKey>, detected: DetectedHost?,
        parts: inout [ServerComposition.Part]
    ) throws(FileError) -> Processor {
        if let value = section.optional(.device) {
            try section.refuse([.cores, .peakPerCore, .lastLevelCachePerCore], beside: .device)
            let device = try devices.device(value, .processor)
            let sockets = try section[.sockets].wholeNumber(to: 64)
            parts.append(ServerComposition.Part(device: device, count: sockets))
            return Processor(
                cores: Int(try device.needed(.cores, at: value)) * sockets,
                peakPerCore: FlopsPerSecond(try device.needed(.peakPerCore, at: value) * 1e9),
                lastLevelCache: Bytes(try device.needed(.lastLevelCache, at: value) * mebibyte)
                    * Double(sockets))
        }
        try section.refuse([.sockets], beside: .cores)
        let cores = try detectable(section[.cores], detected?.cores) { (value) throws(FileError) in
            try value.wholeNumber(to: 100_000)
        }
        return Processor(
            cores: cores, peakPerCore: FlopsPerSecond(try section[.peakPerCore].number(.positive) * 1e9),
            lastLevelCache: Bytes(
                try section[.lastLevelCachePerCore].number(.positive) * mebibyte * Double(cores)))
    }

    private func memory(
        _ section: LayeredSection<MemoryKey>, cores: Int, detected: DetectedHost?,
        parts: inout [ServerComposition.Part]
    ) throws(FileError) -> MemorySystem {
        if let value = section.optional(.device) {
            try section.refuse([.capacity, .bandwidth, .bandwidthPerCore], beside: .device)
            let device = try devices.device(value, .memory)
            let channels = try section[.channels].wholeNumber(to: 1024)
            parts.append(ServerComposition.Part(device: device, count: channels))
            let modules = Double(channels) * Double(try section[.modulesPerChannel].wholeNumber(to: 64))
            return MemorySystem(
                capacity: Bytes(try device.needed(.moduleCapacity, at: value) * gibibyte) * modules,
                bandwidth: BytesPerSecond(try device.needed(.channelBandwidth, at: value) * 1e9)
                    * Double(channels))
        }
        try section.refuse([.channels, .modulesPerChannel], beside: .capacity)
        let capacity = try detectable(section[.capacity], detected.map(\.memory.value)) {
            (value) throws(FileError) in
            try value.number(.positive) * gibibyte
        }
        let (key, figure) = try section.either(.bandwidth, .bandwidthPerCore)
        let bandwidth = try figure.number(.positive) * 1e9
        return MemorySystem(
            capacity: Bytes(capacity),
            bandwidth: BytesPerSecond(key == .bandwidth ? bandwidth : bandwidth * Double(cores)))
    }

    private func nearMemory(
        _ section: LayeredSection<NearMemoryKey>?, parts: inout [ServerComposition.Part]
    ) throws(FileError) -> NearMemory? {
        guard let section else { return nil }
        let value = try section[.device]
        let device = try devices.device(value, .nearMemory)
        parts.append(ServerComposition.Part(device: device, count: nil))
        return NearMemory(rankParallelism: Int(try device.needed(.rankParallelism, at: value)))
    }

    private func accelerator(
        _ section: LayeredSection<AcceleratorKey>?, parts: inout [ServerComposition.Part]
    ) throws(FileError) -> (accelerator: Accelerator, power: (idle: Watts, peak: Watts))? {
        guard let section else { return nil }
        let value = try section[.device]
        let card = try devices.device(value, .accelerator)
        let count = try section[.count].wholeNumber(to: 64)
        parts.append(ServerComposition.Part(device: card, count: count))
        /// What the server says of the card, or else what the card's documents say.
        func figure(_ key: AcceleratorKey, _ figure: DeviceFigure) throws(FileError) -> Double {
            guard let own = section.optional(key) else { return try card.needed(figure, at: value) }
            return try figure.value(own)
        }
        let idle = try figure(.idle, .idle)
        let peak = try figure(.thermalDesign, .thermalDesign)
        guard peak >= idle else {
            throw (section.optional(.thermalDesign) ?? section.optional(.idle) ?? value).refusal(
                expected: "no less power at full load (\(peak) W) than idle (\(idle) W)")
        }
        let stack = try section.optional(.software).map { (name) throws(FileError) in
            try stacks.stack(name)
        }
        let peaks = stack?.precision.peaks ?? [.fp32]
        let rate = peaks.first { $0 != .fp32 && card[$0] != nil }.flatMap { card[$0] }
        let single = try rate == nil ? figure(.peak, .fp32) : 0
        let sheet = try section.optional(.interconnect).map { (value) throws(FileError) in
            AcceleratorSheet(card, link: try EngineFeatureReader.interconnect(value))
        }
        let accelerator = Accelerator(
            name: card.title, count: count, peak: FlopsPerSecond((rate ?? single) * 1e12),
            memory: Bytes(try card.needed(.memory, at: value) * gibibyte),
            bandwidth: BytesPerSecond(try card.needed(.bandwidth, at: value) * 1e9),
            hostLink: BytesPerSecond(try figure(.hostLink, .hostLink) * 1e9),
            launchOverhead: Nanoseconds(seconds: try figure(.launchOverhead, .launchOverhead) * 1e-6),
            software: stack, sheet: sheet)
        return (accelerator, (Watts(idle) * Double(count), Watts(peak) * Double(count)))
    }

    private func power(
        _ section: LayeredSection<PowerKey>, cores: Int?, cards: (idle: Watts, peak: Watts)?,
        statics: Watts?
    ) throws(FileError) -> PowerCurve {
        let (idleKey, idleValue) = try section.either(.idle, .idlePerCore)
        let (peakKey, peakValue) = try section.either(.peak, .peakPerCore)
        /// Figures for each core need to know how many there are.
        func servers(_ value: YAMLValue, perCore: Bool) throws(FileError) -> Double {
            guard perCore else { return 1 }
            guard let cores else {
                throw value.refusal(
                    expected: "watts of the whole server, as nothing says how many cores it has")
            }
            return Double(cores)
        }
        let idle =
            try idleValue.number(.notNegative) * servers(idleValue, perCore: idleKey == .idlePerCore)
        let peak = try peakValue.number(.positive) * servers(peakValue, perCore: peakKey == .peakPerCore)
        guard peak >= idle else {
            throw peakValue.refusal(expected: "no less power than when idle (\(idle) W in all)")
        }
        return PowerCurve(
            hostIdle: Watts(idle), hostPeak: Watts(peak),
            acceleratorIdle: (cards?.idle ?? .zero) + (statics ?? .zero),
            acceleratorPeak: (cards?.peak ?? .zero) + (statics ?? .zero),
            halfLoadFactor: try section.optional(.halfLoadFactor)?.number(.positive) ?? 1)
    }

    /// A figure that may be written or, for the machine at hand, be left to detection.
    private func detectable<Figure>(
        _ value: YAMLValue, _ detected: Figure?, reading read: (YAMLValue) throws(FileError) -> Figure
    ) throws(FileError) -> Figure {
        guard value.plainText == Self.detectWord else { return try read(value) }
        guard let detected else {
            throw value.refusal(
                expected: "a number (detect works under this_host: true, on the machine itself)")
        }
        return detected
    }
}

extension CatalogDevice {
    /// A figure that a server type cannot do without.
    func needed(_ figure: DeviceFigure, at value: YAMLValue) throws(FileError) -> Double {
        guard let number = self[figure] else {
            throw .invalidValue(
                value.place, found: "\(name), of which no \(figure.rawValue) is published",
                expected: "a device with this figure, or the figure in this section under sources of its own")
        }
        return number
    }
}
