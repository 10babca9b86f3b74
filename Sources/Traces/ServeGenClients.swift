import Files
import Vocabulary

/// The clients of one ServeGen model: a folder of `chunk-N-trace.csv` without headers, whose rows are windows
/// of a client with its rate in requests per second. The load is the sum of all clients.
enum ServeGenClients {
    static let columns = ["window_start_s", "rate_rps", "cv", "pattern", "shape", "scale"]
    static let column = "rate_rps"
    private static let suffix = "-trace.csv"
    /// So many windows of all clients together are read.
    private static let windowsMax = 10_000_000

    static func rows(inFolder folder: String) throws(FileError) -> TraceRows {
        let files = try FileContents.names(in: folder, suffix: suffix)
        guard !files.isEmpty else {
            throw .unreadable(
                file: folder, found: "no file that ends in \(suffix)",
                expected: "ServeGen's client files, such as chunk-0-trace.csv")
        }
        var rates: [Int64: Double] = [:]
        for file in files {
            var table = try CSVReader.openAnyDialect(path: "\(folder)/\(file)\(suffix)", names: columns)
            guard table.header.count >= 2 else {
                throw .malformed(
                    file: table.path, line: 1, found: "\(table.header.count) column",
                    expected: "windows with a start in seconds and a rate")
            }
            while try table.next() {
                guard let time = DecimalNumber.scaled(table.field(0), byPowerOfTen: 9) else {
                    throw table.refusal(ofColumn: 0, expected: "a time in seconds")
                }
                // A client without a rate in a window sends nothing in it.
                let text = table.text(1)
                let isMissing = ["", "nan"].contains(text.lowercased())
                guard let rate = isMissing ? 0 : DecimalNumber.value(of: table.field(1)),
                    (0...1e15).contains(rate)
                else { throw table.refusal(ofColumn: 1, expected: "a load: a number from 0 to 1e15") }
                rates[time, default: 0] += rate
                guard rates.count <= windowsMax else {
                    throw .unusableTrace(
                        file: table.path, line: table.line, found: "more than \(windowsMax) windows",
                        expected: "fewer")
                }
            }
        }
        var rows = TraceRows(path: folder, isCalendar: false, columns: 1)
        for (number, (time, rate)) in rates.sorted(by: { $0.key < $1.key }).enumerated() {
            rows.append(time: time, line: number + 1, loads: [rate])
        }
        guard rows.count > 0 else {
            throw .unreadable(file: folder, found: "files without a row", expected: "at least one window")
        }
        return rows
    }
}
