import Files
import Quantities
import Vocabulary

/// Reads the parts of a scenario's `replay` section that model forecasts, servers' states, failures and
/// tariffs. All of them may be left out.
struct OnlineSettingsReader {
    /// Where the files that a tariff names lie.
    let traces: TraceFolder
    let forecasters: [String]?

    enum ForecastKey: String, SectionKey {
        case forecaster
        case season = "season_seconds"
        case longSeason = "long_season_seconds"
        case looksAhead = "looks_ahead"
    }

    enum DynamicsKey: String, SectionKey {
        case boot = "boot_seconds"
        case modelLoad = "model_load_seconds"
        case modelLoadBandwidth = "model_load_bytes_per_second"
        case drain = "drain_seconds"
        case startingLoad = "starting_load_fraction"
        case offPower = "off_watts"
        case idleHold = "idle_hold_seconds"
        case dwell = "dwell_seconds"
    }

    enum DecisionKey: String, SectionKey {
        case period = "period_seconds"
        case stepServersMax = "step_servers_max"
        case replan = "replan_fraction"
        case switchingHorizon = "switching_horizon_seconds"
        case lookAhead = "look_ahead_intervals"
    }

    enum FailureKey: String, SectionKey {
        case server = "server_mean_seconds"
        case rack = "rack_mean_seconds"
        case rackServers = "rack_servers"
        case repair = "repair_mean_seconds"
    }

    enum OutageKey: String, SectionKey {
        case mean = "mean_seconds"
        case duration = "duration_seconds"
        case restores = "restores_state"
    }

    enum DisturbanceKey: String, SectionKey {
        case perDay = "per_day"
        case duration = "duration_seconds"
        case factor
    }

    enum ReactiveKey: String, SectionKey {
        case target = "target_utilisation"
        case tolerance = "tolerance_fraction"
        case downWindow = "scale_down_window_seconds"
        case upWindow = "scale_up_window_seconds"
        case period = "period_seconds"
        case upShare = "scale_up_fraction"
        case upServers = "scale_up_servers"
        case downShare = "scale_down_fraction"
        case replicasMin = "replicas_min"
    }

    enum TrackingKey: String, SectionKey {
        case fullAt = "kv_full_fraction"
        case spareMin = "kv_spare_fraction"
        case period = "period_seconds"
        case replicasMin = "replicas_min"
    }

    enum TariffKey: String, SectionKey {
        case usage = "power_usage_effectiveness"
        case currency
        case price = "price_per_kilowatt_hour"
        case priceFile = "price_file"
        case carbon = "carbon_grams_per_kilowatt_hour"
        case carbonFile = "carbon_file"
    }

    func forecast(_ value: YAMLValue, into settings: inout OnlineSettings) throws(FileError) {
        let section = try value.section(ForecastKey.self)
        if let name = section.optional(.forecaster) {
            settings.forecaster = try name.name()
            let known = forecasters.map { $0 + [ForecasterName.best] }
            if let known, !known.contains(settings.forecaster) {
                throw .unknownName(
                    name.place, kind: "a forecaster", found: settings.forecaster, known: known)
            }
        }
        settings.season = try section.optional(.season).map(season) ?? settings.season
        settings.longSeason = try section.optional(.longSeason).map(season)
        settings.looksAhead = try section.optional(.looksAhead)?.truth() ?? settings.looksAhead
    }

    /// A season of the load: from minutes to a few years.
    private func season(_ value: YAMLValue) throws(FileError) -> Nanoseconds {
        try value.duration(unitSeconds: 1, from: 1, to: 3 * 366 * 86_400)
    }

    /// How often something is decided or may happen: at most every second.
    private func period(_ value: YAMLValue) throws(FileError) -> Nanoseconds {
        try value.duration(unitSeconds: 1, from: 1, to: 366 * 86_400)
    }

    /// How long it is, on average, until something fails: at least an hour.
    private func meanTime(_ value: YAMLValue) throws(FileError) -> Nanoseconds {
        try value.duration(unitSeconds: 1, from: 3600, to: 1e9)
    }

    func dynamics(_ value: YAMLValue) throws(FileError) -> FleetDynamics {
        let section = try value.section(DynamicsKey.self)
        return FleetDynamics(
            boot: try time(section.optional(.boot)), modelLoad: try time(section.optional(.modelLoad)),
            modelLoadBandwidth: try section.optional(.modelLoadBandwidth).map {
                (value) throws(FileError) in
                BytesPerSecond(try value.number(.positive))
            },
            drain: try time(section.optional(.drain)),
            startingLoad: Fraction(try section.optional(.startingLoad)?.number(.fraction) ?? 0.5),
            offPower: Watts(try section.optional(.offPower)?.number(.notNegative) ?? 0),
            idleHold: try time(section.optional(.idleHold)), dwell: try time(section.optional(.dwell)))
    }

    func decisions(_ value: YAMLValue, into settings: inout OnlineSettings) throws(FileError) {
        let section = try value.section(DecisionKey.self)
        settings.decisionPeriod = try section.optional(.period).map(period)
        settings.stepServersMax = try section.optional(.stepServersMax)?.wholeNumber()
        settings.replanFraction = try section.optional(.replan).map { (value) throws(FileError) in
            Fraction(try value.number(.notNegative))
        }
        settings.switchingHorizon = try section.optional(.switchingHorizon).map {
            (value) throws(FileError) in try time(value)
        }
        settings.lookAheadIntervals = try section.optional(.lookAhead)?.wholeNumber(to: 1000)
    }

    func failures(_ value: YAMLValue) throws(FileError) -> FailureSettings {
        let section = try value.section(FailureKey.self)
        return FailureSettings(
            meanTimeBetweenServerFailures: try meanTime(section[.server]),
            meanTimeBetweenRackFailures: try section.optional(.rack).map(meanTime),
            rackServers: try section.optional(.rackServers)?.wholeNumber(to: 1_000_000) ?? 1,
            meanRepair: try section[.repair].duration(unitSeconds: 1, from: 1, to: 1e9))
    }

    func outages(_ value: YAMLValue) throws(FileError) -> OutageSettings {
        let section = try value.section(OutageKey.self)
        return OutageSettings(
            meanTimeBetween: try meanTime(section[.mean]),
            duration: try section[.duration].duration(unitSeconds: 1, from: 1, to: 1e9),
            restoresState: try section[.restores].truth())
    }

    func disturbances(_ value: YAMLValue) throws(FileError) -> [LoadDisturbance] {
        var disturbances: [LoadDisturbance] = []
        for item in try value.filledList(max: 100) {
            let section = try item.section(DisturbanceKey.self)
            disturbances.append(
                LoadDisturbance(
                    perDay: try section[.perDay].number(.from(1e-6, to: 1440)),
                    duration: try section[.duration].duration(unitSeconds: 1, from: 1, to: 1e9),
                    factor: try section[.factor].number(.from(0, to: 1000))))
        }
        return disturbances
    }

    func reactive(_ value: YAMLValue) throws(FileError) -> ReactiveSettings {
        let section = try value.section(ReactiveKey.self)
        var settings = ReactiveSettings()
        func share(_ key: ReactiveKey, _ range: NumberRange, _ standard: Fraction) throws(FileError)
            -> Fraction
        {
            Fraction(try section.optional(key)?.number(range) ?? standard.value)
        }
        settings.targetUtilisation = try share(.target, .positive, settings.targetUtilisation)
        settings.tolerance = try share(.tolerance, .notNegative, settings.tolerance)
        settings.scaleUpShare = try share(.upShare, .notNegative, settings.scaleUpShare)
        settings.scaleDownShare = try share(.downShare, .fraction, settings.scaleDownShare)
        settings.scaleDownWindow = try time(section.optional(.downWindow), settings.scaleDownWindow)
        settings.scaleUpWindow = try time(section.optional(.upWindow), settings.scaleUpWindow)
        settings.period = try section.optional(.period).map(period) ?? settings.period
        settings.scaleUpServers =
            try section.optional(.upServers)?.wholeNumber(from: 0) ?? settings.scaleUpServers
        settings.replicasMin =
            try section.optional(.replicasMin)?.wholeNumber(from: 0) ?? settings.replicasMin
        return settings
    }

    func tracking(_ value: YAMLValue) throws(FileError) -> TrackingSettings {
        let section = try value.section(TrackingKey.self)
        var settings = TrackingSettings()
        settings.fullAt = Fraction(
            try section.optional(.fullAt)?.number(.fraction) ?? settings.fullAt.value)
        settings.spareMin = Fraction(
            try section.optional(.spareMin)?.number(.fraction) ?? settings.spareMin.value)
        settings.period = try section.optional(.period).map(period) ?? settings.period
        settings.replicasMin =
            try section.optional(.replicasMin)?.wholeNumber(from: 0) ?? settings.replicasMin
        guard settings.scaleUpAbove > 0 else {
            throw value.refusal(expected: "kv_spare_fraction below kv_full_fraction")
        }
        return settings
    }

    func tariff(_ value: YAMLValue) throws(FileError) -> EnergyTariff {
        let section = try value.section(TariffKey.self)
        var tariff = EnergyTariff()
        if let usage = section.optional(.usage) {
            tariff.powerUsageEffectiveness = try usage.number(.positive)
            guard tariff.powerUsageEffectiveness >= 1 else {
                throw usage.refusal(expected: "a number of at least 1")
            }
        }
        tariff.currency = try section.optional(.currency)?.text() ?? tariff.currency
        tariff.price = try series(section, .price, .priceFile)
        tariff.carbonGrams = try series(section, .carbon, .carbonFile)
        return tariff
    }

    /// A constant, or an hourly CSV of (time, value): its name, or a section that also says which column and
    /// zone.
    private func series(
        _ section: YAMLSection<TariffKey>, _ constant: TariffKey, _ file: TariffKey
    ) throws(FileError) -> HourlySeries? {
        guard section.optional(constant) != nil || section.optional(file) != nil else { return nil }
        let (key, value) = try section.either(constant, file)
        if key == constant { return HourlySeries([try value.number(.notNegative)]) }
        return try HourlySeriesReader(traces: traces).series(value)
    }

    /// A time of at least zero.
    private func time(
        _ value: YAMLValue?, _ standard: Nanoseconds = .zero
    ) throws(FileError) -> Nanoseconds {
        guard let value else { return standard }
        let seconds = try value.number(.notNegative)
        guard seconds <= 1e9 else { throw value.refusal(expected: "a time of at most 1e9 s") }
        return Nanoseconds(seconds: seconds)
    }
}
