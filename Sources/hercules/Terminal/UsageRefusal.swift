import ArgumentParser
import Foundation
import Vocabulary

/// What a person hears whose words turned out wrong only when the verb ran: the reason and the verb's usage,
/// as the parser says it of words that it finds wrong itself.
struct UsageRefusal {
    let text: String
    /// The text without the usage.
    let reason: String

    /// nil for errors that lie in a file, a machine or a database.
    init?(_ error: any Error, of command: any ParsableCommand.Type) {
        switch error {
        case let error as ValidationError: self.init(error.message, of: command)
        case let error as any UsageFault where error.isUsage: self.init(error.description, of: command)
        default: return nil
        }
    }

    private init(_ reason: String, of command: any ParsableCommand.Type) {
        self.reason = reason
        let usage = Hercules.usageString(for: command)
        // The verb ends where its arguments begin.
        let verb = usage.prefix { !"[<\n".contains($0) }.trimmingCharacters(in: .whitespaces)
        text = "Error: \(reason)\nUsage: \(usage)\n  See '\(verb) --help' for more information.\n"
    }
}

/// An error of another layer with the option that helps, which only the command knows.
struct HintedError: UsageFault {
    let description: String
    let isUsage: Bool

    init(_ error: any Error, hint: String) {
        description = "\(error); \(hint)"
        isUsage = (error as? any UsageFault)?.isUsage ?? false
    }
}
