import Vocabulary

extension TraceLayout {
    /// The options that a layout fixes; what is not fixed stays as it was.
    func applied(to options: TraceImportOptions) -> TraceImportOptions {
        var options = options
        switch self {
        case .table, .prometheus: break
        case .azureLLM:
            (options.timeColumn, options.timeFormat, options.loadKind) = ("TIMESTAMP", .iso8601, .arrivals)
        case .vidur:
            (options.timeColumn, options.timeFormat, options.loadKind) = (
                "arrived_at", .relativeSeconds, .arrivals
            )
        case .burstGPT:
            (options.timeColumn, options.timeFormat, options.loadKind) = (
                "Timestamp", .relativeSeconds, .arrivals
            )
        case .serveGen:
            (options.timeColumn, options.timeFormat, options.loadKind) = (
                "window_start_s", .relativeSeconds, .rate
            )
        case .mooncake: options.loadKind = .arrivals
        }
        return options
    }
}
