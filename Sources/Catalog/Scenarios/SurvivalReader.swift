import Files
import Vocabulary

/// Reads what may be lost at once, as `plan` and `replay` of a scenario say it.
enum SurvivalReader {
    /// - Parameters:
    ///   - value: `server`, `servers`, `servers_of_one_type`, `type` or `rack`; nil for nothing.
    ///   - rackServers: needed beside `rack`, and refused elsewhere; with the place of its key.
    ///   - lostServers: the same beside `servers` and `servers_of_one_type`.
    static func survival(
        _ value: YAMLValue?, rackServers: (value: YAMLValue?, place: Place),
        lostServers: (value: YAMLValue?, place: Place)
    ) throws(FileError) -> PlanConstraints.Survival? {
        let kind = try value?.choice(of: ["server", "servers", "servers_of_one_type", "type", "rack"])
        if kind != "rack", let rackServers = rackServers.value {
            throw rackServers.refusal(expected: "nothing where no rack is to be survived")
        }
        let isCounted = kind == "servers" || kind == "servers_of_one_type"
        if !isCounted, let lostServers = lostServers.value {
            throw lostServers.refusal(expected: "nothing where no number of servers is to be survived")
        }
        switch kind {
        case "server": return .anyServer
        case "type": return .anyType
        case "rack":
            guard let servers = rackServers.value else { throw .missingKey(rackServers.place) }
            return .anyRack(servers: try servers.wholeNumber())
        case "servers", "servers_of_one_type":
            guard let servers = lostServers.value else { throw .missingKey(lostServers.place) }
            let count = try servers.wholeNumber(to: 1_000_000)
            return kind == "servers" ? .anyServers(count) : .anyServersOfOneType(count)
        default: return nil
        }
    }
}
