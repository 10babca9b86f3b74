import ArgumentParser

/// How a word of the command line is read: into a value, or into an error that says what was expected.
///
/// The parser adds which option the word was given to, and the usage of the verb.
typealias OptionReading<Value> = @Sendable (String) throws -> Value

extension Option {
    /// An option with a default that its help names: the parser does so only for types that it reads itself.
    init(
        wrappedValue: Value, helpWithDefault help: ArgumentHelp, completion: CompletionKind? = nil,
        transform: @escaping OptionReading<Value>
    ) {
        var help = help
        help.abstract += " (default: \(wrappedValue))"
        self.init(wrappedValue: wrappedValue, help: help, completion: completion, transform: transform)
    }
}
