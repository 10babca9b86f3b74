/// A picture of numbers, described in the terms of plotly.js: traces and a layout.
///
/// A plot has one figure, or several of which a reader picks one; `choices` names what they pick by.
public struct Plot: Hashable, Sendable {
    /// One thing to draw.
    public struct Figure: Hashable, Sendable {
        /// The option of each choice that selects this figure, as many as the plot has choices.
        public let options: [String]
        /// Whether the figure is shown first, or after a choice that leaves the later ones open.
        public let isPreferred: Bool
        /// plotly.js traces.
        public let traces: [JSONValue]
        /// A plotly.js layout without fonts and colours of the page, which the renderer adds.
        public let layout: [String: JSONValue]
        /// Height on a wide screen, in CSS pixels.
        public let height: Int

        /// A figure of the given traces.
        public init(
            options: [String] = [], isPreferred: Bool = false, traces: [JSONValue],
            layout: [String: JSONValue], height: Int = 380
        ) {
            self.options = options
            self.isPreferred = isPreferred
            self.traces = traces
            self.layout = layout
            self.height = height
        }
    }

    /// What the plot shows; unique within a report.
    public let title: String
    /// How to read it, in a sentence or two.
    public let caption: String
    /// What the reader picks a figure by, for example `policy` and `model`; empty for one figure.
    public let choices: [String]
    /// The figures, in the order in which their options are offered.
    public let figures: [Figure]

    /// A plot with several figures.
    ///
    /// - Precondition: every figure has one option per choice; without choices there is at most one figure.
    public init(title: String, caption: String, choices: [String], figures: [Figure]) {
        precondition(figures.allSatisfy { $0.options.count == choices.count }, "one option per choice")
        precondition(!choices.isEmpty || figures.count <= 1, "several figures need something to choose by")
        self.title = title
        self.caption = caption
        self.choices = choices
        self.figures = figures
    }
}
