import Files
import Vocabulary

/// Reads the `workload` of a serving cluster: classes of requests that are drawn, or a file of requests.
enum TokenWorkloadReader {
    private enum Key: String, SectionKey {
        case requests, classes, file
        case rate = "rate_per_s"
        case burstiness
        case warmUp = "warm_up_s"
        case spread = "spread_s"
    }

    private enum ClassKey: String, SectionKey {
        case name, share, prompt, output, turns
        case shared = "shared_tokens"
        case think = "think_s"
    }

    private static let requestsMax = 100_000_000

    static func workload(_ value: YAMLValue) throws(FileError) -> TokenWorkload {
        let section = try value.section(Key.self)
        let warmUp = try section.optional(.warmUp)?.number(.from(0, to: 1e7)) ?? 0
        let (key, content) = try section.either(.classes, .file)
        if key == .file {
            for unused in [Key.rate, .burstiness] {
                guard let value = section.optional(unused) else { continue }
                throw .invalidValue(
                    value.place, found: "\(unused.rawValue) beside file",
                    expected: "the file's own arrivals, or classes")
            }
            let requests = try RequestLogReader.requests(
                at: try content.path(),
                spreadSeconds: try section.optional(.spread)?.number(.from(0, to: 1e6)))
            let count = try section.optional(.requests)?.wholeNumber(to: requestsMax) ?? requests.count
            return TokenWorkload(
                content: .listed(requests, source: try content.text()), count: count, warmUpSeconds: warmUp)
        }
        if let spread = section.optional(.spread) {
            throw .invalidValue(spread.place, found: "spread_s beside classes", expected: "it beside file")
        }
        try section.require(.rate, .requests)
        let rate = try section[.rate].number(.from(1e-6, to: 1e6))
        let burstiness = try section.optional(.burstiness)?.number(.from(0.05, to: 20)) ?? 1
        let classes = try self.classes(content)
        let count = try section[.requests].wholeNumber(to: requestsMax)
        guard Double(count) / rate <= TokenWorkload.secondsMax else {
            throw .invalidValue(
                section.place(of: .rate), found: "\(count) requests in \(Int(Double(count) / rate)) s",
                expected: "at most \(Int(TokenWorkload.secondsMax)) s, which is 57 days")
        }
        return TokenWorkload(
            content: .drawn(classes, ratePerSecond: rate, burstiness: burstiness), count: count,
            warmUpSeconds: warmUp)
    }

    private static func classes(_ value: YAMLValue) throws(FileError) -> [TokenWorkload.Class] {
        var classes: [TokenWorkload.Class] = []
        for item in try value.filledList(max: 64) {
            let section = try item.section(ClassKey.self)
            try section.require(.name, .prompt, .output)
            let name = try section[.name].name()
            guard !classes.contains(where: { $0.name == name }) else {
                throw .invalidValue(
                    section.place(of: .name), found: "\(name) a second time", expected: "a name of its own")
            }
            var part = TokenWorkload.Class(
                name: name, prompt: try ServedModelReader.counts(try section[.prompt]),
                output: try ServedModelReader.counts(try section[.output]))
            part.share = try section.optional(.share)?.number(.positiveFraction) ?? 1
            part.sharedTokens = try section.optional(.shared)?.wholeNumber(from: 0, to: 10_000_000) ?? 0
            if let turns = section.optional(.turns) { part.turns = try ServedModelReader.counts(turns) }
            part.thinkSeconds = try section.optional(.think)?.number(.from(0, to: 1e6)) ?? 0
            classes.append(part)
        }
        let sum = classes.reduce(0) { $0 + $1.share }
        guard abs(sum - 1) < 1e-6 else {
            throw .invalidValue(value.place, found: "shares that add up to \(sum)", expected: "a sum of 1")
        }
        return classes
    }
}
