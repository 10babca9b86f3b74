import ArgumentParser
import Controlling
import Foundation
import Quantities

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Give and take tokens.",
        subcommands: [TokenAddCommand.self, TokenListCommand.self, TokenRemoveCommand.self])
}

/// Options of all verbs about tokens.
struct TokenFileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The file of tokens.", valueName: "file"))
    var file = "controller.tokens"
}

struct TokenAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a token and print it once; the file keeps only its digest.",
        discussion: """
            Example: hercules controller token add grafana --role viewer --expires 2027-06-30
            """)

    @Argument(help: "Who gets the token.") var name: String
    @Option(help: "viewer, scaler, approver or operator.") var role: String
    @Option(help: ArgumentHelp("The token is worth nothing from this day on.", valueName: "date"))
    var expires: String?
    @OptionGroup var options: TokenFileOptions

    func validate() throws {
        guard TokenFile.isName(name) else {
            throw ValidationError("name: expected letters, digits, dots, dashes and underscores, at most 64")
        }
        guard Role(rawValue: role) != nil else {
            throw ValidationError("--role: found '\(role)', expected one of \(Role.names)")
        }
    }

    func run() throws {
        let token = RandomToken.make()
        let line =
            "\(name) \(role) sha256:\(TokenDigest(of: token).hexadecimal)" + (expires.map { " \($0)" } ?? "")
        let text = try TokenFileText.read(options.file)
        let all = text + (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + line + "\n"
        do throws(TokenFileError) { _ = try TokenFile(text: all, path: options.file) } catch {
            throw ValidationError(error.description)
        }
        try TokenFileText.write(all, options.file)
        FileHandle.standardError.write(Data("This is the only time that the token is shown:\n".utf8))
        print(token)
    }
}

struct TokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List names, roles and ends of tokens.")

    @OptionGroup var options: TokenFileOptions

    func run() throws {
        let file = try TokenFile(text: TokenFileText.read(options.file), path: options.file)
        for entry in file.entries {
            print(
                "\(entry.name)  \(entry.role.rawValue)  \(entry.expires.map { "\($0)" } ?? "never expires")")
        }
    }
}

struct TokenRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a token away; a running controller notices at once.")

    @Argument(help: "Whose token.") var name: String
    @OptionGroup var options: TokenFileOptions

    func run() throws {
        let text = try TokenFileText.read(options.file)
        let file = try TokenFile(text: text, path: options.file)
        guard file.entries.contains(where: { $0.name == name }) else {
            throw ValidationError("\(options.file): found no token of '\(name)'")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter {
            $0.split(whereSeparator: \.isWhitespace).first.map(String.init) != name
        }
        try TokenFileText.write(lines.joined(separator: "\n"), options.file)
    }
}

/// Reads and replaces the file of tokens, with the mode that it must have.
enum TokenFileText {
    /// The text of the file; empty where there is none yet.
    static func read(_ path: String) throws -> String {
        guard FileManager.default.fileExists(atPath: path) else { return "" }
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try handle.read(upToCount: TokenFile.bytesMax + 1), data.count <= TokenFile.bytesMax,
            let text = String(data: data, encoding: .utf8)
        else { throw TokenFileError.unreadable(path, reason: "found no text that can be read") }
        return text
    }

    /// Replaces the file at once: who reads meanwhile sees the old or the new one.
    static func write(_ text: String, _ path: String) throws {
        let partial = path + ".partial-\(ProcessInfo.processInfo.processIdentifier)"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw TokenFileError.unreadable(partial, reason: String(cString: strerror(errno)))
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            guard rename(partial, path) == 0 else {
                throw TokenFileError.unreadable(path, reason: String(cString: strerror(errno)))
            }
        } catch {
            unlink(partial)
            throw error
        }
    }
}
