import ArgumentParser
import Files
import Foundation

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print or install what completes this command's words in a shell.",
        discussion: """
            Without a name the shell is the one that $SHELL names. Bash (with its package bash-completion) \
            and fish find the installed file by themselves; for zsh the folder ~/.zfunc must stand in \
            `fpath` before `compinit` runs.

            Examples:
              hercules completions --install
              hercules completions fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: Shell?

    @Flag(help: "Write the file where the shell looks for it, in your home folder.")
    var install = false

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let shell = try self.shell ?? Self.own(environment["SHELL"])
        guard install else { return emit(shell.script) }
        let path = try shell.path(environment)
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = OutputFile(
            path: path, kind: .earlier("completions of a shell", beginning: shell.beginning), database: nil)
        try file.write(shell.script)
        emit("\(path)\n")
    }

    private static func own(_ path: String?) throws -> Shell {
        let name = path.map { ($0 as NSString).lastPathComponent } ?? ""
        guard let shell = Shell(rawValue: name) else {
            let known = Shell.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("$SHELL: found '\(path ?? "")', expected one of \(known), or one by name")
        }
        return shell
    }
}

extension CompletionsCommand.Shell {
    /// What completes the words of this version of the command.
    var script: String {
        let shell: CompletionShell =
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        let script = Hercules.completionScript(for: shell)
        return script.hasSuffix("\n") ? script : script + "\n"
    }

    /// How every such file begins.
    var beginning: String {
        switch self {
        case .bash: "#!/bin/bash"
        case .zsh: "#compdef hercules"
        case .fish: "function __hercules"
        }
    }

    /// Where the shell looks for it.
    /// - Throws: `ValidationError` where the home folder is not known.
    func path(_ environment: [String: String]) throws -> String {
        func folder(_ name: String, _ inHome: String) throws -> String {
            if let path = environment[name], path.hasPrefix("/") { return path }
            guard let home = environment["HOME"], home.hasPrefix("/") else {
                throw ValidationError("$HOME: found '\(environment["HOME"] ?? "")', expected a home folder")
            }
            return inHome.isEmpty ? home : "\(home)/\(inHome)"
        }
        switch self {
        case .bash:
            return try folder("XDG_DATA_HOME", ".local/share") + "/bash-completion/completions/hercules"
        case .zsh: return try folder("ZDOTDIR", "") + "/.zfunc/_hercules"
        case .fish: return try folder("XDG_CONFIG_HOME", ".config") + "/fish/completions/hercules.fish"
        }
    }
}
