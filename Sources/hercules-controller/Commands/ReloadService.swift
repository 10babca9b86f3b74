import Controlling
import Foundation
import Logging
import Pipeline
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reads the file again whenever the process is sent SIGHUP.
struct ReloadService: Service {
    let control: ControllerRun
    let logger: Logger

    func run() async throws {
        let sender = ControllerActor(name: "SIGHUP", role: Role.operating.rawValue, address: "this machine")
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                try await control.perform(.reload(confirms: false, revision: nil), by: sender)
                logger.notice("the file was read again and is in force")
            } catch {
                logger.error("the file was read again", metadata: ["error": "\(error)"])
            }
        }
    }
}

/// The inputs in force, which a file that is read again replaces.
final class CurrentInputs: Sendable {
    private let inputs: Mutex<LoadInputs>

    init(_ inputs: LoadInputs) { self.inputs = Mutex(inputs) }

    var now: LoadInputs { inputs.withLock { $0 } }

    /// Puts new ones in force and ends those before, or ends the new ones.
    func settle(_ new: LoadInputs, isAdopted: Bool) async {
        let other = inputs.withLock { current in
            guard isAdopted else { return new }
            defer { current = new }
            return current
        }
        await other.shutdown()
    }
}
