import Files
import Vocabulary

/// Reads what may be lost at once, as `plan` and `replay` of a scenario say it.
enum SurvivalReader {
    /// - Parameters:
    ///   - value: `server`, `type` or `rack`; nil for nothing.
    ///   - rackServers: needed beside `rack`, and refused elsewhere.
    ///   - missing: the place of the key that `rack` needs.
    static func survival(
        _ value: YAMLValue?, rackServers: YAMLValue?, missing: Place
    ) throws(FileError) -> PlanConstraints.Survival? {
        let kind = try value?.choice(of: ["server", "type", "rack"])
        if kind != "rack", let rackServers {
            throw rackServers.refusal(expected: "nothing where no rack is to be survived")
        }
        switch kind {
        case "server": return .anyServer
        case "type": return .anyType
        case "rack":
            guard let rackServers else { throw .missingKey(missing) }
            return .anyRack(servers: try rackServers.wholeNumber())
        default: return nil
        }
    }
}
