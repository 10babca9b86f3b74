import ArgumentParser
import Files
import Pipeline
import Vocabulary

/// Reads names: those that are known beforehand, and those that only a file or a database can tell.
enum NameText {
    /// A word that only a file, a database or another program can judge.
    /// - Parameter expected: what the word names.
    static func filled(_ expected: String) -> OptionReading<String> {
        { text in
            guard !text.allSatisfy(\.isWhitespace) else { throw ValidationError("expected \(expected)") }
            return text
        }
    }

    static let file = filled("the name of a file")
    static let folder = filled("the name of a folder")
    static let column = filled("the name of a column")

    /// A name of the catalogue's kind: it becomes a file's.
    static let draft: OptionReading<String> = { text in
        guard DraftScenario.allows(name: text) else {
            throw ValidationError(
                "expected up to 64 lower-case letters, digits, '-', '_' and '.', beginning with a letter or "
                    + "digit")
        }
        return text
    }

    /// One of the names that are built in.
    static func name(_ kind: String, among known: [String]) -> OptionReading<String> {
        { text in
            guard known.contains(text) else { throw unknown(kind, text, known) }
            return text
        }
    }

    /// Some of the names that are built in, separated by commas, each once.
    static func names(_ kind: String, among known: [String]) -> OptionReading<[String]> {
        once(kind, list(of: name(kind, among: known)))
    }

    /// Models by names that only a scenario can judge, separated by commas, each once.
    static let models: OptionReading<[ModelID]> = once("model", list(of: { ModelID($0) }))

    /// A case of an enumeration by its raw value.
    static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ kind: String
    ) -> OptionReading<Choice> where Choice.RawValue == String {
        choice(kind) { $0.rawValue }
    }

    /// A case of an enumeration by its name.
    static func choice<Choice: CaseIterable & Sendable>(
        _ kind: String, by name: @escaping @Sendable (Choice) -> String
    ) -> OptionReading<Choice> {
        let choices = Array(Choice.allCases)
        return { text in
            guard let choice = choices.first(where: { name($0) == text }) else {
                throw unknown(kind, text, choices.map(name))
            }
            return choice
        }
    }

    /// At least one word, separated by commas.
    static func list<Element: Sendable>(of read: @escaping OptionReading<Element>) -> OptionReading<[Element]>
    {
        { text in
            let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return try words.map { word in
                guard !word.isEmpty else { throw ValidationError("expected words separated by commas") }
                do {
                    return try read(word)
                } catch let error as ValidationError {
                    let isSaid = words.count == 1 || error.message.contains("'\(word)'")
                    throw isSaid ? error : ValidationError("'\(word)': \(error.message)")
                }
            }
        }
    }

    private static func once<Element: Hashable & Sendable>(
        _ kind: String, _ read: @escaping OptionReading<[Element]>
    ) -> OptionReading<[Element]> {
        { text in
            let names = try read(text)
            guard Set(names).count == names.count else { throw ValidationError("expected each \(kind) once") }
            return names
        }
    }

    private static func unknown(_ kind: String, _ found: String, _ known: [String]) -> ValidationError {
        ValidationError(
            "unknown \(kind) '\(found)': expected \(NameSuggestion.oneOf(known, insteadOf: found))")
    }
}
