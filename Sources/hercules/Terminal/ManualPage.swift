import ArgumentParser
import Foundation

/// The manual page, made from what the parser knows of the verbs: it cannot say what they do not do.
struct ManualPage {
    /// A verb as the parser describes it.
    private struct Verb: Decodable {
        let commandName: String
        let shouldDisplay: Bool?
        let abstract: String?
        let discussion: String?
        let subcommands: [Verb]?
        let arguments: [Word]?
    }

    /// An option, a flag or an argument.
    private struct Word: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
            var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
        }

        let kind: String
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
    }

    private struct Description: Decodable {
        let command: Verb
    }

    private let root: Verb
    private let version: String

    init(_ command: any ParsableCommand.Type) throws {
        let dump = Data(command._dumpHelp().utf8)
        root = try JSONDecoder().decode(Description.self, from: dump).command
        version = command.configuration.version
    }

    /// In the macros of man(7).
    var text: String {
        let title = root.commandName.uppercased()
        var lines = [
            ".TH \(title) 1 \"\" \"\(root.commandName) \(Self.quoted(version))\" \"User Commands\"",
            ".SH NAME",
            "\(root.commandName) \\- \(Self.plain(Self.inner(root.abstract ?? "")))",
            ".SH SYNOPSIS", ".B \(root.commandName)", ".I verb", "[options]",
            ".SH DESCRIPTION",
        ]
        lines += Self.paragraphs(root.discussion)
        lines += [".SH OPTIONS OF EVERY VERB"] + words(of: root)
        lines.append(".SH VERBS")
        for verb in root.subcommands ?? [] { lines += section(of: verb, after: root.commandName) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(of verb: Verb, after path: String) -> [String] {
        guard verb.commandName != "help", verb.shouldDisplay ?? true else { return [] }
        let path = "\(path) \(verb.commandName)"
        let arguments = (verb.arguments ?? []).filter { $0.kind == "positional" && $0.shouldDisplay }
        let synopsis = arguments.map { word in
            let name = "<\(word.valueName ?? "")>\(word.isRepeating ? " ..." : "")"
            return word.isOptional ? "[\(name)]" : name
        }
        let heading = ([path] + synopsis).joined(separator: " ")
        var lines = [".SS \"\(Self.quoted(heading))\""] + Self.paragraphs(verb.abstract)
        lines += Self.paragraphs(verb.discussion)
        guard let subcommands = verb.subcommands?.filter({ $0.commandName != "help" }), !subcommands.isEmpty
        else { return lines + words(of: verb) }
        for subcommand in subcommands { lines += section(of: subcommand, after: path) }
        return lines
    }

    /// The options of a verb; help and the version are those of every verb.
    private func words(of verb: Verb) -> [String] {
        let isRoot = verb.commandName == root.commandName
        return (verb.arguments ?? []).flatMap { word -> [String] in
            let names = word.names?.map(\.text) ?? ["<\(word.valueName ?? "")>"]
            let isEverywhere = names.contains("--help") || names.contains("--version")
            guard word.shouldDisplay, isRoot || !isEverywhere else { return [] }
            let value = word.kind == "option" ? " <\(word.valueName ?? "")>" : ""
            let fallback = word.defaultValue.map { " (default: \($0))" } ?? ""
            return [
                ".TP", ".B \"\(Self.quoted(names.joined(separator: ", ") + value))\"",
                Self.plain((word.abstract ?? "") + fallback),
            ]
        }
    }

    /// Lines that begin with blanks are examples, and stay as they are.
    private static func paragraphs(_ text: String?) -> [String] {
        var lines: [String] = []
        var isExample = false
        for line in (text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            let begins = line.hasPrefix(" ")
            if begins != isExample { lines.append(begins ? ".nf" : ".fi") }
            isExample = begins
            lines.append(line.isEmpty ? ".PP" : plain(String(line)))
        }
        return text == nil ? [] : [".PP"] + lines + (isExample ? [".fi"] : [])
    }

    /// A sentence as the one line that catalogues of manuals show.
    private static func inner(_ sentence: String) -> String {
        let text = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// Text that no macro or escape is read from.
    private static func plain(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            .replacing("\n", with: " ")
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    /// The same between quotation marks.
    private static func quoted(_ text: String) -> String { plain(text).replacing("\"", with: "\\(dq") }
}
