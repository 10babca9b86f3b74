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

    @Option(help: ArgumentHelp("The address of an openai or kserve engine.", valueName: "http://host:port"))
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

    /// nil where the scenario's engine stays.
    var settings: EngineSettings? {
        get throws {
            guard let engine else {
                guard endpoint == nil, concurrency == nil, engineCommand == nil, engineTimeout == nil else {
                    throw ValidationError(
                        "--endpoint, --concurrency, --engine-command and --engine-timeout need --engine")
                }
                return nil
            }
            return EngineSettings(
                name: engine, url: endpoint, command: engineCommand?.split(separator: " ").map(String.init),
                concurrency: try concurrency.map(Self.ascending),
                timeout: try engineTimeout.map(Self.duration))
        }
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
