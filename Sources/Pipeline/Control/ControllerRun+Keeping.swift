import Controlling
import Quantities
import Store

extension ControllerRun {
    private static let daySeconds = 86_400.0

    /// Writes the engine itself down every so many ticks. Where that fails the ticks are there to go through,
    /// and it is tried again as many ticks later.
    func remember() {
        guard let store, unremembered >= ControlMemory.ticks else { return }
        unremembered = 0
        try? engine.memory.save(of: setup, in: store)
    }

    /// Once a day forgets ticks that are older than the file says, with their decisions and orders. The audit
    /// stays, and the chain says that something was forgotten.
    func forgetThePast(at time: ControlTime) {
        guard let store, let lastIndex else { return }
        let ticksPerDay = Self.daySeconds / setup.document.interval.seconds
        let day = Int(Double(lastIndex) / ticksPerDay)
        guard day > forgottenDay else { return }
        forgottenDay = day
        let kept = (Double(setup.document.retentionDays) * ticksPerDay).rounded(.up)
        guard Double(lastIndex) > kept else { return }
        do {
            _ = try store.forgetControllerTicks(
                before: lastIndex - Int(kept), atUnixMilliseconds: time.wall.unixMilliseconds)
        } catch {
            // What could not be forgotten today is tomorrow; nothing depends on it.
            forgottenDay = day - 1
        }
    }
}
