import Vocabulary

/// How the load of one model is asked for.
enum LoadQuery: Hashable, Sendable {
    /// A counter of queries: its raw samples are read, and the load is worked out here. For example
    /// `requests_total{model="rm1"}`.
    case counter(String)
    /// A load in queries/s that somebody else works out, for example a recording rule.
    /// - companion: the counter that it rests on, whose samples tell age and completeness; nil where the
    ///   expression is itself the name of a series.
    case expression(String, companion: String?)

    /// Refuses what would lie: a query that answers 0 where nothing is known, and a rate whose age nobody can
    /// tell.
    ///
    /// - Parameter trustsAnyway: whether the operator takes that upon himself.
    init(
        counter: String?, expression: String?, companion: String?, trustsAnyway: Bool, model: ModelID
    ) throws(LoadQueryError) {
        switch (counter, expression) {
        case (let counter?, nil):
            guard Self.isSelector(counter) else {
                throw LoadQueryError(
                    model: model, found: counter,
                    expected: "a series selector such as requests_total{model=\"a\"}")
            }
            self = .counter(counter)
        case (nil, let expression?):
            if !trustsAnyway { try Self.check(expression, companion, model) }
            if let companion, !Self.isSelector(companion) {
                throw LoadQueryError(model: model, found: companion, expected: "a series selector")
            }
            self = .expression(expression, companion: companion)
        default:
            throw LoadQueryError(
                model: model, found: counter == nil ? "neither" : "both",
                expected: "one of counter and expression")
        }
    }

    private static func check(_ expression: String, _ companion: String?, _ model: ModelID)
        throws(LoadQueryError)
    {
        let plain = expression.lowercased().filter { !$0.isWhitespace }
        guard !plain.contains("orvector(") && !plain.contains("absent(") else {
            throw LoadQueryError(
                model: model, found: "an expression that answers a number where there is no data",
                expected: "no such fallback, or trust: anyway")
        }
        if companion == nil, !isSelector(expression) {
            throw LoadQueryError(
                model: model, found: "an expression whose samples nobody can look at",
                expected: "the name of a series, a companion counter, or trust: anyway")
        }
    }

    /// Whether a text is the selector of a series, without a range: a name, labels in braces, or both.
    static func isSelector(_ text: String) -> Bool {
        var rest = text[...]
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        if let first = name.first, first.isNumber { return false }
        rest = rest.dropFirst(name.count)
        if rest.isEmpty { return !name.isEmpty }
        guard rest.first == "{", rest.last == "}", rest.count > 2 || !name.isEmpty else { return false }
        var (quote, isEscaped): (Character?, Bool) = (nil, false)
        for character in rest.dropFirst().dropLast() {
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                }
            } else if character == "\"" || character == "'" || character == "`" {
                quote = character
            } else if "{}[]()".contains(character) {
                return false
            }
        }
        return quote == nil
    }

    /// The queries that answer it, over a window.
    func queries(windowSeconds: Double) -> [String] {
        // A range has a unit and no fraction.
        let milliseconds = Int((min(max(windowSeconds, 0.001), 1e8) * 1000).rounded())
        let window = milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
        switch self {
        case .counter(let selector): return ["\(selector)[\(window)]"]
        case .expression(let expression, let companion):
            let series = companion ?? expression
            // Without a step of its own a subquery takes the rules' interval, often a minute, and ages so.
            return [
                expression, "min(max_over_time(timestamp(\(series))[\(window):1s]))",
                "min(count_over_time(\(series)[\(window)]))",
            ]
        }
    }
}

/// A query that is refused when it is read.
struct LoadQueryError: Error, Hashable, Sendable, CustomStringConvertible {
    let model: ModelID
    let found: String
    let expected: String

    var description: String { "load of \(model): found \(found), expected \(expected)" }
}
