import Foundation
import Quantities
import Vocabulary

/// A model behind a server of the Open Inference Protocol (KServe v2: Triton, OpenVINO Model Server,
/// MLServer), asked over REST with tensors as JSON.
///
/// M is the number of requests in flight and D the batch of one request; how the server schedules is its own
/// matter, so O is 1. The texts of the requests are made beforehand, a few for each size of batch: writing
/// numbers as text takes longer than many a model and must not count as its time.
public final class KServeEngine: InferenceEngine {
    public let name = "kserve"
    public let version: String
    public var axes: ScheduleAxes { .requestsInFlight(hasBatches: true) }
    private let client: EndpointClient
    private let pools: InputPoolCache

    /// Asks the server who it is.
    /// - Parameter settings: `url` is the server's own address.
    public init(settings: EngineSettings, seed: UInt64) throws(ProfilingError) {
        client = try EndpointClient(engine: name, settings: settings)
        // The rows a remote server reads do not pass through this machine's cache.
        pools = InputPoolCache(cacheBytes: 0, seed: seed)
        let metadata = client.address.at("/v2")
        let answer = try client.connection(bodyBytesMax: EndpointClient.metadataBytesMax).get(metadata.path)
        guard answer.status == 200 else {
            throw .requestFailed(
                url: metadata.text,
                reason: "found status \(answer.status), expected a server's metadata"
                    + EndpointClient.remedy(answer.status))
        }
        let object = try client.object(answer.body, of: metadata.text)
        guard let product = object["name"] as? String else {
            throw .answerInvalid(
                source: metadata.text, key: "name", found: client.shown("\(object["name"] ?? "nothing")"),
                expected: "text")
        }
        version = client.shown(
            [product, object["version"] as? String].compactMap { $0 }.joined(separator: " "))
    }

    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        let inputs = try model.requireInputs(engine: name)
        var served = model.id.name
        if case .endpoint(let endpoint) = model.kind { served = endpoint.servedName }
        let ready = client.address.at("/v2/models/\(Self.escaped(served))/ready")
        let answer = try client.connection(bodyBytesMax: EndpointClient.metadataBytesMax).get(ready.path)
        guard answer.status == 200 else {
            throw .engineFailed(
                engine: name, call: "GET \(ready.text)", model: model.id,
                message: "found status \(answer.status), expected a model that is ready"
                    + EndpointClient.remedy(answer.status))
        }
        let ladder = model.ladder(for: batches)
        let pool = pools.pool(for: inputs, windowMax: ladder.rungs.last ?? 1)
        let requests = RequestTexts(pool: pool, ladder: ladder)
        let target = client.at("/v2/models/\(Self.escaped(served))/infer")
        return Prepared(
            workers: try (0..<threads).map { index throws(ProfilingError) in
                try Worker(target, model: model.id, requests: requests, offset: index)
            }, ladder: ladder)
    }

    private static func escaped(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed.subtracting(["/"])) ?? name
    }

    private final class Prepared: PreparedModel {
        let workers: [any InferenceWorker]
        let warmUpSizes: [Int]

        init(workers: [any InferenceWorker], ladder: BatchLadder) {
            self.workers = workers
            warmUpSizes = ladder.rungs
        }
    }

    private final class Worker: InferenceWorker, @unchecked Sendable {
        // Unchecked: by the protocol, one thread at a time uses a worker.
        private let client: EndpointClient
        private let connection: HTTPConnection
        private let model: ModelID
        private let requests: RequestTexts
        private var turn: Int
        /// Numbers of items whose answers have been looked into.
        private var checked: Set<Int> = []
        private var shapes: [OutputShape]?

        init(
            _ client: EndpointClient, model: ModelID, requests: RequestTexts, offset: Int
        ) throws(ProfilingError) {
            self.client = client
            connection = try client.connection()
            self.model = model
            self.requests = requests
            turn = offset
        }

        func infer(items: Int) throws(ProfilingError) {
            turn += 1
            // The first answer of each size is looked into; after that its status says enough, and nothing of
            // it is kept.
            let isLookedInto = !checked.contains(requests.padded(items))
            var (body, refused): ([UInt8], [UInt8]) = ([], [])
            let head = try connection.post(json: requests.text(items: items, turn: turn)) {
                status, bytes, _ throws(HTTPMalformed) in
                guard status == 200 else {
                    return try EndpointClient.collect(bytes, of: status, into: &refused)
                }
                if isLookedInto { body += bytes }
            }
            let url = client.address.text
            guard head.status == 200 else {
                throw client.refusal(head.status, refused, url: url, model: model)
            }
            shapes = nil
            guard isLookedInto else { return }
            checked.insert(requests.padded(items))
            let object = try client.object(body, of: url)
            guard let outputs = object["outputs"] as? [[String: Any]], !outputs.isEmpty else {
                throw .answerInvalid(
                    source: url, key: "outputs", found: client.shown("\(object["outputs"] ?? "nothing")"),
                    expected: "a list of tensors")
            }
            var shapes: [OutputShape] = []
            for (index, output) in outputs.enumerated() {
                guard let shape = output["shape"] as? [Int] else {
                    throw .answerInvalid(
                        source: url, key: "outputs[\(index)].shape",
                        found: client.shown("\(output["shape"] ?? "nothing")"), expected: "whole numbers")
                }
                let name = output["name"] as? String ?? "\(index)"
                shapes.append(OutputShape(name: client.shown(name), dimensions: shape))
            }
            self.shapes = shapes
        }

        func outputShapes() throws(ProfilingError) -> [OutputShape]? { shapes }
    }
}

/// The texts of inference requests, made once for each size of batch.
final class RequestTexts: Sendable {
    private let ladder: BatchLadder
    /// By rung, a few each.
    private let texts: [Int: [[UInt8]]]
    /// How much text is kept altogether, as long as each rung has one.
    private static let bytesMax = 128 << 20
    private static let variants = 8

    init(pool: InputPool, ladder: BatchLadder) {
        self.ladder = ladder
        var texts: [Int: [[UInt8]]] = [:]
        for rung in ladder.rungs {
            var windows = InputWindows(items: pool.items, worker: 0, workers: 1)
            let first = Self.text(pool: pool, from: windows.advance(by: rung), items: rung)
            let share = Self.bytesMax / ladder.rungs.count / max(1, first.count)
            let others = (1..<max(2, min(Self.variants, share))).map { _ in
                Self.text(pool: pool, from: windows.advance(by: rung), items: rung)
            }
            texts[rung] = share > 1 ? [first] + others : [first]
        }
        self.texts = texts
    }

    /// How many items a request for so many holds.
    func padded(_ items: Int) -> Int { ladder.rung(for: items) }

    /// A request for so many items, padded to the next rung.
    func text(items: Int, turn: Int) -> [UInt8] {
        let kept = texts[ladder.rung(for: items)] ?? []
        precondition(!kept.isEmpty, "a batch is one of those prepared for")
        return kept[turn % kept.count]
    }

    private static func text(pool: InputPool, from item: Int, items: Int) -> [UInt8] {
        var text = Array("{\"inputs\":[".utf8)
        for (index, input) in pool.inputs.enumerated() {
            if index > 0 { text += Array(",".utf8) }
            let shape = input.dimensions(items: items).map(String.init).joined(separator: ",")
            text += Array(
                """
                {\"name\":\(JSONText.quoted(input.name)),\"shape\":[\(shape)],\
                \"datatype\":\"\(input.elementType.openInferenceName)\",\"data\":[
                """
                .utf8)
            let memory = pool.address(ofInput: index, item: item)
            let count = input.width * (input.hasBatch ? items : 1)
            for element in 0..<count {
                if element > 0 { text.append(0x2C) }
                text += Array(input.elementType.text(at: memory + element * input.elementType.size).utf8)
            }
            text += Array("]}".utf8)
        }
        return text + Array("]}".utf8)
    }
}

extension ModelInput.ElementType {
    /// The name in the Open Inference Protocol.
    fileprivate var openInferenceName: String {
        switch self {
        case .float32: "FP32"
        case .float64: "FP64"
        case .float16: "FP16"
        case .int8: "INT8"
        case .uint8: "UINT8"
        case .int32: "INT32"
        case .int64: "INT64"
        case .bool: "BOOL"
        }
    }

    fileprivate func text(at address: UnsafeMutableRawPointer) -> String {
        switch self {
        case .float32: "\(address.load(as: Float.self))"
        case .float64: "\(address.load(as: Double.self))"
        case .float16: "\(address.load(as: Float16.self))"
        case .int8: "\(address.load(as: Int8.self))"
        case .uint8: "\(address.load(as: UInt8.self))"
        case .int32: "\(address.load(as: Int32.self))"
        case .int64: "\(address.load(as: Int64.self))"
        case .bool: address.load(as: UInt8.self) == 0 ? "false" : "true"
        }
    }
}
