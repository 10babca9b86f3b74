import ArgumentParser
import Foundation

struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the manual page of the command and all its verbs.",
        discussion: """
            Examples:
              hercules manual | man -l -
              hercules manual > ~/.local/share/man/man1/hercules.1
            """)

    func run() throws { emit(try ManualPage(Hercules.self).text) }
}
