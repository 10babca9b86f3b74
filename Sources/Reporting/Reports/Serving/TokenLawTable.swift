import Vocabulary

/// Fitted times of engines' steps and how well each fits.
public struct TokenLawTable: TableDocument {
    /// A group of measured rows.
    public struct Row: Sendable {
        package let model: String
        package let backend: String
        package let precision: String
        package let device: String
        package let tensorParallel: Int
        package let rowsFound: Int
        /// nil where too few rows are of a steady state.
        package let law: TokenLaw?

        public init(
            model: String, backend: String, precision: String, device: String, tensorParallel: Int,
            rowsFound: Int, law: TokenLaw?
        ) {
            self.model = model
            self.backend = backend
            self.precision = precision
            self.device = device
            self.tensorParallel = tensorParallel
            self.rowsFound = rowsFound
            self.law = law
        }
    }

    private let rows: [Row]

    public init(_ rows: [Row]) { self.rows = rows }

    public var table: Table {
        Table(
            caption: "Times of steps, fitted to measured times of output tokens",
            columns: [
                Table.Column("model", "model", .text), Table.Column("backend", "backend", .text),
                Table.Column("precision", "precision", .text), Table.Column("device", "device", .text),
                Table.Column("tensorParallel", "tensor parallel", .count),
                Table.Column("rows", "rows", .count),
                Table.Column("rowsUsed", "used", .count), Table.Column("stepMs", "step (ms)", .plain),
                Table.Column("sequenceUs", "sequence (us)", .plain),
                Table.Column("contextNs", "context (ns)", .plain),
                Table.Column("promptUs", "prompt (us)", .plain), Table.Column("error", "error", .fraction),
                Table.Column("leftOutError", "left out", .fraction),
                Table.Column("leftOutErrorP90", "p90", .fraction), Table.Column("verdict", "verdict", .text),
            ],
            rows: rows.map { row in
                let own: [Table.Cell] = [
                    .text(row.model), .text(row.backend), .text(row.precision), .text(row.device),
                    .integer(row.tensorParallel), .integer(row.rowsFound),
                ]
                guard let law = row.law else {
                    return own + Array(repeating: .missing, count: 8) + [.text("too few rows")]
                }
                func cell(_ seconds: Double, _ unit: Double) -> Table.Cell {
                    .number((seconds / unit).rounded(significantDigits: 4))
                }
                return own + [
                    .integer(law.residuals.rows), cell(law.times.fixed, 1e-3), cell(law.times.sequence, 1e-6),
                    cell(law.times.context, 1e-9), cell(law.times.prompt, 1e-6),
                    .number(law.residuals.error), .number(law.residuals.leftOut),
                    .number(law.residuals.leftOutP90),
                    .text(law.residuals.isTrusted ? "trusted" : "refused"),
                ]
            })
    }
}

/// Fitted times of steps as a file of the catalogue.
public struct TokenLawDocument {
    /// How every such file begins.
    public static let beginning = "# Written by hercules llm laws."

    private let id: String
    private let source: String
    private let laws: [TokenLaw]

    public init(id: String, source: String, laws: [TokenLaw]) {
        self.id = id
        self.source = source
        self.laws = laws
    }

    public var text: String {
        func number(_ value: Double) -> String { "\(value.rounded(significantDigits: 6))" }
        var lines = [
            Self.beginning, "id: \(id)", "source: \"\(source)\"", "laws:",
        ]
        for law in laws {
            let times = law.times
            let residuals = law.residuals
            lines += [
                "  - device: \(law.device)", "    tensor_parallel: \(law.tensorParallel)",
                "    backend: \"\(law.backend)\"", "    step_ms: \(number(times.fixed * 1e3))",
                "    sequence_us: \(number(times.sequence * 1e6))",
                "    context_ns: \(number(times.context * 1e9))",
                "    prompt_us: \(number(times.prompt * 1e6))", "    rows: \(residuals.rows)",
                "    error: \(number(residuals.error))", "    left_out_error: \(number(residuals.leftOut))",
                "    left_out_error_p90: \(number(residuals.leftOutP90))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
