/// Shapes of trace files that people already have.
public enum TraceLayout: String, Hashable, Sendable, CaseIterable {
    /// A CSV with a time column and columns of loads, read as the other options say.
    case table
    /// Azure's public traces of language models: `TIMESTAMP,ContextTokens,GeneratedTokens`, a row a request.
    case azureLLM = "azure_llm"
    /// Vidur: `arrived_at` in seconds since the start, a row a request.
    case vidur
    /// BurstGPT: `Timestamp` in seconds since the start, a row a request.
    case burstGPT = "burstgpt"
    /// ServeGen: `window_start_s` and rates in requests per second.
    case serveGen = "servegen"
    /// Mooncake: a JSON object a line, `timestamp` in milliseconds since the start, a line a request.
    case mooncake
    /// The answer of a Prometheus range query: one or several series of rates per second.
    case prometheus
}

/// What may be said of how a trace is read, by the names that options have.
public enum TraceSaying: String, Hashable, Sendable, CaseIterable {
    case timeColumn = "time-column"
    case timeFormat = "time-format"
    case timeZone = "time-zone"
    case loadKind = "load-kind"
    case modelColumn = "model-column"
    case sumSeries = "sum-series"
    case gaps
    case gapRowsMax = "gap-rows-max"
}

extension TraceLayout {
    /// What the layout leaves no choice in, so that saying it has no effect.
    public var fixed: Set<TraceSaying> {
        switch self {
        case .table: []
        case .azureLLM: [.timeColumn, .timeFormat, .loadKind, .sumSeries, .gaps, .gapRowsMax]
        case .vidur, .mooncake:
            [.timeColumn, .timeZone, .loadKind, .modelColumn, .sumSeries, .gaps, .gapRowsMax]
        case .burstGPT: [.timeColumn, .timeZone, .loadKind, .modelColumn, .sumSeries, .gaps, .gapRowsMax]
        case .serveGen: [.timeColumn, .timeZone, .loadKind, .modelColumn]
        case .prometheus: [.timeColumn, .timeFormat, .timeZone, .modelColumn]
        }
    }
}

extension TraceImportOptions {
    /// The first of what was said that has no effect, with why; nil where everything has one.
    public func saidInVain(_ said: Set<TraceSaying>) -> (saying: TraceSaying, reason: String)? {
        let ordered = TraceSaying.allCases.filter(said.contains)
        if let fixed = ordered.first(where: layout.fixed.contains) {
            return (fixed, "the layout \(layout.rawValue) leaves no choice in it")
        }
        let arrivals: Set<TraceSaying> = [.gaps, .gapRowsMax, .sumSeries]
        if loadKind == .arrivals, let first = ordered.first(where: arrivals.contains) {
            return (first, "a time without arrivals is one of no load")
        }
        if layout == .prometheus, loadKind == .arrivals {
            return (.loadKind, "the layout prometheus has series of loads, not arrivals")
        }
        if sumsSeries, modelColumn != nil {
            return (.modelColumn, "all series are summed")
        }
        return nil
    }
}
