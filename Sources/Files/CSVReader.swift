/// A table of comma-separated values read row by row from a file, as RFC 4180 describes it.
///
/// Lines may end in LF, CRLF or CR; a byte-order mark is skipped; fields in quotes may hold separators, line
/// breaks and doubled quotes; empty lines are skipped. The first row is the header: its names are unique, and
/// every row has as many fields. Memory stays constant however long the file is.
public struct CSVReader: ~Copyable {
    /// The path as it was given.
    public let path: String
    /// The column names in order.
    public private(set) var header: [String] = []
    /// The line, from 1, on which the current row begins.
    public private(set) var line = 0

    /// How many bytes of the file have been taken in.
    public private(set) var bytesRead = 0

    private let chunks: FileChunks
    /// What separates fields.
    public private(set) var separator: UInt8
    private var chunk: [UInt8] = []
    private var position = 0
    private var isAfterCarriageReturn = false
    private var nextLine = 1
    /// The bytes of the current row's fields, one after the other, and where each ends.
    private var rowBytes: [UInt8] = []
    private var fieldEnds: [Int] = []
    private static let rowBytesMax = 1 << 20

    /// Opens a table and reads its header.
    /// - Parameter skipsComments: whether lines above the header that begin with `#` are left out.
    public static func open(
        path: String, separator: Unicode.Scalar = ",", skipsComments: Bool = false
    ) throws(FileError) -> CSVReader {
        let chunks = try FileChunks(path: path, expected: "a CSV file")
        var reader = CSVReader(path: path, separator: separator, chunks: chunks)
        try reader.readHeader(skipsComments: skipsComments)
        return reader
    }

    /// Opens a table as spreadsheets and dashboards write them: the separator is the one of comma, semicolon,
    /// tab and bar that the first line has most of, or the one that a line `sep=;` above it names.
    /// - Parameters:
    ///   - names: of the columns where the file has no header: where its first field is a number.
    ///   - skipsComments: whether lines above the header that begin with `#` are left out.
    package static func openAnyDialect(
        path: String, names: [String]? = nil, skipsComments: Bool = false
    ) throws(FileError) -> CSVReader {
        let chunks = try FileChunks(path: path, expected: "a CSV file")
        var reader = CSVReader(path: path, separator: ",", chunks: chunks)
        try reader.begin()
        if skipsComments { try reader.skipComments() }
        let line = reader.chunk[reader.position...].prefix { $0 != 0x0A && $0 != 0x0D }
        if line.count == 5, line.starts(with: Array("sep=".utf8)), let last = line.last {
            reader.separator = last
            try reader.skipLine()
        } else {
            reader.separator = Self.commonSeparator(in: line)
        }
        let isHeaderless =
            names != nil && DecimalNumber.value(of: line.prefix { $0 != reader.separator }) != nil
        guard let names, isHeaderless else {
            try reader.readNames()
            return reader
        }
        let count = line.count { $0 == reader.separator } + 1
        reader.header = (0..<count).map { $0 < names.count ? names[$0] : "column-\($0 + 1)" }
        return reader
    }

    private static func commonSeparator(in line: ArraySlice<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in line {
            if byte == 0x22 { isQuoted.toggle() }
            if !isQuoted { counts[byte, default: 0] += 1 }
        }
        let candidates = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }
        return candidates.max { (counts[$0] ?? 0) < (counts[$1] ?? 0) } ?? UInt8(ascii: ",")
    }

    private init(path: String, separator: Unicode.Scalar, chunks: FileChunks) {
        self.path = path
        self.separator = UInt8(truncatingIfNeeded: separator.value)
        self.chunks = chunks
    }

    private mutating func readHeader(skipsComments: Bool) throws(FileError) {
        try begin()
        if skipsComments { try skipComments() }
        try readNames()
    }

    private mutating func skipComments() throws(FileError) {
        while try hasByte(), chunk[position] == UInt8(ascii: "#") { try skipLine() }
    }

    private mutating func begin() throws(FileError) {
        chunk = try chunks.next()
        bytesRead = chunk.count
        try checkEncoding()
    }

    private mutating func readNames() throws(FileError) {
        guard try readRow() else {
            throw .malformed(
                file: path, line: nil, found: "an empty file", expected: "a header line and rows below it")
        }
        for index in 0..<fieldEnds.count {
            guard let name = String(validating: field(index), as: UTF8.self) else {
                throw malformed(found: "bytes that are not UTF-8", expected: "a header line in UTF-8")
            }
            header.append(name)
        }
        var seen: Set<String> = []
        for (index, name) in header.enumerated() where !seen.insert(name).inserted {
            throw malformed(
                found: "the column '\(name)' a second time (column \(index + 1))",
                expected: "every column name once")
        }
    }

    /// Moves to the next row.
    /// - Returns: whether there is one.
    public mutating func next() throws(FileError) -> Bool {
        guard try readRow() else { return false }
        guard fieldEnds.count == header.count else {
            throw malformed(
                found: "\(fieldEnds.count) field\(fieldEnds.count == 1 ? "" : "s")",
                expected: "\(header.count), as the header has")
        }
        return true
    }

    /// Moves to the next row, which may have any number of fields.
    /// - Returns: whether there is one.
    public mutating func nextOfAnyWidth() throws(FileError) -> Bool { try readRow() }

    /// How many fields the current row has.
    public var fieldCount: Int { fieldEnds.count }

    /// Copies the fields of the current row as texts.
    /// - Returns: whether all of them are UTF-8.
    public func readFields(into fields: inout [String]) -> Bool {
        fields.removeAll(keepingCapacity: true)
        for index in fieldEnds.indices {
            guard let text = String(validating: field(index), as: UTF8.self) else { return false }
            fields.append(text)
        }
        return true
    }

    /// Copies the bytes of all fields of the current row, one after the other, and where each ends.
    /// - Returns: whether all of them together are UTF-8.
    public func copyRow(into bytes: inout [UInt8], ends: inout [Int]) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: rowBytes)
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: fieldEnds)
        let isASCII = rowBytes.withUnsafeBufferPointer { bytes in
            var all: UInt8 = 0
            for byte in bytes { all |= byte }
            return all < 0x80
        }
        return isASCII || fieldEnds.indices.allSatisfy { String(validating: field($0), as: UTF8.self) != nil }
    }

    /// The bytes of a field of the current row, without its quotes.
    /// - Precondition: there is a current row, and the index is one of a column.
    public func field(_ index: Int) -> ArraySlice<UInt8> {
        rowBytes[(index == 0 ? 0 : fieldEnds[index - 1])..<fieldEnds[index]]
    }

    /// A field of the current row as text; bytes that are not UTF-8 are replaced.
    public func text(_ index: Int) -> String { String(decoding: field(index), as: UTF8.self) }

    /// The error of a field of the current row that was not expected.
    package func refusal(ofColumn index: Int, expected: String) -> FileError {
        let text = text(index)
        return .invalidValue(
            Place(file: path, line: line, key: header[index]),
            found: text.isEmpty ? "nothing" : "'\(text.prefix(60))'", expected: expected)
    }

    /// The number of the column of a name.
    /// - Throws: `FileError` that lists the columns and, where the whole header is one column, says which
    ///   other separator the file seems to use.
    public func column(named name: String) throws(FileError) -> Int {
        if let index = header.firstIndex(of: name) { return index }
        if header.count == 1, let other = [";", "\t", "|"].first(where: { header[0].contains($0) }) {
            throw .malformed(
                file: path, line: 1, found: "one column '\(header[0].prefix(60))'",
                expected:
                    """
                    columns separated by '\(Character(Unicode.Scalar(separator)))' with one named \
                    '\(name)';
                    """
                        + " the file seems to be separated by \(other == "\t" ? "tabs" : "'\(other)'")")
        }
        if header.allSatisfy({ DecimalNumber.value(of: $0) != nil }) {
            throw .malformed(
                file: path, line: 1, found: "numbers (\(header.joined(separator: ", ").prefix(60)))",
                expected: "a header line with a column named '\(name)'")
        }
        throw .unknownName(Place(file: path, line: 1, key: ""), kind: "a column", found: name, known: header)
    }

    private func malformed(found: String, expected: String) -> FileError {
        .malformed(file: path, line: line, found: found, expected: expected)
    }

    private mutating func checkEncoding() throws(FileError) {
        if chunk.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        if chunk.starts(with: [0xFF, 0xFE]) || chunk.starts(with: [0xFE, 0xFF]) {
            throw .malformed(file: path, line: 1, found: "UTF-16 text", expected: "UTF-8 text")
        }
    }
}

// MARK: - The grammar

extension CSVReader {
    /// Where in a field the reader stands.
    private enum State {
        case fieldStart
        case bare
        case quoted
        /// After a quote inside a quoted field: its end, or the first half of a doubled quote.
        case quoteInQuoted
    }

    /// Reads one row that is not empty into `rowBytes` and `fieldEnds`.
    private mutating func readRow() throws(FileError) -> Bool {
        rowBytes.removeAll(keepingCapacity: true)
        fieldEnds.removeAll(keepingCapacity: true)
        line = nextLine
        var state = State.fieldStart
        var quoteLine = line
        while try hasByte() {
            if state == .bare || state == .fieldStart, !isAfterCarriageReturn, appendPlainRun() {
                state = .bare
                try checkRowLength()
                continue
            }
            let byte = chunk[position]
            position += 1
            if isAfterCarriageReturn {
                isAfterCarriageReturn = false
                if byte == 0x0A {
                    // The second half of CRLF; inside quotes it belongs to the field.
                    if state == .quoted { rowBytes.append(byte) }
                    continue
                }
            }
            let isLineEnd = byte == 0x0A || byte == 0x0D
            isAfterCarriageReturn = byte == 0x0D
            if isLineEnd { nextLine += 1 }
            switch state {
            case .quoted:
                if byte == 0x22 { state = .quoteInQuoted } else { rowBytes.append(byte) }
            case .quoteInQuoted where byte == 0x22:
                rowBytes.append(byte)
                state = .quoted
            case .fieldStart where byte == 0x22:
                state = .quoted
                quoteLine = nextLine
            case .fieldStart, .bare, .quoteInQuoted:
                if byte == separator {
                    fieldEnds.append(rowBytes.count)
                    state = .fieldStart
                } else if isLineEnd {
                    if fieldEnds.isEmpty && rowBytes.isEmpty && state == .fieldStart {
                        line = nextLine
                        continue
                    }
                    fieldEnds.append(rowBytes.count)
                    return true
                } else if state == .quoteInQuoted {
                    throw malformed(
                        found: "'\(Character(Unicode.Scalar(byte)))' after a closing quote",
                        expected: "a separator or the end of the line")
                } else if byte == 0x22 {
                    throw malformed(
                        found: "a quote inside a field without quotes", expected: "the whole field in quotes")
                } else if byte == 0 {
                    throw malformed(found: "a zero byte", expected: "text")
                } else {
                    rowBytes.append(byte)
                    state = .bare
                }
            }
            try checkRowLength()
        }
        if state == .quoted {
            throw .malformed(
                file: path, line: quoteLine, found: "a quote that is never closed",
                expected: "a closing quote")
        }
        if fieldEnds.isEmpty && rowBytes.isEmpty && state == .fieldStart { return false }
        fieldEnds.append(rowBytes.count)
        return true
    }

    /// Whether the file has another byte, which is then in the chunk.
    private mutating func hasByte() throws(FileError) -> Bool {
        if position < chunk.count { return true }
        chunk = try chunks.next()
        bytesRead += chunk.count
        position = 0
        return !chunk.isEmpty
    }

    private mutating func skipLine() throws(FileError) {
        while try hasByte() {
            position += 1
            if chunk[position - 1] == 0x0A {
                nextLine += 1
                return
            }
        }
    }

    /// Takes over at once all bytes up to the next that means something.
    /// - Returns: whether there were any.
    private mutating func appendPlainRun() -> Bool {
        let start = position
        var end = start
        while end < chunk.count {
            let byte = chunk[end]
            if byte == separator || byte == 0x22 || byte == 0x0A || byte == 0x0D || byte == 0 { break }
            end += 1
        }
        guard end > start else { return false }
        rowBytes.append(contentsOf: chunk[start..<end])
        position = end
        return true
    }

    private func checkRowLength() throws(FileError) {
        guard rowBytes.count <= Self.rowBytesMax else {
            throw malformed(found: "a row of more than \(Self.rowBytesMax) bytes", expected: "shorter rows")
        }
    }
}
