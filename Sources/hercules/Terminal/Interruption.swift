import Foundation
import Synchronization

/// Turns ^C into a question that long work can ask: the first one asks it to stop with what it has, the
/// second ends the process at once.
enum Interruption {
    private static let asked = Atomic(false)

    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    static func listen() {
        signal(SIGINT) { _ in
            if Interruption.asked.exchange(true, ordering: .relaxed) { _exit(130) }
        }
    }
}
