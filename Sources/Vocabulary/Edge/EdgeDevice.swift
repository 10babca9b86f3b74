/// A system on a chip that runs networks in int8: a systolic array (NPU) with its memories and, where fitted,
/// macros that compute in memory (CIM).
///
/// All energies are dynamic; what the parts draw while they are on is in the static powers.
public struct EdgeDevice: Hashable, Codable, Sendable {
    public let array: SystolicArray
    /// nil for an NPU alone.
    public let macros: MemoryMacros?

    public init(array: SystolicArray, macros: MemoryMacros?) {
        self.array = array
        self.macros = macros
    }

    /// Drawn while nothing runs.
    public var staticWatts: Double {
        array.staticWatts + (macros.map { $0.staticWatts * Double($0.count) } ?? 0)
    }
}

/// A weight-stationary systolic array, its buffer, its DRAM and its vector unit.
public struct SystolicArray: Hashable, Codable, Sendable {
    public var name: String
    /// Products of one column are summed over its rows.
    public var rows: Int
    public var columns: Int
    public var clockHertz: Double
    public var picojoulesPerMAC: Double
    public var bufferBytes: Double
    /// Of one byte read or written.
    public var bufferPicojoulesPerByte: Double
    public var bufferBytesPerCycle: Double
    public var memoryPicojoulesPerByte: Double
    public var memoryBytesPerSecond: Double
    public var vectorOperationsPerCycle: Double
    /// To start one layer.
    public var launchSeconds: Double
    public var staticWatts: Double

    public init(
        name: String, rows: Int, columns: Int, clockHertz: Double, picojoulesPerMAC: Double,
        bufferBytes: Double, bufferPicojoulesPerByte: Double, bufferBytesPerCycle: Double,
        memoryPicojoulesPerByte: Double, memoryBytesPerSecond: Double, vectorOperationsPerCycle: Double,
        launchSeconds: Double, staticWatts: Double
    ) {
        self.name = name
        self.rows = rows
        self.columns = columns
        self.clockHertz = clockHertz
        self.picojoulesPerMAC = picojoulesPerMAC
        self.bufferBytes = bufferBytes
        self.bufferPicojoulesPerByte = bufferPicojoulesPerByte
        self.bufferBytesPerCycle = bufferBytesPerCycle
        self.memoryPicojoulesPerByte = memoryPicojoulesPerByte
        self.memoryBytesPerSecond = memoryBytesPerSecond
        self.vectorOperationsPerCycle = vectorOperationsPerCycle
        self.launchSeconds = launchSeconds
        self.staticWatts = staticWatts
    }

    /// The most multiply-accumulates a second.
    public var peakMACsPerSecond: Double { Double(rows) * Double(columns) * clockHertz }
}

/// Equal macros that multiply in memory, on a bus of their own to the array's buffer.
public struct MemoryMacros: Hashable, Codable, Sendable {
    public var name: String
    public var count: Int
    /// Products of one column are summed over so many rows.
    public var rows: Int
    /// Eight-bit weights in a row.
    public var columns: Int
    /// Sets of weights that the cells hold beside the set in use.
    public var groups: Int
    /// Bits of an activation that one cycle takes.
    public var inputBitsPerCycle: Int
    public var clockHertz: Double
    /// With all rows in use; of an analog macro without its converters.
    public var picojoulesPerMAC: Double
    /// Of one conversion to digital, at the end of each bit line in each cycle; nil for digital macros.
    public var picojoulesPerConversion: Double?
    /// Of one macro.
    public var writeBytesPerCycle: Double
    public var writePicojoulesPerByte: Double
    public var busBytesPerSecond: Double
    public var busPicojoulesPerByte: Double
    /// Of one macro.
    public var staticWatts: Double

    public init(
        name: String, count: Int, rows: Int, columns: Int, groups: Int, inputBitsPerCycle: Int,
        clockHertz: Double, picojoulesPerMAC: Double, picojoulesPerConversion: Double? = nil,
        writeBytesPerCycle: Double, writePicojoulesPerByte: Double, busBytesPerSecond: Double,
        busPicojoulesPerByte: Double,
        staticWatts: Double
    ) {
        self.name = name
        self.count = count
        self.rows = rows
        self.columns = columns
        self.groups = groups
        self.inputBitsPerCycle = inputBitsPerCycle
        self.clockHertz = clockHertz
        self.picojoulesPerMAC = picojoulesPerMAC
        self.picojoulesPerConversion = picojoulesPerConversion
        self.writeBytesPerCycle = writeBytesPerCycle
        self.writePicojoulesPerByte = writePicojoulesPerByte
        self.busBytesPerSecond = busBytesPerSecond
        self.busPicojoulesPerByte = busPicojoulesPerByte
        self.staticWatts = staticWatts
    }

    /// Cycles in which an activation of eight bits is taken in.
    public var cyclesPerPass: Double { 8 / Double(inputBitsPerCycle) }
    /// The most multiply-accumulates a second, of all macros.
    public var peakMACsPerSecond: Double {
        Double(rows) * Double(columns) * Double(count) * clockHertz / cyclesPerPass
    }
    /// How many arrays of rows x columns weights can be held at once.
    public var tiles: Int { groups * count }
}
