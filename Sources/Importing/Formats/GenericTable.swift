import Files
import Vocabulary

/// Hercules' own table: one figure a row, columns named below or through a mapping. Throughput is that of the
/// whole server.
struct GenericTable: TableImporter {
    let kind = "csv"
    let title = "a table with this tool's column names, or any table with a mapping file"
    let columns = OwnColumns.required
    let optionalColumns = OwnColumns.optional

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        var reader = try input.table(skipsComments: true)
        try requireKnownNames(of: input)
        let mapping = input.mapping
        let positions = try positions(in: reader, mapping)
        let used = Set(positions.values)
        for (position, name) in reader.header.enumerated()
        where !used.contains(position) && !mapping.ignored.contains(name) && mapping.constants[name] == nil {
            throw FileError.unknownName(
                Place(file: input.path, line: 1, key: ""), kind: "a column to read or one under `ignore`",
                found: name, known: OwnColumns.names)
        }
        try finish(&reader, positions, input, take: take)
    }

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.requiredText("model"),
            server: try cells.requiredText("server"))
        figure.throughput = try cells.requiredNumber("throughput")
        _ = try cells.requiredText("throughput_unit")
        try OwnColumns.read(cells.given, of: cells, into: &figure)
        return .figure(figure)
    }
}
