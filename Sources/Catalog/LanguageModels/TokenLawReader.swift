import Files
import Vocabulary

/// Reads `llm/laws/<name>.yaml`: fitted times of an engine's steps by device and tensor parallelism, as
/// `hercules llm laws` writes them.
enum TokenLawReader {
    private enum Key: String, SectionKey { case id, source, laws }

    private enum LawKey: String, SectionKey {
        case device, backend, rows, error
        case tensorParallel = "tensor_parallel"
        case fixed = "step_ms"
        case sequence = "sequence_us"
        case context = "context_ns"
        case prompt = "prompt_us"
        case leftOut = "left_out_error"
        case leftOutP90 = "left_out_error_p90"
    }

    static func laws(at path: String) throws(FileError) -> [TokenLaw] {
        let section = try YAMLValue(path: path).section(Key.self)
        try section.require(.id, .source, .laws)
        try section[.id].requireName(FileContents.stem(of: path))
        let source = try section[.source].text()
        var laws: [TokenLaw] = []
        for item in try section[.laws].filledList(max: 1000) {
            let law = try law(item, source: source)
            guard
                !laws.contains(where: { $0.device == law.device && $0.tensorParallel == law.tensorParallel })
            else {
                throw .invalidValue(
                    item.place,
                    found: "\(law.device) with tensor_parallel \(law.tensorParallel) a second time",
                    expected: "each device and tensor_parallel once")
            }
            laws.append(law)
        }
        return laws
    }

    private static func law(_ value: YAMLValue, source: String) throws(FileError) -> TokenLaw {
        let keys = try value.section(LawKey.self)
        try keys.require(
            .device, .backend, .tensorParallel, .rows, .fixed, .sequence, .context, .prompt, .error, .leftOut,
            .leftOutP90)
        func number(_ key: LawKey, _ unit: Double) throws(FileError) -> Double {
            try keys[key].number(.from(0, to: 1e9)) * unit
        }
        return TokenLaw(
            device: try keys[.device].name(), tensorParallel: try keys[.tensorParallel].wholeNumber(to: 64),
            backend: try keys[.backend].text(),
            times: TokenLaw.Times(
                fixed: try number(.fixed, 1e-3), sequence: try number(.sequence, 1e-6),
                context: try number(.context, 1e-9), prompt: try number(.prompt, 1e-6)),
            residuals: TokenLaw.Residuals(
                rows: try keys[.rows].wholeNumber(to: 1_000_000), error: try number(.error, 1),
                leftOut: try number(.leftOut, 1), leftOutP90: try number(.leftOutP90, 1)),
            source: source)
    }
}
