/// A scenario and the axes along which some of its keys take several values; every combination is a cell.
///
/// Two studies that are equal are the same study, in whichever database file they stand. What a cell comes to
/// depends on much more, which its digest tells.
public struct Study: Hashable, Codable, Sendable {
    /// The name, which is also that of its file.
    public var id: String
    public var title: String
    /// The name of the scenario whose keys vary.
    public var scenario: String
    /// At least one.
    public var axes: [StudyAxis]

    public init(id: String, title: String, scenario: String, axes: [StudyAxis]) {
        self.id = id
        self.title = title
        self.scenario = scenario
        self.axes = axes
    }

    /// How many combinations there are; saturates where they are more than can be counted.
    public var cellCount: Int {
        axes.reduce(1) { count, axis in
            let product = count.multipliedReportingOverflow(by: axis.labels.count)
            return product.overflow ? .max : product.partialValue
        }
    }

    /// Which value a cell has on each axis. The last axis moves fastest.
    public func coordinates(of cell: Int) -> [Int] {
        var rest = cell
        let reversed = axes.reversed().map { axis in
            defer { rest /= axis.labels.count }
            return rest % axis.labels.count
        }
        return reversed.reversed()
    }

    /// The values of a cell as people read them, one for each axis.
    public func labels(of cell: Int) -> [String] {
        zip(axes, coordinates(of: cell)).map { $0.labels[$1] }
    }

    /// A cell in words: `load 2, scarcity few`.
    public func name(of cell: Int) -> String {
        zip(axes, labels(of: cell)).map { "\($0.name) \($1)" }.joined(separator: ", ")
    }
}

/// One thing that a study varies.
public struct StudyAxis: Hashable, Codable, Sendable {
    /// Unique within the study.
    public var name: String
    /// The values as people read them, at least one.
    public var labels: [String]

    public init(name: String, labels: [String]) {
        self.name = name
        self.labels = labels
    }
}
