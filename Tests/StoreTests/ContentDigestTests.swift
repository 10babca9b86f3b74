import Quantities
import Store
import Testing
import Vocabulary

@Suite struct ContentDigestTests {
    /// The examples of FIPS 180-4, and lengths around the block size checked with coreutils' `sha256sum`.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 55),
            "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
        ),
        (
            String(repeating: "a", count: 56),
            "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"
        ),
        (
            String(repeating: "a", count: 64),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func theDigestIsSHA256(text: String, hexadecimal: String) {
        #expect(ContentDigest(ofText: text).hexadecimal == hexadecimal)
    }

    @Test func theJSONIsCanonical() throws {
        struct Sample: Encodable {
            let zeta = 0.1
            let alpha = "a/b"
            let middle: UInt64 = .max
        }
        let expected = ContentDigest(ofText: #"{"alpha":"a/b","middle":18446744073709551615,"zeta":0.1}"#)
        #expect(try ContentDigest(of: Sample()) == expected)
    }

    @Test func equalValuesHaveEqualDigestsHoweverTheyWereBuilt() throws {
        let names = (0..<200).map { ServerTypeID("type-\($0)") }
        let forwards = Fleet(id: "f", counts: Dictionary(uniqueKeysWithValues: names.map { ($0, 3) }))
        let backwards = Fleet(
            id: "f", counts: Dictionary(uniqueKeysWithValues: names.reversed().map { ($0, 3) }))
        #expect(try ContentDigest(of: forwards) == ContentDigest(of: backwards))
    }

    @Test func aNumberThatIsNotFiniteHasNoDigest() {
        #expect(throws: StoreError.self) { try ContentDigest(of: [Watts(.nan)]) }
        #expect(throws: StoreError.self) { try ContentDigest(of: [Watts(.infinity)]) }
    }

    @Test func commentaryDoesNotChangeBehaviour() throws {
        let model = Samples.model
        let retitled = Model(
            id: model.id, title: "another", source: "another", kind: model.kind,
            latencyTarget: LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(1)),
            querySizes: model.querySizes)
        #expect(try retitled.behaviourDigest == model.behaviourDigest)
        #expect(try ContentDigest(of: retitled) != ContentDigest(of: model))

        let other = Model(
            id: model.id, title: model.title, source: model.source, kind: model.kind,
            latencyTarget: model.latencyTarget, querySizes: .fixed(64))
        #expect(try other.behaviourDigest != model.behaviourDigest)
    }

    @Test func aModelsKindChangesBehaviourButAFilesPlaceDoesNot() throws {
        let base = Samples.model
        func digest(_ kind: ModelKind) throws -> ContentDigest {
            try Model(
                id: base.id, title: "", source: "", kind: kind, latencyTarget: base.latencyTarget,
                querySizes: base.querySizes
            ).behaviourDigest
        }
        let input = ModelInput(name: "x", elementType: .float32, width: 3, values: .uniform)
        let file = OnnxFile(path: "here/a.onnx", fingerprint: "0123", inputs: [input])
        let moved = OnnxFile(path: "there/a.onnx", fingerprint: "0123", inputs: [input])
        let changed = OnnxFile(path: "here/a.onnx", fingerprint: "4567", inputs: [input])
        let served = ServedModel(servedName: "a", payload: .tensors([input]))
        #expect(try digest(.onnx(file)) == digest(.onnx(moved)))
        #expect(try digest(.onnx(file)) != digest(.onnx(changed)))
        #expect(try Set([base.kind, .onnx(file), .endpoint(served)].map(digest)).count == 3)
    }

    @Test func everyPropertyThatBearsOnResultsChangesBehaviour() throws {
        let base = Samples.otherServerType
        func variant(
            id: ServerTypeID? = nil, processor: Processor? = nil, memory: MemorySystem? = nil,
            nearMemory: NearMemory? = base.nearMemory, accelerator: Accelerator? = base.accelerator,
            power: PowerCurve? = nil, isThisHost: Bool = base.isThisHost
        ) -> ServerType {
            ServerType(
                id: id ?? base.id, title: base.title, processor: processor ?? base.processor,
                memory: memory ?? base.memory, nearMemory: nearMemory, accelerator: accelerator,
                power: power ?? base.power, isThisHost: isThisHost, sources: base.sources)
        }
        let variants = [
            base, variant(id: "x"), variant(processor: Samples.serverType.processor),
            variant(memory: Samples.serverType.memory), variant(nearMemory: nil), variant(accelerator: nil),
            variant(power: Samples.serverType.power), variant(isThisHost: true),
        ]
        let digests = try Set(variants.map { try $0.behaviourDigest })
        #expect(digests.count == variants.count)
        #expect(try variant().behaviourDigest == base.behaviourDigest)
    }
}
