import Foundation
import Testing

/// Prices and carbon intensities as markets and grids publish them, from the files to the money of a replay.
@Suite struct TariffRunTests {
    private let workloads: SmallWorkloads
    private static let days = 8

    init() throws {
        workloads = try SmallWorkloads()
        var prices = "MTU (CET/CEST),Zone,Price (EUR/MWh)\n"
        var carbon = "Datetime (UTC),Country,Carbon intensity gCO2eq/kWh (direct)\n"
        for hour in 0..<24 * Self.days {
            let time =
                """
                2024-06-\(03 + hour / 24 < 10 ? "0" : "")\(3 + hour / 24) \
                \(hour % 24 < 10 ? "0" : "")\(hour % 24):00:00
                """
            prices += "\(time),DE-LU,\(Self.price(localHour: hour % 24))\n"
            carbon += "\(time),Germany,\(Self.carbon(hour: hour % 24))\n"
        }
        try Data(prices.utf8).write(to: workloads.folder.appendingPathComponent("prices.csv"))
        try Data(carbon.utf8).write(to: workloads.folder.appendingPathComponent("carbon.csv"))
    }

    /// Per MWh; at noon there is more sun than anybody wants.
    private static func price(localHour: Int) -> Double {
        (12...14).contains(localHour) ? -20 : Double(40 + 3 * localHour)
    }

    private static func carbon(hour: Int) -> Double { Double(300 + 10 * hour) }

    private func write(prices: String) throws {
        let scenario = SmallWorkloads.scenario(id: "tiny", fleet: "tiny")
            .replacingOccurrences(of: "batches: [16, 64, 256, 1024]", with: "batches: [64, 256]")
            .replacingOccurrences(
                of: "policies: [static, oblivious, greedy, priority, hercules]",
                with: "policies: [static, greedy]"
            ).replacingOccurrences(of: "subject: hercules", with: "subject: greedy")
        let folder = workloads.folder.path
        let tariff = [
            "  tariff:", "    currency: EUR", "    power_usage_effectiveness: 1.25",
            "    price_file: \(prices.replacingOccurrences(of: "FOLDER", with: folder))",
            "    carbon_file: {file: \(folder)/carbon.csv, column: \"Carbon intensity gCO2eq/kWh (direct)\"}",
        ]
        try workloads.write(
            "scenarios/tiny.yaml",
            ([scenario.trimmingCharacters(in: .newlines)] + tariff).joined(separator: "\n") + "\n")
    }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    @Test func moneyAndCarbonFollowTheHoursOfTheDay() throws {
        try write(
            prices: "{file: FOLDER/prices.csv, time_column: \"MTU (CET/CEST)\", column: \"Price (EUR/MWh)\", "
                + "time_zone: Europe/Berlin, factor: 0.001}")
        let run = try hercules("run", "Workloads/scenarios/tiny.yaml", "--days", "1", "--quiet")
        #expect(run.status == 0, "\(run.errors)")
        let replay = try hercules("replay", "--days", "1", "--format", "json")
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(replay.output.utf8)) as? [String: Any])
        #expect(document["currency"] as? String == "EUR")
        let policies = try #require(document["policies"] as? [[String: Any]])
        #expect(try hercules("export", "--days", "1", "--output", "out").status == 0)
        let table = try String(
            contentsOf: workloads.folder.appendingPathComponent("out/intervals.csv"), encoding: .utf8)
        var rows = table.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let header = rows.removeFirst().map(String.init)
        func column(_ name: String) throws -> Int { try #require(header.firstIndex(of: name)) }
        let (policy, model, elapsed) = (
            try column("policy"), try column("model"), try column("elapsedSeconds")
        )
        let drawn = try column("drawnWatts")
        for name in ["static", "greedy"] {
            var cost = 0.0
            var grams = 0.0
            for row in rows where row[policy] == name && row[model] == "ncf-1k-rows" {
                let hour = Int((try #require(Double(row[elapsed])) / 3600).rounded(.down))
                let kilowattHours = try #require(Double(row[drawn])) * 0.25 / 1000 * 1.25
                // Berlin is two hours ahead in summer.
                cost += kilowattHours * Self.price(localHour: (hour + 2) % 24) / 1000
                grams += kilowattHours * Self.carbon(hour: hour)
            }
            let found = try #require(policies.first { $0["name"] as? String == name })
            #expect(abs(try #require(found["cost"] as? Double) - cost) < 1e-6 * cost, "\(name)")
            #expect(abs(try #require(found["carbonGrams"] as? Double) - grams) < 1e-6 * grams, "\(name)")
        }
    }

    @Test(arguments: [
        ("{file: FOLDER/prices.csv, column: Price}", "found 'Price', expected a column"),
        (
            "{file: FOLDER/prices.csv, column: \"Price (EUR/MWh)\", time_zone: Mars/Olympus}",
            "expected a name of the time zone database like Europe/Berlin"
        ),
        ("FOLDER/prices.csv", "found 'DE-LU', expected a number from -1000000 to 1e18"),
        ("{file: FOLDER/none.csv}", "none.csv: found no such file"),
        ("{column: x}", "price_file.file"),
    ])
    func whatIsWrongWithASeriesIsNamed(prices: String, message: String) throws {
        try write(prices: prices)
        let run = try hercules("run", "Workloads/scenarios/tiny.yaml", "--days", "1", "--quiet")
        #expect(run.status == 1)
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(
            !FileManager.default.fileExists(
                atPath: workloads.folder.appendingPathComponent("hercules.sqlite").path))
    }
}
