/// Finds the name that a misspelt one was probably meant to be.
package enum NameSuggestion {
    /// The candidate with the smallest edit distance, if that is at most a third of the longer name's length;
    /// of equals the first. O(candidates x length squared).
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let scored = candidates.map { (candidate: $0, distance: distance(name, $0)) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        let longest = max(name.count, best.candidate.count)
        return best.distance > 0 && best.distance * 3 <= longest ? best.candidate : nil
    }

    /// Completes "expected " for a name that is none of those known, with the one that was probably meant.
    package static func oneOf(_ known: [String], insteadOf found: String) -> String {
        guard !known.isEmpty else { return "nothing: there is none to name" }
        let list = "one of \(known.joined(separator: ", "))"
        return nearest(to: found, among: known).map { "\(list); did you mean '\($0)'?" } ?? list
    }

    /// The number of insertions, deletions and substitutions between two names (Levenshtein 1966).
    package static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var previous = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for column in right.indices {
                let substituted = previous[column] + (right[column] == character ? 0 : 1)
                current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
