/// Escaping for the places of an HTML file where text may stand.
package enum HTMLText {
    /// Text for element contents and for attribute values in double quotes.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// JSON text for the inside of a script element: no byte of it can end the element or open a comment, and
    /// the two line separators that older script parsers refuse in strings are escaped.
    package static func escapedJSON(_ json: String) -> String {
        var result = ""
        result.reserveCapacity(json.utf8.count)
        for scalar in json.unicodeScalars {
            switch scalar {
            case "<": result += "\\u003c"
            case ">": result += "\\u003e"
            case "&": result += "\\u0026"
            case "\u{2028}": result += "\\u2028"
            case "\u{2029}": result += "\\u2029"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Program text for the inside of a script element. A closing tag or the start of a comment can only
    /// stand in a string, a regular expression or a comment of the program, where a backslash more changes
    /// nothing.
    package static func escapedScript(_ script: String) -> String {
        let bytes = Array(script.utf8)
        let patterns = [Array("</script".utf8), Array("<!--".utf8)]
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            result.append(byte)
            guard byte == UInt8(ascii: "<") else { continue }
            let rest = bytes[index...]
            let isPattern = patterns.contains { pattern in
                rest.count >= pattern.count
                    && zip(rest, pattern).allSatisfy { lowercased($0) == $1 }
            }
            if isPattern { result.append(UInt8(ascii: "\\")) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }

    /// Text for a label drawn by plotly.js, which reads a small set of tags and entities.
    package static func plotLabel(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
