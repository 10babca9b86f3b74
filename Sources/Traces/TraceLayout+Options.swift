import Vocabulary

extension TraceLayout {
    /// The options that a layout fixes; what is not fixed stays as it was.
    package func applied(to options: TraceImportOptions) -> TraceImportOptions {
        var options = options
        switch self {
        case .table, .prometheus: break
        case .azureLLM:
            (options.timeColumn, options.timeFormat, options.loadKind) = ("TIMESTAMP", .iso8601, .arrivals)
            options.tokenColumns = .init(input: "ContextTokens", output: "GeneratedTokens")
        case .vidur:
            (options.timeColumn, options.loadKind) = ("arrived_at", .arrivals)
            options.tokenColumns = .init(input: "num_prefill_tokens", output: "num_decode_tokens")
        case .burstGPT:
            (options.timeColumn, options.loadKind, options.modelColumn) = ("Timestamp", .arrivals, "Model")
            options.tokenColumns = .init(input: "Request tokens", output: "Response tokens")
        case .serveGen: (options.timeColumn, options.loadKind) = ("window_start_s", .rate)
        case .mooncake:
            options.loadKind = .arrivals
            options.tokenColumns = .init(input: "input_length", output: "output_length")
        }
        let isRelative = [.vidur, .burstGPT, .serveGen].contains(self)
        if isRelative, options.timeFormat == .automatic { options.timeFormat = .relativeSeconds }
        return options
    }
}
