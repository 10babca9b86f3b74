import Catalog
import Foundation

/// The catalogue that comes with the tool: what a scenario's own folders do not have is looked for there.
public enum ShippedCatalogue {
    /// The variable that names another place.
    private static let variable = "HERCULES_CATALOGUE"

    /// Its folder: where the variable says, beside the build that runs, or as installed under a prefix; nil
    /// where it is nowhere.
    public static let folder: String? = {
        if let named = ProcessInfo.processInfo.environment[variable], !named.isEmpty { return named }
        var places: [String] = []
        var above = executable.deletingLastPathComponent()
        places.append(above.deletingLastPathComponent().path + "/share/hercules/Workloads")
        while above.path != "/" {
            places.append(above.path + "/Workloads")
            above = above.deletingLastPathComponent()
        }
        return places.first(where: isCatalogue)
    }()

    /// Whether a folder has what makes a catalogue.
    private static func isCatalogue(_ path: String) -> Bool {
        ["models", "servers/devices", "fleets"].allSatisfy {
            FileManager.default.fileExists(atPath: "\(path)/\($0)")
        }
    }

    private static var executable: URL {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return own.path.hasPrefix("/proc") ? URL(fileURLWithPath: CommandLine.arguments[0]) : own
    }
}

extension Catalog {
    /// The catalogue of a folder, with the shipped one behind it; nil for the shipped one.
    /// - Throws: where there is neither.
    init(folderOrShipped folder: String?) throws {
        let shipped = ShippedCatalogue.folder
        guard let first = folder ?? shipped else {
            throw PipelineError.badValue(
                name: "catalogue", found: "none", expected: "a folder such as Workloads")
        }
        try self.init(directory: first, others: shipped.map { [$0] } ?? [])
    }
}
