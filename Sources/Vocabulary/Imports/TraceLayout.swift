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
