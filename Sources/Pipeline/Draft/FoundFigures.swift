import Files
import Importing
import Vocabulary

/// What files of figures are about: the names in them, and the latency bounds they were taken under.
struct FoundFigures {
    /// One file.
    struct File {
        let figures: DraftScenario.Figures
        /// Names that the catalogue does not allow, with those they become.
        let renamed: [String: String]

        /// Whether the file needs a mapping to be read.
        var needsMapping: Bool { figures.server != nil || !renamed.isEmpty }
    }

    private(set) var files: [File] = []
    /// In name order, as the catalogue may call them.
    private(set) var models: [String] = []
    private(set) var servers: [ServerTypeID] = []
    private var targets: [String: LatencyTarget] = [:]

    /// - Throws: `PipelineError` for an unknown kind, `FileError` for a file that is not of it, or has no row
    ///   that can be read.
    init(_ figures: [DraftScenario.Figures], kind: String) throws {
        guard !figures.isEmpty else { return }
        guard let importer = Importers.named(kind) else {
            throw PipelineError.unknownName(
                kind: "kind of import", found: kind, known: Importers.all.map(\.kind))
        }
        for one in figures {
            var mapping = ImportMapping()
            if let server = one.server { mapping.constants["server"] = server.name }
            var renamed: [String: String] = [:]
            var reason: String?
            var count = 0
            try importer.read(ImportInput(path: one.file, mapping: mapping)) { row in
                switch row {
                case .figure(let figure):
                    count += 1
                    let name = NameRule.name(from: figure.model)
                    if name != figure.model { renamed[figure.model] = name }
                    if !models.contains(name) { models.append(name) }
                    let server = ServerTypeID(figure.server)
                    if !servers.contains(server) { servers.append(server) }
                    // The loosest bound keeps all figures.
                    if let target = figure.target, target.limit > targets[name]?.limit ?? .zero {
                        targets[name] = target
                    }
                case .refused(_, let text): reason = reason ?? text
                case .hardware: break
                }
            }
            guard count > 0 else {
                throw FileError.malformed(
                    file: one.file, line: nil,
                    found: "no row that can be read\(reason.map { ": \($0)" } ?? "")",
                    expected: "a file of the kind '\(kind)'")
            }
            files.append(File(figures: one, renamed: renamed))
        }
        models.sort()
        servers.sort()
    }

    /// The bound that the figures of a model were taken under; nil where none says.
    func target(of model: String) -> SearchRequest.Target? {
        targets[model].map { SearchRequest.Target(quantile: $0.quantile, limit: $0.limit) }
    }
}
