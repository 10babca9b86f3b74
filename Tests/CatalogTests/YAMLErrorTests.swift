import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// The exact words of the errors that a person meets.
@Suite struct YAMLErrorTests {
    static let model = """
        id: m
        title: A model
        source: "here"
        latency_quantile: 0.95
        latency_limit_ms: 10
        query_sizes: deeprecsys
        dense_input_width: 16
        embedding_tables:
          - count: 2
            rows: 1000
            dimension: 8
            lookups: 4
        predict_layers: [8, 1]

        """

    private func refusal(replacing old: String, with new: String) throws -> String? {
        let copy = try WorkingCopy()
        try copy.write(Self.model, to: "models/m.yaml")
        try copy.replace(old, with: new, in: "models/m.yaml")
        return message(without: copy.path) { _ = try copy.catalog.model("m") }
    }

    private func refusal(ofFile bytes: [UInt8]) throws -> String? {
        let copy = try WorkingCopy()
        try copy.write("", to: "models/m.yaml")
        try Data(bytes).write(to: URL(filePath: "\(copy.path)/models/m.yaml"))
        return message(without: copy.path) { _ = try copy.catalog.model("m") }
    }

    @Test func theModelItselfIsFine() throws {
        let copy = try WorkingCopy()
        try copy.write("\u{FEFF}" + Self.model.replacing("\n", with: "\r\n"), to: "models/m.yaml")
        let model = try copy.catalog.model("m")
        #expect(
            model.graph?.embeddingTables == [EmbeddingTable(count: 2, rows: 1000, dimension: 8, lookups: 4)])
        #expect(
            model.graph?.denseLayers == [] && model.graph?.taskLayers == [] && model.graph?.sequence == nil)
    }

    @Test(arguments: [
        (
            "latency_limit_ms: 10", "latency_limit: 10",
            """
            models/m.yaml:5: latency_limit: found an unknown key, expected one of id, title, source, \
            latency_quantile,
            """
                + " latency_limit_ms, query_sizes, dense_input_width, dense_layers, embedding_tables, "
                + "sequence, "
                + "predict_layers, task_layers, onnx, inputs, endpoint, network, language, accuracy; "
                + "did you mean 'latency_limit_ms'?"
        ),
        (
            "    rows: 1000", "    row: 1000",
            """
            models/m.yaml:10: embedding_tables[0].row: found an unknown key, expected one of count, \
            rows, dimension,
            """
                + " lookups, is_sequence, index_distribution; did you mean 'rows'?"
        ),
        ("latency_limit_ms: 10\n", "", "models/m.yaml:1: latency_limit_ms: found nothing, expected this key"),
        (
            "    rows: 1000\n", "",
            "models/m.yaml:9: embedding_tables[0].rows: found nothing, expected this key"
        ),
        (
            "rows: 1000", "rows: -4",
            "models/m.yaml:10: embedding_tables[0].rows: found -4, expected a whole number of at least 1"
        ),
        (
            "rows: 1000", "rows: 1e3",
            "models/m.yaml:10: embedding_tables[0].rows: found 1e3, expected a whole number of at least 1"
        ),
        (
            "rows: 1000", "rows: 0777",
            "models/m.yaml:10: embedding_tables[0].rows: found 0777, expected a whole number of at least 1"
        ),
        (
            "rows: 1000", "rows: \"1000\"",
            """
            models/m.yaml:10: embedding_tables[0].rows: found the text \"1000\", expected a whole number \
            of at least 1
            """
        ),
        (
            "rows: 1000", "rows: 99999999999999999999",
            """
            models/m.yaml:10: embedding_tables[0].rows: found 99999999999999999999, expected a whole \
            number of at most 1000000000
            """
        ),
        (
            "rows: 1000", "rows: 5_000_000_000",
            """
            models/m.yaml:10: embedding_tables[0].rows: found 5_000_000_000, expected a whole number of \
            at most 1000000000
            """
        ),
        ("ms: 10", "ms: .nan", "models/m.yaml:5: latency_limit_ms: found .nan, expected a number above 0"),
        ("ms: 10", "ms: .inf", "models/m.yaml:5: latency_limit_ms: found .inf, expected a number above 0"),
        ("ms: 10", "ms: nan", "models/m.yaml:5: latency_limit_ms: found nan, expected a number above 0"),
        ("ms: 10", "ms: 1e999", "models/m.yaml:5: latency_limit_ms: found 1e999, expected a number above 0"),
        (
            "ms: 10", "ms: 1e300",
            "models/m.yaml:5: latency_limit_ms: found 1e300, expected a number of at most 1e18"
        ),
        ("ms: 10", "ms: -1", "models/m.yaml:5: latency_limit_ms: found -1, expected a number above 0"),
        ("ms: 10", "ms: [10]", "models/m.yaml:5: latency_limit_ms: found a list, expected a number above 0"),
        (
            "0.95", "95",
            "models/m.yaml:4: latency_quantile: found 95, expected a number strictly between 0 and 1"
        ),
        ("title: A model", "title: 12", "models/m.yaml:2: title: found 12, expected text"),
        ("title: A model", "title:", "models/m.yaml:2: title: found nothing, expected text"),
        ("title: A model", "title: \" \"", "models/m.yaml:2: title: found the text \" \", expected text"),
        ("id: m", "id: n", "models/m.yaml:1: id: found n, expected m, the file's name"),
        ("[8, 1]", "8", "models/m.yaml:13: predict_layers: found 8, expected a list"),
        (
            "[8, 1]", "[]",
            "models/m.yaml:13: predict_layers: found an empty list, expected a list with at least one item"
        ),
        (
            "[8, 1]", "[8, 0]",
            "models/m.yaml:13: predict_layers[1]: found 0, expected a whole number of at least 1"
        ),
        (
            "query_sizes: deeprecsys", "query_sizes: zipf",
            "models/m.yaml:6: query_sizes: found zipf, expected deeprecsys, fixed_items, or name and mixture"
        ),
        (
            "lookups: 4", "lookups: 4\n    is_sequence: yes",
            "models/m.yaml:13: embedding_tables[0].is_sequence: found yes, expected true or false"
        ),
        (
            "lookups: 4", "lookups: 4\n    is_sequence: true",
            "models/m.yaml:1: sequence: found nothing, expected this key"
        ),
        (
            "[8, 1]", "[8, 1]\nsequence: {kind: gru, width: 8}",
            """
            models/m.yaml:14: sequence: found a sequence layer, and no table to read from, expected \
            is_sequence: true in one of the embedding_tables
            """
        ),
        (
            "[8, 1]", "[8, 1]\nsequence: {kind: lstm, width: 8}",
            "models/m.yaml:14: sequence.kind: found lstm, expected one of attention, gru"
        ),
        (
            "dense_input_width: 16", "dense_layers: [8]",
            "models/m.yaml:1: dense_input_width: found nothing, expected this key"
        ),
    ])
    func wrongValuesAreNamed(old: String, new: String, expected: String) throws {
        let message = try refusal(replacing: old, with: new)
        #expect(message == expected)
    }

    @Test(arguments: [
        (
            "title: A model", "title: A model\nid: m",
            "models/m.yaml:3: id: found the key a second time (first in line 1), expected it once"
        ),
        (
            "lookups: 4", "lookups: 4\n    rows: 7",
            """
            models/m.yaml:13: embedding_tables[0].rows: found the key a second time (first in line 10), \
            expected it once
            """
        ),
        (
            "lookups: 4", "lookups: 4\n    'rows': 7",
            """
            models/m.yaml:13: embedding_tables[0].rows: found the key a second time (first in line 10), \
            expected it once
            """
        ),
        (
            "[8, 1]", "[8, 1]\n\"id\": m\nid: m\ntitle: x\nsource: y",
            "models/m.yaml:14: id: found the key a second time (first in line 1), expected it once"
        ),
        (
            "[8, 1]", "[8, 1]\nsequence: {kind: gru, kind: gru}",
            """
            models/m.yaml:14: sequence.kind: found the key a second time (first in line 14), expected it \
            once
            """
        ),
    ])
    func doubledKeysAreNamed(old: String, new: String, expected: String) throws {
        let message = try refusal(replacing: old, with: new)
        #expect(message == expected)
    }

    @Test(arguments: [
        (
            "[8, 1]", "[8, 1",
            """
            models/m.yaml:14: found broken YAML (while parsing a flow sequence from line 13, did not \
            find expected ',' or ']'), expected valid YAML
            """
        ),
        (
            "title: A model", "title: A: model",
            """
            models/m.yaml:2: found broken YAML (mapping values are not allowed in this context), \
            expected valid YAML
            """
        ),
        (
            "title: A model", "\ttitle: A model",
            """
            models/m.yaml:2: found broken YAML (while scanning a plain scalar from line 1, found a tab \
            character that violates indentation), expected valid YAML
            """
        ),
        (
            "[8, 1]", "[8, 1]\n---\nid: n",
            """
            models/m.yaml:14: found broken YAML (expected a single document in the stream from line 1, \
            but found another document), expected valid YAML
            """
        ),
        (
            "[8, 1]", "*layers",
            "models/m.yaml:13: found broken YAML (found undefined alias), expected valid YAML"
        ),
        (
            "[8, 1]", "&layers [8, 1]",
            """
            models/m.yaml:13: predict_layers: found an anchor (&), expected the value itself, written \
            out where it is used
            """
        ),
        (
            "rows: 1000", "rows: !rows 1000",
            "models/m.yaml:10: embedding_tables[0].rows: found a tag (!rows), expected a value without a tag"
        ),
        (
            "rows: 1000", "? [rows]\n    : 1000",
            """
            models/m.yaml:10: embedding_tables[0]: found a key that is not a word, expected a key that \
            is a word
            """
        ),
    ])
    func brokenYAMLIsNamed(old: String, new: String, expected: String) throws {
        let message = try refusal(replacing: old, with: new)
        #expect(message == expected)
    }

    @Test func wholeFilesOfTheWrongKind() throws {
        #expect(
            try refusal(ofFile: [])
                == "models/m.yaml: found an empty file, expected YAML with at least one key")
        #expect(
            try refusal(ofFile: Array("# only\n\n".utf8))
                == "models/m.yaml: found an empty file, expected YAML with at least one key")
        #expect(
            try refusal(ofFile: Array("---\n".utf8))
                == "models/m.yaml: found an empty file, expected YAML with at least one key")
        let keys =
            """
            id, title, source, latency_quantile, latency_limit_ms, query_sizes, dense_input_width, \
            dense_layers,
            """
            + " embedding_tables, sequence, "
            + "predict_layers, task_layers, onnx, inputs, endpoint, network, language, accuracy"
        #expect(
            try refusal(ofFile: Array("- 1\n".utf8))
                == "models/m.yaml:1: found a list, expected keys and values: \(keys)")
        #expect(
            try refusal(ofFile: Array("hello\n".utf8))
                == "models/m.yaml:1: found hello, expected keys and values: \(keys)")
        #expect(
            try refusal(ofFile: Array("id: m\ntitle: ".utf8) + [0xFF, 0x0A])
                == "models/m.yaml:2: found bytes that are not UTF-8, expected UTF-8 text")
        #expect(
            try refusal(ofFile: Array("id: m\ntitle: a\u{1}b\n".utf8))
                == """
                models/m.yaml:2: found broken YAML (control characters are not allowed (character 1)), \
                expected valid YAML
                """
        )
    }

    /// Nesting without end must neither crash nor hang.
    @Test(arguments: ["[", "- ", "{a: ", "? "])
    func deepNestingIsRefused(opening: String) throws {
        let message = try refusal(
            ofFile: Array(("id: \n  " + String(repeating: opening, count: 50_000)).utf8))
        #expect(message?.hasPrefix("models/m.yaml:") == true)
    }

    @Test func whatCannotBeOpened() throws {
        let copy = try WorkingCopy()
        let missing = "\(copy.path)/scenarios/s.yaml"
        #expect(
            message(without: copy.path) { _ = try copy.catalog.scenario(at: missing) }
                == "scenarios/s.yaml: found no such file or folder, expected a YAML file")
        #expect(
            message { _ = try copy.catalog.scenario(at: copy.path) }
                == "\(copy.path): found a folder, expected a YAML file")
        #expect(
            message { _ = try Catalog(directory: "/no/such") }
                == "/no/such: found no such folder, expected a folder with models, servers and fleets")
        #expect(
            message(without: copy.path) { _ = try copy.catalog.model("m") }
                == "models: found no such file or folder, expected a folder")
        try copy.write(Self.model, to: "models/rm1.yaml")
        #expect(
            message(without: copy.path) { _ = try copy.catalog.model("rm") }
                == "models: found 'rm', expected a name: rm1; did you mean 'rm1'?")
    }

    /// The superuser may read everything, so the words themselves are checked as well.
    @Test func whatMayNotBeRead() throws {
        #expect(FileContents.reason(EACCES) == "no permission to read it")
        guard geteuid() != 0 else {
            print("skipped in part: the superuser may read every file")
            return
        }
        let copy = try WorkingCopy()
        let path = try copy.write(Self.model, to: "models/m.yaml")
        chmod(path, 0)
        #expect(
            message(without: copy.path) { _ = try copy.catalog.model("m") }
                == "models/m.yaml: found no permission to read it, expected a YAML file")
    }

    @Test func suggestionsAreForMisspeltNamesOnly() {
        #expect(NameSuggestion.nearest(to: "hercule", among: ["static", "hercules"]) == "hercules")
        #expect(NameSuggestion.nearest(to: "cpu-t2-v10", among: ["cpu-t2", "cpu-t2-v100"]) == "cpu-t2-v100")
        #expect(NameSuggestion.nearest(to: "xyz", among: ["static", "hercules"]) == nil)
        #expect(NameSuggestion.distance("kitten", "sitting") == 3)
    }
}
