import Files
import Vocabulary

/// Reads `servers/software/<name>.yaml`, the constants of one software stack each.
struct SoftwareStackReader {
    /// The folders of stacks, the nearest first.
    let directories: [String]

    private enum Key: String, SectionKey {
        case id, title, precision
        case capturesGraphs = "captures_graphs"
        case denseEfficiency = "dense_efficiency"
        case halfBatch = "half_batch_items"
        case gatherEfficiency = "gather_efficiency"
        case rowOverhead = "row_overhead_ns"
        case operatorOverhead = "operator_overhead_us"
        case requestOverhead = "request_overhead_us"
        case sources
    }

    /// The names of the stacks, in order; none where the catalogue has no such folder.
    func names() throws(FileError) -> [String] {
        try FileContents.names(inAnyOf: directories.filter(FileContents.isDirectory), suffix: ".yaml")
    }

    /// The stack that a value names.
    func stack(_ value: YAMLValue) throws(FileError) -> SoftwareStack {
        let name = try value.name()
        let known = try names()
        guard known.contains(name) else {
            throw .unknownName(value.place, kind: "a software stack", found: name, known: known)
        }
        return try stack(name)
    }

    /// The stack in a file that is there.
    func stack(_ name: String) throws(FileError) -> SoftwareStack {
        let paths = directories.map { "\($0)/\(name).yaml" }
        let section = try YAMLValue(path: paths.first(where: FileContents.exists) ?? paths[0])
            .section(Key.self)
        try section[.id].requireName(name)
        func share(_ key: Key) throws(FileError) -> Double {
            try section[key].number(.positiveFraction)
        }
        return SoftwareStack(
            name: name, title: try section[.title].text(), precision: try section[.precision].word(),
            capturesGraphs: try section[.capturesGraphs].truth(),
            constants: SoftwareStack.Constants(
                denseEfficiency: try share(.denseEfficiency),
                halfBatchItems: try section[.halfBatch].number(.notNegative),
                gatherEfficiency: try share(.gatherEfficiency),
                rowOverheadSeconds: try section[.rowOverhead].number(.notNegative) * 1e-9,
                operatorOverheadSeconds: try section[.operatorOverhead].number(.notNegative) * 1e-6,
                requestOverheadSeconds: try section[.requestOverhead].number(.notNegative) * 1e-6),
            sources: try section[.sources].citations())
    }
}
