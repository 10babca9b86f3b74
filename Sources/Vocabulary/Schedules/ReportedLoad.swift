/// How a figure of somebody else was taken, as far as its source says.
///
/// Others publish a rate and the load it was taken under, not M, O and D. What is not said stays nil: no
/// thread or batch is made up for it.
public struct ReportedLoad: Hashable, Codable, Sendable {
    /// Requests in flight.
    public var concurrency: Double?
    /// Items in a request.
    public var requestItems: Int?
    /// Accelerators that took part.
    public var devices: Int?
    public var parallelism: String?
    public var precision: String?
    /// Tokens of a request on average; nil where the source does not say.
    public var inputTokens: Double?
    public var outputTokens: Double?
    /// Whom the figure is from.
    public var source: String?
    /// Whether the user measured it, rather than somebody who published it.
    public var isOwn: Bool
    /// What the stated rate was multiplied by; nil where it counts as it stands.
    public var derating: Double?

    public init(
        concurrency: Double? = nil, requestItems: Int? = nil, devices: Int? = nil, parallelism: String? = nil,
        precision: String? = nil, inputTokens: Double? = nil, outputTokens: Double? = nil,
        source: String? = nil, isOwn: Bool = false, derating: Double? = nil
    ) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.concurrency = concurrency
        self.requestItems = requestItems
        self.devices = devices
        self.parallelism = parallelism
        self.precision = precision
        self.source = source
        self.isOwn = isOwn
        self.derating = derating
    }
}

extension ReportedLoad: Comparable, CustomStringConvertible {
    /// In one line, without anything that is not known.
    public var description: String {
        var parts = [isOwn ? "own figure" : "as published"]
        if let concurrency { parts.append("\(Self.short(concurrency)) in flight") }
        if let requestItems { parts.append("\(requestItems) items a request") }
        if let devices { parts.append("\(devices) device\(devices == 1 ? "" : "s")") }
        if let inputTokens { parts.append("\(Self.short(inputTokens)) tokens in") }
        if let outputTokens { parts.append("\(Self.short(outputTokens)) tokens out") }
        if let parallelism { parts.append(parallelism) }
        if let precision { parts.append(precision) }
        if let derating { parts.append("x \(Self.short(derating))") }
        return parts.joined(separator: ", ")
    }

    private static func short(_ number: Double) -> String {
        let rounded = (number * 100).rounded() / 100
        return Int(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
    }

    public static func < (left: ReportedLoad, right: ReportedLoad) -> Bool {
        left.order.lexicographicallyPrecedes(right.order)
    }

    /// Own figures first; equal texts only of equal loads.
    private var order: [String] {
        func padded(_ number: Double?) -> String {
            guard let number else { return "" }
            let text = "\(Int64(max(0, min(number, 1e15)) * 1000))"
            return String(repeating: "0", count: max(0, 19 - text.count)) + text
        }
        return [
            isOwn ? "0" : "1", padded(concurrency), padded(requestItems.map(Double.init)),
            padded(devices.map(Double.init)), parallelism ?? "", precision ?? "", source ?? "",
            padded(derating), padded(inputTokens), padded(outputTokens), "\(concurrency ?? -1)",
            "\(derating ?? -1)", "\(inputTokens ?? -1)", "\(outputTokens ?? -1)",
        ]
    }
}
