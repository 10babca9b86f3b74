import Quantities
import Vocabulary

/// One processor package as its data sheet describes it.
struct ProcessorDevice {
    let cores: Int
    let peakPerCore: FlopsPerSecond
    let lastLevelCache: Bytes
}

/// One memory module and the channel it sits on.
struct MemoryDevice {
    let moduleCapacity: Bytes
    let channelBandwidth: BytesPerSecond
}

/// One accelerator card.
struct AcceleratorDevice {
    let title: String
    let peak: FlopsPerSecond
    let memory: Bytes
    let bandwidth: BytesPerSecond
    let hostLink: BytesPerSecond
    let launchOverhead: Nanoseconds
    let idle: Watts
    let peakPower: Watts
}

/// A device and the citations of its figures.
struct Sourced<Device> {
    let device: Device
    let sources: [String]
}

/// All devices of a catalogue by kind and name.
struct DeviceLibrary {
    var processors: [String: Sourced<ProcessorDevice>] = [:]
    var memories: [String: Sourced<MemoryDevice>] = [:]
    var nearMemories: [String: Sourced<NearMemory>] = [:]
    var accelerators: [String: Sourced<AcceleratorDevice>] = [:]
}

/// Reads `servers/devices/*.yaml`: any number of files, each with devices of one or more kinds.
enum DeviceReader {
    private enum Key: String, SectionKey {
        case processors, memories
        case nearMemories = "near_memories"
        case accelerators
    }

    private enum ProcessorKey: String, SectionKey {
        case cores
        case peakPerCore = "peak_gflops_per_core"
        case lastLevelCache = "last_level_cache_mib"
        case sources
    }

    private enum MemoryKey: String, SectionKey {
        case moduleCapacity = "module_capacity_gib"
        case channelBandwidth = "channel_bandwidth_gb_per_s"
        case sources
    }

    private enum NearMemoryKey: String, SectionKey {
        case rankParallelism = "rank_parallelism"
        case sources
    }

    private enum AcceleratorKey: String, SectionKey {
        case title
        case peak = "peak_gflops"
        case memory = "memory_gib"
        case bandwidth = "bandwidth_gb_per_s"
        case hostLink = "host_link_gb_per_s"
        case launchOverhead = "launch_overhead_us"
        case idle = "idle_watts"
        case peakPower = "peak_watts"
        case sources
    }

    /// Reads every device file of a folder.
    static func library(in directory: String) throws(CatalogError) -> DeviceLibrary {
        var library = DeviceLibrary()
        for name in try FileContents.names(in: directory, suffix: ".yaml") {
            let file = try YAMLValue(path: "\(directory)/\(name).yaml").section(Key.self)
            try add(file.optional(.processors), to: &library.processors, reading: processor)
            try add(file.optional(.memories), to: &library.memories, reading: memory)
            try add(file.optional(.nearMemories), to: &library.nearMemories, reading: nearMemory)
            try add(file.optional(.accelerators), to: &library.accelerators, reading: accelerator)
        }
        return library
    }

    private static func add<Device>(
        _ value: YAMLValue?, to devices: inout [String: Sourced<Device>],
        reading read: (YAMLValue) throws(CatalogError) -> Sourced<Device>
    ) throws(CatalogError) {
        for (name, value) in try value?.entries() ?? [] {
            guard NameRule.allows(name) else {
                throw .invalidValue(
                    value.place, found: "the name '\(name)'",
                    expected: "a name of lower-case letters, digits, '-', '_' and '.'")
            }
            guard devices[name] == nil else {
                throw .invalidValue(
                    value.place, found: "a device that another file defines too", expected: "each device once"
                )
            }
            devices[name] = try read(value)
        }
    }

    private static func processor(_ value: YAMLValue) throws(CatalogError) -> Sourced<ProcessorDevice> {
        let section = try value.section(ProcessorKey.self)
        return Sourced(
            device: ProcessorDevice(
                cores: try section[.cores].wholeNumber(to: 100_000),
                peakPerCore: FlopsPerSecond(try section[.peakPerCore].number(.positive) * 1e9),
                lastLevelCache: Bytes(try section[.lastLevelCache].number(.positive) * mebibyte)),
            sources: try section[.sources].citations())
    }

    private static func memory(_ value: YAMLValue) throws(CatalogError) -> Sourced<MemoryDevice> {
        let section = try value.section(MemoryKey.self)
        return Sourced(
            device: MemoryDevice(
                moduleCapacity: Bytes(try section[.moduleCapacity].number(.positive) * gibibyte),
                channelBandwidth: BytesPerSecond(try section[.channelBandwidth].number(.positive) * 1e9)),
            sources: try section[.sources].citations())
    }

    private static func nearMemory(_ value: YAMLValue) throws(CatalogError) -> Sourced<NearMemory> {
        let section = try value.section(NearMemoryKey.self)
        return Sourced(
            device: NearMemory(rankParallelism: try section[.rankParallelism].wholeNumber(from: 2, to: 1024)),
            sources: try section[.sources].citations())
    }

    private static func accelerator(_ value: YAMLValue) throws(CatalogError) -> Sourced<AcceleratorDevice> {
        let section = try value.section(AcceleratorKey.self)
        let idle = try section[.idle].number(.notNegative)
        let device = AcceleratorDevice(
            title: try section[.title].text(),
            peak: FlopsPerSecond(try section[.peak].number(.positive) * 1e9),
            memory: Bytes(try section[.memory].number(.positive) * gibibyte),
            bandwidth: BytesPerSecond(try section[.bandwidth].number(.positive) * 1e9),
            hostLink: BytesPerSecond(try section[.hostLink].number(.positive) * 1e9),
            launchOverhead: try section[.launchOverhead].duration(unitSeconds: 1e-6),
            idle: Watts(idle), peakPower: Watts(try section[.peakPower].watts(atLeast: idle)))
        return Sourced(device: device, sources: try section[.sources].citations())
    }
}

let mebibyte = 1_048_576.0
let gibibyte = 1_073_741_824.0

extension YAMLValue {
    /// A list of citations, at least one.
    func citations() throws(CatalogError) -> [String] {
        var lines: [String] = []
        for item in try filledList() { lines.append(try item.text()) }
        return lines
    }

    /// A peak power that is not below the idle power.
    func watts(atLeast idle: Double) throws(CatalogError) -> Double {
        let watts = try number(.positive)
        guard watts >= idle else {
            throw refusal(expected: "a number of at least the idle power (\(idle) W)")
        }
        return watts
    }
}
