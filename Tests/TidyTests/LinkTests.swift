import Foundation
import Testing

/// Links between documents lead somewhere.
@Suite struct LinkTests {
    @Test func everyRelativeLinkResolves() throws {
        let tracked = try SourceTree.tracked()?.filter { $0.hasSuffix(".md") }
        let documents = tracked ?? SourceTree.readmes
        var count = 0
        for path in documents {
            let folder = (path as NSString).deletingLastPathComponent
            for link in try MarkdownDocument(path).links
            where !link.contains("://") && !link.hasPrefix("mailto:") {
                count += 1
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let target = parts[0].isEmpty ? path : Self.resolved(String(parts[0]), in: folder)
                #expect(SourceTree.exists(target), "\(path): nothing is at \(link)")
                guard parts.count == 2, SourceTree.exists(target) else { continue }
                #expect(
                    try target.hasSuffix(".md")
                        && MarkdownDocument(target).anchors.contains(String(parts[1])),
                    "\(path): \(target) has no heading for #\(parts[1])")
            }
        }
        #expect(documents.contains("README.md") && count > 50, "found only \(count) links: are they read?")
    }

    /// A path relative to the root, without `.` and `..`.
    private static func resolved(_ path: String, in folder: String) -> String {
        var parts = folder.split(separator: "/").map(String.init)
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": if !parts.isEmpty { parts.removeLast() }
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    @Test func anchorsAreThoseOfTheHeadings() throws {
        let anchors = try MarkdownDocument("Workloads/README.md").anchors
        #expect(anchors.isSuperset(of: ["models", "profile-and-search", "rules-for-every-file"]))
        #expect(!anchors.contains("no-such-heading"))
    }
}
