import ArgumentParser
import Store

/// Which rows of a table to show.
struct RowOptions: ParsableArguments {
    @Option(helpWithDefault: "Show at most this many rows; 0 for all.", transform: NumberText.whole(from: 0))
    var limit = 40

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Show only rows with this value in this column; != < <= > >= may stand for the =.",
            valueName: "column=value"), transform: RowText.condition)
    var conditions: [RowSelection.Condition] = []

    @Option(
        help: ArgumentHelp(
            "Order by this column first; `--sort=-column` from the highest down.", valueName: "column"),
        transform: RowText.order)
    var sort: RowText.Order?

    /// nil for all.
    var limitOrAll: Int? { limit == 0 ? nil : limit }

    var selection: RowSelection {
        var selection = RowSelection()
        selection.conditions = conditions
        selection.order = sort?.column
        selection.isDescending = sort?.isDescending ?? false
        return selection
    }
}

/// Reads which rows to show and in which order. Whether there is such a column, only the database knows.
enum RowText {
    /// By which column rows are ordered.
    struct Order: Hashable, Sendable {
        let column: String
        let isDescending: Bool
    }

    static let condition: OptionReading<RowSelection.Condition> = { text in
        guard let condition = RowSelection.Condition(text) else {
            throw ValidationError("expected column=value, or != < <= > >= in place of the =")
        }
        return condition
    }

    static let order: OptionReading<Order> = { text in
        let isDescending = text.hasPrefix("-")
        let column = try NameText.column(isDescending ? String(text.dropFirst()) : text)
        return Order(column: column, isDescending: isDescending)
    }
}
