/// How well server types serve models, for the rules that hand servers out by it.
extension ProvisioningProblem {
    /// Whether a server type can serve a model at all.
    func canServe(_ model: Int, with serverType: Int) -> Bool {
        throughputs[index(model: model, serverType: serverType)] > 0
    }

    /// Throughput over cost, which is power where the goal is provisioned power.
    /// - Precondition: the type can serve the model.
    func queriesPerCost(_ model: Int, _ serverType: Int) -> Double {
        let pair = index(model: model, serverType: serverType)
        return throughputs[pair] / rankingCosts[pair]
    }

    /// Those of some types that can serve a model, the most efficient first, ties by name. O(types log
    /// types).
    func mostEfficient(_ types: some Sequence<Int>, for model: Int) -> [Int] {
        types.filter { canServe(model, with: $0) }
            .sorted { (-queriesPerCost(model, $0), $0) < (-queriesPerCost(model, $1), $1) }
    }
}
