import Foundation

/// Where a value stands in a JSON document: `results.ttft.p99`, `gpus[*].power`, `['a.b'][0]`, or from the
/// document's root `$.config.model`.
package struct JSONPath: Hashable, Sendable {
    private enum Step: Hashable, Sendable {
        case key(String)
        /// Of a list, from 0.
        case index(Int)
        /// Every element of a list, or every value of an object in the order of its keys.
        case all
    }

    package let text: String
    private let steps: [Step]
    /// Whether the path begins at the root of the document, wherever it is asked from.
    private let isFromRoot: Bool

    /// What is said where a text is no path.
    package static let expected = "a path like results.ttft.p99, gpus[0].power, runs[*] or $.config.model"

    /// - Returns: nil for a text that is no path.
    package init?(_ text: String) {
        self.text = text
        var rest = text[...]
        isFromRoot = rest.first == "$"
        if isFromRoot { rest = rest.dropFirst() }
        var steps: [Step] = []
        while let first = rest.first {
            if first == "[" {
                guard let end = rest.firstIndex(of: "]") else { return nil }
                let inside = rest[rest.index(after: rest.startIndex)..<end]
                guard let step = Self.step(inBrackets: inside) else { return nil }
                steps.append(step)
                rest = rest[rest.index(after: end)...]
                continue
            }
            if first == "." {
                guard isFromRoot || !steps.isEmpty else { return nil }
                rest = rest.dropFirst()
            } else if !steps.isEmpty {
                return nil
            }
            let key = rest.prefix { $0 != "." && $0 != "[" }
            guard !key.isEmpty else { return nil }
            steps.append(key == "*" ? .all : .key(String(key)))
            rest = rest[key.endIndex...]
        }
        guard isFromRoot || !steps.isEmpty else { return nil }
        self.steps = steps
    }

    private static func step(inBrackets text: Substring) -> Step? {
        if text == "*" { return .all }
        for quote in ["'", "\""] where text.hasPrefix(quote) {
            let key = text.dropFirst().dropLast()
            return text.count >= 3 && text.hasSuffix(quote) ? .key(String(key)) : nil
        }
        guard !text.isEmpty, text.count <= 9, text.allSatisfy({ ("0"..."9").contains($0) }) else {
            return nil
        }
        return Int(text).map(Step.index)
    }

    /// Every value at the path, in order; none where it leads nowhere. A key that is the whole path, dots and
    /// all, comes first.
    package func values(in value: Any, root: Any) -> [Any] {
        if !isFromRoot, let exact = (value as? [String: Any])?[text] { return [exact] }
        var found: [Any] = [isFromRoot ? root : value]
        for step in steps {
            found = found.flatMap { value -> [Any] in
                switch step {
                case .key(let key): return (value as? [String: Any])?[key].map { [$0] } ?? []
                case .index(let index):
                    guard let list = value as? [Any], list.indices.contains(index) else { return [] }
                    return [list[index]]
                case .all:
                    if let list = value as? [Any] { return list }
                    return (value as? [String: Any])?.sorted { $0.key < $1.key }.map(\.value) ?? []
                }
            }
        }
        return found
    }

    /// A text or number as it stands in a file; nil for lists, objects and null.
    package static func scalarText(_ value: Any) -> String? {
        switch value {
        case let text as String: text
        case let number as NSNumber: "\(number)"
        default: nil
        }
    }
}
