import Reporting
import Testing
import Vocabulary

@Suite struct DatabaseDocumentTests {
    @Test func tablesAndViewsAreListed() {
        let document = StoredTablesDocument([
            StoredTable(name: "measurement", kind: .table, rowCount: 12_345),
            StoredTable(name: "measurement_summary", kind: .view, rowCount: 7),
        ])
        let expected = """
            Tables and views
            name                 kind     rows
            -------------------  -----  ------
            measurement          table  12,345
            measurement_summary  view        7

            """
        #expect(document.text(as: .text) == expected)
        #expect(
            document.text(as: .csv)
                == "name,kind,rows\nmeasurement,table,12345\nmeasurement_summary,view,7\n")
    }

    @Test(arguments: [
        (559.123_456_789, "559.123"), (0.000_123_456_789, "0.000123457"), (1_732_147_200.25, "1732147200.0"),
        (0.1 + 0.2, "0.3"), (-7.000_000_04, "-7.0"), (2, "2.0"), (1e-9 / 3, "3.33333e-10"),
    ])
    func peopleReadRoundedNumbersAndProgramsAllDigits(number: Double, shown: String) {
        let document = StoredRowsDocument(
            StoredRows(columns: ["x"], rows: [[.real(number)]], rowCount: 1), of: "t")
        #expect(document.text(as: .text).hasSuffix("\(shown)\n"), "\(document.text(as: .text))")
        #expect(document.text(as: .csv) == "x\n\(JSONValue.number(number).compactText)\n")
    }

    @Test func rowsKeepTheNamesOfTheirColumnsAndTheirNumbers() {
        let document = StoredRowsDocument(
            StoredRows(
                columns: ["name", "watts", "blob"],
                rows: [
                    [.text("a"), .real(1.25), .blob([0, 255])], [.text("b"), .null, .null],
                    [.text("c"), .integer(12_345), .null],
                ], rowCount: 40), of: "server")
        let expected = """
            server, 3 of 40 rows
            name  watts  blob
            ----  -----  ----
            a      1.25  00ff
            b         -  -
            c     12345  -

            """
        #expect(document.text(as: .text) == expected)
        #expect(document.text(as: .csv) == "name,watts,blob\na,1.25,00ff\nb,,\nc,12345,\n")
        let all = StoredRowsDocument(StoredRows(columns: ["x"], rows: [], rowCount: 0), of: "empty")
        #expect(all.text(as: .text) == "empty\n(none)\n")
        #expect(all.table.columns.map(\.kind) == [.text])
    }

    @Test func factsAreNamedValues() {
        let document = DatabaseFactsDocument([
            (name: "file", value: "a.sqlite"), (name: "bytes", value: "4096"),
        ])
        let expected = """
            Database
            name   value
            -----  --------
            file   a.sqlite
            bytes  4096

            """
        #expect(document.text(as: .text) == expected)
        #expect(document.text(as: .csv) == "name,value\nfile,a.sqlite\nbytes,4096\n")
    }

    @Test func mergingCountsWhatWasFoundAddedAndKnown() {
        let document = MergeDocument(
            [
                MergeSummary(
                    path: "node1.sqlite",
                    counts: [
                        MergeCount(table: "model", found: 3, added: 1),
                        MergeCount(table: "measurement", found: 1200, added: 1200),
                    ], redefinedServerTypes: []),
                MergeSummary(
                    path: "node2.sqlite", counts: [MergeCount(table: "model", found: 2, added: 0)],
                    redefinedServerTypes: []),
            ], contentDigest: "00ff")
        let expected = """
            Records merged
            file          records of   found  added  known
            ------------  -----------  -----  -----  -----
            node1.sqlite  model            3      1      2
            node1.sqlite  measurement   1200   1200      0
            node2.sqlite  model            2      0      2

            content digest: 00ff

            """
        #expect(document.text(as: .text) == expected)
        #expect(
            document.text(as: .csv) == """
                file,table,found,added,known
                node1.sqlite,model,3,1,2
                node1.sqlite,measurement,1200,1200,0
                node2.sqlite,model,2,0,2

                """)
    }

    @Test func upkeepIsSaidInALine() {
        #expect(
            DatabaseUpkeepText.vacuumed("a.sqlite", bytesBefore: 8192, bytesAfter: 4096)
                == "a.sqlite: 8192 bytes before, 4096 after\n")
        #expect(DatabaseUpkeepText.forgot(files: 1, rows: 12) == "forgot 1 file with 12 rows\n")
        #expect(DatabaseUpkeepText.forgot(files: 2, rows: 0) == "forgot 2 files with 0 rows\n")
    }

    @Test func aDiagnosisSaysWhatIsMissing() {
        let host = Diagnosis.Finding(subject: "host", isMissing: false, detail: "4 cores")
        let solver = Diagnosis.Finding(
            subject: "integer programs", isMissing: true, detail: "run Scripts/setup")
        let ill = Diagnosis(findings: [host, solver])
        let expected = """
            Something is missing
            subject           status   detail
            ----------------  -------  -----------------
            host              ok       4 cores
            integer programs  missing  run Scripts/setup

            """
        #expect(!ill.isHealthy)
        #expect(DiagnosisDocument(ill).text(as: .text) == expected)
        #expect(
            DiagnosisDocument(ill).text(as: .csv)
                == "subject,status,detail\nhost,ok,4 cores\ninteger programs,missing,run Scripts/setup\n")
        #expect(
            DiagnosisDocument(Diagnosis(findings: [host])).table.caption == "Everything needed is there")
    }
}
