import Quantities
import Store
import Vocabulary

/// What two measurements must share, besides model, host, engine and schedule, to stand for one another.
package struct MeasurementSettings: Sendable {
    package let digest: ContentDigest

    private init(of value: some Encodable) throws { digest = try ContentDigest(of: value) }

    private struct CellKey: Codable {
        let cellDuration: Nanoseconds
        let loadFraction: Fraction
        let seed: UInt64
        /// nil for the standard engine.
        let engine: EngineSettings?
    }

    /// Of a cell of the schedule grid.
    package static func cell(_ settings: ProfileSettings, seed: UInt64) throws -> MeasurementSettings {
        try MeasurementSettings(
            of: CellKey(
                cellDuration: settings.cellDuration, loadFraction: settings.loadFraction, seed: seed,
                engine: settings.engine == Engines.standard ? nil : settings.engine?.deciding))
    }

    private struct ConfirmationKey: Codable {
        let duration: Nanoseconds
        let seed: UInt64
    }

    /// Of a live check of a simulated throughput.
    package static func confirmation(_ settings: ProfileSettings, seed: UInt64) throws -> MeasurementSettings
    {
        try MeasurementSettings(of: ConfirmationKey(duration: settings.confirmationDuration, seed: seed))
    }

    private struct BisectionKey: Codable {
        let bisection: Nanoseconds
        let seed: UInt64
    }

    /// Of the rates of a comparison of live and simulated throughput.
    package static func bisection(timePerRate: Nanoseconds, seed: UInt64) throws -> MeasurementSettings {
        try MeasurementSettings(of: BisectionKey(bisection: timePerRate, seed: seed))
    }
}
