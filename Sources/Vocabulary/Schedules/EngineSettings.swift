import Quantities

/// Which engine measures models, and how it is reached.
public struct EngineSettings: Hashable, Codable, Sendable {
    /// One of the engines that are built in, for example `openvino`.
    public var name: String
    /// The address of an engine that is asked over HTTP.
    public var url: String?
    /// The program, and the arguments before the engine's own, of an engine that is a program.
    public var command: [String]?
    /// Numbers of requests in flight to measure, ascending, for an engine that schedules for itself.
    public var concurrency: [Int]?
    /// How long one request or one run of a program may take beyond what it was asked for.
    public var timeout: Nanoseconds?

    public init(
        name: String, url: String? = nil, command: [String]? = nil, concurrency: [Int]? = nil,
        timeout: Nanoseconds? = nil
    ) {
        self.name = name
        self.url = url
        self.command = command
        self.concurrency = concurrency
        self.timeout = timeout
    }
}
