import Vocabulary

/// Colours that stay apart on light and on dark ground, one list per kind of thing, so that a policy never
/// looks like a model. The same thing has the same colour in every plot of a report.
enum Palette {
    /// The policy that the report is about.
    static let subject = "#2f6fed"
    /// The other policies, in the order they were played.
    private static let others = [
        "#8c98a8", "#e0862f", "#a05cd6", "#d9485f", "#18a39b", "#b59a00", "#7a5c3e", "#5fb0e8",
    ]
    private static let models = [
        "#0f9d78", "#e8713a", "#6f6ad1", "#e0409a", "#78a818", "#d8a400", "#a87440", "#3f8fc4",
    ]
    private static let serverTypes = [
        "#4e79a7", "#a0cbe8", "#f28e2b", "#ffbe7d", "#59a14f", "#8cd17d", "#b6992d", "#f1ce63", "#499894",
        "#86bcb6", "#e15759", "#ff9d9a", "#79706e", "#bab0ac", "#d37295", "#fabfd2", "#b07aa1", "#d4a6c8",
    ]
    /// The median, the 95th and the 99th percentile.
    static let quantiles = ["#5fb0e8", "#2f6fed", "#a05cd6"]
    /// Anything that went wrong.
    static let alarm = "#e5484d"

    /// Low to high, legible under black and under white text.
    static let sequential: JSONValue = [
        [0, "#dbe6f8"], [0.25, "#aecaf4"], [0.5, "#84b0f0"], [0.75, "#3a70cc"], [1, "#173f87"],
    ]

    /// Below and above zero, legible under black text; nothing is white.
    static let diverging: JSONValue = [
        [0, "#e0625f"], [0.25, "#f2b3ad"], [0.5, "#f4f4f4"], [0.75, "#9dc3f2"], [1, "#4c8ae0"],
    ]

    static func policy(_ index: Int) -> String { others[index % others.count] }
    static func model(_ index: Int) -> String { models[index % models.count] }
    static func serverType(_ index: Int) -> String { serverTypes[index % serverTypes.count] }
}

/// The colour of each server type, the same in every plot that is made from the same efficiency table.
struct ServerTypeColours {
    private let indices: [ServerTypeID: Int]

    /// Colours for the types of a table and for others that a plot shows besides.
    init(_ table: EfficiencyTable, with others: [ServerTypeID]) {
        let known = Set(table.entries.map(\.serverType))
        let types = known.sorted() + Set(others).subtracting(known).sorted()
        indices = Dictionary(
            types.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(type: ServerTypeID) -> String { Palette.serverType(indices[type] ?? 0) }
}
