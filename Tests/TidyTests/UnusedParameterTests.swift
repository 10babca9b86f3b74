import Foundation
import Testing

/// A parameter that a function does not look at says something untrue to its callers.
@Suite struct UnusedParameterTests {
    /// What a protocol asks for and one of its types has no use for.
    private static let ofProtocols: Set<String> = [
        "OracleForecaster.observe.load", "Progress", "NullEngine.prepare", "OpenAIEngine.prepare.batches",
        "CommandEngine.prepare.batches", "InferenceEngine.takeTokenFigures", "ProvisioningPolicy.plan.memory",
        "MeasuredServerModel.space.limits", "ServiceTimes.time.draw",
    ]

    private struct Function {
        let file: String
        let line: Int
        let name: String
        let parameters: [String]
        let body: Substring
    }

    /// The functions and initialisers of a file that others may call, with their bodies.
    private static func functions(of file: String) throws -> [Function] {
        let text = try SourceTree.text(file)
        let head =
            #/
            (?:public|package) \s+ (?:(?:static|mutating|convenience|override|final) \s+)*
            (?<name> func \s+ \w+ | init \?? ) \s* (?: < [^>{\n]* > )? \(
            /#
        return text.matches(of: head).compactMap { match -> Function? in
            guard let close = closing(text, from: match.range.upperBound, "(", ")"),
                let open = bodyStart(text, after: close), let end = closing(text, from: open, "{", "}")
            else { return nil }
            let before = text[..<match.range.lowerBound]
            return Function(
                file: file, line: before.count { $0 == "\n" } + 1,
                name: match.name.split(separator: " ").last.map(String.init) ?? "init",
                parameters: parameters(text[match.range.upperBound..<text.index(before: close)]),
                body: text[open..<end])
        }
    }

    /// The index after the bracket that closes one that is open already.
    private static func closing(
        _ text: String, from start: String.Index, _ open: Character, _ close: Character
    ) -> String.Index? {
        var depth = 1
        var index = start
        while index < text.endIndex {
            if text[index] == open { depth += 1 } else if text[index] == close { depth -= 1 }
            index = text.index(after: index)
            if depth == 0 { return index }
        }
        return nil
    }

    /// The index after the brace that opens a body; nil for a requirement of a protocol.
    private static func bodyStart(_ text: String, after close: String.Index) -> String.Index? {
        guard let brace = text[close...].firstIndex(of: "{") else { return nil }
        let between = text[close..<brace]
        guard !between.contains("}"), !between.contains("///"), !between.contains("func "),
            !between.contains("var "), !between.contains("let ")
        else { return nil }
        return text.index(after: brace)
    }

    /// The names by which a body knows its parameters.
    private static func parameters(_ list: Substring) -> [String] {
        var names: [String] = []
        var depth = 0
        var current = ""
        for character in list + "," {
            if "([{<".contains(character) { depth += 1 }
            if ")]}".contains(character) || character == ">" && !current.hasSuffix("-") { depth -= 1 }
            if character == ",", depth == 0 {
                let label = current.prefix { $0 != ":" }.split { $0 == " " || $0 == "\n" }
                if current.contains(":"), let name = label.last, name != "_" {
                    names.append(name.trimmingCharacters(in: ["`"]))
                }
                current = ""
            } else {
                current.append(character)
            }
        }
        return names
    }

    @Test func everyParameterIsLookedAt() throws {
        var count = 0
        for file in SourceTree.files(under: "Sources", endings: ["swift"]) {
            let type = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
            for function in try Self.functions(of: file) {
                count += 1
                let words = Set(function.body.split { !($0.isLetter || $0.isNumber || $0 == "_") })
                for parameter in function.parameters where !words.contains(parameter[...]) {
                    let isKnown = [
                        type, "\(type).\(function.name)", "\(type).\(function.name).\(parameter)",
                    ].contains { Self.ofProtocols.contains($0) }
                    #expect(isKnown, "\(file):\(function.line): \(function.name) ignores \(parameter)")
                }
            }
        }
        #expect(count > 800, "found only \(count) functions: are they read?")
    }
}
