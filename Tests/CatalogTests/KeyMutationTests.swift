import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary
import Yams

/// Every key of every shipped file is renamed, and every value emptied, in turn: none may pass unnoticed.
@Suite struct KeyMutationTests {
    /// A study reads a scenario for each of its values, so that its faults are looked for one by one, in
    /// `StudyReaderTests`. Rules of alerts are read by Prometheus.
    private static let files = Repository.yamlFiles.filter {
        !$0.hasPrefix("studies/") && !$0.hasPrefix("monitoring/")
    }

    /// A key or a value in a file: where it begins and the keys that lead to it.
    struct Site {
        let path: [String]
        let mark: Mark
        let length: Int
    }

    @Test(arguments: Self.files)
    func aRenamedKeyIsRefusedByName(file: String) throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        let original = try copy.read(file)
        let keys = try Self.sites(in: original).keys
        #expect(keys.count >= 3)
        for site in keys {
            let key = try #require(site.path.last)
            // The names of services are free: they become the columns of a trace.
            if file.hasPrefix("traces/"), site.path.count == 2, site.path[0] == "services" { continue }
            try copy.write(Self.text(original, at: site, replacedBy: key + "x"), to: file)
            let message = message { try Self.load(file, of: copy) }
            #expect(
                message?.contains(key) == true, "\(file): \(site.path) renamed gave \(message ?? "no error")")
            #expect(
                message?.contains("unknown key") == true || message?.contains("'\(key)") == true,
                "\(file): \(site.path) renamed gave \(message ?? "no error")")
        }
        try copy.write(original, to: file)
        #expect(message { try Self.load(file, of: copy) } == nil)
    }

    @Test(arguments: Self.files)
    func anEmptiedValueIsRefusedByKeyAndLine(file: String) throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        let original = try copy.read(file)
        for site in try Self.sites(in: original).values {
            try copy.write(Self.text(original, at: site, replacedBy: "~"), to: file)
            let message = message(without: copy.path) { try Self.load(file, of: copy) }
            let key = try #require(site.path.last)
            #expect(
                message?.hasPrefix("\(file):\(site.mark.line): ") == true && message?.contains(key) == true
                    && message?.contains("found nothing") == true,
                "\(file): \(site.path) emptied gave \(message ?? "no error")")
        }
    }

    /// Loads a file and, for chassis, what is composed of them.
    private static func load(_ file: String, of copy: WorkingCopy) throws {
        let catalog = try copy.catalog
        let host = DetectedHost(cores: 4, memory: Bytes(8e9))
        let name = URL(filePath: file).deletingPathExtension().lastPathComponent
        switch file.split(separator: "/").dropLast().joined(separator: "/") {
        case "models": _ = try catalog.model(ModelID(name))
        case "controller":
            _ = try catalog.controller(at: "\(copy.path)/\(file)", host: host) {
                (path, options) throws(FileError) in try TraceImporter(options: options).read(path: path)
            }
        case "servers": _ = try catalog.serverType(ServerTypeID(name), host: host)
        case "servers/chassis":
            for type in try catalog.serverTypeNames() {
                _ = try catalog.serverType(ServerTypeID(type), host: host)
            }
        case let folder where folder.hasPrefix("servers/devices/"):
            let kind = folder.split(separator: "/").last.flatMap {
                CatalogDevice.Kind(rawValue: String($0))
            }
            _ = try catalog.device(#require(kind), name)
        case "servers/software": _ = try catalog.softwareStack(name)
        case "nas": _ = try catalog.architectureSpace(at: "\(copy.path)/\(file)")
        case "silicon": _ = try catalog.siliconMacros()
        case "fleets": _ = try catalog.fleet(name)
        case "traces": _ = try catalog.traceRecipe(name)
        case "llm": _ = try catalog.servingCluster(at: "\(copy.path)/\(file)")
        case "llm/laws": _ = try catalog.tokenLaws(named: name)
        case "jobs": _ = try catalog.profileJob(at: "\(copy.path)/\(file)")
        case "scenarios": _ = try catalog.scenario(at: "\(copy.path)/\(file)", host: host)
        default: Issue.record("nothing loads \(file)")
        }
    }

    private static func sites(in text: String) throws -> (keys: [Site], values: [Site]) {
        var keys: [Site] = []
        var values: [Site] = []
        func visit(_ node: Node, _ path: [String]) {
            switch node {
            case .mapping(let mapping):
                for (key, value) in mapping {
                    let inner = path + [key.string ?? ""]
                    if let mark = key.mark {
                        keys.append(Site(path: inner, mark: mark, length: key.string?.count ?? 0))
                    }
                    visit(value, inner)
                }
            case .sequence(let sequence):
                for item in sequence { visit(item, path) }
            case .scalar(let scalar):
                let quotes = scalar.style == .plain ? 0 : 2
                if let mark = scalar.mark {
                    values.append(Site(path: path, mark: mark, length: scalar.string.count + quotes))
                }
            case .alias: break
            }
        }
        if let root = try Yams.compose(yaml: text, .basic) { visit(root, []) }
        return (keys, values)
    }

    private static func text(_ text: String, at site: Site, replacedBy new: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let line = lines[site.mark.line - 1]
        let start = line.index(line.startIndex, offsetBy: site.mark.column - 1)
        let end = line.index(start, offsetBy: site.length)
        lines[site.mark.line - 1] = line.replacingCharacters(in: start..<end, with: new)
        return lines.joined(separator: "\n")
    }
}
