import Files
import Vocabulary

/// The keys of a server type's `edge` section.
enum EdgeKey: String, SectionKey {
    case array, macros
    case macroCount = "macro_count"
}

/// Reads the `edge` section of a server type: a systolic array and, where named, macros that compute in
/// memory, both of the catalogue.
struct EdgeDeviceReader {
    let devices: DeviceReader

    func device(
        _ section: LayeredSection<EdgeKey>, parts: inout [ServerComposition.Part]
    ) throws(FileError) -> EdgeDevice {
        let value = try section[.array]
        let array = try devices.device(value, .systolicArray)
        parts.append(ServerComposition.Part(device: array, count: 1))
        guard let macroValue = section.optional(.macros) else {
            if let count = section.optional(.macroCount) {
                throw count.refusal(expected: "macros that it is the number of")
            }
            return EdgeDevice(array: try systolicArray(array, at: value), macros: nil)
        }
        let macro = try devices.device(macroValue, .memoryMacro)
        let count = try section[.macroCount].wholeNumber(to: 1024)
        parts.append(ServerComposition.Part(device: macro, count: count))
        return EdgeDevice(
            array: try systolicArray(array, at: value),
            macros: try macros(macro, count: count, at: macroValue))
    }

    private func systolicArray(
        _ device: CatalogDevice, at value: YAMLValue
    ) throws(FileError) -> SystolicArray {
        SystolicArray(
            name: device.title, rows: Int(try device.needed(.arrayRows, at: value)),
            columns: Int(try device.needed(.arrayColumns, at: value)),
            clockHertz: try device.needed(.clock, at: value) * 1e6,
            picojoulesPerMAC: try device.needed(.macEnergy, at: value),
            bufferBytes: try device.needed(.bufferSize, at: value) * 1024,
            bufferPicojoulesPerByte: try device.needed(.bufferEnergy, at: value),
            bufferBytesPerCycle: try device.needed(.bufferWidth, at: value),
            memoryPicojoulesPerByte: try device.needed(.dramEnergy, at: value),
            memoryBytesPerSecond: try device.needed(.dramBandwidth, at: value) * 1e9,
            vectorOperationsPerCycle: try device.needed(.vectorWidth, at: value),
            launchSeconds: try device.needed(.layerOverhead, at: value) * 1e-6,
            staticWatts: try device.needed(.staticPower, at: value) / 1000)
    }

    private func macros(
        _ device: CatalogDevice, count: Int, at value: YAMLValue
    ) throws(FileError) -> MemoryMacros {
        return MemoryMacros(
            name: device.title, count: count, rows: Int(try device.needed(.arrayRows, at: value)),
            columns: Int(try device.needed(.arrayColumns, at: value)),
            groups: Int(try device.needed(.cellGroups, at: value)),
            inputBitsPerCycle: Int(try device.needed(.inputBitsPerCycle, at: value)),
            clockHertz: try device.needed(.clock, at: value) * 1e6,
            picojoulesPerMAC: try device.needed(.macEnergy, at: value),
            picojoulesPerConversion: device[.conversionEnergy],
            writeBytesPerCycle: try device.needed(.writeWidth, at: value),
            writePicojoulesPerByte: try device.needed(.writeEnergy, at: value),
            busBytesPerSecond: try device.needed(.busBandwidth, at: value) * 1e9,
            busPicojoulesPerByte: try device.needed(.busEnergy, at: value),
            staticWatts: try device.needed(.staticPower, at: value) / 1000)
    }
}
