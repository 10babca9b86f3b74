/// The arithmetic of lines: wrapping and padding.
package enum TextLayout {
    /// The text without control characters, which could move the cursor of a terminal: each becomes a space.
    package static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// The text broken between words into lines of at most `width`, the later ones indented. A longer word
    /// stays whole.
    package static func wrapped(
        _ text: String, width: Int, hangingIndent: Int = 0, keepsLeadingSpaces: Bool = false
    ) -> String {
        let text = printable(text)
        let lead = keepsLeadingSpaces ? String(text.prefix { $0 == " " }) : ""
        var lines: [String] = []
        var line = lead
        var hasWord = false
        var gap = ""
        for word in text.dropFirst(lead.count).split(separator: " ", omittingEmptySubsequences: false) {
            if word.isEmpty {
                // Runs of spaces survive inside a line where they align something, and vanish at its ends.
                if hasWord, keepsLeadingSpaces { gap += " " }
                continue
            }
            if hasWord, line.count + 1 + gap.count + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: hangingIndent) + word
            } else {
                line += (hasWord ? " " + gap : "") + word
            }
            hasWord = true
            gap = ""
        }
        lines.append(line)
        return lines.joined(separator: "\n")
    }

    /// The text filled up with spaces; a longer one is left as it is.
    package static func padded(_ text: String, to width: Int, rightAligned: Bool) -> String {
        let filling = String(repeating: " ", count: max(0, width - text.count))
        return rightAligned ? filling + text : text + filling
    }

    /// The line without spaces at its end.
    package static func trimmedAtEnd(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
