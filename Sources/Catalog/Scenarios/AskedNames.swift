import Files
import Vocabulary

/// Names that loads are given for beside those of models: tasks and pipelines.
enum AskedNames {
    /// Reads what stands under names of its own, in the order of the file.
    ///
    /// - Parameters:
    ///   - models: of the scenario, whose names are taken.
    ///   - read: of one entry, by its name.
    /// - Throws: everything that is wrong with any of the entries.
    static func entries<Read>(
        _ value: YAMLValue, beside models: [Model],
        read: (String, YAMLValue) throws(FileError) -> Read
    ) throws(FileError) -> [Read] {
        var found: [Read] = []
        var problems = FileProblems()
        for (name, value) in try value.entries() {
            let one = problems.reading { () throws(FileError) in
                guard NameRule.allows(name), !models.contains(where: { $0.id.name == name }) else {
                    throw .invalidValue(
                        value.place, found: "the name \(name)",
                        expected:
                            "a name that is no model's, of lower-case letters, digits, '-', '_', '.'")
                }
                return try read(name, value)
            }
            if let one { found.append(one) }
        }
        try problems.throwAll()
        return found
    }
}
