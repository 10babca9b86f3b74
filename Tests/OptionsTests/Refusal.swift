import ArgumentParser
import Testing

/// What the parser says of words that options do not take.
enum Refusal {
    /// The message and the exit code, or nil where the words are taken.
    static func of<Options: ParsableArguments>(
        _ words: [String], by options: Options.Type
    ) -> (message: String, code: ExitCode)? {
        do {
            _ = try Options.parse(words)
            return nil
        } catch {
            return (Options.message(for: error), Options.exitCode(for: error))
        }
    }

    /// Checks that words are wrong usage, and that the message says why.
    static func expect<Options: ParsableArguments>(
        _ words: [String], by options: Options.Type, says expected: String,
        at location: SourceLocation = #_sourceLocation
    ) {
        guard let refusal = of(words, by: options) else {
            Issue.record("\(words) was taken", sourceLocation: location)
            return
        }
        #expect(refusal.code == .validationFailure, sourceLocation: location)
        #expect(refusal.message.contains(expected), "\(refusal.message)", sourceLocation: location)
    }

    /// What a reading says of a word; nil where it takes it.
    static func message(_ body: () throws -> some Any) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
