import Files
import Vocabulary

/// What a study puts in place of what its scenario says.
enum StudyChanges {
    /// One key with its value.
    struct Change: Sendable {
        let path: [String]
        let value: YAMLValue
        /// Where the study names the key.
        let key: Place

        /// What is said of a fault that the change made: where in the study it lies, and in which key of the
        /// scenario.
        func place(of found: Place, isKey: Bool) -> Place {
            let said = isKey ? key : value.place
            let own = path.joined(separator: ".")
            // What `set` says stands under the scenario's own key.
            let name =
                said.key.hasSuffix(own) && found.key.hasPrefix(own)
                ? said.key + found.key.dropFirst(own.count) : "\(said.key): \(found.key)"
            return Place(file: found.file, line: isKey ? key.line : found.line, key: name)
        }

        /// Whether a fault says that nothing reads this key.
        func isUnknownKey(in error: FileError) -> Bool {
            error.all.contains { if case .unknownKey(key, _) = $0 { true } else { false } }
        }
    }

    /// An axis with the changes that each of its values makes.
    struct Axis: Sendable {
        var axis: StudyAxis
        var values: [[Change]]
    }
}

/// A study, and the scenario of every cell as it is asked for.
public struct ResolvedStudy: Sendable {
    public let study: Study
    private let path: String
    private let scenarioPath: String
    /// The scenario's file with what the study sets in all cells.
    private let document: YAMLTree
    private let common: [StudyChanges.Change]
    private let axes: [StudyChanges.Axis]
    private let reader: ScenarioReader

    init(
        study: Study, path: String, scenarioPath: String, document: YAMLTree, common: [StudyChanges.Change],
        axes: [StudyChanges.Axis], reader: ScenarioReader
    ) {
        self.study = study
        self.path = path
        self.common = common
        self.scenarioPath = scenarioPath
        self.document = document
        self.axes = axes
        self.reader = reader
    }

    /// Whether some axis sets a key of the scenario, or one within it.
    public func varies(_ key: String) -> Bool {
        axes.contains { $0.values.contains { $0.contains { $0.path.first == key } } }
    }

    /// The scenario without any axis.
    public func base() throws(FileError) -> Scenario { try scenario(of: []) }

    /// The scenario of a cell, with everything it refers to.
    public func scenario(ofCell cell: Int) throws(FileError) -> Scenario {
        try scenario(of: study.coordinates(of: cell).enumerated().map { (axis: $0, value: $1) })
    }

    /// The scenario with some axes at some of their values.
    func scenario(of coordinates: [(axis: Int, value: Int)]) throws(FileError) -> Scenario {
        var problems = FileProblems()
        let changes = coordinates.flatMap { axes[$0.axis].values[$0.value] }
        let tree = document.with(changes, in: path, &problems)
        try problems.throwAll()
        do throws(FileError) {
            let document = YAMLValue(file: scenarioPath, tree: tree)
            return try reader.scenario(at: scenarioPath, document: document).scenario
        } catch { throw attributed(error, to: changes + common) }
    }

    /// Says of each fault that lies in what the study sets, by which of its changes.
    private func attributed(_ error: FileError, to changes: [StudyChanges.Change]) -> FileError {
        let all = error.all.map { fault -> FileError in
            let isKey = if case .unknownKey = fault { true } else { false }
            return fault.moved { place in
                guard place.file == path else { return place }
                let made = changes.first { change in
                    let key = change.path.joined(separator: ".")
                    return place.key == key || place.key.hasPrefix(key + ".")
                        || place.key.hasPrefix(key + "[")
                }
                // Unless it lies beside the key, in a section that the change made.
                return (made ?? changes.first)?.place(of: place, isKey: isKey) ?? place
            }
        }
        return all.count == 1 ? all[0] : .several(all)
    }
}

extension YAMLTree {
    /// The tree after changes that a file says; those that cannot be made are noted and left out.
    func with(
        _ changes: [StudyChanges.Change], in file: String, _ problems: inout FileProblems
    ) -> YAMLTree {
        var tree = self
        for change in changes {
            let place = Place(file: file, line: change.value.line, key: change.key.key)
            let changed = problems.reading { () throws(FileError) in
                try tree.putting(change.value.tree, at: change.path, saidAt: place)
            }
            tree = changed ?? tree
        }
        return tree
    }
}
