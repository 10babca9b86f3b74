import ArgumentParser
import Foundation
import Pipeline
import Quantities
import Vocabulary

/// Which engine measures, and how it is reached.
struct EngineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The engine that runs the models: \(Engines.names.joined(separator: ", ")); the scenario's own "
                + "unless given.",
            valueName: "name"), completion: .list(Engines.names),
        transform: NameText.name("engine", among: Engines.names))
    var engine: String?

    @Option(
        help: ArgumentHelp(
            "The address of an openai or kserve engine: http://host:port, or https, which is verified.",
            valueName: "url"), transform: Self.address)
    var endpoint: String?

    @Option(
        help: ArgumentHelp(
            "Numbers of requests in flight to measure on an endpoint, ascending; 1,2,4,8 unless given.",
            valueName: "n,n"), transform: NumberText.ascending(from: 1, to: 4096))
    var concurrency: [Int]?

    @Option(
        help: ArgumentHelp(
            "The program of a command engine and its first arguments, separated by spaces.",
            valueName: "program"), transform: Self.program)
    var engineCommand: [String]?

    @Option(
        help: "Seconds that a request, or a program beyond its load, may take; 60 unless given.",
        transform: DurationText.duration(in: .seconds, from: 0.001, to: 86_400))
    var engineTimeout: Nanoseconds?

    @Option(
        help: ArgumentHelp(
            "A header that every request to an endpoint carries; may be repeated. No secrets: it is stored.",
            valueName: "name: value"))
    var header: [String] = []

    @Option(
        help: ArgumentHelp(
            "The certificate authorities (PEM) to trust at an https endpoint, instead of the system's.",
            valueName: "file"), completion: .file(), transform: NameText.filled("a file"))
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "A file that holds the bearer token of an endpoint; the token is sent and never stored.",
            valueName: "file"), completion: .file(), transform: NameText.filled("a file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The environment variable that holds the bearer token of an endpoint.", valueName: "variable"),
        transform: NameText.filled("the name of a variable"))
    var tokenEnvironment: String?

    /// nil where the scenario's engine stays.
    var settings: EngineSettings? {
        engine.map {
            var settings = EngineSettings(
                name: $0, url: endpoint, command: engineCommand, concurrency: concurrency,
                timeout: engineTimeout)
            settings.headers = header.isEmpty ? nil : header
            settings.caFile = caFile
            settings.token =
                tokenFile.map { TokenSource.file(path: $0) }
                ?? tokenEnvironment.map { TokenSource.environment(variable: $0) }
            return settings
        }
    }

    /// Whether something was said that only engines that ask a server heed.
    private var saysHowToAsk: Bool {
        !header.isEmpty || caFile != nil || tokenFile != nil || tokenEnvironment != nil
    }

    private static let askingOptions = "--header, --ca-file, --token-file and --token-environment"

    func validate() throws {
        // Here and not as a reading of the option: a refusal of those shows the value, which may be a secret.
        for header in header {
            guard let expected = RequestHeaderRule.expectation(for: header) else { continue }
            throw ValidationError(
                "--header: found \(RequestHeaderRule.shown(header)), expected \(expected)")
        }
        guard tokenFile == nil || tokenEnvironment == nil else {
            throw ValidationError("found both --token-file and --token-environment, expected one of them")
        }
        guard let engine, let place = Engines.place(of: engine) else {
            guard endpoint == nil, concurrency == nil, engineCommand == nil, engineTimeout == nil else {
                throw ValidationError(
                    "--endpoint, --concurrency, --engine-command and --engine-timeout need --engine")
            }
            guard !saysHowToAsk else { throw ValidationError("\(Self.askingOptions) need --engine") }
            return
        }
        if case .endpoint = place {} else { try refuse(Self.askingOptions, for: engine) { saysHowToAsk } }
        switch place {
        case .here:
            try refuse("--endpoint, --concurrency, --engine-command and --engine-timeout", for: engine) {
                endpoint != nil || concurrency != nil || engineCommand != nil || engineTimeout != nil
            }
        case .endpoint:
            guard endpoint != nil else { throw ValidationError("--engine \(engine) needs --endpoint") }
            try refuse("--engine-command", for: engine) { engineCommand != nil }
        case .program:
            guard engineCommand != nil else {
                throw ValidationError("--engine \(engine) needs --engine-command")
            }
            try refuse("--endpoint and --concurrency", for: engine) { endpoint != nil || concurrency != nil }
        }
    }

    private func refuse(_ names: String, for engine: String, where isGiven: () -> Bool) throws {
        if isGiven() {
            throw ValidationError("\(names) have no effect on --engine \(engine): leave them out")
        }
    }

    static let address: OptionReading<String> = { text in
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
        else { throw ValidationError("expected an address such as http://127.0.0.1:8000") }
        return text
    }

    private static let program: OptionReading<[String]> = { text in
        try NameText.filled("a program and its first arguments")(text).split(separator: " ").map(String.init)
    }
}
