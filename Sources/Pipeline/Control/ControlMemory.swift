import Controlling
import Forecasting
import Foundation
import Provisioning
import Store
import Vocabulary

/// What an engine has come to after a tick. It is written down twice a day of minutes, so that a start goes
/// through the ticks since then and not through weeks of them.
package struct ControlMemory: Hashable, Codable, Sendable {
    /// What a policy had at the last tick.
    struct Standing: Hashable, Codable, Sendable {
        let counts: Allocation
        let starts: Int
    }

    let ledgers: [ModelID: InputLedger]
    let ours: ProvisionerState
    let opponents: [String: ProvisionerState]
    let savings: SavingsLedger
    let lastTick: Int?
    let standing: [String: Standing]

    /// Ticks after which an engine is written down again.
    package static let ticks = 720

    /// Rises whenever what is remembered means something else.
    private static let format = 1

    /// Keeps what an engine has come to, in the place of what was kept before.
    /// - Throws: `StoreError`, and `EncodingError` for a forecaster that has no record.
    package func save(of setup: ControlSetup, in store: Store) throws {
        guard let lastTick else { return }
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try store.saveControllerMemory(
            StoredControlMemory(
                tick: lastTick, setup: try Self.key(of: setup),
                text: String(decoding: try encoder.encode(self), as: UTF8.self)))
    }

    /// What was kept of the same setup at a tick or before, and which; nil where there is nothing that can be
    /// gone on from.
    static func load(of setup: ControlSetup, in store: Store, until end: Int) throws -> (Self, tick: Int)? {
        guard let kept = try store.controllerMemory(setup: try key(of: setup)), kept.tick <= end else {
            return nil
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let reading: ForecasterReading = Forecasters.read
        decoder.userInfo[.forecasters] = reading
        // Of another version of the tool: the ticks tell it all again.
        guard let memory = try? decoder.decode(Self.self, from: Data(kept.text.utf8)),
            memory.lastTick == kept.tick
        else { return nil }
        return (memory, kept.tick)
    }

    /// Of all that decides how an engine goes on.
    private static func key(of setup: ControlSetup) throws -> ContentDigest {
        struct Parts: Codable {
            let format: Int
            let toolVersion: String
            let scenario: String
            let setup: String
            let models: [ModelID]
            let failSafe: FailSafe
        }
        return try ContentDigest(
            of: Parts(
                format: format, toolVersion: Recorder.toolVersion,
                scenario: try setup.scenario.definitionDigest.hexadecimal, setup: setup.digest,
                models: setup.models, failSafe: setup.failSafe))
    }
}
