/// What may be the name of a model, a device, a server type, a fleet, a trace or a scenario.
package enum NameRule {
    /// A name that keeps to the rule, from any text: what it does not allow becomes `-`.
    package static func name(from text: String) -> String {
        let kept = text.lowercased().unicodeScalars.map { scalar -> Character in
            let isKept =
                ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
                || "-_.".contains(Character(scalar))
            return isKept ? Character(scalar) : "-"
        }
        let name = String(String(kept).drop { !$0.isLetter && !$0.isNumber }.prefix(64))
        return name.isEmpty ? "model" : name
    }

    /// Whether a name keeps to the rule: it also serves as a file name, so separators of paths are left out.
    package static func allows(_ name: String) -> Bool {
        func isWordCharacter(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
        }
        guard let first = name.utf8.first, isWordCharacter(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { isWordCharacter($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }
}
