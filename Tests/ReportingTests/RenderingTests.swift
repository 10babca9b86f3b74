import Reporting
import Testing
import Vocabulary

@Suite struct RenderingTests {
    private static let table = Table(
        caption: "Things",
        columns: [Table.Column("name", "name", .text), Table.Column("watts", "power", .power)],
        rows: [
            [.text("b"), .number(20)], [.text("c"), .missing], [.text("a"), .integer(3)],
            [.text("d"), .number(20)],
        ])

    private struct Remarkable: TableDocument {
        let table = RenderingTests.table
        let remarks = "\nSo much for that.\n"
    }

    private struct Plain: TableDocument {
        let table = RenderingTests.table
    }

    @Test func rowsAreOrderedByAColumnWithTheUnknownLast() throws {
        func names(_ key: String, descending: Bool = false) throws -> [Table.Cell] {
            try #require(Self.table.sorted(by: key, descending: descending)).rows.map { $0[0] }
        }
        #expect(try names("name") == [.text("a"), .text("b"), .text("c"), .text("d")])
        #expect(try names("name", descending: true) == [.text("d"), .text("c"), .text("b"), .text("a")])
        #expect(try names("watts") == [.text("a"), .text("b"), .text("d"), .text("c")])
        #expect(try names("watts", descending: true) == [.text("b"), .text("d"), .text("a"), .text("c")])
        #expect(Self.table.sorted(by: "power") == nil, "columns go by their keys")
        let sorted = try #require(Self.table.sorted(by: "name"))
        #expect(sorted.caption == "Things" && sorted.columns == Self.table.columns)
    }

    @Test func remarksAreForPeopleAlone() {
        let text = TextRenderer().render(Self.table)
        #expect(Remarkable().text(as: .text) == text + "\nSo much for that.\n")
        #expect(Plain().text(as: .text) == text)
        #expect(Remarkable().text(as: .csv) == "name,watts\nb,20\nc,\na,3\nd,20\n")
        #expect(Remarkable().text(as: .json) == JSONRenderer().render(Self.table))
    }

    @Test func aReportHasAJSONOfItsOwn() {
        let report = Fixtures.replayReport.report(seed: nil)
        #expect(Rendering.json.render(report) { "{}\n" } == "{}\n")
        #expect(Rendering.text.render(report) { "" } == TextRenderer().render(report))
        #expect(Rendering.csv.render(report) { "" } == CSVRenderer().render(report))
    }

    @Test func anExportListsItsFilesWithTheManifestsInOneLine() {
        let listing = ExportListing(
            [
                WrittenFile(path: "comparison.json", bytes: 120),
                WrittenFile(path: "kubernetes/0000.yaml", bytes: 1000),
                WrittenFile(path: "kubernetes/0001.yaml", bytes: 1500),
                WrittenFile(path: "kubernetes/index.json", bytes: 80),
            ], in: "out")
        let expected = """
            Written to out:
              comparison.json  120 bytes
              kubernetes/index.json  80 bytes
              kubernetes/*.yaml  2 sets, 2500 bytes

            """
        #expect(listing.text(as: .text) == expected)
        #expect(listing.table.columns.map(\.title) == ["file", "bytes"])
        #expect(
            listing.text(as: .csv)
                == "file,bytes\ncomparison.json,120\nkubernetes/0000.yaml,1000\nkubernetes/0001.yaml,1500\n"
                + "kubernetes/index.json,80\n")
    }
}
