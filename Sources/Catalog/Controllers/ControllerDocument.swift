import Quantities
import Vocabulary

/// What a file of `controller/` says: how a live fleet is watched, and how far its controller may go.
public struct ControllerDocument: Hashable, Sendable {
    /// Where loads come from.
    public enum Input: Hashable, Sendable {
        /// The scenario's own trace, from its beginning, again and again: to try things out.
        case trace
        case prometheus(Prometheus)
        /// Clients push counters to the controller.
        case push
    }

    /// How a Prometheus is reached. Secrets stand in files, never here.
    public struct Prometheus: Hashable, Sendable {
        public var url: String
        public var bearerFile: String?
        public var basicUser: String?
        public var basicPasswordFile: String?
        public var caFile: String?
        public var certificate: String?
        public var key: String?
        public var headers: [String: String] = [:]
        public var deadlineSeconds = 10.0
    }

    /// How one model's load is found and when it is believed.
    public struct ModelInput: Hashable, Sendable {
        public var counter: String?
        public var expression: String?
        public var companion: String?
        public var trustsAnyway = false
        public var scrapeSeconds: Double?
        public var windowSeconds = 60.0
        public var staleScrapes = 3.0
        public var completeShare = 0.9
        public var seriesMax: Int?
        public var skewSeconds = 5.0
        public var delaySeconds = 0.0

        public init() {}
    }

    /// The least and the most servers.
    public struct Bounds: Hashable, Sendable {
        public var min: Int?
        public var max: Int?

        public init(min: Int? = nil, max: Int? = nil) {
            self.min = min
            self.max = max
        }
    }

    /// How much one decision may change.
    public struct Limits: Hashable, Sendable {
        public var startsShare = 0.5
        public var startsLeast = 4
        public var stopsShare = 0.1
        public var stopsLeast = 1
        public var windowStopsShare = 0.3
        public var window = Nanoseconds(seconds: 600)
        public var stopWindow = Nanoseconds(seconds: 300)
        public var fleet = Bounds()
        public var watts: Double?
        public var models: [ModelID: Bounds] = [:]
        public var pairs: [ModelOnServer: Bounds] = [:]

        public init() {}
    }

    /// Where the interface listens.
    public struct Interface: Hashable, Sendable {
        public var listen = "127.0.0.1:8640"
        public var names: [String] = []
        public var certificate: String?
        public var key: String?
        public var tokens: String?

        public init() {}
    }

    /// Who is told of alarms. Secrets stand in files, never here.
    public struct Alarms: Hashable, Sendable {
        public var webhook: String
        public var bearerFile: String?
        public var caFile: String?

        public init(webhook: String) { self.webhook = webhook }
    }

    /// How far the controller goes.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        case observe, advisory, approve, active
    }

    /// What a model falls back on that has been held for half an hour.
    public enum FailSafe: String, Hashable, Sendable, CaseIterable {
        case keep, seasonal, peak
    }

    public var id: String
    public var title: String
    /// The path of the scenario's file.
    public var scenarioPath: String
    public var mode = Mode.advisory
    public var interval = Nanoseconds(seconds: 60)
    public var input: Input
    public var models: [ModelID: ModelInput] = [:]
    public var limits = Limits()
    public var failSafe = FailSafe.keep
    public var interface = Interface()
    public var alarms: Alarms?
    /// The path of the database; nil for that of the command line.
    public var database: String?
    /// Days that the past is kept.
    public var retentionDays = 90
    /// The policy that stands for what runs today.
    public var baseline = "reactive"

    package init(id: String, title: String, scenarioPath: String, input: Input) {
        self.id = id
        self.title = title
        self.scenarioPath = scenarioPath
        self.input = input
    }
}
