import Catalog
import Files
import Foundation
import Quantities
import ServerModels
import Vocabulary

/// Runs of recommendation models on Triton Inference Server, from the tables of NVIDIA/DeepLearningExamples
/// (Apache-2.0): one request of a whole batch in flight, and the time that the server computed.
///
/// Not taken are rows of 22 billion parameters, whose larger tables were pooled by the host, and rows under
/// several requests at once.
struct TritonTables {
    /// A software stack as the tables name it.
    struct Stack: Sendable {
        let name: String
        let title: String
        let precision: SoftwareStack.Precision
        /// As the tables write backend, accelerator and precision.
        let backend: String
        let accelerator: String
        let format: String
        /// Cards that are predicted, never fitted to.
        let unseen: Set<String>

        // A T4 is kept to see what a fit is worth. Beside an A100 an A30 takes four to five times as long for
        // DLRM in either format, where peak and bandwidth say two: lookups by the host would do that, and how
        // many tables it held is not published.
        static let all = [
            Stack(
                name: "tensorrt-fp16", title: "TensorRT, FP16", precision: .fp16,
                backend: "NVIDIA TensorRT", accelerator: "-", format: "FP16",
                unseen: ["T4"]),
            Stack(
                name: "tensorflow-fp16", title: "TensorFlow, automatic mixed precision", precision: .fp16,
                backend: "TensorFlow", accelerator: "Automatic FP16", format: "FP32",
                unseen: ["T4"]),
            Stack(
                name: "ensemble-fp16", title: "TensorFlow lookups and TensorRT, FP16", precision: .fp16,
                backend: "TensorFlow + NVIDIA TensorRT", accelerator: "-", format: "FP16",
                unseen: ["A30"]),
            Stack(
                name: "ensemble-fp32",
                title: "TensorFlow lookups and TensorRT, FP32 (TF32 where a card has it)", precision: .tf32,
                backend: "TensorFlow + NVIDIA TensorRT", accelerator: "-", format: "FP32",
                unseen: ["A30"]),
        ]
    }

    private struct Card {
        let label: String
        let device: String
        /// What reaches the device of its slot's rate, by the generation of PCIe; the catalogue's assumption.
        let hostLink: Double
    }

    private static let cards = [
        "NVIDIA DGX A100 (1x A100 80GB)": Card(label: "A100", device: "a100-sxm4-80gb", hostLink: 24e9),
        "NVIDIA A30": Card(label: "A30", device: "a30", hostLink: 24e9),
        "NVIDIA DGX-1 (1x V100 32GB)": Card(label: "V100", device: "tesla-v100-sxm2-32gb", hostLink: 12e9),
        "NVIDIA T4": Card(label: "T4", device: "tesla-t4", hostLink: 12e9),
    ]

    private struct Row {
        let device: String
        let model: String
        let backend: String
        let accelerator: String
        let format: String
        let items: Int
        let seconds: Double

        /// nil for a row that is not taken.
        init?(_ cells: [String: String]) {
            func text(_ name: String) -> String { cells[name] ?? "" }
            guard text("source").contains("Recommendation"), Double(text("concurrency")) == 1,
                text("section").hasPrefix("Offline"), !text("model_size").hasPrefix("22B"),
                let items = Double(text("batch")), let milliseconds = Double(text("compute_infer_ms")),
                milliseconds > 0
            else { return nil }
            device = text("gpu")
            model = text("model_arch").isEmpty ? "Wide&Deep" : text("model_arch")
            backend = text("backend")
            accelerator = text("accel")
            format = text("precision")
            self.items = Int(items)
            seconds = milliseconds / 1000
        }
    }

    private static let columnNames = [
        "source", "section", "gpu", "backend", "accel", "precision", "model_arch", "model_size", "batch",
        "concurrency", "compute_infer_ms",
    ]

    private let rows: [Row]
    private let accelerators: [String: CatalogDevice]

    init(path: String, catalog: Catalog) throws {
        var rows: [Row] = []
        var reader = try CSVReader.open(path: path)
        var columns: [String: Int] = [:]
        for name in Self.columnNames { columns[name] = try reader.column(named: name) }
        while try reader.next() {
            var cells: [String: String] = [:]
            for (name, index) in columns { cells[name] = reader.text(index) }
            if let row = Row(cells) { rows.append(row) }
        }
        self.rows = rows
        accelerators = try Self.cards.mapValues { try catalog.device(.accelerator, $0.device) }
    }

    /// The runs of a stack. An engine pads a batch to the sizes that it was built for, so only powers of two
    /// are runs of as many items as they say.
    func runs(of stack: Stack) -> [StackCalibration.Run] {
        rows.compactMap { row in
            guard row.backend == stack.backend, stack.accelerator == row.accelerator,
                stack.format == row.format, row.items.nonzeroBitCount == 1, let card = Self.cards[row.device],
                let device = accelerators[row.device], let costs = Self.costs[row.model],
                let peak = stack.precision.peaks.compactMap({ device[$0] }).first,
                let bandwidth = device[.bandwidth], let memory = device[.memory]
            else { return nil }
            return StackCalibration.Run(
                device: card.label, model: row.model,
                accelerator: Accelerator(
                    name: device.title, count: 1, peak: FlopsPerSecond(peak * 1e12),
                    memory: Bytes(memory * 1_073_741_824), bandwidth: BytesPerSecond(bandwidth * 1e9),
                    hostLink: BytesPerSecond(card.hostLink), launchOverhead: Nanoseconds(10_000)),
                costs: costs, items: row.items, seconds: row.seconds)
        }
    }

    // MARK: - The three models, as their pages describe them

    /// DLRM and DCNv2 on Criteo: 13 numbers, 26 tables of 128 floats, 4 billion parameters; 512-256-128
    /// below, 1024-1024-512-256-1 above. DLRM joins them by dot products, DCNv2 by three cross layers of
    /// rank 512. Wide & Deep on Outbrain: 13 numbers, tables of 976 floats in all, five layers of 1024.
    private static let costs: [String: OperatorCosts] = {
        let bottom = layers(13, [512, 256, 128])
        let joined = 27 * 128
        let dots = 27 * 26 / 2
        let dlrm = bottom + layers(128 + dots, [1024, 1024, 512, 256, 1])
        let cross = 3 * (2 * joined * 512 + joined)
        let dcn = bottom + cross + layers(joined, [1024, 1024, 512, 256, 1])
        let wide = layers(13 + 976, [1024, 1024, 1024, 1024, 1024, 1])
        return [
            "DLRM": OperatorCosts(
                rows: 26, rowFloats: 26 * 128, denseInputWidth: 13,
                flopsPerItem: 2 * Double(dlrm) + 2 * Double(27 * 27 * 128), weights: dlrm, tableFloats: 4e9,
                gatherOperators: 26, denseOperators: 18),
            "DCNv2": OperatorCosts(
                rows: 26, rowFloats: 26 * 128, denseInputWidth: 13, flopsPerItem: 2 * Double(dcn),
                weights: dcn, tableFloats: 4e9, gatherOperators: 26, denseOperators: 26),
            "Wide&Deep": OperatorCosts(
                rows: 26, rowFloats: 976 + 13, denseInputWidth: 13, flopsPerItem: 2 * Double(wide),
                weights: wide, tableFloats: 8.5e7, gatherOperators: 26, denseOperators: 13),
        ]
    }()

    private static func layers(_ input: Int, _ widths: [Int]) -> Int {
        zip([input] + widths, widths).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
    }
}
