/// One thing that a device's data sheet says, in the unit that its key names.
///
/// Rates of arithmetic are peaks, dense: a data sheet's figure with structured sparsity is halved. Rates of
/// FP64 and FP32 are those of the vector units, all narrower formats those of the matrix units where a device
/// has them.
public enum DeviceFigure: String, CaseIterable, Hashable, Sendable {
    /// The year of the announcement, or of the first delivery where the source gives that alone.
    case launchYear = "launch_year"
    case cores
    case baseClock = "base_ghz"
    /// Single precision, all cores busy.
    case peakPerCore = "peak_gflops_per_core"
    case fp64 = "peak_fp64_tflops"
    case fp32 = "peak_fp32_tflops"
    case tf32 = "peak_tf32_tflops"
    case bf16 = "peak_bf16_tflops"
    case fp16 = "peak_fp16_tflops"
    case fp8 = "peak_fp8_tflops"
    case fp4 = "peak_fp4_tflops"
    case int8 = "peak_int8_tops"
    case int4 = "peak_int4_tops"
    case lastLevelCache = "last_level_cache_mib"
    case memoryChannels = "memory_channels"
    /// As vendors count memory on a device: what they call 80 GB are 80 GiB.
    case memory = "memory_gib"
    case bandwidth = "bandwidth_gb_per_s"
    /// Effective, host to device.
    case hostLink = "host_link_gb_per_s"
    case launchOverhead = "launch_overhead_us"
    case idle = "idle_watts"
    case thermalDesign = "thermal_design_watts"
    /// A list price or one published at launch, in US dollars.
    case price = "price_usd"
    case moduleCapacity = "module_capacity_gib"
    case channelBandwidth = "channel_bandwidth_gb_per_s"
    case rankParallelism = "rank_parallelism"
    case arrayRows = "array_rows"
    /// Of a macro: weights of eight bits in a row.
    case arrayColumns = "array_columns"
    /// Sets of weights that a macro's cells hold beside the set in use.
    case cellGroups = "cell_groups"
    case inputBitsPerCycle = "input_bits_per_cycle"
    case clock = "clock_mhz"
    /// Of a multiply-accumulate in int8, all rows in use, converters apart.
    case macEnergy = "mac_picojoules"
    /// Of one conversion of a bit line to digital, in the mean.
    case conversionEnergy = "conversion_picojoules"
    case bufferSize = "buffer_kib"
    case bufferEnergy = "buffer_picojoules_per_byte"
    case bufferWidth = "buffer_bytes_per_cycle"
    case dramEnergy = "dram_picojoules_per_byte"
    case dramBandwidth = "dram_gb_per_s"
    case vectorWidth = "vector_operations_per_cycle"
    case layerOverhead = "layer_overhead_us"
    case writeWidth = "write_bytes_per_cycle"
    case writeEnergy = "write_picojoules_per_byte"
    case busBandwidth = "bus_gb_per_s"
    case busEnergy = "bus_picojoules_per_byte"
    case staticPower = "static_milliwatts"

    /// What the figure is, without its unit.
    public var title: String {
        switch self {
        case .launchYear: "launch year"
        case .cores: "cores"
        case .baseClock: "base clock"
        case .peakPerCore: "peak FP32 of a core"
        case .fp64: "peak FP64"
        case .fp32: "peak FP32"
        case .tf32: "peak TF32"
        case .bf16: "peak BF16"
        case .fp16: "peak FP16"
        case .fp8: "peak FP8"
        case .fp4: "peak FP4"
        case .int8: "peak INT8"
        case .int4: "peak INT4"
        case .lastLevelCache: "last-level cache"
        case .memoryChannels: "memory channels"
        case .memory: "memory"
        case .bandwidth: "memory bandwidth"
        case .hostLink: "effective host link"
        case .launchOverhead: "launch overhead"
        case .idle: "idle power"
        case .thermalDesign: "thermal design power"
        case .price: "price"
        case .moduleCapacity: "capacity of a module"
        case .channelBandwidth: "bandwidth of a channel"
        case .rankParallelism: "ranks in parallel"
        case .arrayRows: "rows"
        case .arrayColumns: "columns"
        case .cellGroups: "groups of cells"
        case .inputBitsPerCycle: "input bits a cycle"
        case .clock: "clock"
        case .macEnergy: "energy of a multiply-accumulate"
        case .conversionEnergy: "energy of a conversion"
        case .bufferSize: "buffer"
        case .bufferEnergy: "energy of a buffered byte"
        case .bufferWidth: "buffer bytes a cycle"
        case .dramEnergy: "energy of a byte of DRAM"
        case .dramBandwidth: "DRAM bandwidth"
        case .vectorWidth: "vector operations a cycle"
        case .layerOverhead: "overhead of a layer"
        case .writeWidth: "written bytes a cycle"
        case .writeEnergy: "energy of a written byte"
        case .busBandwidth: "bus bandwidth"
        case .busEnergy: "energy of a byte on the bus"
        case .staticPower: "static power"
        }
    }

    /// The unit; empty for counts and years.
    public var unit: String {
        switch self {
        case .launchYear, .cores, .memoryChannels, .rankParallelism, .arrayRows, .arrayColumns: ""
        case .cellGroups, .inputBitsPerCycle, .bufferWidth, .vectorWidth, .writeWidth: ""
        case .clock: "MHz"
        case .macEnergy, .conversionEnergy: "pJ"
        case .bufferEnergy, .dramEnergy, .writeEnergy, .busEnergy: "pJ/byte"
        case .bufferSize: "KiB"
        case .staticPower: "mW"
        case .baseClock: "GHz"
        case .peakPerCore: "GFLOPS"
        case .fp64, .fp32, .tf32, .bf16, .fp16, .fp8, .fp4: "TFLOPS"
        case .int8, .int4: "TOPS"
        case .lastLevelCache: "MiB"
        case .memory, .moduleCapacity: "GiB"
        case .bandwidth, .hostLink, .channelBandwidth, .dramBandwidth, .busBandwidth: "GB/s"
        case .launchOverhead, .layerOverhead: "us"
        case .idle, .thermalDesign: "W"
        case .price: "USD"
        }
    }

    /// The kinds of device that have such a figure.
    public var kinds: Set<CatalogDevice.Kind> {
        switch self {
        case .launchYear, .idle, .thermalDesign, .price, .fp64, .bandwidth: [.accelerator, .processor]
        case .cores, .baseClock, .peakPerCore, .lastLevelCache, .memoryChannels: [.processor]
        case .fp32, .tf32, .bf16, .fp16, .fp8, .fp4, .int8, .int4, .memory, .hostLink, .launchOverhead:
            [.accelerator]
        case .moduleCapacity, .channelBandwidth: [.memory]
        case .rankParallelism: [.nearMemory]
        case .arrayRows, .arrayColumns, .clock, .macEnergy, .staticPower: [.systolicArray, .memoryMacro]
        case .bufferSize, .bufferEnergy, .bufferWidth, .dramEnergy, .dramBandwidth, .vectorWidth:
            [.systolicArray]
        case .layerOverhead: [.systolicArray]
        case .cellGroups, .inputBitsPerCycle, .conversionEnergy, .writeWidth, .writeEnergy: [.memoryMacro]
        case .busBandwidth, .busEnergy: [.memoryMacro]
        }
    }
}
