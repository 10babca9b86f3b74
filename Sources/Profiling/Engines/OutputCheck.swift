import Vocabulary

/// The shape of one of the tensors that an inference computed.
public struct OutputShape: Hashable, Sendable {
    public let name: String
    public let dimensions: [Int]

    public init(name: String, dimensions: [Int]) {
        self.name = name
        self.dimensions = dimensions
    }
}

/// Whether a model's outputs hold a result for each item that it was given.
///
/// A runtime's success is no proof of work: OpenVINO with one stream and one thread answers OK with one row
/// for eight items, where a graph reshapes to a batch of its own. So every size of batch is run before times
/// count, and each output must have a dimension that grows with the items: as many, or the same multiple of
/// them at every size.
package struct OutputCheck {
    private let model: ModelID
    private var runs: [(items: Int, shapes: [OutputShape])] = []

    package init(model: ModelID) { self.model = model }

    /// Takes in what an inference of so many items computed.
    package mutating func saw(_ shapes: [OutputShape], items: Int) { runs.append((items, shapes)) }

    /// - Throws: `ProfilingError.outputsDiffer` for an output that is empty or does not hold every item.
    package func verify() throws(ProfilingError) {
        guard let widest = runs.max(by: { $0.items < $1.items }) else { return }
        guard runs.allSatisfy({ !$0.shapes.isEmpty && $0.shapes.count == widest.shapes.count }) else {
            throw .outputsDiffer(model: model, items: widest.items, found: "no output")
        }
        for (index, output) in widest.shapes.enumerated() {
            for run in runs where run.shapes[index].dimensions.contains(where: { $0 < 1 }) {
                throw .outputsDiffer(
                    model: model, items: run.items, found: "an empty output \(run.shapes[index].text)")
            }
            // One size says nothing of how an output grows, but must be there.
            let axes = output.dimensions.indices
            guard widest.items == 1 || axes.contains(where: { grows(index, along: $0) }) else {
                let rows = output.dimensions.first ?? 1
                throw .outputsDiffer(
                    model: model, items: widest.items,
                    found: "\(rows) row\(rows == 1 ? "" : "s") in output \(output.text)")
            }
        }
    }

    /// Whether a dimension of an output is the same multiple of the items in every run.
    private func grows(_ output: Int, along axis: Int) -> Bool {
        let multiples = runs.map { run -> Int? in
            let dimensions = run.shapes[output].dimensions
            guard dimensions.indices.contains(axis), dimensions[axis] % run.items == 0 else { return nil }
            return dimensions[axis] / run.items
        }
        return multiples.allSatisfy { $0 != nil && $0 == multiples[0] }
    }
}

extension OutputShape {
    fileprivate var text: String { "\(name) [\(dimensions.map(String.init).joined(separator: ", "))]" }
}
