import Files
import Vocabulary

/// Reads how often requests had so many tokens: a table with the columns `length` and `count`.
enum TokenHistogramReader {
    /// More lengths than contexts have.
    private static let rowsMax = 2_000_000

    /// - Parameter longest: a length beyond it is refused.
    static func histogram(at path: String, longest: Int) throws(FileError) -> TokenHistogram {
        var table = try CSVReader.openAnyDialect(path: path, names: ["length", "count"], skipsComments: true)
        let (length, count) = (try table.column(named: "length"), try table.column(named: "count"))
        var weights: [Int: Double] = [:]
        while try table.next() {
            guard weights.count < rowsMax else {
                throw .malformed(
                    file: path, line: table.line, found: "more than \(rowsMax) lengths", expected: "fewer")
            }
            guard let tokens = DecimalNumber.value(of: table.field(length)), tokens == tokens.rounded(),
                (1...Double(longest)).contains(tokens)
            else {
                throw table.refusal(ofColumn: length, expected: "a whole number from 1 to \(longest)")
            }
            guard let weight = DecimalNumber.value(of: table.field(count)), (0...1e15).contains(weight) else {
                throw table.refusal(ofColumn: count, expected: "a number from 0 to 1e15")
            }
            guard weights.updateValue(weight, forKey: Int(tokens)) == nil else {
                throw table.refusal(ofColumn: length, expected: "every length once")
            }
        }
        guard weights.values.contains(where: { $0 > 0 }) else {
            throw .malformed(
                file: path, line: nil, found: "no length that was seen", expected: "a count above 0")
        }
        return TokenHistogram(weights: weights)
    }
}
