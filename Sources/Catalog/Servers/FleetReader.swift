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
        return Fleet(id: name, counts: try counts(section[.servers], known: known))
    }

    /// Numbers of servers by type, each type named.
    static func counts(
        _ value: YAMLValue, known: [String]
    ) throws(FileError) -> [ServerTypeID: Int] {
        var counts: [ServerTypeID: Int] = [:]
        var problems = FileProblems()
        for (type, value) in try value.entries() {
            guard known.contains(type) else {
                problems.add(.unknownName(value.place, kind: "a server type", found: type, known: known))
                continue
            }
            counts[ServerTypeID(type)] = problems.reading { () throws(FileError) in
                try value.wholeNumber(to: 10_000_000)
            }
        }
        try problems.throwAll()
        return counts
    }
}
