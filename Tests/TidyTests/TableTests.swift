import Foundation
import Testing

/// Every table is made in one place, and its columns read alike.
@Suite struct TableTests {
    /// Words of a column's title that are written in capitals everywhere: units, and names that have no
    /// other spelling. M, O and D are the letters of a schedule.
    private static let capitals: Set<String> = [
        "M", "O", "D", "R", "W", "kW", "MW", "Wh", "kWh", "MWh", "J", "GB", "GiB", "MiB", "GB/s", "GHz",
        "FP32",
        "TFLOPS", "TOPS", "USD", "EUR", "SHA-256", "PCIe", "TTFT", "TPOT", "CSV", "JSON", "HTML", "ONNX",
        "UTC", "CO2e", "SQL", "CPU", "GPU", "NPU",
    ]

    private struct Column {
        let file: String
        let key: String
        let title: String
    }

    /// The columns written out in the sources: `Table.Column("key", "title", ...)`, also as `.init`.
    private static func columns() throws -> [Column] {
        let pattern = try NSRegularExpression(
            pattern: #"(?:Column|\.init)\(\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)",\s*\."#)
        return try SourceTree.files(under: "Sources/Reporting", endings: ["swift"]).flatMap { file in
            let text = try SourceTree.text(file)
            return pattern.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { match in
                let parts = (1...2).map { index in
                    Range(match.range(at: index), in: text).map { String(text[$0]) } ?? ""
                }
                return Column(file: file, key: parts[0], title: parts[1])
            }
        }
    }

    private static func words(of title: String) -> [String] {
        // What is put in when the table is made is a name of the user's, or a unit.
        title.replacingOccurrences(of: #"\\\([^)]*\)"#, with: "", options: .regularExpression)
            .split(whereSeparator: { " (),;".contains($0) }).map(String.init)
    }

    @Test func titlesOfColumnsAreInLowerCase() throws {
        let columns = try Self.columns()
        #expect(columns.count > 300, "the pattern still finds the columns")
        for column in columns {
            for word in Self.words(of: column.title) where !Self.capitals.contains(word) {
                #expect(
                    word.first?.isUppercase == false,
                    "\(column.file): the title '\(column.title)' has the capital word '\(word)'")
            }
        }
    }

    @Test func keysOfColumnsAreInLowerCamelCase() throws {
        for column in try Self.columns() where !column.key.contains("\\(") {
            let isCamel = column.key.first?.isLowercase == true && column.key.allSatisfy(\.isLetterOrDigit)
            #expect(isCamel, "\(column.file): the key '\(column.key)'")
        }
    }

    @Test func tablesAndSectionsAreMadeInReportingAlone() throws {
        let pattern = try NSRegularExpression(pattern: #"\b(Table|Column|Section)\("#)
        var makers = 0
        for file in SourceTree.files(under: "Sources", endings: ["swift"]) {
            // Where Reporting is not imported, the words mean something else.
            let isReporting = file.hasPrefix("Sources/Reporting/")
            guard try isReporting || SourceTree.imports(of: file).contains("Reporting") else { continue }
            let text = try SourceTree.text(file)
            let count = pattern.numberOfMatches(in: text, range: NSRange(text.startIndex..., in: text))
            if isReporting { makers += count > 0 ? 1 : 0 }
            #expect(
                isReporting || count == 0, "\(file) makes a table or a section: hand its values to Reporting")
        }
        #expect(makers > 20, "the pattern still finds tables")
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isLetter || isNumber }
}
