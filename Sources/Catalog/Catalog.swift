import Files
import Vocabulary

/// A scenario with everything it refers to, and what was done to its trace on the way in.
public struct ResolvedScenario: Hashable, Sendable {
    /// The scenario; models are cut, server types composed, the trace scaled.
    public let scenario: Scenario
    /// What the import of the trace met, before scaling; nil without a trace.
    public let traceSummary: TraceImportSummary?
}

/// The files that a person writes: models, servers, fleets, traces, scenarios, jobs and studies under one
/// folder.
///
///     models/*.yaml  servers/*.yaml  servers/chassis/*.yaml  servers/devices/<kind>/*.yaml
///     servers/software/*.yaml  fleets/*.yaml
///     traces/*.yaml, *.csv  scenarios/*.yaml  jobs/*.yaml  studies/*.yaml
///
/// A file's name without its extension is the name that other files use. Files are read when asked for, so
/// that a mistake in one does not keep the others from being used.
///
/// What the folder does not have is looked for in further ones, the shipped catalogue last.
public struct Catalog: Hashable, Sendable {
    /// The folder.
    public let directory: String
    /// All folders, the nearest first. Only the first of them has to exist.
    let folders: [String]

    /// The catalogue in a folder.
    /// - Parameter others: further folders, the nearest first; those that are not there are passed over.
    /// - Throws: `FileError` where there is no such folder.
    public init(directory: String, others: [String] = []) throws(FileError) {
        let trimmed = Self.trimmed(directory)
        guard FileContents.isDirectory(trimmed) else {
            throw .unreadable(
                file: directory, found: "no such folder", expected: "a folder with models, servers and fleets"
            )
        }
        self.directory = trimmed
        var folders = [trimmed]
        for other in others.map(Self.trimmed) where !folders.contains(other) { folders.append(other) }
        self.folders = folders
    }

    /// The catalogue that a scenario file belongs to: the folder above the file's own, then the file's own.
    /// - Parameter shipped: the catalogue that comes with the tool; nil where there is none.
    public init(forScenarioAt path: String, shipped: String? = nil) throws(FileError) {
        var folders = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let own = folders.joined(separator: "/")
        if let last = folders.last, ![".", "..", ""].contains(last) {
            folders.removeLast()
        } else {
            folders.append("..")
        }
        let above = folders.joined(separator: "/")
        try self.init(
            directory: above.isEmpty ? "." : above,
            others: [own.isEmpty ? "." : own] + (shipped.map { [$0] } ?? []))
    }

    private static func trimmed(_ directory: String) -> String {
        directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    }

    /// The names of all models, in order.
    public func modelNames() throws(FileError) -> [String] { try names("models") }

    /// The names of all server types, in order.
    public func serverTypeNames() throws(FileError) -> [String] { try names("servers") }

    /// The names of all fleets, in order.
    public func fleetNames() throws(FileError) -> [String] { try names("fleets") }

    /// The names of all trace recipes, in order.
    public func traceRecipeNames() throws(FileError) -> [String] { try names("traces") }

    /// The names of all profile jobs, in order.
    public func profileJobNames() throws(FileError) -> [String] { try names("jobs") }

    /// The names of all scenarios, in order.
    public func scenarioNames() throws(FileError) -> [String] { try names("scenarios") }

    /// The names of all studies, in order.
    public func studyNames() throws(FileError) -> [String] { try names("studies") }

    /// The file of a scenario by name.
    func scenarioFile(_ name: String) throws(FileError) -> String { try file("scenarios", name) }

    /// The file of a scenario that another file names: a name of the catalogue, or a path that ends with
    /// `.yaml`.
    func scenarioPath(_ value: YAMLValue) throws(FileError) -> String {
        let text = try value.text()
        if text.hasSuffix(".yaml") { return try value.path() }
        let known = try scenarioNames()
        guard known.contains(text) else {
            throw .unknownName(value.place, kind: "a scenario", found: text, known: known)
        }
        return try scenarioFile(text)
    }

    /// A model by name, with its tables whole.
    public func model(_ id: ModelID) throws(FileError) -> Model {
        try ModelReader.model(at: file("models", id.name), name: id.name, in: self)
    }

    /// A server type by name.
    /// - Parameter host: what `detect` in the type of this machine stands for.
    public func serverType(_ id: ServerTypeID, host: DetectedHost? = nil) throws(FileError) -> ServerType {
        try serverType(id, reader: serverTypeReader(host: host))
    }

    /// A server type by name, with the parts and files that its figures come from.
    /// - Parameter host: what `detect` in the type of this machine stands for.
    public func serverComposition(
        _ id: ServerTypeID, host: DetectedHost? = nil
    ) throws(FileError) -> ServerComposition {
        try serverTypeReader(host: host).composition(at: file("servers", id.name), name: id.name)
    }

    /// The names of all software stacks of accelerators, in order.
    public func softwareStackNames() throws(FileError) -> [String] { try stackReader.names() }

    /// A software stack by name.
    public func softwareStack(_ name: String) throws(FileError) -> SoftwareStack {
        try stackReader.stack(name)
    }

    /// The names of the devices of a kind, in order.
    public func deviceNames(_ kind: CatalogDevice.Kind) throws(FileError) -> [String] {
        try deviceReader.names(kind)
    }

    /// A device by kind and name.
    public func device(_ kind: CatalogDevice.Kind, _ name: String) throws(FileError) -> CatalogDevice {
        let known = try deviceReader.names(kind)
        guard known.contains(name) else {
            throw .unknownName(
                Place(file: "\(directory)/servers/devices/\(kind.rawValue)", line: nil, key: ""),
                kind: kind.expected, found: name, known: known)
        }
        return try deviceReader.device(kind, name)
    }

    /// A fleet by name; every type in it exists.
    public func fleet(_ name: String) throws(FileError) -> Fleet {
        try FleetReader.fleet(at: file("fleets", name), name: name, known: serverTypeNames())
    }

    /// The recipe of a synthetic trace by name.
    public func traceRecipe(_ name: String) throws(FileError) -> TraceRecipe {
        try TraceRecipeReader.recipe(at: file("traces", name), name: name)
    }

    /// A scenario with everything it refers to.
    /// - Parameters:
    ///   - path: the scenario's file; it need not lie in this catalogue.
    ///   - host: what `detect` in the type of this machine stands for.
    ///   - known: policies and search methods to check the scenario's names against.
    ///   - readTrace: reads the traces and tariffs that the scenario names.
    public func scenario(
        at path: String, host: DetectedHost? = nil, known: KnownNames = KnownNames(),
        readTrace: @escaping TraceReading
    ) throws(FileError) -> ResolvedScenario {
        try scenarioReader(host, known, readTrace).scenario(at: path)
    }

    /// A study with the scenario whose keys it varies.
    /// - Parameters: as of a scenario.
    public func study(
        at path: String, host: DetectedHost? = nil, known: KnownNames = KnownNames(),
        readTrace: @escaping TraceReading
    ) throws(FileError) -> ResolvedStudy {
        try StudyReader(catalog: self, scenarios: scenarioReader(host, known, readTrace)).study(at: path)
    }

    /// A live controller with the scenario of its fleet.
    /// - Parameters: as of a scenario.
    public func controller(
        at path: String, host: DetectedHost? = nil, known: KnownNames = KnownNames(),
        readTrace: @escaping TraceReading
    ) throws(FileError) -> (document: ControllerDocument, scenario: ResolvedScenario) {
        try ControllerReader(catalog: self, scenarios: scenarioReader(host, known, readTrace))
            .controller(at: path)
    }

    private func scenarioReader(
        _ host: DetectedHost?, _ known: KnownNames, _ readTrace: @escaping TraceReading
    ) -> ScenarioReader {
        ScenarioReader(
            catalog: self, host: host, known: known,
            traces: TraceFolder(folders: folders.map { "\($0)/traces" }, read: readTrace))
    }

    /// A profile job with the models it names.
    /// - Parameters:
    ///   - path: the job's file; it need not lie in this catalogue.
    ///   - known: engines to check the job's names against.
    public func profileJob(
        at path: String, known: KnownNames = KnownNames()
    ) throws(FileError) -> ResolvedProfileJob {
        try ProfileJobReader(catalog: self, known: known).job(at: path)
    }
}

extension Catalog {
    private var deviceReader: DeviceReader {
        DeviceReader(directories: folders.map { "\($0)/servers/devices" })
    }

    private var stackReader: SoftwareStackReader {
        SoftwareStackReader(directories: folders.map { "\($0)/servers/software" })
    }

    private var siliconReader: SiliconReader {
        SiliconReader(directories: folders.map { "\($0)/silicon" })
    }

    /// All published macros that compute in memory, in name order.
    public func siliconMacros() throws(FileError) -> [SiliconMacro] {
        let reader = siliconReader
        var macros: [SiliconMacro] = []
        for name in try reader.names() { macros.append(try reader.macro(name)) }
        return macros
    }

    func serverTypeReader(host: DetectedHost?) -> ServerTypeReader {
        ServerTypeReader(
            devices: deviceReader, stacks: stackReader,
            chassisDirectories: folders.map { "\($0)/servers/chassis" }, host: host)
    }

    func serverType(_ id: ServerTypeID, reader: ServerTypeReader) throws(FileError) -> ServerType {
        try reader.serverType(at: file("servers", id.name), name: id.name)
    }

    private func names(_ folder: String) throws(FileError) -> [String] {
        try FileContents.names(inAnyOf: folders.map { "\($0)/\(folder)" }, suffix: ".yaml")
    }

    /// The file of a name. A name that is none, or unknown, is reported with those that exist.
    private func file(_ folder: String, _ name: String) throws(FileError) -> String {
        let known = try names(folder)
        let paths = folders.map { "\($0)/\(folder)/\(name).yaml" }
        guard known.contains(name), let path = paths.first(where: FileContents.exists) else {
            throw .unknownName(
                Place(file: "\(directory)/\(folder)", line: nil, key: ""), kind: "a name", found: name,
                known: known)
        }
        return path
    }
}
