import Foundation

/// A figure of lines as characters, for terminals: a mark for every point, dots between neighbours of a line.
///
/// Figures with anything else, such as bars, areas, names or times, are left to the HTML rendering.
struct TextPlot {
    private struct Line {
        let name: String
        /// Finite points and, in between, nil where a value is missing.
        let points: [(x: Double, y: Double)?]
    }

    /// An axis over its range, linear or logarithmic.
    private struct Scale {
        let lower: Double
        let upper: Double
        let isLogarithmic: Bool
        let title: String

        /// - Parameter layout: plotly.js' of the axis.
        /// - Returns: nil where there is nothing to show.
        init?(_ values: [Double], layout: JSONValue?) {
            isLogarithmic = layout?["type"] == .string("log")
            let shown = isLogarithmic ? values.filter { $0 > 0 } : values
            guard var least = shown.min(), var most = shown.max() else { return nil }
            if !isLogarithmic, layout?["rangemode"] == .string("tozero") {
                (least, most) = (min(0, least), max(0, most))
            }
            if least == most {
                (least, most) = isLogarithmic ? (least / 2, most * 2) : (least - 0.5, most + 0.5)
            }
            (lower, upper) = (least, most)
            var title = ""
            if case .string(let text)? = layout?["title"]?["text"] { title = text }
            if case .string(let suffix)? = layout?["ticksuffix"] { title += suffix }
            self.title = title
        }

        /// 0 at the lower end, 1 at the upper; nil where the axis does not reach.
        func place(of value: Double) -> Double? {
            guard value >= lower, value <= upper else { return nil }
            return isLogarithmic
                ? log(value / lower) / log(upper / lower) : (value - lower) / (upper - lower)
        }

        /// The value at a share of the axis.
        func value(at share: Double) -> Double {
            isLogarithmic ? lower * pow(upper / lower, share) : lower + (upper - lower) * share
        }
    }

    private static let marks: [Character] = ["*", "o", "+", "x", "#", "@", "%", "&"]
    private static let rowCount = 15
    private static let rowsBetweenTicks = 7
    private static let gutter = 9

    private let lines: [Line]
    private let x: Scale
    private let y: Scale

    /// - Returns: nil for a figure that characters cannot show.
    init?(_ figure: Plot.Figure) {
        let lines = figure.traces.compactMap(Self.line)
        guard !lines.isEmpty, lines.count == figure.traces.count, lines.count <= Self.marks.count,
            let x = Scale(lines.flatMap { $0.points.compactMap { $0?.x } }, layout: figure.layout["xaxis"]),
            let y = Scale(lines.flatMap { $0.points.compactMap { $0?.y } }, layout: figure.layout["yaxis"])
        else { return nil }
        (self.lines, self.x, self.y) = (lines, x, y)
    }

    private static func line(_ trace: JSONValue) -> Line? {
        guard trace["type"] == .string("scatter"), trace["stackgroup"] == nil, trace["fill"] == nil,
            let x = trace["x"]?.numbersOrGaps, let y = trace["y"]?.numbersOrGaps, x.count == y.count
        else { return nil }
        var name = ""
        if case .string(let text)? = trace["name"] { name = text }
        return Line(
            name: name,
            points: zip(x, y).map { x, y in
                guard let x, let y else { return nil }
                return (x, y)
            })
    }

    /// Rows of at most the given width, a legend last.
    func rows(width: Int) -> [String] {
        let columns = max(20, min(width, 100) - Self.gutter - 2)
        var cells = [[Character]](
            repeating: [Character](repeating: " ", count: columns), count: Self.rowCount)
        for line in lines { connect(line, &cells) }
        // Marks of the first line are on top.
        for (line, mark) in zip(lines, Self.marks).reversed() {
            for place in line.points.compactMap({ $0.flatMap { self.cell($0, columns) } }) {
                cells[place.row][place.column] = mark
            }
        }
        var rows = y.title.isEmpty ? [] : [TextLayout.padded(y.title, to: Self.gutter, rightAligned: true)]
        for (index, row) in cells.enumerated() {
            let isTick = index % Self.rowsBetweenTicks == 0
            let share = 1 - Double(index) / Double(Self.rowCount - 1)
            let tick = isTick ? y.value(at: share).short() : ""
            let label = TextLayout.padded(tick, to: Self.gutter, rightAligned: true)
            rows.append("\(label) \(isTick ? "+" : "|")\(String(row))")
        }
        rows.append(
            String(repeating: " ", count: Self.gutter) + " +" + String(repeating: "-", count: columns))
        rows.append(ticks(columns))
        let legend = zip(lines, Self.marks).map { "\($1) \($0.name)" }.joined(separator: "   ")
        rows.append(
            TextLayout.wrapped(
                String(repeating: " ", count: Self.gutter + 2) + legend, width: width,
                hangingIndent: Self.gutter + 2, keepsLeadingSpaces: true))
        return rows.map(TextLayout.trimmedAtEnd)
    }

    private func ticks(_ columns: Int) -> String {
        let texts = [0, 0.5, 1].map { x.value(at: $0).short() }
        let middle = columns / 2 - texts[1].count / 2
        var row = texts[0]
        row += String(repeating: " ", count: max(1, middle - row.count)) + texts[1]
        let last = texts[2] + (x.title.isEmpty ? "" : " \(x.title)")
        row += String(repeating: " ", count: max(1, columns - row.count - last.count)) + last
        return String(repeating: " ", count: Self.gutter + 2) + row
    }

    private func cell(_ point: (x: Double, y: Double), _ columns: Int) -> (row: Int, column: Int)? {
        guard let across = x.place(of: point.x), let up = y.place(of: point.y) else { return nil }
        return (
            Int(((1 - up) * Double(Self.rowCount - 1)).rounded()),
            Int((across * Double(columns - 1)).rounded())
        )
    }

    private func connect(_ line: Line, _ cells: inout [[Character]]) {
        let columns = cells[0].count
        for (left, right) in zip(line.points, line.points.dropFirst()) {
            guard let left, let right, let from = cell(left, columns), let to = cell(right, columns) else {
                continue
            }
            let steps = max(abs(from.row - to.row), abs(from.column - to.column))
            guard steps > 1 else { continue }
            for step in 1..<steps {
                let share = Double(step) / Double(steps)
                let row = Int((Double(from.row) + Double(to.row - from.row) * share).rounded())
                let column = Int((Double(from.column) + Double(to.column - from.column) * share).rounded())
                cells[row][column] = "."
            }
        }
    }
}

extension JSONValue {
    /// A member of an object.
    fileprivate subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// The numbers of an array, nil for what is missing; nil where anything else is in it.
    fileprivate var numbersOrGaps: [Double?]? {
        guard case .array(let elements) = self else { return nil }
        var numbers: [Double?] = []
        numbers.reserveCapacity(elements.count)
        for element in elements {
            switch element {
            case .number(let value): numbers.append(value.isFinite ? value : nil)
            case .integer(let value): numbers.append(Double(value))
            case .null: numbers.append(nil)
            default: return nil
            }
        }
        return numbers
    }
}
