import Catalog
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Prices and carbon intensities from the files that markets and grids publish.
@Suite struct TariffFileTests {
    private func tariff(_ file: String, _ key: String) throws -> EnergyTariff {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.write(file, to: "traces/tariff.csv")
        let scenario = try copy.read("scenarios/modelled.yaml").trimmingSuffix()
        try copy.write(scenario + "\n  tariff:\n    \(key)\n", to: "scenarios/modelled.yaml")
        let resolved = try copy.catalog.scenario(at: "\(copy.path)/scenarios/modelled.yaml")
        return try #require(resolved.scenario.replay.online?.tariff)
    }

    /// Prices from 0.5 upwards by 10 in each of the 25 hours of the day on which clocks go back.
    private static let dayAhead: String = {
        var text =
            "\"MTU (CET/CEST)\",\"Area\",\"Sequence\",\"Day-ahead Price (EUR/MWh)\","
            + "\"Intraday Period (CET/CEST)\",\"Intraday Price (EUR/MWh)\"\n"
        func padded(_ hour: Int) -> String { hour < 10 ? "0\(hour)" : "\(hour)" }
        for index in 0..<25 {
            let hour = index < 3 ? index : index - 1
            let tag = index == 2 ? " (CEST)" : index == 3 ? " (CET)" : ""
            let date = "26/10/2025"
            text +=
                "\"\(date) \(padded(hour)):00:00\(tag) - \(date) \(padded(hour + 1)):00:00\",\"BZN|DE-LU\","
                + "\"Without Sequence\",\"\(10 * index).50\",\"\",\"\"\n"
        }
        return text
    }()

    @Test(arguments: [
        "price_file: tariff.csv", "price_file: {file: tariff.csv, column: \"Day-ahead Price (EUR/MWh)\"}",
        "price_file: {file: tariff.csv, factor: 0.001, time_zone: Europe/Berlin}",
        "price_file: {file: tariff.csv, area: \"BZN|DE-LU\"}",
    ])
    func entsoesOwnExportNeedsNothingMore(key: String) throws {
        let prices = try #require(try tariff(Self.dayAhead, key).price)
        #expect(prices.values.count == 25 && prices.startUnixSeconds == 1_761_429_600)
        let mean = prices.values.reduce(0, +) / 25
        #expect(abs(mean - 0.1205) < 1e-12, "per kilowatt-hour")
    }

    @Test func missingHoursAreHeldAsFarAsTheRuleAllows() throws {
        var rows = "time,EUR/kWh\n"
        for hour in 0..<24 where !(5..<9).contains(hour) {
            rows += "2026-01-01 \(hour < 10 ? "0" : "")\(hour):00:00,\(hour)\n"
        }
        let held = try #require(try tariff(rows, "price_file: tariff.csv").price)
        #expect(held.values.count == 24 && held.values[4...9] == [4, 4, 4, 4, 4, 9])
        let line = try #require(
            try tariff(rows, "price_file: {file: tariff.csv, gap_fill: interpolate}").price)
        #expect(line.values[4...9] == [4, 5, 6, 7, 8, 9])
        let refused = message {
            _ = try tariff(rows, "price_file: {file: tariff.csv, gap_hours_max: 3}")
        }
        #expect(
            refused?.contains("a gap of 4 rows of 3600 s between 2026-01-01T04:00:00Z") == true,
            "\(refused ?? "")")
    }

    @Test func severalAreasAreNeverAveraged() throws {
        let two =
            Self.dayAhead
            + "\"26/10/2025 00:00:00 - 26/10/2025 01:00:00\",\"BZN|FR\",\"x\",\"9.5\",\"\",\"\"\n"
        let refused = message { _ = try tariff(two, "price_file: tariff.csv") }
        #expect(
            refused?.contains("1 rows of times that another row has too, expected one value") == true,
            "\(refused ?? "")")
        let one = try tariff(two, "price_file: {file: tariff.csv, area: \"BZN|DE-LU\"}")
        #expect(one.price?.values.count == 25 && one.price?.values[0] == 0.0005)
    }

    @Test func carbonPerKilowattHourStaysAsItIs() throws {
        let text =
            "Datetime (UTC),Zone id,Carbon intensity gCO₂eq/kWh (direct)\n"
            + "2026-01-01 00:00:00,UT,300\n2026-01-01 01:00:00,UT,301\n"
        let grid = try tariff(
            text, "carbon_file: {file: tariff.csv, column: \"Carbon intensity gCO₂eq/kWh (direct)\"}")
        #expect(grid.carbonGrams?.values == [300, 301])
    }
}

extension String {
    fileprivate func trimmingSuffix() -> String {
        var text = self
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
