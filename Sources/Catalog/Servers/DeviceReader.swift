import Files
import Vocabulary

/// Reads `servers/devices/<kind>/<name>.yaml`, one device each.
///
/// Figures stand under the document they were read from, so that none can be written down without one.
struct DeviceReader {
    /// The folders with a folder for each kind, the nearest first.
    let directories: [String]

    private enum Key: String, SectionKey {
        case id, title, vendor, figures
    }

    private static let sourceKey = "source"
    private static let addressKey = "url"

    private func folders(_ kind: CatalogDevice.Kind) -> [String] {
        directories.map { "\($0)/\(kind.rawValue)" }
    }

    /// The names of the devices of a kind, in order; none where the catalogue has no such folder.
    func names(_ kind: CatalogDevice.Kind) throws(FileError) -> [String] {
        try FileContents.names(inAnyOf: folders(kind).filter(FileContents.isDirectory), suffix: ".yaml")
    }

    /// The device that a value names.
    func device(_ value: YAMLValue, _ kind: CatalogDevice.Kind) throws(FileError) -> CatalogDevice {
        let name = try value.name()
        let known = try names(kind)
        guard known.contains(name) else {
            throw .unknownName(value.place, kind: kind.expected, found: name, known: known)
        }
        return try device(kind, name)
    }

    /// The device in a file that is there.
    func device(_ kind: CatalogDevice.Kind, _ name: String) throws(FileError) -> CatalogDevice {
        let paths = folders(kind).map { "\($0)/\(name).yaml" }
        let section = try YAMLValue(path: paths.first(where: FileContents.exists) ?? paths[0])
            .section(Key.self)
        try section[.id].requireName(name)
        var documents: [CatalogDevice.Document] = []
        var values: [DeviceFigure: CatalogDevice.Value] = [:]
        var lines: [DeviceFigure: Int] = [:]
        let known = DeviceFigure.allCases.filter { $0.kinds.contains(kind) }
        for item in try section[.figures].filledList() {
            var citation: String?
            var url: String?
            var count = 0
            for (key, value) in try item.entries() {
                switch key {
                case Self.sourceKey: citation = try value.text()
                case Self.addressKey: url = try value.text()
                default:
                    guard let figure = known.first(where: { $0.rawValue == key }) else {
                        throw .unknownKey(
                            value.place,
                            known: [Self.sourceKey, Self.addressKey] + known.map(\.rawValue))
                    }
                    if let first = lines[figure] { throw .duplicateKey(value.place, firstLine: first) }
                    values[figure] = CatalogDevice.Value(
                        number: try figure.value(value), document: documents.count)
                    lines[figure] = value.line
                    count += 1
                    try requireOrder(figure, of: values, at: value)
                }
            }
            guard let citation else {
                throw .missingKey(
                    Place(file: item.file, line: item.line, key: "\(item.key).\(Self.sourceKey)"))
            }
            guard count > 0 else {
                throw .invalidValue(item.place, found: "a source alone", expected: "figures read from it")
            }
            documents.append(CatalogDevice.Document(citation: citation, url: url))
        }
        return CatalogDevice(
            kind: kind, name: name, title: try section[.title].text(),
            vendor: try section.optional(.vendor)?.text(), documents: documents, values: values)
    }

    /// Refuses a device that draws less at full load than idle, at whichever of the two figures comes second.
    private func requireOrder(
        _ figure: DeviceFigure, of values: [DeviceFigure: CatalogDevice.Value], at value: YAMLValue
    ) throws(FileError) {
        guard let idle = values[.idle]?.number, let most = values[.thermalDesign]?.number, most < idle,
            figure == .idle || figure == .thermalDesign
        else { return }
        throw value.refusal(
            expected: figure == .idle
                ? "a number of at most the thermal design power (\(most) W)"
                : "a number of at least the idle power (\(idle) W)")
    }
}

extension CatalogDevice.Kind {
    /// With its article, for messages.
    var expected: String { self == .accelerator ? "an accelerator" : "a \(label)" }
}

extension DeviceFigure {
    /// Reads the figure as it is written in a file.
    func value(_ value: YAMLValue) throws(FileError) -> Double {
        switch self {
        case .launchYear: return Double(try value.wholeNumber(from: 1990, to: 2100))
        case .cores, .memoryChannels: return Double(try value.wholeNumber(to: 100_000))
        case .rankParallelism: return Double(try value.wholeNumber(from: 2, to: 1024))
        case .arrayRows, .arrayColumns: return Double(try value.wholeNumber(to: 4096))
        case .cellGroups: return Double(try value.wholeNumber(to: 1024))
        case .inputBitsPerCycle: return Double(try value.wholeNumber(to: 8))
        case .layerOverhead: return try value.number(.from(0, to: 1e6))
        case .idle, .staticPower, .bufferEnergy, .dramEnergy, .writeEnergy, .busEnergy:
            return try value.number(.notNegative)
        case .launchOverhead:
            // The range of a time is narrower than that of a number.
            _ = try value.duration(unitSeconds: 1e-6)
            return try value.number(.positive)
        default: return try value.number(.positive)
        }
    }
}

let mebibyte = 1_048_576.0
let gibibyte = 1_073_741_824.0

extension YAMLValue {
    /// A list of citations, at least one.
    func citations() throws(FileError) -> [String] {
        var lines: [String] = []
        for item in try filledList() { lines.append(try item.text()) }
        return lines
    }
}
