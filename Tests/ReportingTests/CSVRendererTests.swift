import Reporting
import Testing

@Suite struct CSVRendererTests {
    @Test func fieldsAreQuotedWhereTheyMustBeAndNowhereElse() {
        let table = Table(
            caption: "any",
            columns: [Table.Column("na,me", "name", .text), Table.Column("watts", "power", .power)],
            rows: [
                [.text("plain name"), .number(1.5)], [.text("a,b"), .number(0.1 + 0.2)],
                [.text("say \"hi\""), .integer(-3)], [.text("two\nlines"), .missing],
                [.text("carriage\r\nreturn"), .number(.nan)], [.text("\""), .number(-.infinity)],
                [.text(" padded"), .number(12_000_000)], [.text(""), .number(0)],
            ])
        let expected =
            """
            \"na,me\",watts\nplain name,1.5\n\"a,b\",0.30000000000000004\n\"say \
            \"\"hi\"\"\",-3\n\"two\nlines\",\n
            """
            + "\"carriage\r\nreturn\",\n\"\"\"\",\n\" padded\",12000000\n,0\n"
        #expect(CSVRenderer().render(table) == expected)
    }

    @Test func aReportIsItsMainTableInBaseUnits() {
        let text = CSVRenderer().render(Fixtures.replayReport.report(seed: nil))
        let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        #expect(lines.count == 3)
        #expect(
            lines[0].prefix(4) == ["policy", "meanProvisionedWatts", "peakProvisionedWatts", "energyJoules"])
        #expect(lines[2].prefix(4) == ["hercules", "1020", "1360", "14688000"])
    }

    @Test func theIntervalTableHasARowPerPolicyIntervalAndModel() {
        let text = CSVRenderer().render(ReplayReport.intervalTable(of: Fixtures.replay))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1 + 2 * 4 * 2)
        // The hour in which hercules is one GPU short: load 900, capacity 800, two servers.
        #expect(lines.contains("hercules,2,rm1,7200,1772416800,900,800,2,1,1360,1360,optimal"))
        #expect(lines.filter { $0.split(separator: ",")[8] == "1" }.count == 1)
    }
}
