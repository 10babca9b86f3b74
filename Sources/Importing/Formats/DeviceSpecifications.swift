import Quantities
import Vocabulary

/// Datasheet limits of devices: TDP in watts, peak rates in TFLOPS, memory in gigabytes. Rows become limits
/// that figures are checked against. `NaN`, `unk` and empty cells stand for "not known".
struct DeviceSpecifications: TableImporter {
    let kind = "devices"
    let title = "device specifications (TDP, TFLOPS, memory): the limits that figures are checked against"
    let source: String? = "mlco2/impact"
    let licence: String? = "MIT"
    let columns = ["name", "type", "tdp_watts", "TFLOPS32", " TFLOPS16", "memory"]
    let optionalColumns = ["source", "idle_watts"]
    let givesFigures = false

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        guard let power = try cells.positiveNumber("tdp_watts") else {
            throw cells.refusal("tdp_watts", expected: "a number above 0")
        }
        var limit = HardwareLimit(
            line: cells.line, name: try cells.requiredText("name"), kind: try cells.requiredText("type"),
            maximumPower: Watts(power))
        limit.idlePower = try cells.number("idle_watts").map { Watts($0) }
        limit.singlePeak = try Self.known(cells, "TFLOPS32").map { FlopsPerSecond($0 * 1e12) }
        limit.halfPeak = try Self.known(cells, " TFLOPS16").map { FlopsPerSecond($0 * 1e12) }
        limit.memory = try Self.known(cells, "memory").map { Bytes($0 * 1e9) }
        limit.source = cells.text("source")
        // No device of these years computes a petaflop in single precision: a point is missing in such a
        // figure.
        if let peak = limit.singlePeak, peak.value > 1e15 {
            throw cells.refusal("TFLOPS32", expected: "at most 1000 TFLOPS")
        }
        return .hardware(limit)
    }

    private static func known(_ cells: ImportCells, _ column: String) throws(RowRefusal) -> Double? {
        if let text = cells.text(column)?.lowercased(), text == "nan" || text == "unk" { return nil }
        return try cells.positiveNumber(column)
    }
}
