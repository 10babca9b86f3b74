import Foundation
import Testing

/// Only the command knows what its options are called: below it, no text names one.
@Suite struct OptionLiteralTests {
    /// Files whose texts hold `--` followed by a letter for another reason.
    private static let exempt = [
        "Sources/Profiling/Inputs/GeneratedModels.swift": "arguments of the script that writes ONNX files",
        "Sources/Profiling/Engines/CommandEngine.swift": "arguments of the user's own program",
        "Sources/Reporting/Exports/EngineLaunch.swift": "arguments of engines' servers",
        "Sources/Reporting/Renderers/HTMLStyle.swift": "custom properties of CSS",
    ]

    @Test func noTextBelowTheCommandNamesAnOption() throws {
        let files = SourceTree.files(under: "Sources", endings: ["swift"])
            .filter {
                !$0.hasPrefix("Sources/hercules/") && !$0.hasPrefix("Sources/hercules-controller/Commands/")
            }
        #expect(files.count > 100)
        for file in files where Self.exempt[file] == nil {
            for line in try Self.linesWithOption(SourceTree.text(file)) {
                Issue.record("\(file):\(line): a text names an option of the command")
            }
        }
    }

    @Test func everyExemptionIsStillNeeded() throws {
        for file in Self.exempt.keys.sorted() {
            #expect(try !Self.linesWithOption(SourceTree.text(file)).isEmpty, "\(file)")
        }
    }

    @Test(arguments: [
        (#"let a = "use --database""#, [1]), (#"let a = 1 // "--database""#, []),
        (#"/// as `--database` says"#, []), (#"let a = "http://host" + "--b""#, [1]),
        ("let a = \"\"\"\n    // --seed N\n    \"\"\"", [2]), (#"let a = "x -- y" + "--""#, []),
        (#"a.hasSuffix("-") || b.hasPrefix("-rows")"#, []), (#"let a = "said \"--b\"" // --c"#, [1]),
    ])
    func onlyTextsAreLookedAt(source: String, lines: [Int]) {
        #expect(Self.linesWithOption(source) == lines)
    }

    /// The lines, from 1, on which a string literal holds `--` and a letter.
    private static func linesWithOption(_ source: String) -> [Int] {
        var isBlock = false
        var lines: [Int] = []
        for (index, line) in source.components(separatedBy: "\n").enumerated() {
            if line.components(separatedBy: "\"\"\"").count == 2 {
                isBlock.toggle()
                continue
            }
            let text = isBlock ? line : texts(of: line)
            if text.range(of: "--[A-Za-z]", options: .regularExpression) != nil { lines.append(index + 1) }
        }
        return lines
    }

    /// What stands between quotes on a line, up to a comment.
    private static func texts(of line: String) -> String {
        var (texts, isText, isEscaped) = ("", false, false)
        var last: Character?
        for character in line {
            if isText {
                if character == "\"", !isEscaped { isText = false } else { texts.append(character) }
                isEscaped = character == "\\" && !isEscaped
            } else if character == "\"" {
                isText = true
                texts.append(" ")
            } else if character == "/", last == "/" {
                break
            }
            last = character
        }
        return texts
    }
}
