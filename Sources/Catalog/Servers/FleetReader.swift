import Files
import Vocabulary

/// Reads `fleets/<name>.yaml`.
enum FleetReader {
    private enum Key: String, SectionKey {
        case id, servers
    }

    /// - Parameter known: the names of the server types there are.
    static func fleet(at path: String, name: String, known: [String]) throws(FileError) -> Fleet {
        let section = try YAMLValue(path: path).section(Key.self)
        try section[.id].requireName(name)
        var counts: [ServerTypeID: Int] = [:]
        for (type, value) in try section[.servers].entries() {
            guard known.contains(type) else {
                throw .unknownName(value.place, kind: "a server type", found: type, known: known)
            }
            counts[ServerTypeID(type)] = try value.wholeNumber(to: 10_000_000)
        }
        return Fleet(id: name, counts: counts)
    }
}
