import Files
import Vocabulary

/// Reads the `workload` of a serving cluster: what requests look like (classes that are drawn, a file of
/// requests, or recorded clients), and when they come.
enum TokenWorkloadReader {
    private enum Key: String, SectionKey {
        case requests, classes, file, clients, arrivals, concurrency
        case rate = "rate_per_s"
        case burstiness
        case warmUp = "warm_up_s"
        case spread = "spread_s"
    }

    private enum ClientsKey: String, SectionKey {
        case folder
        case from = "from_s"
        case to = "to_s"
    }

    private enum ClassKey: String, SectionKey {
        case name, share, prompt, output, turns
        case shared = "shared_tokens"
        case think = "think_s"
    }

    private static let requestsMax = 100_000_000
    /// Requests of clients are drawn before they are played.
    private static let clientRequestsMax = 5e6

    static func workload(_ value: YAMLValue) throws(FileError) -> TokenWorkload {
        let section = try value.section(Key.self)
        let warmUp = try section.optional(.warmUp)?.number(.from(0, to: 1e7)) ?? 0
        let (kind, content) = try section.only(of: [.classes, .file, .clients], none: "no requests")
        if kind != .file, let spread = section.optional(.spread) {
            throw .invalidValue(
                spread.place, found: "spread_s beside \(kind.rawValue)", expected: "it beside file")
        }
        var workload =
            switch kind {
            case .file: try listed(content, section)
            case .clients: try clients(content, section)
            default: try drawn(content, section)
            }
        workload.warmUpSeconds = warmUp
        try limitSpan(of: workload, section)
        return workload
    }

    // MARK: What requests look like

    private static func drawn(
        _ content: YAMLValue, _ section: YAMLSection<Key>
    ) throws(FileError) -> TokenWorkload {
        let arrivals = try arrivals(section)
        if arrivals == nil { try section.require(.rate, .requests) }
        try section.require(.requests)
        let classes = try self.classes(content)
        let count = try section[.requests].wholeNumber(to: requestsMax)
        guard case .drawn(let rate, let burstiness)? = arrivals else {
            guard let arrivals else { throw .missingKey(section.place(of: .rate)) }
            if case .listed(let times, _) = arrivals, times.count < count {
                throw .invalidValue(
                    section.place(of: .requests), found: "\(count) requests beside \(times.count) arrivals",
                    expected: "at most as many")
            }
            // At one a second where nothing else asks for a rate.
            return TokenWorkload(
                content: .drawn(classes, ratePerSecond: 1, burstiness: 1), count: count, arrivals: arrivals)
        }
        return TokenWorkload(
            content: .drawn(classes, ratePerSecond: rate, burstiness: burstiness), count: count)
    }

    private static func listed(
        _ content: YAMLValue, _ section: YAMLSection<Key>
    ) throws(FileError) -> TokenWorkload {
        let log = try RequestLogReader.log(
            at: try content.path(), spreadSeconds: try section.optional(.spread)?.number(.from(0, to: 1e6)))
        let arrivals = try arrivals(section)
        guard log.hasArrivals || arrivals != nil else {
            throw .invalidValue(
                content.place, found: "requests without times of arrival (\(log.writer))",
                expected: "rate_per_s, arrivals or concurrency beside it")
        }
        let count = try section.optional(.requests)?.wholeNumber(to: requestsMax) ?? log.requests.count
        if case .listed(let times, _)? = arrivals, times.count < min(count, log.requests.count) {
            throw .invalidValue(
                section.place(of: .arrivals),
                found: "\(times.count) arrivals beside \(min(count, log.requests.count)) requests",
                expected: "at least as many, or fewer `requests`")
        }
        return TokenWorkload(
            content: .listed(log.requests, source: try content.text()), count: min(count, log.requests.count),
            arrivals: arrivals ?? .own)
    }

    private static func clients(
        _ content: YAMLValue, _ section: YAMLSection<Key>
    ) throws(FileError) -> TokenWorkload {
        for unused in [Key.burstiness, .arrivals, .concurrency] {
            guard let value = section.optional(unused) else { continue }
            throw .invalidValue(
                value.place, found: "\(unused.rawValue) beside clients",
                expected: "the clients' own gaps, at rate_per_s where it is given")
        }
        let keys = try content.section(ClientsKey.self)
        let from = try keys.optional(.from)?.number(.from(0, to: 1e9)) ?? 0
        let to = try keys[.to].number(.from(from + 0.001, to: from + TokenWorkload.secondsMax))
        let folder = try keys[.folder]
        var clients = try ServeGenReader(folder: try folder.path(), span: from..<to).clients()
        var expected = clients.reduce(0) { $0 + $1.meanRequests }
        if let value = section.optional(.rate) {
            let factor = try value.number(.from(1e-6, to: 1e6)) * (to - from) / expected
            expected *= factor
            for client in clients.indices {
                for window in clients[client].windows.indices {
                    clients[client].windows[window].ratePerSecond *= factor
                }
            }
        }
        guard expected <= clientRequestsMax else {
            throw .invalidValue(
                content.place, found: "about \(Int(expected)) requests",
                expected: "at most \(Int(clientRequestsMax)): a shorter span, or a lower rate_per_s")
        }
        let count = try section.optional(.requests)?.wholeNumber(to: requestsMax) ?? requestsMax
        return TokenWorkload(
            content: .clients(clients, source: try folder.text()), count: count)
    }

    static func classes(_ value: YAMLValue) throws(FileError) -> [TokenWorkload.Class] {
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

    // MARK: When they come

    /// nil where no key says it.
    private static func arrivals(
        _ section: YAMLSection<Key>
    ) throws(FileError) -> TokenWorkload.Arrivals? {
        let given = [Key.rate, .arrivals, .concurrency].filter { section.optional($0) != nil }
        guard given.count <= 1 else {
            throw .invalidValue(
                section.place(of: given[1]), found: "\(given[1].rawValue) beside \(given[0].rawValue)",
                expected: "one of rate_per_s, arrivals, concurrency")
        }
        if let burstiness = section.optional(.burstiness), given.first != .rate {
            throw .invalidValue(
                burstiness.place, found: "burstiness without rate_per_s", expected: "it beside rate_per_s")
        }
        switch given.first {
        case .rate:
            return .drawn(
                ratePerSecond: try section[.rate].number(.from(1e-6, to: 1e6)),
                burstiness: try section.optional(.burstiness)?.number(.from(0.05, to: 20)) ?? 1)
        case .arrivals:
            let value = try section[.arrivals]
            let requests = try RequestLogReader.requests(at: try value.path())
            return .listed(requests.map(\.arrival), source: try value.text())
        case .concurrency:
            return .closed(clients: try section[.concurrency].wholeNumber(to: 1_000_000))
        default: return nil
        }
    }

    private static func limitSpan(
        of workload: TokenWorkload, _ section: YAMLSection<Key>
    ) throws(FileError) {
        let rate: Double
        switch (workload.content, workload.arrivals) {
        case (.drawn(_, let own, _), .own): rate = own
        case (_, .drawn(let drawn, _)): rate = drawn
        default: return
        }
        guard Double(workload.count) / rate <= TokenWorkload.secondsMax else {
            throw .invalidValue(
                section.place(of: .rate),
                found: "\(workload.count) requests in \(Int(Double(workload.count) / rate)) s",
                expected: "at most \(Int(TokenWorkload.secondsMax)) s, which is 57 days")
        }
    }
}
