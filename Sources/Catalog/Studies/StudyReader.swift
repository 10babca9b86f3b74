import Files
import Vocabulary

/// Reads `studies/<name>.yaml` and the scenario whose keys it varies.
struct StudyReader {
    let catalog: Catalog
    let scenarios: ScenarioReader

    private enum Key: String, SectionKey {
        case id, title, scenario, set, axes
    }

    private enum AxisKey: String, SectionKey {
        case name, key, keys, values, settings
    }

    private enum SettingKey: String, SectionKey {
        case label, set
    }

    /// A study computes at most so many cells.
    private static let cellsMax = 10_000
    private static let valuesMax = 1_000

    /// - Throws: everything that is wrong with the study, its scenario, and any value of any axis.
    func study(at path: String) throws(FileError) -> ResolvedStudy {
        let section = try YAMLValue(path: path).section(Key.self)
        let id = FileContents.stem(of: path)
        var problems = FileProblems()
        _ = problems.reading { () throws(FileError) in try section.optional(.id)?.requireName(id) }
        var title = id
        problems.put(section.optional(.title), into: &title) { (value) throws(FileError) in
            try value.text()
        }
        let common = problems.reading { () throws(FileError) in
            try section.optional(.set).map { (value) throws(FileError) in try Self.changes(value) } ?? []
        }
        let axes = problems.reading { () throws(FileError) in try self.axes(section[.axes]) } ?? []
        for clash in Self.clashes(of: axes) { problems.add(clash) }
        let file = problems.reading { () throws(FileError) in try catalog.scenarioPath(section[.scenario]) }
        guard let file, let common else {
            try problems.throwAll()
            throw .missingKey(section.place)
        }
        let plain = try YAMLValue(path: file).tree
        func resolving(_ common: [StudyChanges.Change], _ problems: inout FileProblems) -> ResolvedStudy {
            ResolvedStudy(
                study: Study(
                    id: id, title: title, scenario: FileContents.stem(of: file), axes: axes.map(\.axis)),
                path: path, scenarioPath: file, document: plain.with(common, in: path, &problems),
                common: common, axes: axes, reader: scenarios)
        }
        var resolved = resolving(common, &problems)
        do throws(FileError) {
            _ = try resolved.scenario(of: [])
        } catch {
            problems.add(error)
            // An unknown key would hide what is wrong beside it.
            resolved = resolving(common.filter { !$0.isUnknownKey(in: error) }, &problems)
        }
        for (number, axis) in axes.enumerated() {
            for value in axis.values.indices {
                // Of a fault in the scenario itself, one is heard once.
                _ = problems.reading { () throws(FileError) in
                    try resolved.scenario(of: [(axis: number, value: value)])
                }
            }
        }
        let count = resolved.study.cellCount
        if count > Self.cellsMax {
            let factors = axes.map { "\($0.values.count)" }.joined(separator: " x ")
            problems.add(
                .invalidValue(
                    section.place(of: .axes), found: "\(factors) = \(count) cells",
                    expected: "at most \(Self.cellsMax)"))
        }
        try problems.throwAll()
        return resolved
    }

    // MARK: Axes

    private func axes(_ value: YAMLValue) throws(FileError) -> [StudyChanges.Axis] {
        var problems = FileProblems()
        var axes: [StudyChanges.Axis] = []
        for item in try value.filledList() {
            let axis = problems.reading { () throws(FileError) in try self.axis(item) }
            guard let axis else { continue }
            if axes.contains(where: { $0.axis.name == axis.axis.name }) {
                problems.add(
                    .invalidValue(
                        item.place, found: "a second axis called \(axis.axis.name)",
                        expected: "another `name`"))
            }
            axes.append(axis)
        }
        try problems.throwAll()
        return axes
    }

    private func axis(_ item: YAMLValue) throws(FileError) -> StudyChanges.Axis {
        let section = try item.section(AxisKey.self)
        let (kind, list) = try section.either(.values, .settings)
        if kind == .settings {
            guard section.optional(.key) == nil, section.optional(.keys) == nil else {
                throw .invalidValue(
                    list.place, found: "settings beside key or keys",
                    expected: "settings, which name their keys, or values")
            }
            return try settings(list, name: section[.name].name())
        }
        let keys = try self.keys(section)
        let name = try section.optional(.name)?.name() ?? keys[0].path[keys[0].path.count - 1]
        var problems = FileProblems()
        var axis = StudyChanges.Axis(axis: StudyAxis(name: name, labels: []), values: [])
        var seen: [String: Int] = [:]
        for value in try list.filledList(max: Self.valuesMax) {
            guard let label = value.tree.label, !Self.isEmpty(value) else {
                problems.add(
                    value.refusal(
                        expected: "a value or a list of values; of keys and values, `settings` with labels"))
                continue
            }
            if let first = seen.updateValue(value.line, forKey: value.tree.canonicalText) {
                problems.add(Self.duplicate(value, label, firstLine: first))
            }
            axis.axis.labels.append(label)
            axis.values.append(keys.map { StudyChanges.Change(path: $0.path, value: value, key: $0.place) })
        }
        try problems.throwAll()
        return axis
    }

    private func keys(
        _ section: YAMLSection<AxisKey>
    ) throws(FileError) -> [(path: [String], place: Place)] {
        let (kind, value) = try section.either(.key, .keys)
        let items = kind == .key ? [value] : try value.filledList()
        var keys: [(path: [String], place: Place)] = []
        for item in items {
            let path = try Self.path(item.text(), item)
            keys.append((path, item.place))
        }
        return keys
    }

    private func settings(_ list: YAMLValue, name: String) throws(FileError) -> StudyChanges.Axis {
        var problems = FileProblems()
        var axis = StudyChanges.Axis(axis: StudyAxis(name: name, labels: []), values: [])
        var seen: [String: Int] = [:]
        for item in try list.filledList(max: Self.valuesMax) {
            let setting = problems.reading {
                () throws(FileError) -> (label: String, changes: [StudyChanges.Change]) in
                let section = try item.section(SettingKey.self)
                let value = try section[.label]
                guard let label = value.scalarText, !Self.isEmpty(value) else {
                    throw value.refusal(expected: "what people call this setting")
                }
                return (label, try Self.changes(section[.set]))
            }
            guard let setting else { continue }
            let text = setting.changes.map {
                "\($0.path.joined(separator: ".")): \($0.value.tree.canonicalText)"
            }
            let keys = ["label \(setting.label)", "set \(text.sorted().joined(separator: ", "))"]
            for key in keys {
                if let first = seen.updateValue(item.line, forKey: key) {
                    problems.add(Self.duplicate(item, setting.label, firstLine: first))
                }
            }
            axis.axis.labels.append(setting.label)
            axis.values.append(setting.changes)
        }
        try problems.throwAll()
        return axis
    }

    private static func isEmpty(_ value: YAMLValue) -> Bool {
        guard let text = value.scalarText else { return false }
        return text.allSatisfy(\.isWhitespace) || ["~", "null"].contains(value.plainText)
    }

    private static func duplicate(_ value: YAMLValue, _ label: String, firstLine: Int) -> FileError {
        .invalidValue(
            value.place, found: "\(label) a second time (first in line \(firstLine))",
            expected: "each value once")
    }

    // MARK: Changes

    /// `path.of.a.key: value`, any number of them.
    private static func changes(_ value: YAMLValue) throws(FileError) -> [StudyChanges.Change] {
        var changes: [StudyChanges.Change] = []
        for (name, value) in try value.entries() {
            let path = try path(name, value)
            changes.append(StudyChanges.Change(path: path, value: value, key: value.place))
        }
        return changes
    }

    private static func path(_ text: String, _ value: YAMLValue) throws(FileError) -> [String] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
            throw .invalidValue(
                value.place, found: "the key '\(text)'",
                expected: "keys of a scenario joined by dots, for example replay.dynamics.boot_seconds")
        }
        return parts
    }

    /// Of two axes that set one key, the later would win without a word.
    private static func clashes(of axes: [StudyChanges.Axis]) -> [FileError] {
        var errors: [FileError] = []
        for (index, axis) in axes.enumerated() {
            let earlier = axes[..<index].flatMap { other in
                other.values.flatMap { $0 }.map { (axis: other.axis.name, path: $0.path) }
            }
            for change in axis.values.flatMap({ $0 }) {
                let clash = earlier.first {
                    $0.path.starts(with: change.path) || change.path.starts(with: $0.path)
                }
                guard let clash else { continue }
                let error = FileError.invalidValue(
                    change.key, found: "a key that the axis \(clash.axis) sets, too",
                    expected: "each key on one axis")
                if !errors.contains(error) { errors.append(error) }
            }
        }
        return errors
    }
}
