import ArgumentParser
import Foundation

/// Asks a person on a terminal for what the command line does not say. Nobody is asked where the input is no
/// terminal: scripts must not wait.
enum Question {
    /// How often a person may try.
    private static let triesMax = 3

    /// - Parameters:
    ///   - option: what says it on the command line.
    ///   - question: without the mark at its end.
    /// - Throws: `ValidationError` where nobody can be asked, or no answer could be read.
    static func one<Value>(
        _ option: String, _ question: String, reading read: OptionReading<Value>
    ) throws -> Value {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw ValidationError("found no \(option), expected it on the command line")
        }
        for _ in 0..<triesMax {
            say("\(question): ")
            guard let answer = readLine() else { break }
            do {
                return try read(answer.trimmingCharacters(in: .whitespaces))
            } catch let error as ValidationError {
                say("\(error.message)\n")
            }
        }
        throw ValidationError("found no \(option) that can be read")
    }

    /// The same for several answers, separated by commas.
    static func list<Value: Sendable>(
        _ option: String, _ question: String, reading read: @escaping OptionReading<Value>
    ) throws -> [Value] {
        try one(
            option, question,
            reading: NameText.list(of: { word in
                try read(word.trimmingCharacters(in: .whitespaces))
            }))
    }

    private static func say(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
