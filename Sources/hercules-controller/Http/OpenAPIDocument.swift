import Pipeline
import Reporting

/// The description of the interface, made from the table of routes.
enum OpenAPIDocument {
    static let value: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "Hercules live controller", "version": .string(Recorder.toolVersion),
            "description": "Loads in, allocations out; every decision with its reason, bound and gap.",
        ],
        "paths": .object(paths),
        "components": [
            "securitySchemes": [
                "token": ["type": "http", "scheme": "bearer"],
                "session": ["type": "apiKey", "in": "cookie", "name": .string(ApiGate.cookie)],
            ],
            "schemas": ["Problem": problem],
        ],
    ]

    private static var paths: [String: JSONValue] {
        Dictionary(grouping: ApiRoute.all, by: \.path).mapValues { routes in
            .object(
                Dictionary(uniqueKeysWithValues: routes.map { ($0.method.lowercased(), operation($0)) }))
        }
    }

    private static func operation(_ route: ApiRoute) -> JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .string(route.operation.rawValue), "summary": .string(route.summary),
            "parameters": .array(parameters(route)), "responses": .object(responses(route)),
            "security": security(route),
        ]
        if case .role(let role) = route.access { members["x-role"] = .string(role.rawValue) }
        if case .metrics = route.access { members["x-role"] = .string(Role.viewer.rawValue) }
        if let body = route.body { members["requestBody"] = requestBody(body) }
        if route.operation == .push {
            let schema: JSONValue = ["schema": ["type": "string"]]
            members["requestBody"] = [
                "required": true, "content": ["application/openmetrics-text": schema],
            ]
        }
        return .object(members)
    }

    private static func security(_ route: ApiRoute) -> JSONValue {
        route.access == .open ? [] : [["token": []], ["session": []]]
    }

    private static func parameters(_ route: ApiRoute) -> [JSONValue] {
        let path: [JSONValue] = route.segments.filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            return [
                "name": .string(name), "in": "path", "required": true,
                "schema": schema(name == "id" ? .wholeNumber : .text),
            ]
        }
        let query: [JSONValue] = route.query.map { field in
            [
                "name": .string(field.name), "in": "query", "required": .bool(field.isRequired),
                "description": .string(field.summary), "schema": schema(field.kind),
            ]
        }
        let condition: JSONValue = [
            "name": "If-Match", "in": "header", "required": true,
            "description": "The ETag of /v1/status, or * for any.", "schema": schema(.text),
        ]
        let resume: JSONValue = [
            "name": "Last-Event-ID", "in": "header", "required": false, "schema": schema(.wholeNumber),
        ]
        return path + query + (route.isConditional ? [condition] : [])
            + (route.operation == .events ? [resume] : [])
    }

    private static func requestBody(_ fields: [ApiRoute.Field]) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for field in fields { properties[field.name] = schema(field.kind) }
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        let shape: JSONValue = [
            "type": "object", "properties": .object(properties), "required": .array(required),
            "additionalProperties": false,
        ]
        return ["required": true, "content": ["application/json": ["schema": shape]]]
    }

    private static func schema(_ kind: ApiRoute.Kind) -> JSONValue {
        switch kind {
        case .text: ["type": "string", "minLength": 1, "maxLength": .integer(ApiBody.textBytesMax)]
        case .wholeNumber: ["type": "integer", "minimum": 0]
        case .time: ["type": "string", "format": "date-time"]
        case .allocations:
            [
                "type": "array", "maxItems": .integer(ApiBody.pairsMax),
                "items": [
                    "type": "object", "additionalProperties": false,
                    "required": ["model", "serverType", "servers"],
                    "properties": [
                        "model": ["type": "string"], "serverType": ["type": "string"],
                        "servers": ["type": "integer", "minimum": 0],
                    ],
                ],
            ]
        }
    }

    private static func responses(_ route: ApiRoute) -> [String: JSONValue] {
        let failure: JSONValue = [
            "description": "A problem (RFC 9457).",
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
        ]
        let done: JSONValue = ["description": "Done.", "content": .object([route.type: .object([:])])]
        var answers: [String: JSONValue] = ["200": done, "default": failure]
        if route.operation == .plan { answers["204"] = ["description": "No later plan within the wait."] }
        if route.operation == .login || route.operation == .logout {
            answers["200"] = nil
            answers["204"] = ["description": "Done; see Set-Cookie."]
        }
        if [.plan, .allocation, .readiness].contains(route.operation) { answers["503"] = failure }
        return answers
    }

    private static var problem: JSONValue {
        let types = ApiProblem.Kind.allCases.map { JSONValue.string("urn:hercules:problem:\($0.rawValue)") }
        return [
            "type": "object", "required": ["type", "title", "status", "detail"],
            "properties": [
                "type": ["type": "string", "enum": .array(types)], "title": ["type": "string"],
                "status": ["type": "integer"], "detail": ["type": "string"],
            ],
        ]
    }
}
