import Files
import Quantities
import Vocabulary

/// Zeus' training runs under power caps: a cap and average watts of one device, and seconds per epoch. They
/// are of training, so that only the shape of the curves carries over. The device stands in the file's name.
struct ZeusPowerCaps: TableImporter {
    let kind = "zeus"
    let title = "Zeus power-cap summaries (summary_power_DEVICE.csv)"
    let source: String? = "ml-energy/zeus"
    let licence: String? = "Apache-2.0"
    let columns = [
        "dataset", "network", "batch_size", "optimizer", "power_limit", "time_per_epoch", "average_power",
    ]

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.requiredText("network"), server: Self.device(of: input.path))
        figure.devices = 1
        figure.detail = ["dataset", "optimizer"].compactMap(cells.text).joined(separator: " ")
        figure.batch = try cells.count("batch_size")
        guard let seconds = try cells.positiveNumber("time_per_epoch") else {
            throw cells.refusal("time_per_epoch", expected: "a number above 0")
        }
        figure.throughput = 1 / seconds
        figure.throughputUnit = .epochs
        figure.powerLimit = try cells.positiveNumber("power_limit").map { Watts($0) }
        figure.power = Watts(try cells.requiredNumber("average_power"))
        figure.powerScope = .device
        figure.powerProvenance = .metered
        return .figure(figure)
    }

    private static func device(of path: String) -> String {
        let stem = FileContents.stem(of: path)
        return stem.split(separator: "_").last.map(String.init) ?? stem
    }
}
