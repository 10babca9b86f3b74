import Foundation
import Vocabulary

/// Area, delay and energy of a macro from its gates, beside what its paper reports.
///
/// Costs of gates are those that ZigZag-IMC (KULeuven-MICAS, BSD-3; Houshmand et al., JSSC 2023) fits to
/// 28 nm macros: a NAND2 has 0.614 um2, 0.0478 ns and 0.7 fF; an XOR2 2.4, 2.4 and 1.5 times that; a
/// flip-flop 6 times the area and 3 times the capacitance. A full adder is 3 NAND2 and 2 XOR2. Area and
/// energy of logic are scaled linearly to other nodes.
public struct MacroSilicon: Sendable {
    public let macro: SiliconMacro

    public init(_ macro: SiliconMacro) { self.macro = macro }

    private static let gateArea = 0.614e-6
    private static let gateDelay = 0.0478
    private static let gateCapacitance = 0.7
    private static let xorFactor = (area: 2.4, delay: 2.4, capacitance: 1.5)
    private static let flipFlopFactor = (area: 6.0, capacitance: 3.0)
    private static let adderArea = gateArea * (3 + 2 * xorFactor.area)
    private static let adderCapacitance = gateCapacitance * (3 + 2 * xorFactor.capacitance)
    private static let inputToSum = 2 * xorFactor.delay * gateDelay
    private static let inputToCarry = (xorFactor.delay + 2) * gateDelay
    private static let carryToCarry = 2 * gateDelay

    /// Area, delay and energy, and how far each is from what was reported.
    public struct Figures: Hashable, Sendable {
        public let squareMillimetres: Double
        public let nanoseconds: Double
        public let picojoulesPerMAC: Double

        /// |model / reported - 1|; nil where nothing comparable was reported.
        public func mismatch(with macro: SiliconMacro) -> (area: Double, delay: Double, energy: Double?) {
            (
                abs(squareMillimetres / macro.reportedSquareMillimetres - 1),
                abs(nanoseconds * macro.reportedMegahertz / 1000 - 1),
                macro.isEnergyComparable
                    ? abs(picojoulesPerMAC * macro.reportedTeraoperationsPerWatt / 2 - 1) : nil
            )
        }
    }

    /// Full adders of a tree that sums n inputs of p bits: n (p + 1) - (p + log2 n + 1).
    static func adders(inputs: Int, bits: Int) -> Double {
        Double(inputs * (bits + 1) - (bits + depth(inputs) + 1))
    }

    private static func depth(_ inputs: Int) -> Int { Int(log2(Double(inputs)).rounded()) }

    /// The longest way through a tree: sums down to its last adder, and that one's carries.
    private static func delay(ofTree inputs: Int, bits: Int) -> Double {
        let last = bits + depth(inputs) - 1
        return Double(depth(inputs) - 1) * inputToSum + inputToCarry + Double(last - 1) * carryToCarry
    }

    public var figures: Figures {
        let scale = macro.nanometres / 28
        let volts = macro.volts * macro.volts
        var (area, energy) = (0.0, 0.0)
        for block in macro.blocks {
            let number = Double(block.count)
            switch block.kind {
            case .multipliers(let bits):
                area += number * Double(bits) * Self.gateArea
                // Weights stand still, so that half of a gate's inputs switch.
                energy += block.activity * number * Double(bits) * Self.gateCapacitance / 2 * volts
            case .adderTree(let inputs, let bits):
                let adders = Self.adders(inputs: inputs, bits: bits) * number
                area += adders * Self.adderArea
                energy += block.activity * adders * Self.adderCapacitance * volts
            case .adder(let bits):
                area += number * Double(bits) * Self.adderArea
                energy += block.activity * number * Double(bits) * Self.adderCapacitance * volts
            case .registers(let bits):
                area += number * Double(bits) * Self.gateArea * Self.flipFlopFactor.area
                energy +=
                    block.activity * number * Double(bits) * Self.gateCapacitance
                    * Self.flipFlopFactor.capacitance * volts
            case .bitLines(let cells):
                energy += block.activity * number * Double(cells) * Self.gateCapacitance / 2 * volts
            case .cells(let squareMillimetres): area += number * squareMillimetres
            case .squareMicrometres(let squareMicrometres): area += number * squareMicrometres * 1e-6
            }
        }
        area *= scale
        energy *= scale
        if let converter = macro.converter {
            area += Double(converter.count) * Self.squareMillimetres(converter) * scale
            // What a conversion takes does not shrink with the node.
            energy +=
                converter.activity * Double(converter.count) * Self.femtofarads(converter) * volts
        }
        return Figures(
            squareMillimetres: area, nanoseconds: delay,
            picojoulesPerMAC: energy * macro.cyclesPerResult / macro.macsPerResult / 1000)
    }

    private var delay: Double {
        macro.path.reduce(0) { sum, part in
            switch part {
            case .multiplier: sum + Self.gateDelay
            case .adderTree(let inputs, let bits): sum + Self.delay(ofTree: inputs, bits: bits)
            case .sum: sum + Self.inputToSum
            case .carries(let count): sum + Double(count) * Self.carryToCarry
            case .adder(let bits): sum + Self.inputToCarry + Double(bits - 1) * Self.carryToCarry
            case .converter: sum + (macro.converter.map(Self.nanoseconds) ?? 0)
            }
        }
    }

    /// 10^(1.206 - 0.0369 bits) 2^bits um2.
    private static func squareMillimetres(_ converter: SiliconMacro.Converter) -> Double {
        let bits = Double(converter.areaBits ?? converter.bits)
        return pow(10, 1.206 - 0.0369 * bits) * pow(2, bits) * 1e-6
    }

    /// 100 bits + 0.001 x 4^bits.
    private static func femtofarads(_ converter: SiliconMacro.Converter) -> Double {
        100 * Double(converter.bits) + 0.001 * pow(4, Double(converter.bits))
    }

    /// bits (0.00653 rows + 0.640) ns.
    private static func nanoseconds(_ converter: SiliconMacro.Converter) -> Double {
        let perBit = 0.00653 * Double(converter.rows) + 0.640
        return Double(converter.bits) * perBit
    }
}
