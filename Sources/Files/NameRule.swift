/// What may be the name of a model, a device, a server type, a fleet, a trace or a scenario.
package enum NameRule {
    /// Whether a name keeps to the rule: it also serves as a file name, so separators of paths are left out.
    package static func allows(_ name: String) -> Bool {
        func isWordCharacter(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
        }
        guard let first = name.utf8.first, isWordCharacter(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { isWordCharacter($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }
}
