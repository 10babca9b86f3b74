import ArgumentParser
import Foundation
import Pipeline
import Vocabulary

/// Which engine measures, and how it is reached.
struct EngineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The engine that runs the models: \(Engines.names.joined(separator: ", ")); the scenario's own unless given.",
            valueName: "name"))
    var engine: String?

    /// nil where the scenario's engine stays.
    var settings: EngineSettings? {
        get throws {
            guard let engine else { return nil }
            return EngineSettings(name: engine)
        }
    }
}
