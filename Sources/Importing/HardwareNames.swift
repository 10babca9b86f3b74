import Vocabulary

/// Which datasheet belongs to a device, as different sources write it: `NVIDIA A100-SXM-80GB`, `a100-80gb`
/// and `A100 SXM4 80 GB` name one chip.
public enum HardwareNames {
    /// The parts of a name that tell chips apart, in lower case: `a100`, `h200`, `rtx 8000`, `mi300x`.
    static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in name.lowercased() {
            if character.isLetter || character.isNumber {
                word.append(character)
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// The words that name a chip: letters and digits together (`a100`), or a family with its number (`rtx
    /// 8000`).
    static func chip(_ name: String) -> String? {
        let words = words(name)
        for (index, word) in words.enumerated() {
            if ["rtx", "gtx", "quadro", "gaudi", "titan"].contains(word), index + 1 < words.count {
                return word + words[index + 1]
            }
            for family in ["rtx", "gtx", "gaudi"] where word.hasPrefix(family) && word != family {
                return word
            }
            let isMixed = word.contains(where: \.isLetter) && word.contains(where: \.isNumber)
            guard isMixed, let first = word.first, first.isLetter, !word.hasSuffix("gb") else { continue }
            // The form of a board and the memory are no chips.
            guard !["sxm2", "sxm4", "sxm5", "x4", "x8", "x16"].contains(word) else { continue }
            // `l4` and `t4` are chips; `v2` is a version.
            guard !word.hasPrefix("v") || word.count >= 4 else { continue }
            return word
        }
        return nil
    }

    /// The limits of the chip a name stands for: where the name leaves the form of the board open, the
    /// highest of all forms, so that nothing possible is called impossible. nil where no limit names the
    /// chip.
    static func limits(of name: String, among limits: [HardwareLimit]) -> HardwareLimit? {
        guard let chip = chip(name) else { return nil }
        let sameChip = limits.filter { self.chip($0.name) == chip }
        let words = Set(words(name))
        let forms = ["pcie", "sxm", "nvl"].filter { form in words.contains { $0.hasPrefix(form) } }
        let sameForm = sameChip.filter { limit in
            forms.contains { form in self.words(limit.name).contains { $0.hasPrefix(form) } }
        }
        let candidates = sameForm.isEmpty ? sameChip : sameForm
        guard var limit = candidates.max(by: { $0.maximumPower < $1.maximumPower }) else { return nil }
        limit.halfPeak = candidates.compactMap(\.halfPeak).max()
        limit.singlePeak = candidates.compactMap(\.singlePeak).max()
        return limit
    }
}
