import Reporting
import Testing

@Suite struct TextRendererTests {
    private let renderer = TextRenderer()

    @Test func theSavingsTableReadsAsComputedByHand() {
        // static: 11 servers and 2160 W throughout. hercules: 680, 1360, 1360, 680 W on 2, 4, 4, 2 servers,
        // with one of eight model-hours violated. Energy: 8.64 kWh against 4.08 kWh.
        let expected = """
            Savings of hercules against each other policy
                                                       energy
                       mean    peak     mean     peak   saved         its         own
            against   power   power  servers  servers   (kWh)  violations  violations  watts
            -------  ------  ------  -------  -------  ------  ----------  ----------  ---------
            static   52.8 %  37.0 %   72.7 %   63.6 %    4.56       0.0 %      12.5 %  estimated

            """
        #expect(renderer.render(Fixtures.replayReport.savingsTable) == expected)
    }

    @Test func thePolicyTableReadsAsComputedByHand() {
        // Unserved: 100 of 900 queries/s for one of four hours, out of 7100 queries/s x 1 h in total.
        let expected = """
            Policies: power and energy that the plans set aside, and what is drawn of it
                       mean   peak           mean  energy
                      power  power  energy  drawn   drawn     mean     peak
            policy      (W)    (W)   (kWh)    (W)   (kWh)  servers  servers  violated  unserved  watts
            --------  -----  -----  ------  -----  ------  -------  -------  --------  --------  ---------
            static    2,160  2,160    8.64  1,675    6.70     11.0       11     0.0 %     0.0 %  estimated
            hercules  1,020  1,360    4.08    915    3.66      3.0        4    12.5 %     1.4 %  estimated

            """
        #expect(renderer.render(Fixtures.replayReport.mainTable) == expected)
    }

    @Test func constantWordsAreSaidOnceAndNumbersAlignAtTheRight() {
        let table = Table(
            caption: "Runs",
            columns: [
                Table.Column("model", "model", .text), Table.Column("qps", "rate", .rate),
                Table.Column("source", "source", .tag), Table.Column("budget", "budget", .power),
            ],
            rows: [
                [.text("a"), .number(1234), .text("measured"), .missing],
                [.text("bb"), .missing, .text("measured"), .missing],
                [.text("c"), .number(.nan), .text("measured"), .missing],
            ])
        let expected = """
            Runs
                          rate
            model  (queries/s)
            -----  -----------
            a            1,234
            bb               -
            c                -
            Every row: source measured; budget none.

            """
        #expect(renderer.render(table) == expected)
    }

    @Test func aWideTableContinuesBelowUnderItsKeyColumns() {
        let columns =
            [Table.Column("name", "name", .text)]
            + (0..<30).map { Table.Column("c\($0)", "column\($0)", .count) }
        let table = Table(
            caption: "Wide", columns: columns,
            rows: (0..<3).map { row in [.text("row\(row)")] + (0..<30).map { .integer($0 * 1000 + row) } })
        let lines = renderer.render(table).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines.filter { $0.hasPrefix("row1") }.count >= 3)
        for column in 0..<30 {
            let number = Double(column * 1000 + 2).fixed(decimals: 0)
            let holders = lines.filter {
                $0.hasPrefix("row2") && $0.split(separator: " ").contains(Substring(number))
            }
            #expect(holders.count == 1, "column \(column) appears once")
        }
    }

    @Test func longWordsInCellsWrapInsteadOfWideningTheLine() {
        let doubts =
            "too few queries, stolen time, processor pressure, generator behind, and a good deal more of it"
        let table = Table(
            caption: "Runs",
            columns: [Table.Column("model", "model", .text), Table.Column("doubts", "doubts", .text)],
            rows: [[.text("rm1"), .text(doubts)], [.text("ncf"), .text("")]])
        let lines = TextRenderer(width: 40).render(table).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 40 })
        let words = lines.dropFirst(3).joined(separator: " ").split(separator: " ")
        #expect(words.filter { $0 != "rm1" && $0 != "ncf" }.joined(separator: " ") == doubts)
    }

    @Test func aWholeReportFitsTheWidthAndHasNoColoursUnlessAsked() {
        let report = Fixtures.replayReport.report(
            seed: 42, versions: [.init(name: "hercules", text: "0.1.0")],
            inputs: [
                .init(name: "Workloads/traces/trace.csv", text: "sha256:" + String(repeating: "0", count: 64))
            ])
        let plain = renderer.render(report)
        #expect(plain.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(!plain.contains("\u{1B}"))
        #expect(
            plain.contains(
                "Seed: 42\nVersions: hercules 0.1.0\nInputs: Workloads/traces/trace.csv\n  sha256:000"))
        #expect(
            plain.contains(
                "hercules provisions 52.8 % less mean power and 37.0 % less peak power than static."))
        #expect(TextRenderer(usesColour: true).render(report).contains("\u{1B}[1mSavings"))
    }

    @Test func namesCannotMoveTheCursor() {
        let table = Table(
            caption: "Evil\u{1B}[2J", columns: [Table.Column("model", "model", .text)],
            rows: [[.text("a\u{1B}[31mb\nc\rd\u{9B}1m")]])
        let text = renderer.render(table)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        #expect(text.split(separator: "\n").count == 4)
    }

    @Test func anEmptyTableSaysSo() {
        let table = Table(caption: "Empty", columns: [Table.Column("a", "a", .text)], rows: [])
        #expect(renderer.render(table) == "Empty\n(none)\n")
    }
}
