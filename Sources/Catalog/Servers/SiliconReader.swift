import Files
import Vocabulary

/// Reads `silicon/<name>.yaml`: a published macro as the gates that it is made of, and what was reported of
/// it.
struct SiliconReader {
    /// The folders, the nearest first.
    let directories: [String]

    private enum Key: String, SectionKey {
        case id, title, source, nanometres, volts, blocks, path, converter, reported
        case macsPerResult = "macs_per_result"
        case cyclesPerResult = "cycles_per_result"
    }

    private enum BlockKey: String, SectionKey {
        case multipliers
        case adderTree = "adder_tree"
        case adder, registers
        case bitLines = "bit_lines"
        case cells = "cells_mm2"
        case area = "area_um2"
        case count, activity

        static let kinds: [BlockKey] = [
            .multipliers, .adderTree, .adder, .registers, .bitLines, .cells, .area,
        ]
    }

    private enum PartKey: String, SectionKey {
        case multiplier
        case adderTree = "adder_tree"
        case sum, carries, adder, converter
    }

    private enum ConverterKey: String, SectionKey {
        case count, bits, rows, activity
        case areaBits = "area_bits"
    }

    private enum ReportedKey: String, SectionKey {
        case area = "area_mm2"
        case clock = "clock_mhz"
        case efficiency = "tops_per_watt"
        case isComparable = "energy_comparable"
    }

    private static let countMax = 10_000_000
    private static let bitsMax = 64

    func names() throws(FileError) -> [String] {
        try FileContents.names(inAnyOf: directories.filter(FileContents.isDirectory), suffix: ".yaml")
    }

    func macro(_ name: String) throws(FileError) -> SiliconMacro {
        let paths = directories.map { "\($0)/\(name).yaml" }
        let section = try YAMLValue(path: paths.first(where: FileContents.exists) ?? paths[0])
            .section(Key.self)
        try section.require(
            .id, .title, .source, .nanometres, .volts, .blocks, .path, .reported, .macsPerResult,
            .cyclesPerResult)
        try section[.id].requireName(name)
        var blocks: [SiliconMacro.Block] = []
        for item in try section[.blocks].filledList(max: 64) { blocks.append(try block(item)) }
        var path: [SiliconMacro.Part] = []
        for item in try section[.path].filledList(max: 64) { path.append(try part(item)) }
        let reported = try section[.reported].section(ReportedKey.self)
        return SiliconMacro(
            name: name, title: try section[.title].text(), source: try section[.source].text(),
            nanometres: try section[.nanometres].number(.positive),
            volts: try section[.volts].number(.positive), blocks: blocks, path: path,
            converter: try section.optional(.converter).map(converter),
            macsPerResult: try section[.macsPerResult].number(.positive),
            cyclesPerResult: try section[.cyclesPerResult].number(.positive),
            reportedSquareMillimetres: try reported[.area].number(.positive),
            reportedMegahertz: try reported[.clock].number(.positive),
            reportedTeraoperationsPerWatt: try reported[.efficiency].number(.positive),
            isEnergyComparable: try reported.optional(.isComparable)?.truth() ?? true)
    }

    private func block(_ item: YAMLValue) throws(FileError) -> SiliconMacro.Block {
        let keys = try item.section(BlockKey.self)
        let (key, value) = try keys.only(of: BlockKey.kinds, none: "no kind of block")
        let kind: SiliconMacro.Block.Kind =
            switch key {
            case .multipliers: .multipliers(bits: try value.wholeNumber(to: Self.bitsMax))
            case .adderTree: try tree(value)
            case .adder: .adder(bits: try value.wholeNumber(to: Self.bitsMax))
            case .registers: .registers(bits: try value.wholeNumber(to: Self.bitsMax))
            case .bitLines: .bitLines(cells: try value.wholeNumber(to: Self.countMax))
            case .cells: .cells(squareMillimetres: try value.number(.positive))
            default: .squareMicrometres(try value.number(.positive))
            }
        return SiliconMacro.Block(
            kind, count: try keys[.count].wholeNumber(to: Self.countMax),
            activity: try keys.optional(.activity)?.number(.from(0, to: 1)) ?? 0)
    }

    private func tree(_ value: YAMLValue) throws(FileError) -> SiliconMacro.Block.Kind {
        let (inputs, bits) = try treeSizes(value)
        return .adderTree(inputs: inputs, bits: bits)
    }

    /// Inputs, a power of two, and the bits of each.
    private func treeSizes(_ value: YAMLValue) throws(FileError) -> (inputs: Int, bits: Int) {
        let sizes = try value.filledList(max: 2)
        guard sizes.count == 2 else { throw value.refusal(expected: "inputs and bits") }
        let inputs = try sizes[0].wholeNumber(from: 2, to: 65_536)
        guard inputs & (inputs - 1) == 0 else { throw sizes[0].refusal(expected: "a power of two") }
        return (inputs, try sizes[1].wholeNumber(to: Self.bitsMax))
    }

    private func part(_ item: YAMLValue) throws(FileError) -> SiliconMacro.Part {
        guard case .mapping = item.tree.content else {
            let words = [PartKey.multiplier, .sum, .converter].map(\.rawValue)
            switch try item.choice(of: words) {
            case PartKey.multiplier.rawValue: return .multiplier
            case PartKey.sum.rawValue: return .sum
            default: return .converter
            }
        }
        let keys = try item.section(PartKey.self)
        if let tree = keys.optional(.adderTree) {
            let (inputs, bits) = try treeSizes(tree)
            return .adderTree(inputs: inputs, bits: bits)
        }
        if let carries = keys.optional(.carries) {
            return .carries(try carries.wholeNumber(to: Self.bitsMax))
        }
        return .adder(bits: try keys[.adder].wholeNumber(to: Self.bitsMax))
    }

    private func converter(_ value: YAMLValue) throws(FileError) -> SiliconMacro.Converter {
        let keys = try value.section(ConverterKey.self)
        return SiliconMacro.Converter(
            count: try keys[.count].wholeNumber(to: Self.countMax),
            bits: try keys[.bits].wholeNumber(to: 16), rows: try keys[.rows].wholeNumber(to: 65_536),
            activity: try keys[.activity].number(.from(0, to: 1)),
            areaBits: try keys.optional(.areaBits)?.wholeNumber(to: 16))
    }
}
