import Catalog
import Files
import Importing
import Quantities
import Traces
import Vocabulary

/// A scenario for a person to go on from, with the models and server types that it needs and the catalogue
/// does not have: minimal, commented, and complete enough to run.
public struct DraftScenario: Sendable {
    /// What the scenario is for.
    public enum Purpose: Sendable {
        /// A fleet planned by figures and models.
        case fleet
        /// Language models on boxes of accelerators.
        case languageModels
        /// Measurements of this machine.
        case profile
    }

    /// A file of figures, and whose they are where it does not say so.
    public struct Figures: Hashable, Sendable {
        public var file: String
        /// nil where the file names its servers.
        public var server: ServerTypeID?

        public init(file: String, server: ServerTypeID? = nil) {
            self.file = file
            self.server = server
        }
    }

    /// Power of a server with nothing running, and at full load.
    public struct PowerRange: Hashable, Sendable {
        public var idle: Watts
        public var peak: Watts

        public init(idle: Watts, peak: Watts) {
            self.idle = idle
            self.peak = peak
        }
    }

    public var name: String
    public var purpose: Purpose
    /// Names of the catalogue, or ONNX files; those of the figures where there are none.
    public var models: [String] = []
    public var servers: [ServerTypeID: Int] = [:]
    /// Of server types that the catalogue does not have.
    public var power: [ServerTypeID: PowerRange] = [:]
    public var figures: [Figures] = []
    /// The format of the figures.
    public var figuresKind = "csv"
    public var trace: String?
    public var layout: TraceLayout?
    public var timeColumn: String?
    public var loadColumns: [ModelID: String] = [:]
    public var peaks: [ModelID: QueriesPerSecond] = [:]
    public var target: SearchRequest.Target?

    public init(name: String, purpose: Purpose) {
        self.name = name
        self.purpose = purpose
    }

    /// Whether a scenario, a model or a server type may be called so.
    public static func allows(name: String) -> Bool { NameRule.allows(name) }

    /// The files by their paths under a folder, in the order to write them. Nothing is written here.
    /// - Throws: `PipelineError.badValue` or `FileError` for everything that does not fit together.
    public func files(in folder: String) throws -> [DraftFile] {
        let catalogue = try ShippedCatalogue.folder.map { try Catalog(directory: $0) }
        let found = try FoundFigures(figures, kind: figuresKind)
        let types = try serverTypes(found)
        var files = try serverFiles(types, catalogue)
        let models = try modelFiles(found, catalogue, in: folder)
        files += models.files
        files += mappingFiles(found)
        let text = try scenarioText(models: models.names, types, found, in: folder)
        files.append(DraftFile(path: "\(name).yaml", text: text))
        return files
    }

    // MARK: - Servers

    private func serverTypes(_ found: FoundFigures) throws -> [ServerTypeID: Int] {
        if purpose == .profile { return servers.isEmpty ? ["this-host": 1] : servers }
        guard !servers.isEmpty else {
            throw PipelineError.badValue(
                name: "servers", found: "none",
                expected: found.servers.isEmpty
                    ? "types of the catalogue with their numbers"
                    : "numbers of \(found.servers.map(\.name).joined(separator: ", "))")
        }
        return servers
    }

    private func serverFiles(
        _ types: [ServerTypeID: Int], _ catalogue: Catalog?
    ) throws -> [DraftFile] {
        let known = try catalogue?.serverTypeNames() ?? []
        let own = types.keys.sorted().filter { !known.contains($0.name) }
        let unknown = own.filter { power[$0] == nil }
        guard unknown.isEmpty else {
            throw PipelineError.badValue(
                name: "server types", found: unknown.map(\.name).joined(separator: ", "),
                expected: "types of the catalogue, or how many watts they draw idle and at full load")
        }
        if let stray = power.keys.sorted().first(where: { !own.contains($0) }) {
            throw PipelineError.badValue(
                name: "the watts of \(stray)", found: "a type that needs none",
                expected: "server types of this fleet that the catalogue does not have")
        }
        return own.compactMap { type in
            power[type].map { power in
                DraftFile(
                    path: "servers/\(type).yaml",
                    text: """
                        # What others measured says how fast it is: see `imports` in \(name).yaml.
                        id: \(type)
                        title: \(type)
                        power:
                          idle_watts: \(DraftText.number(power.idle.value))
                          peak_watts: \(DraftText.number(power.peak.value))
                          half_load_factor: 1    # how watts rise with load: 1 is a straight line
                        # price_per_hour: 1.5    # of one server, for `hercules plan` by money
                        sources:
                          - "Own figures"

                        """)
            }
        }
    }

    // MARK: - Models

    private func modelFiles(
        _ found: FoundFigures, _ catalogue: Catalog?, in folder: String
    ) throws -> (names: [String], files: [DraftFile]) {
        let known = try catalogue?.modelNames() ?? []
        var names: [String] = []
        var files: [DraftFile] = []
        for model in models.isEmpty ? found.models : models {
            let isFile = ModelFileRequest.isModel(model)
            let own = isFile ? NameRule.name(from: FileContents.stem(of: model)) : NameRule.name(from: model)
            guard !names.contains(own) else { continue }
            names.append(own)
            guard isFile || !known.contains(own) else { continue }
            guard isFile || found.models.contains(own) || purpose != .profile else {
                throw PipelineError.notInCatalogue(
                    what: "a model or an ONNX file", found: model,
                    nearest: NameSuggestion.nearest(to: model, among: known))
            }
            var draft = DraftModel(name: own)
            draft.target = target ?? found.target(of: own)
            draft.onnx = isFile ? model : nil
            let text = try draft.text(
                onnxPath: isFile ? DraftPath.relative(model, from: folder, above: 1) : nil)
            files.append(DraftFile(path: "models/\(own).yaml", text: text))
        }
        guard !names.isEmpty else {
            throw PipelineError.badValue(
                name: "models", found: "none", expected: "models of the catalogue, ONNX files, or figures")
        }
        return (names, files)
    }

    /// Names of models that only their file uses, and servers that a file does not name.
    private func mappingFiles(_ found: FoundFigures) -> [DraftFile] {
        found.files.enumerated().compactMap { index, file in
            guard file.needsMapping else { return nil }
            var lines = ["# What the file's names stand for, and what it does not say."]
            if let server = file.figures.server { lines += ["constants:", "  server: \(server)"] }
            if !file.renamed.isEmpty {
                lines.append("models:")
                lines += file.renamed.sorted { $0.key < $1.key }.map {
                    "  \(DraftText.quoted($0.key)): \($0.value)"
                }
            }
            return DraftFile(
                path: Self.mappingName(index, of: name), text: lines.joined(separator: "\n") + "\n")
        }
    }

    private static func mappingName(_ index: Int, of name: String) -> String {
        "\(name)-figures-\(index + 1).yaml"
    }

    // MARK: - The scenario

    private func scenarioText(
        models: [String], _ types: [ServerTypeID: Int], _ found: FoundFigures, in folder: String
    ) throws -> String {
        var lines = [
            "# Everything that is left out has a default, which Workloads/README.md of the tool describes.",
            "id: \(name)", "title: \(DraftText.quoted(title))", "",
            "models: [\(models.joined(separator: ", "))]", "",
            "# Servers of each type.", "fleet:",
        ]
        lines += types.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        if !found.files.isEmpty {
            lines += ["", "# Figures that others measured, taken in by `hercules search`.", "imports:"]
            for (index, file) in found.files.enumerated() {
                let path = DraftPath.relative(file.figures.file, from: folder)
                let mapping = file.needsMapping ? ", mapping: \(Self.mappingName(index, of: name))" : ""
                lines.append("  - {kind: \(figuresKind), file: \(DraftText.quoted(path))\(mapping)}")
            }
        }
        lines += try traceLines(models, in: folder)
        if purpose == .profile {
            lines += [
                "", "profile:", "  cell_seconds: 1         # how long each schedule is under load",
                "  confirmation_seconds: 4 # how long the best one is checked live",
                "  # engine: onnxruntime   # openvino unless given",
            ]
        } else {
            lines += [
                "", "replay:", "  objective: drawn        # plans minimise what is drawn, and paid for",
                "  # Without this, servers start at once and for free.",
                "  # dynamics: {boot_seconds: 120, model_load_seconds: 30, drain_seconds: 30}",
                "  # tariff: {currency: EUR, price_per_kilowatt_hour: 0.2}",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var title: String {
        switch purpose {
        case .fleet: "\(name): a fleet"
        case .languageModels: "\(name): language models"
        case .profile: "\(name): this machine"
        }
    }

    /// The trace, as far as it needs to be said: the file's columns are looked at.
    private func traceLines(_ models: [String], in folder: String) throws -> [String] {
        guard let trace else {
            return purpose == .profile
                ? []
                : ["", "# No trace: `hercules plan` takes loads on the command line, or a `trace:` here."]
        }
        var options = TraceImportOptions(timeColumn: timeColumn, loads: .allOtherColumns)
        options.layout = try layout ?? TraceLayout.guessed(of: trace)
        let columns = try TraceImporter(options: options).read(path: trace).trace.models.map(\.name)
        var lines = [
            "", "trace:", "  file: \(DraftText.quoted(DraftPath.relative(trace, from: folder)))",
        ]
        if options.layout != .table { lines.append("  layout: \(options.layout.rawValue)") }
        if let timeColumn { lines.append("  time_column: \(DraftText.quoted(timeColumn))") }
        let isOwn = Set(models).isSubset(of: columns) || (models.count == 1 && columns.count == 1)
        if !loadColumns.isEmpty || !isOwn {
            lines.append("  columns:")
            for model in models {
                guard let column = loadColumns[ModelID(model)] else {
                    throw PipelineError.badValue(
                        name: "the column of \(model)", found: "none of \(columns.joined(separator: ", "))",
                        expected: "a column for every model, by name")
                }
                lines.append("    \(model): \(DraftText.quoted(column))")
            }
        }
        if peaks.isEmpty {
            lines.append("  # Loads count as they are; this scales each so that its highest is:")
            lines.append("  # peak_queries_per_second: {\(models[0]): 1000}")
        } else {
            lines.append("  peak_queries_per_second:")
            for model in models {
                guard let peak = peaks[ModelID(model)] else {
                    throw PipelineError.badValue(
                        name: "the peak of \(model)", found: "none", expected: "one for every model, or none")
                }
                lines.append("    \(model): \(DraftText.number(peak.value))")
            }
        }
        return lines
    }
}

extension TraceLayout {
    /// What the first line of a file shows: Azure's traces say so by their columns.
    fileprivate static func guessed(of path: String) throws -> TraceLayout {
        let first = try FileChunks(path: path, expected: "a trace").next().prefix { $0 != 0x0A && $0 != 0x0D }
        let header = String(decoding: first, as: UTF8.self)
        return header.hasPrefix("TIMESTAMP,ContextTokens") ? .azureLLM : .table
    }
}
