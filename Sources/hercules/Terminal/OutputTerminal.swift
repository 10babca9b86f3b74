import Foundation
import Reporting

/// What the standard output is: how wide, and whether it shows colours.
enum OutputTerminal {
    /// Narrower ones are written as if they were so wide; wider lines are hard to read.
    private static let widths = 60...160

    /// The width of the terminal and its colours; the plain layout of logs where the output is none.
    ///
    /// Colours stay off where `NO_COLOR` is set to anything (no-color.org) or the terminal is a dumb one.
    static let style: TextStyle = {
        guard isatty(STDOUT_FILENO) == 1 else { return TextStyle() }
        let environment = ProcessInfo.processInfo.environment
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        var style = TextStyle(usesColour: !isPlain)
        if let columns = width(of: STDOUT_FILENO) {
            style.width = min(max(columns, widths.lowerBound), widths.upperBound)
        }
        return style
    }()

    /// Columns of a terminal: what it says, or else the variable `COLUMNS`; nil where neither is known.
    static func width(of descriptor: CInt) -> Int? {
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.flatMap {
            $0 > 0 ? $0 : nil
        }
    }
}
