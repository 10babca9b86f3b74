import Files
import Vocabulary

/// An importer of a table with one figure a row.
protocol TableImporter: Importer {
    /// The columns without which a file is not of this format.
    var columns: [String] { get }
    /// Columns that are read where they are there.
    var optionalColumns: [String] { get }

    /// The figure of a row.
    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow
}

extension ImportInput {
    /// Opens the file as a table, with the mapping's separator or the one that its first line shows.
    func table(skipsComments: Bool = false) throws(FileError) -> CSVReader {
        guard let separator = mapping.separator else {
            return try CSVReader.openAnyDialect(path: path, skipsComments: skipsComments)
        }
        return try CSVReader.open(path: path, separator: separator, skipsComments: skipsComments)
    }
}

extension TableImporter {
    var optionalColumns: [String] { [] }
    var mappedColumns: [String] { columns + optionalColumns }

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        try requireKnownNames(of: input)
        var reader = try input.table()
        let positions = try positions(in: reader, input.mapping)
        try finish(&reader, positions, input, take: take)
    }

    /// Where the columns that are read stand in a file.
    func positions(
        in reader: borrowing CSVReader, _ mapping: ImportMapping
    ) throws(FileError) -> [String: Int] {
        var positions: [String: Int] = [:]
        for column in columns where mapping.constants[column] == nil {
            positions[column] = try reader.column(named: mapping.columns[column] ?? column)
        }
        for column in optionalColumns where mapping.constants[column] == nil {
            if let name = mapping.columns[column] {
                positions[column] = try reader.column(named: name)
            } else if let position = reader.header.firstIndex(of: column) {
                positions[column] = position
            }
        }
        for column in OwnColumns.said(by: mapping, beside: mappedColumns)
        where mapping.constants[column] == nil {
            if let name = mapping.columns[column] { positions[column] = try reader.column(named: name) }
        }
        return positions
    }

    /// Reads the rows below a header whose columns have been found.
    func finish(
        _ reader: inout CSVReader, _ positions: [String: Int], _ input: ImportInput,
        take: (ImportedRow) throws -> Void
    ) throws {
        var cells = ImportCells(columns: positions, mapping: input.mapping, separator: reader.separator)
        let said = OwnColumns.said(by: input.mapping, beside: mappedColumns)
        let width = reader.header.count
        var rows = 0
        while try reader.nextOfAnyWidth() {
            rows += 1
            if rows % 4096 == 0 { input.progress(reader.bytesRead) }
            guard reader.fieldCount == width else {
                try take(
                    .refused(
                        line: reader.line,
                        reason: "found \(reader.fieldCount) field\(reader.fieldCount == 1 ? "" : "s"), "
                            + "expected \(width), as the header has"))
                continue
            }
            guard cells.read(reader) else {
                try take(.refused(line: reader.line, reason: "found bytes that are not UTF-8, expected text"))
                continue
            }
            try take(
                input.row(line: cells.line) { () throws(RowRefusal) in
                    let row = try self.row(cells, of: input)
                    guard !said.isEmpty, case .figure(var figure) = row else { return row }
                    try OwnColumns.read(said, of: cells, into: &figure)
                    return .figure(figure)
                })
        }
        guard rows > 0 else {
            throw FileError.malformed(
                file: input.path, line: 1, found: "a header and nothing below it",
                expected: "at least one row")
        }
    }
}
