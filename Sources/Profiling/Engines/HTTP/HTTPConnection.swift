import CNative
import Quantities

/// A client of one server that makes one request at a time and keeps its connection between them.
///
/// A transfer of libcurl on the calling thread: no other thread, queue or task takes part, because what they
/// add would be part of every latency measured. Proxies are those of the environment, as curl reads it;
/// redirects are not followed, and no `.netrc` is read.
package final class HTTPConnection {
    /// The head of an answer, when it is complete.
    package struct Head {
        package let status: Int
        /// When the first byte of the answer came, by the monotonic clock.
        package let firstByte: Nanoseconds
    }

    /// An answer as a whole.
    package struct Response {
        package let status: Int
        /// Names in lower case; of repeated headers the last.
        package let headers: [String: String]
        package let body: [UInt8]
    }

    private let address: HTTPAddress
    private let url: String
    private let timeout: Nanoseconds
    private let library: CurlLibrary
    private let transfer: CurlLibrary.Transfer
    private let answer: HTTPAnswer
    private let failureWords: UnsafeMutablePointer<CChar>
    /// The header fields of requests without and with a body.
    private let fields: (get: UnsafeMutableRawPointer?, post: UnsafeMutableRawPointer?)

    /// - Parameters:
    ///   - timeout: how long a request may take from its start to the last byte of the answer.
    ///   - access: whom to trust and what to send along.
    ///   - limits: how much the server may send.
    /// - Throws: `notInstalled` where libcurl is missing.
    package init(
        _ address: HTTPAddress, timeout: Nanoseconds, access: HTTPAccess = HTTPAccess(),
        limits: HTTPAnswer.Limits = HTTPAnswer.Limits()
    ) throws(ProfilingError) {
        library = try CurlLibrary.shared()
        guard let transfer = library.transfer() else {
            throw .requestFailed(url: address.text, reason: "no memory for a transfer")
        }
        self.address = address
        url = address.text
        self.timeout = timeout
        self.transfer = transfer
        answer = HTTPAnswer(limits: limits)
        failureWords = .allocate(capacity: Int(CNATIVE_CURL_ERROR_SIZE))
        failureWords.initialize(repeating: 0, count: Int(CNATIVE_CURL_ERROR_SIZE))
        fields = (library.list(access.fields(hasBody: false)), library.list(access.fields(hasBody: true)))
        do { try configure(access) } catch { throw refused(error, address.text) }
    }

    deinit {
        transfer.destroy()
        library.destroy(list: fields.get)
        library.destroy(list: fields.post)
        failureWords.deallocate()
    }

    /// Posts JSON and hands on the body of the answer as it comes.
    /// - Parameters:
    ///   - path: nil for the address's own.
    ///   - body: called with each part of the body; what it throws ends the transfer.
    package func post(
        _ path: String? = nil, json: [UInt8], body: HTTPAnswer.Sink
    ) throws(ProfilingError) -> Head {
        try exchange(path.map { address.at($0).text } ?? url, json, body)
        return Head(status: answer.status, firstByte: answer.firstByte ?? .zero)
    }

    /// Posts JSON and collects the answer.
    package func post(_ path: String? = nil, json: [UInt8]) throws(ProfilingError) -> Response {
        try collect(path, json)
    }

    /// Asks for a path and collects the answer.
    package func get(_ path: String? = nil) throws(ProfilingError) -> Response { try collect(path, nil) }

    private func collect(_ path: String?, _ json: [UInt8]?) throws(ProfilingError) -> Response {
        var collected: [UInt8] = []
        try exchange(path.map { address.at($0).text } ?? url, json) { _, bytes, _ in
            collected += bytes
        }
        return Response(status: answer.status, headers: answer.headers, body: collected)
    }

    // MARK: One exchange

    private func exchange(
        _ url: String, _ json: [UInt8]?, _ sink: HTTPAnswer.Sink
    ) throws(ProfilingError) {
        let code: Int32
        do throws(CurlLibrary.Refused) {
            code = try withoutActuallyEscaping(sink) { sink throws(CurlLibrary.Refused) in
                answer.begin(sink)
                defer { answer.end() }
                return try perform(url, json)
            }
        } catch { throw refused(error, url) }
        guard code != 0 || !answer.isHeadComplete else { return }
        let failure = HTTPFailure(
            code: code,
            words: failureWords.pointee == 0 ? library.words(code) : String(cString: failureWords),
            systemError: Int32(truncatingIfNeeded: transfer.fact(.systemError)),
            timeout: timeout)
        throw .requestFailed(url: url, reason: failure.reason(for: answer))
    }

    private func perform(_ url: String, _ json: [UInt8]?) throws(CurlLibrary.Refused) -> Int32 {
        failureWords.pointee = 0
        try transfer.set(.url, text: url)
        guard let json else {
            try transfer.set(.httpGet, 1)
            try transfer.set(.httpHeader, address: fields.get)
            return transfer.perform()
        }
        try transfer.set(.post, 1)
        try transfer.set(.httpHeader, address: fields.post)
        try transfer.set(.postFieldSizeLarge, size: json.count)
        return try json.withUnsafeBufferPointer { bytes throws(CurlLibrary.Refused) in
            // The library reads the body from here, also when it has to send it again.
            try transfer.set(.postFields, address: bytes.baseAddress)
            return transfer.perform()
        }
    }

    private func configure(_ access: HTTPAccess) throws(CurlLibrary.Refused) {
        try transfer.set(.noSignal, 1)
        try transfer.set(.followLocation, 0)
        try transfer.set(.netrc, 0)
        try transfer.set(.maxConnects, 1)
        try transfer.set(.userAgent, text: "hercules")
        // Whole milliseconds, rounded up, because 0 stands for no limit.
        let milliseconds = (timeout.count + 999_999) / 1_000_000
        try transfer.set(.timeoutMilliseconds, Int(min(max(milliseconds, 1), Int64(Int32.max))))
        // What a proxy says before the server answers is not the server's.
        try transfer.set(.suppressConnectHeaders, 1)
        // Bytes that are no HTTP/1.1 come through as a body, so that a message can show them.
        try transfer.set(.http09Allowed, 1)
        if let file = access.caFile {
            try transfer.set(.caInfo, text: file)
            // The system's folder of authorities would be trusted beside the file.
            try transfer.set(.caPath, address: nil)
        }
        try transfer.set(.errorBuffer, address: failureWords)
        // The answer lives as long as the transfer that writes to it.
        let data = Unmanaged.passUnretained(answer).toOpaque()
        try transfer.set(.headerData, address: data)
        try transfer.set(.writeData, address: data)
        try transfer.set(.headerFunction) { bytes, size, count, data in
            HTTPConnection.take(bytes, size * count, data) { $0.takeLine($1) }
        }
        try transfer.set(.writeFunction) { bytes, size, count, data in
            HTTPConnection.take(bytes, size * count, data) { $0.takeBody($1) }
        }
    }

    /// How much of the bytes was taken: all, or none to end the transfer.
    private static func take(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ data: UnsafeMutableRawPointer?,
        _ receive: (HTTPAnswer, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let data else { return 0 }
        let answer = Unmanaged<HTTPAnswer>.fromOpaque(data).takeUnretainedValue()
        return receive(answer, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

    private func refused(_ error: CurlLibrary.Refused, _ url: String) -> ProfilingError {
        .requestFailed(
            url: url,
            reason: "option \(error.option) of libcurl: \(error.words); found \(library.version), expected "
                + "7.64 or newer")
    }
}
