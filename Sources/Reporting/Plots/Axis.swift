/// Parts of plotly.js layouts and traces that several plots share.
enum Axis {
    /// A colour of the page, which differs between light and dark.
    static func themeColour(_ name: String) -> JSONValue { ["$theme": .string(name)] }

    /// A linear axis from zero with its title.
    static func fromZero(_ title: String) -> JSONValue {
        ["title": ["text": .string(title)], "rangemode": "tozero"]
    }

    /// A linear axis of percentages from zero; values are given in percent.
    static func percentFromZero(_ title: String) -> JSONValue {
        ["title": ["text": .string(title)], "rangemode": "tozero", "ticksuffix": " %"]
    }

    /// An axis of names in the given order.
    static func names(_ title: String, _ names: [String]) -> JSONValue {
        [
            "title": ["text": .string(title)], "type": "category", "categoryorder": "array",
            "categoryarray": .strings(names), "showgrid": false,
        ]
    }

    /// An axis of whole numbers that are few, each with its own tick.
    static func wholeNumbers(_ title: String, _ values: [Int]) -> JSONValue {
        names(title, values.map(String.init))
    }
}
