import Catalog
import Foundation
import TestSupport
import Testing
import Vocabulary

@Suite struct QuerySizesTests {
    private func querySizes(_ yaml: String) throws -> QuerySizes {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.replace("query_sizes: deeprecsys\n", with: yaml, in: "models/rm1.yaml")
        return try copy.catalog.model("rm1").querySizes
    }

    private static let mixture = """
        query_sizes:
          name: two-kinds
          mixture:
            - weight: 0.25
              fixed_items: 64
            - weight: 0.5
              uniform: {lower_items: 1, upper_items: 100}
            - weight: 0.25
              log_normal:
                mu: 5.1
                sigma: 0.2
                lower_items: 100
                upper_items: 200
                fallback_lower_items: 190
                fallback_upper_items: 200

        """

    @Test func aMixtureCanBeWrittenOut() throws {
        #expect(try querySizes("query_sizes: {fixed_items: 128}\n") == .fixed(128))
        #expect(
            try querySizes(Self.mixture)
                == QuerySizes(
                    name: "two-kinds",
                    mixture: [
                        QuerySizes.Weighted(weight: 0.25, component: .fixed(64)),
                        QuerySizes.Weighted(weight: 0.5, component: .uniform(lower: 1, upper: 100)),
                        QuerySizes.Weighted(
                            weight: 0.25,
                            component: .logNormal(
                                mu: 5.1, sigma: 0.2, lower: 100, upper: 200, fallbackLower: 190,
                                fallbackUpper: 200)),
                    ]))
    }

    @Test(arguments: [
        (
            "weight: 0.5", "weight: 0.6",
            "query_sizes.mixture: found weights that sum to 1.1, expected a sum of 1"
        ),
        (
            "upper_items: 100}", "upper_items: 1}",
            """
            query_sizes.mixture[1].uniform.upper_items: found 1, expected a whole number above 1 (the \
            upper bound is
            """
                + " excluded)"
        ),
        (
            "fixed_items: 64", "fixed_items: 64\n      uniform: {lower_items: 1, upper_items: 9}",
            """
            query_sizes.mixture[0]: found fixed_items and uniform, expected one of fixed_items, uniform, \
            log_normal
            """
        ),
        (
            "  name: two-kinds", "  fixed_items: 3",
            """
            query_sizes.fixed_items: found fixed_items beside name or mixture, expected either one or \
            the other
            """
        ),
    ])
    func wrongMixturesAreNamed(old: String, new: String, expected: String) throws {
        let message = message { _ = try querySizes(Self.mixture.replacing(old, with: new)) }
        #expect(message?.hasSuffix(expected) == true, "\(message ?? "no error")")
    }
}
