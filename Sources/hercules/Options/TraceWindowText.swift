import ArgumentParser
import Vocabulary

/// Reads stretches of a trace: `2h@peak`, `90s@worst`, `10m@36h`; without a start, the peak.
enum TraceWindowText {
    static let window: OptionReading<TraceWindow> = { text in
        guard let window = TraceWindow(text: text) else {
            throw ValidationError("expected \(TraceWindow.expectation)")
        }
        return window
    }
}
