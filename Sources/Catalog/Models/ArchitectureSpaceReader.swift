import Files
import Vocabulary

/// Reads `nas/<name>.yaml`: a space of hybrid networks.
enum ArchitectureSpaceReader {
    private enum Key: String, SectionKey {
        case id, title, source, input, stem, stages, classes
        case headWidth = "head_width"
    }

    private enum StageKey: String, SectionKey {
        case widths, depths, blocks
    }

    private static let choicesMax = 32
    private static let depthMax = 16
    private static let stagesMax = 8

    static func space(at path: String) throws(FileError) -> ArchitectureSpace {
        let section = try YAMLValue(path: path).section(Key.self)
        try section.require(.id, .title, .source, .input, .stem, .stages, .classes, .headWidth)
        try section[.id].requireName(FileContents.stem(of: path))
        var stages: [ArchitectureSpace.Stage] = []
        for item in try section[.stages].filledList(max: stagesMax) { stages.append(try stage(item)) }
        let headWidth = try section[.headWidth].wholeNumber(to: 1024)
        for (stage, item) in zip(stages, try section[.stages].filledList())
        where stage.blocks.contains(.attention) {
            guard stage.widths.allSatisfy({ $0 % max(1, $0 / headWidth) == 0 }) else {
                throw item.refusal(expected: "widths that heads of \(headWidth) channels divide evenly")
            }
        }
        return ArchitectureSpace(
            name: try section[.id].name(), title: try section[.title].text(),
            source: try section[.source].text(), input: try NetworkReader.sizes(section[.input]),
            stem: try section[.stem].wholeNumber(to: 4096), stages: stages,
            classes: try section[.classes].wholeNumber(to: 100_000), headWidth: headWidth)
    }

    private static func stage(_ item: YAMLValue) throws(FileError) -> ArchitectureSpace.Stage {
        let keys = try item.section(StageKey.self)
        try keys.require(.widths, .depths, .blocks)
        var blocks: [ArchitectureSpace.Block] = []
        for block in try keys[.blocks].filledList(max: choicesMax) {
            let kind: ArchitectureSpace.Block = try block.word()
            guard !blocks.contains(kind) else { throw block.refusal(expected: "each kind once") }
            blocks.append(kind)
        }
        return ArchitectureSpace.Stage(
            widths: try ascending(keys[.widths], to: 4096),
            depths: try ascending(keys[.depths], to: depthMax),
            blocks: blocks)
    }

    private static func ascending(_ value: YAMLValue, to most: Int) throws(FileError) -> [Int] {
        var numbers: [Int] = []
        for item in try value.filledList(max: choicesMax) { numbers.append(try item.wholeNumber(to: most)) }
        guard zip(numbers, numbers.dropFirst()).allSatisfy(<) else {
            throw value.refusal(expected: "ascending numbers")
        }
        return numbers
    }
}

extension Catalog {
    /// A space of networks to search, by its file.
    public func architectureSpace(at path: String) throws(FileError) -> ArchitectureSpace {
        try ArchitectureSpaceReader.space(at: path)
    }
}
