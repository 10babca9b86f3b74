import Foundation
import Profiling

extension PowerSource.Places {
    /// A meter belongs to a machine, not to a scenario, so the environment names it.
    static var ofEnvironment: PowerSource.Places {
        let command = ProcessInfo.processInfo.environment["HERCULES_POWER_COMMAND"] ?? ""
        return PowerSource.Places(command: command.isEmpty ? nil : command)
    }
}
