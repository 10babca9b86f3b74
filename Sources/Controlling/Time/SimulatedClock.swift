import Quantities
import Synchronization

/// A clock that moves when it is told to, or at once to whatever is waited for.
public final class SimulatedClock: ControllerClock {
    private struct State {
        var monotonic: Nanoseconds
        var wall: WallTime
    }

    private let state: Mutex<State>

    /// - Parameter wall: what the calendar says at the monotonic origin.
    public init(wall: WallTime) {
        state = Mutex(State(monotonic: .zero, wall: wall))
    }

    public func now() -> ControlTime {
        state.withLock { ControlTime(monotonic: $0.monotonic, wall: $0.wall) }
    }

    /// Moves both clocks on.
    /// - Precondition: the step is not negative.
    public func advance(by step: Nanoseconds) {
        precondition(step >= .zero, "a monotonic clock never goes back")
        state.withLock { state in
            state.monotonic = state.monotonic + step
            state.wall = state.wall.adding(seconds: step.seconds)
        }
    }

    /// Sets the calendar alone, as an operator or a time server does.
    public func setWall(_ wall: WallTime) { state.withLock { $0.wall = wall } }

    /// Moves on to the moment at once; a moment that has passed changes nothing.
    public func sleep(until monotonic: Nanoseconds) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            guard monotonic > state.monotonic else { return }
            state.wall = state.wall.adding(seconds: (monotonic - state.monotonic).seconds)
            state.monotonic = monotonic
        }
        await Task.yield()
    }
}
