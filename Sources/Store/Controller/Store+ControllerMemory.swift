import GRDB
import Vocabulary

/// What a controller's engine had come to after a tick, as JSON.
public struct StoredControlMemory: Hashable, Sendable {
    public let tick: Int
    /// Of all that decides how the engine goes on.
    public let setup: ContentDigest
    public let text: String

    public init(tick: Int, setup: ContentDigest, text: String) {
        self.tick = tick
        self.setup = setup
        self.text = text
    }
}

extension Store {
    /// Keeps a memory in the place of the one before. It is tied to the link of the chain that is the last
    /// now: with another past it is worth nothing.
    public func saveControllerMemory(_ memory: StoredControlMemory) throws(StoreError) {
        try write { database in
            guard let (position, link) = try ControllerChain(database: database).last() else { return }
            try database.execute(sql: "DELETE FROM controller_memory")
            try database.insert(
                into: "controller_memory",
                [
                    ("tick", memory.tick), ("setup_digest", memory.setup.hexadecimal),
                    ("chain_position", position), ("chain_digest", link),
                    ("memory_digest", ContentDigest(ofText: memory.text).hexadecimal),
                    ("memory_json", memory.text),
                ])
        }
    }

    /// The memory of a setup; nil where there is none, it is not what was saved, or it belongs to another
    /// past.
    public func controllerMemory(setup: ContentDigest) throws(StoreError) -> StoredControlMemory? {
        try read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT controller_memory.* FROM controller_memory JOIN controller_chain
                        ON position = chain_position AND digest = chain_digest
                    WHERE setup_digest = ?
                    """, arguments: [setup.hexadecimal])
            guard let row else { return nil }
            let text: String = row["memory_json"]
            guard ContentDigest(ofText: text).hexadecimal == row["memory_digest"] else { return nil }
            return StoredControlMemory(tick: row["tick"], setup: setup, text: text)
        }
    }
}
