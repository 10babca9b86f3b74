import Foundation
import Quantities

/// How the numbers of one column are shown to people: one unit and one number of decimals for all of them,
/// chosen by the largest, so that they compare at a glance.
package struct ColumnFormat: Hashable, Sendable {
    /// The unit for the head of the column; nil where there is none or where each cell carries it.
    package let headUnit: String?
    private let cellSuffix: String
    private let scale: Double
    private let decimals: Int
    private let isPlain: Bool

    /// The format for cells of a kind, given the numbers that will be shown.
    ///
    /// - Parameter kilowattsFrom: The watts from which power is shown in kilowatts.
    package init(kind: Table.Kind, numbers: some Sequence<Double>, kilowattsFrom: Double = 10_000) {
        let magnitudes = numbers.filter { $0.isFinite && $0 != 0 }.map(abs)
        let largest = magnitudes.max() ?? 0
        let (unit, scale) = Self.unit(for: kind, largest: largest, kilowattsFrom: kilowattsFrom)
        self.scale = scale
        isPlain = kind == .plain
        let isPercentage = kind == .fraction || kind == .gap
        cellSuffix = isPercentage ? " %" : ""
        headUnit = isPercentage ? nil : unit
        switch kind {
        case .text, .tag, .plain: decimals = 0
        // Whole counts show none; a mean of counts has one.
        case .count: decimals = 1
        case .fraction: decimals = 1
        case .gap: decimals = 3
        case .power where unit == "W": decimals = Self.decimals(for: largest * scale, wholeFrom: 100)
        case .power, .energy, .rate, .milliseconds:
            decimals = Self.decimals(for: largest * scale, wholeFrom: 1000)
        case .queriesPerJoule:
            // Models differ by orders of magnitude; the least efficient keeps two digits.
            let smallest = Self.decimals(for: magnitudes.min() ?? 0, wholeFrom: 10)
            decimals = max(Self.decimals(for: largest, wholeFrom: 1000), min(smallest, 3))
        }
    }

    /// The format of a column of a table.
    package init(of table: Table, column: Int) {
        self.init(
            kind: table.columns[column].kind,
            numbers: table.rows.compactMap { row in
                if case .number(let value) = row[column] { value } else { nil }
            })
    }

    /// The text of a cell; nil where the value is missing.
    package func text(of cell: Table.Cell) -> String? {
        switch cell {
        case .text(let text): text
        case .integer(let value) where isPlain: "\(value)"
        case .number(let value) where isPlain: value.isFinite ? Self.plain(value) : nil
        case .integer(let value): Double(value).fixed(decimals: 0)
        case .number(let value): value.isFinite ? (value * scale).fixed(decimals: decimals) + cellSuffix : nil
        case .missing: nil
        }
    }

    /// As many digits as people compare; a whole part keeps all of its own. JSON and CSV do not round.
    private static func plain(_ value: Double) -> String {
        let wholeDigits = abs(value) < 1 ? 0 : Int(Foundation.log10(abs(value))) + 1
        return "\(value.rounded(significantDigits: max(plainDigits, wholeDigits)))"
    }

    private static let plainDigits = 6

    /// A number in the unit of the head.
    package func scaled(_ value: Double) -> Double { value * scale }

    private static func unit(for kind: Table.Kind, largest: Double, kilowattsFrom: Double) -> (
        name: String?, scale: Double
    ) {
        switch kind {
        case .fraction, .gap: ("%", 100)
        case .power where largest >= 10_000_000: ("MW", 1e-6)
        case .power where largest >= kilowattsFrom: ("kW", 1e-3)
        case .energy where largest >= 3.6e10: ("MWh", 1 / 3.6e9)
        case .energy where largest >= 3.6e5: ("kWh", 1 / 3.6e6)
        case .energy where largest >= 3.6e3: ("Wh", 1 / 3.6e3)
        default: (kind.unit, 1)
        }
    }

    /// About four significant digits for the largest number of a column.
    private static func decimals(for largest: Double, wholeFrom limit: Double) -> Int {
        switch largest {
        case limit...: 0
        case (limit / 100)...: 1
        case (limit / 1000)...: 2
        default: 3
        }
    }
}
