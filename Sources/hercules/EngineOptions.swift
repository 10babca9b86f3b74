import ArgumentParser
import Foundation
import Pipeline
import Quantities
import Vocabulary

/// Which engine measures, and how it is reached.
struct EngineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The engine that runs the models: \(Engines.names.joined(separator: ", ")); the scenario's own unless given.",
            valueName: "name"))
    var engine: String?

    @Option(
        help: ArgumentHelp(
            "The address of an openai or kserve engine: http://host:port, or https, which is verified.",
            valueName: "url"))
    var endpoint: String?

    @Option(
        help: ArgumentHelp(
            "Numbers of requests in flight to measure on an endpoint, ascending; 1,2,4,8 unless given.",
            valueName: "n,n"))
    var concurrency: String?

    @Option(
        help: ArgumentHelp(
            "The program of a command engine and its first arguments, separated by spaces.",
            valueName: "program"))
    var engineCommand: String?

    @Option(help: "Seconds that a request, or a program beyond its load, may take; 60 unless given.")
    var engineTimeout: Double?

    @Option(
        help: ArgumentHelp(
            "A header that every request to an endpoint carries; may be repeated. No secrets: it is stored.",
            valueName: "name: value"))
    var header: [String] = []

    @Option(
        help: ArgumentHelp(
            "The certificate authorities (PEM) to trust at an https endpoint, instead of the system's.",
            valueName: "file"))
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "A file that holds the bearer token of an endpoint; the token is sent and never stored.",
            valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The environment variable that holds the bearer token of an endpoint.", valueName: "variable"))
    var tokenEnvironment: String?

    /// nil where the scenario's engine stays.
    var settings: EngineSettings? {
        get throws {
            let server = try serverSettings()
            guard let engine else {
                guard endpoint == nil, concurrency == nil, engineCommand == nil, engineTimeout == nil,
                    server == nil
                else {
                    throw ValidationError(
                        "--endpoint, --concurrency, --engine-command, --engine-timeout, --header, --ca-file, "
                            + "--token-file and --token-environment need --engine")
                }
                return nil
            }
            if server != nil, Engines.names.contains(engine), !Engines.serverNames.contains(engine) {
                throw ValidationError(
                    "--header, --ca-file, --token-file and --token-environment are for engines that ask a "
                        + "server: found '\(engine)', expected "
                        + Engines.serverNames.joined(separator: " or "))
            }
            var settings = EngineSettings(
                name: engine, url: endpoint, command: engineCommand?.split(separator: " ").map(String.init),
                concurrency: try concurrency.map(Self.ascending),
                timeout: try engineTimeout.map(Self.duration))
            settings.headers = server?.headers
            settings.caFile = server?.caFile
            settings.token = server?.token
            return settings
        }
    }

    private struct ServerSettings {
        let headers: [String]?
        let caFile: String?
        let token: TokenSource?
    }

    /// nil where nothing of it was given. A refusal never shows the value of a header, which may be a secret.
    private func serverSettings() throws -> ServerSettings? {
        guard !header.isEmpty || caFile != nil || tokenFile != nil || tokenEnvironment != nil else {
            return nil
        }
        for header in header {
            guard let expected = RequestHeaderRule.expectation(for: header) else { continue }
            throw ValidationError(
                "--header: found \(RequestHeaderRule.shown(header)), expected \(expected)")
        }
        guard tokenFile == nil || tokenEnvironment == nil else {
            throw ValidationError("found both --token-file and --token-environment, expected one of them")
        }
        let token =
            tokenFile.map { TokenSource.file(path: $0) }
            ?? tokenEnvironment.map { TokenSource.environment(variable: $0) }
        return ServerSettings(headers: header.isEmpty ? nil : header, caFile: caFile, token: token)
    }

    private static func ascending(_ text: String) throws -> [Int] {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard numbers.first ?? 0 >= 1, zip(numbers, numbers.dropFirst()).allSatisfy(<),
            numbers.allSatisfy({ $0 <= 4096 })
        else {
            throw ValidationError(
                "--concurrency: found '\(text)', expected ascending whole numbers from 1 to 4096")
        }
        return numbers
    }

    private static func duration(_ seconds: Double) throws -> Nanoseconds {
        guard seconds.isFinite, seconds >= 0.001, seconds <= 86_400 else {
            throw ValidationError(
                "--engine-timeout: found '\(seconds)', expected seconds from 0.001 to 86400")
        }
        return Nanoseconds(seconds: seconds)
    }
}
