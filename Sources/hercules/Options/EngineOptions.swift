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
            valueName: "name"), transform: NameText.name("engine", among: Engines.names))
    var engine: String?

    @Option(
        help: ArgumentHelp("The address of an openai or kserve engine.", valueName: "http://host:port"),
        transform: Self.address)
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

    /// nil where the scenario's engine stays.
    var settings: EngineSettings? {
        engine.map {
            EngineSettings(
                name: $0, url: endpoint, command: engineCommand, concurrency: concurrency,
                timeout: engineTimeout)
        }
    }

    func validate() throws {
        guard let engine, let place = Engines.place(of: engine) else {
            guard endpoint == nil, concurrency == nil, engineCommand == nil, engineTimeout == nil else {
                throw ValidationError(
                    "--endpoint, --concurrency, --engine-command and --engine-timeout need --engine")
            }
            return
        }
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

    private static let address: OptionReading<String> = { text in
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
        else { throw ValidationError("expected an address such as http://127.0.0.1:8000") }
        return text
    }

    private static let program: OptionReading<[String]> = { text in
        try NameText.filled("a program and its first arguments")(text).split(separator: " ").map(String.init)
    }
}
