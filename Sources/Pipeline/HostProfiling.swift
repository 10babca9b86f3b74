import Foundation
import Profiling
import Vocabulary

extension Workbench {
    /// Where generated ONNX files are kept, relative to the working directory.
    static let modelsDirectory = ".hercules/models"

    /// A meter belongs to a machine, not to a scenario, so the environment names it.
    static var powerPlaces: PowerSource.Places {
        let command = ProcessInfo.processInfo.environment["HERCULES_POWER_COMMAND"] ?? ""
        return PowerSource.Places(command: command.isEmpty ? nil : command)
    }

    /// A profiler of this machine with the scenario's engine.
    /// - Throws: `ProfilingError.notInstalled` where the engine is missing.
    public func hostProfiler() throws -> HostProfiler {
        let engine = try Engines.make(
            scenario.profile.engine ?? Engines.standard, modelsDirectory: Self.modelsDirectory,
            seed: scenario.seed, cacheBytes: Int(HostProbe().lastLevelCache.value))
        return try HostProfiler(engine: engine, toolVersion: toolVersion, power: Self.powerPlaces)
    }
}

extension SearchStage.Summary {
    /// - Throws: `PipelineError.notProfiled` where models on this machine were left out for want of
    ///   measurements.
    public func requireProfiled(on bench: Workbench) throws {
        guard let type = bench.thisHost, !notProfiled.isEmpty else { return }
        throw PipelineError.notProfiled(models: notProfiled, serverType: type.id)
    }
}
