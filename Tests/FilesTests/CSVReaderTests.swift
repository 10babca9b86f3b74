import Files
import Foundation
import TestSupport
import Testing

@Suite struct CSVReaderTests {
    /// Every row of a text as fields, each row led by its line number.
    private func rows(_ text: String, separator: Unicode.Scalar = ",") throws -> (
        header: [String], rows: [[String]]
    ) {
        let copy = try WorkingCopy()
        var reader = try CSVReader.open(path: copy.write(text, to: "t.csv"), separator: separator)
        var rows: [[String]] = []
        while try reader.next() {
            rows.append(["\(reader.line)"] + reader.header.indices.map { reader.text($0) })
        }
        return (reader.header, rows)
    }

    private func refusal(_ text: String) throws -> String? {
        let copy = try WorkingCopy()
        let path = try copy.write(text, to: "t.csv")
        return message(without: copy.path) {
            var reader = try CSVReader.open(path: path)
            while try reader.next() {}
        }
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func lineEndsOfAllSystemsCountAlike(end: String) throws {
        let table = try rows(["time,load", "1,2", "", "3,4", ""].joined(separator: end))
        #expect(table.header == ["time", "load"])
        #expect(table.rows == [["2", "1", "2"], ["4", "3", "4"]])
    }

    @Test func theLastLineNeedsNoEnd() throws {
        #expect(try rows("a,b\n1,2").rows == [["2", "1", "2"]])
        #expect(try rows("a,b\n1,").rows == [["2", "1", ""]])
        #expect(try rows("a\n\"\"").rows == [["2", ""]])
    }

    @Test func quotesHoldSeparatorsLineBreaksAndQuotes() throws {
        let table = try rows("\u{FEFF}\"a,b\",c\r\n\"x \"\"y\"\"\",\"1\r\n2\"\r\n,\"\"\r\n")
        #expect(table.header == ["a,b", "c"])
        #expect(table.rows == [["2", "x \"y\"", "1\r\n2"], ["4", "", ""]])
    }

    @Test func fieldsAcrossChunksOfTheFileStayWhole() throws {
        // 64 KiB chunks: rows of 11 bytes fall across their borders at every offset.
        let text = "key,value\n" + (0..<40_000).map { "\(100_000 + $0),\"\($0 % 10)\"\"\"\n" }.joined()
        let table = try rows(text)
        #expect(table.rows.count == 40_000)
        #expect(
            table.rows.enumerated().allSatisfy { index, row in
                row == ["\(index + 2)", "\(100_000 + index)", "\(index % 10)\""]
            })
    }

    @Test func otherSeparators() throws {
        #expect(try rows("a;b,c\n1;2\n", separator: ";").header == ["a", "b,c"])
        #expect(try rows("a\tb\n1\t2\n", separator: "\t").rows == [["2", "1", "2"]])
    }

    @Test(arguments: [
        ("", "t.csv: found an empty file, expected a header line and rows below it"),
        ("\n\n", "t.csv: found an empty file, expected a header line and rows below it"),
        ("a,b\n1,2\n\n1\n", "t.csv:4: found 1 field, expected 2, as the header has"),
        ("a,b\n1,2,3\n", "t.csv:2: found 3 fields, expected 2, as the header has"),
        (
            "a,b,a\n",
            "t.csv:1: found the column 'a' a second time (column 3), expected every column name once"
        ),
        ("a,b\n1,\"2\n3\n", "t.csv:2: found a quote that is never closed, expected a closing quote"),
        (
            "a,b\n1,\"2\"3\n",
            "t.csv:2: found '3' after a closing quote, expected a separator or the end of the line"
        ),
        (
            "a,b\n1,2\"\n",
            "t.csv:2: found a quote inside a field without quotes, expected the whole field in quotes"
        ),
        ("a,b\n1,\u{0}\n", "t.csv:2: found a zero byte, expected text"),
    ])
    func brokenTablesAreRefused(text: String, expected: String) throws {
        let message = try refusal(text)
        #expect(message == expected)
    }

    @Test func utf16IsRefused() throws {
        let copy = try WorkingCopy()
        let path = "\(copy.path)/t.csv"
        try Data([0xFF, 0xFE, 0x61, 0x00]).write(to: URL(filePath: path))
        #expect(
            message(without: copy.path) { _ = try CSVReader.open(path: path) }
                == "t.csv:1: found UTF-16 text, expected UTF-8 text")
    }

    @Test(arguments: [
        (
            "time;load\n1;2\n",
            """
            t.csv:1: found one column 'time;load', expected columns separated by ',' with one named \
            'load'; the file seems to be separated by ';'
            """
        ),
        (
            "time\tload\n",
            """
            t.csv:1: found one column 'time\tload', expected columns separated by ',' with one named \
            'load'; the file seems to be separated by tabs
            """
        ),
        (
            "0,212.78\n",
            "t.csv:1: found numbers (0, 212.78), expected a header line with a column named 'load'"
        ),
        (
            "time,loads\n",
            "t.csv:1: found 'load', expected a column: one of time, loads; did you mean 'loads'?"
        ),
    ])
    func aMissingColumnComesWithAHint(text: String, expected: String) throws {
        let copy = try WorkingCopy()
        let reader = try CSVReader.open(path: copy.write(text, to: "t.csv"))
        #expect(message(without: copy.path) { _ = try reader.column(named: "load") } == expected)
    }
}
