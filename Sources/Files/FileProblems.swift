/// Collects what is wrong with parts of a file that do not depend on one another, so that a person hears of
/// all of it in one run.
package struct FileProblems {
    /// More than anybody reads at once, and few enough to be compared with one another.
    private static let listedMax = 50

    private var found: [FileError] = []
    private var unlisted = 0

    package init() {}

    /// What a reading gives; nil where it fails, which is kept.
    package mutating func reading<Value>(_ read: () throws(FileError) -> Value) -> Value? {
        do throws(FileError) {
            return try read()
        } catch {
            add(error)
            return nil
        }
    }

    /// Reads a value that may be left out into a setting, which keeps its default where it is or cannot be
    /// read.
    package mutating func put<Setting>(
        _ value: YAMLValue?, into setting: inout Setting, _ read: (YAMLValue) throws(FileError) -> Setting
    ) {
        guard let value else { return }
        do throws(FileError) { setting = try read(value) } catch { add(error) }
    }

    package mutating func add(_ error: FileError) {
        for error in error.all {
            if case .more(let count) = error {
                unlisted += count
            } else if found.count == Self.listedMax {
                unlisted += 1
            } else if !found.contains(error) {
                found.append(error)
            }
        }
    }

    /// - Throws: everything that was kept, in the order it was met.
    package func throwAll() throws(FileError) {
        guard let first = found.first else { return }
        let more = unlisted == 0 ? [] : [FileError.more(count: unlisted)]
        throw found.count == 1 && more.isEmpty ? first : .several(found + more)
    }
}
