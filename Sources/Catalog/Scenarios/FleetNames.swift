import Files
import Vocabulary

/// The models and server types that a scenario's sections may name.
struct FleetNames {
    /// The models by the names they go by in the file.
    let models: [(name: String, id: ModelID)]
    let serverTypes: [ServerTypeID]

    /// `model: {type: servers}`.
    func allocation(_ value: YAMLValue?) throws(FileError) -> Allocation {
        var allocation = Allocation()
        guard let value else { return allocation }
        for (name, shares) in try value.entries() {
            let model = try model(name, shares)
            for (type, count) in try shares.entries() {
                allocation[model, try self.type(type, count)] = try count.wholeNumber(from: 0)
            }
        }
        return allocation
    }

    func model(_ name: String, _ value: YAMLValue) throws(FileError) -> ModelID {
        guard let found = models.first(where: { $0.name == name }) else {
            throw .unknownName(
                value.place, kind: "one of this scenario's models", found: name, known: models.map(\.name))
        }
        return found.id
    }

    func type(_ name: String, _ value: YAMLValue) throws(FileError) -> ServerTypeID {
        guard let found = serverTypes.first(where: { $0.name == name }) else {
            throw .unknownName(
                value.place, kind: "a server type of the fleet", found: name, known: serverTypes.map(\.name))
        }
        return found
    }
}
