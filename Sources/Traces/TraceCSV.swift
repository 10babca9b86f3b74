import Quantities
import Vocabulary

/// Writes traces as the CSV that `TraceImporter` reads back.
public enum TraceCSV {
    /// The name of the time column.
    public static let timeColumn = "time"

    /// A trace as text: a header, then a row for each interval with its beginning and the load of each model,
    /// in name order, rounded to a number of decimals (at most 9). Times are ISO 8601 in UTC, or seconds
    /// where the trace has no calendar. Ends with a line break.
    public static func text(of trace: Trace, decimals: Int = 4) -> String {
        let models = trace.models
        let columns = models.map { trace.loads[$0] ?? [] }
        var text = ([timeColumn] + models.map { quoted($0.name) }).joined(separator: ",") + "\n"
        for index in 0..<trace.intervalCount {
            let offset = trace.interval * index
            text +=
                trace.startUnixSeconds == 0
                ? fixed(offset.seconds, decimals: offset.count % 1_000_000_000 == 0 ? 0 : 9)
                : CalendarTime.text(unixNanoseconds: trace.startUnixSeconds * 1_000_000_000 + offset.count)
            for column in columns { text += "," + fixed(column[index].value, decimals: decimals) }
            text += "\n"
        }
        return text
    }

    /// A number with a fixed number of decimals, rounded half away from zero, the same with every locale.
    static func fixed(_ number: Double, decimals: Int) -> String {
        let places = min(max(decimals, 0), 9)
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (number.magnitude * scale).rounded(.toNearestOrAwayFromZero)
        guard scaled < 9e15 else { return "\(number)" }
        let digits = String(Int64(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = number < 0 && scaled > 0 ? "-" : ""
        return sign + padded.dropLast(places) + (places > 0 ? "." : "") + padded.suffix(places)
    }

    private static func quoted(_ name: String) -> String {
        guard name.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return name }
        return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }
}
