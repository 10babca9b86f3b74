import CNative

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// libcurl's easy interface, loaded at run time.
package final class CurlLibrary: @unchecked Sendable {
    // Unchecked: the table is written once before anyone sees it; a transfer is used by one thread at a time.

    #if canImport(Darwin)
        private static let fileName = "libcurl.4.dylib"
    #else
        private static let fileName = "libcurl.so.4"
    #endif
    /// Loaded once: the library's own start is not made for several threads before version 7.84.
    private static let loaded = Result { () throws(ProfilingError) in try CurlLibrary(name: fileName) }

    /// The options that are used, by the numbers of libcurl's curl.h; each is described at
    /// curl.se/libcurl/c/CURLOPT_<NAME>.html.
    enum Option: Int32 {
        // Numbers.
        case post = 47
        case netrc = 51
        case followLocation = 52
        case httpGet = 80
        case maxConnects = 71
        case noSignal = 99
        case timeoutMilliseconds = 155
        case suppressConnectHeaders = 265
        case http09Allowed = 285
        // Addresses of text, lists and data.
        case writeData = 10_001
        case url = 10_002
        case errorBuffer = 10_010
        case postFields = 10_015
        case userAgent = 10_018
        case httpHeader = 10_023
        case headerData = 10_029
        case caInfo = 10_065
        case caPath = 10_097
        // Functions.
        case writeFunction = 20_011
        case headerFunction = 20_079
        // Numbers of 64 bits.
        case postFieldSizeLarge = 30_120
    }

    /// What is asked about a transfer, by the numbers of curl.h.
    enum Fact: Int32 {
        case systemError = 2_097_177
    }

    private let table: OpaquePointer
    /// With that of the library it encrypts with, for example `libcurl/7.88.1 OpenSSL/3.0.19`.
    package let version: String

    /// The library, loaded by whoever asks first.
    package static func shared() throws(ProfilingError) -> CurlLibrary { try loaded.get() }

    package init(name: String) throws(ProfilingError) {
        var message = [CChar](repeating: 0, count: 1024)
        guard let table = cnative_curl_open(name, &message, message.count) else {
            let text = String(
                decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw .notInstalled(what: name, reason: text)
        }
        self.table = table
        version = String(cString: cnative_curl_version(table)).split(separator: " ").prefix(2)
            .joined(separator: " ")
    }

    /// What the library says of a status code.
    func words(_ code: Int32) -> String { String(cString: cnative_curl_words(table, code)) }

    /// A list of texts; nil where there is no memory.
    func list(_ texts: [String]) -> UnsafeMutableRawPointer? {
        var list: UnsafeMutableRawPointer?
        for text in texts {
            guard let longer = cnative_curl_list_append(table, list, text) else {
                destroy(list: list)
                return nil
            }
            list = longer
        }
        return list
    }

    func destroy(list: UnsafeMutableRawPointer?) { cnative_curl_list_destroy(table, list) }

    /// A transfer; nil where there is no memory.
    func transfer() -> Transfer? {
        cnative_curl_easy_create(table).map { Transfer(library: self, table: table, easy: $0) }
    }

    /// A transfer with its connections. To be destroyed.
    struct Transfer {
        let library: CurlLibrary
        fileprivate let table: OpaquePointer
        fileprivate let easy: UnsafeMutableRawPointer

        func destroy() { cnative_curl_easy_destroy(table, easy) }

        func set(_ option: Option, _ number: Int) throws(Refused) {
            try check(cnative_curl_set_number(table, easy, option.rawValue, number), option)
        }

        func set(_ option: Option, size: Int) throws(Refused) {
            try check(cnative_curl_set_size(table, easy, option.rawValue, Int64(size)), option)
        }

        /// - Parameter address: nil for none.
        func set(_ option: Option, address: UnsafeRawPointer?) throws(Refused) {
            try check(cnative_curl_set_address(table, easy, option.rawValue, address), option)
        }

        func set(_ option: Option, text: String) throws(Refused) {
            let code = text.withCString { cnative_curl_set_address(table, easy, option.rawValue, $0) }
            try check(code, option)
        }

        func set(_ option: Option, _ receiver: @escaping cnative_curl_receiver) throws(Refused) {
            try check(cnative_curl_set_receiver(table, easy, option.rawValue, receiver), option)
        }

        /// - Returns: the library's status code, 0 for done.
        func perform() -> Int32 { cnative_curl_perform(table, easy) }

        func fact(_ fact: Fact) -> Int { cnative_curl_fact(table, easy, fact.rawValue) }

        private func check(_ code: Int32, _ option: Option) throws(Refused) {
            guard code == 0 else { throw Refused(option: option, words: library.words(code)) }
        }
    }

    /// An option that the library does not take, which may be too old for it.
    struct Refused: Error {
        let option: Option
        let words: String
    }
}
