extension ApiRoute {
    /// Every route.
    static let all: [ApiRoute] = open + pictures + lists + scaling + writes

    private static let open: [ApiRoute] = [
        ApiRoute(
            operation: .health, method: "GET", path: "/healthz", access: .open,
            summary: "Whether the process answers.", type: "text/plain"),
        ApiRoute(
            operation: .readiness, method: "GET", path: "/readyz", access: .open,
            summary: "Whether ticks happen and can be written down; a deliberate hold is ready."),
        ApiRoute(
            operation: .metrics, method: "GET", path: "/metrics", access: .metrics,
            summary: "Metrics in the text format of Prometheus.", type: "text/plain"),
        ApiRoute(
            operation: .dashboard, method: "GET", path: "/", access: .open,
            summary: "The dashboard; without figures of its own.", type: "text/html"),
        ApiRoute(
            operation: .dashboardScript, method: "GET", path: "/dashboard.js", access: .open,
            summary: "The dashboard's script.", type: "text/javascript"),
        ApiRoute(
            operation: .dashboardStyle, method: "GET", path: "/dashboard.css", access: .open,
            summary: "The dashboard's style sheet.", type: "text/css"),
        ApiRoute(
            operation: .plotly, method: "GET", path: "/plotly.js", access: .open,
            summary: "The plotting library.", type: "text/javascript"),
        ApiRoute(
            operation: .login, method: "POST", path: "/login", access: .open,
            summary: "Turns a token into a cookie of twelve hours.",
            body: [Field("token", .text, required: true, "The token as it was printed once.")]),
        ApiRoute(
            operation: .logout, method: "POST", path: "/logout", access: .role(.viewer),
            summary: "Ends the session of the cookie."),
    ]

    private static let pictures: [ApiRoute] = [
        ApiRoute(
            operation: .openAPI, method: "GET", path: "/v1/openapi.json", access: .role(.viewer),
            summary: "This document."),
        ApiRoute(
            operation: .status, method: "GET", path: "/v1/status", access: .role(.viewer),
            summary: "How things stand; its ETag is the revision that writes need."),
        ApiRoute(
            operation: .fleet, method: "GET", path: "/v1/fleet", access: .role(.viewer),
            summary: "Servers of every pair: wanted, serving, starting, finishing."),
        ApiRoute(
            operation: .forecast, method: "GET", path: "/v1/forecast", access: .role(.viewer),
            summary: "Load, forecast, need and capacity of every model."),
        ApiRoute(
            operation: .history, method: "GET", path: "/v1/history", access: .role(.viewer),
            summary: "The course of loads, needs and power, the oldest first.",
            query: [Field("last", .wholeNumber, "Ticks at most, up to 1440.")]),
        ApiRoute(
            operation: .savings, method: "GET", path: "/v1/savings", access: .role(.viewer),
            summary: "Energy, money and carbon against other policies on the same loads."),
        ApiRoute(
            operation: .scorecard, method: "GET", path: "/v1/scorecard", access: .role(.viewer),
            summary: "How advice has done so far, and whether that speaks for acting."),
    ]

    private static let lists: [ApiRoute] = [
        ApiRoute(
            operation: .decisions, method: "GET", path: "/v1/decisions", access: .role(.viewer),
            summary: "Decisions, the newest first.",
            query: [
                Field("after", .wholeNumber, "Only later ones."),
                Field("before", .wholeNumber, "Only earlier ones."),
                Field("model", .text, "Only those that concern a model."),
                Field("reason", .text, "Only those made for a reason."),
                Field("limit", .wholeNumber, "At most so many, up to 1000."),
            ]),
        ApiRoute(
            operation: .decision, method: "GET", path: "/v1/decisions/{id}", access: .role(.viewer),
            summary: "One decision with everything that it rests on."),
        ApiRoute(
            operation: .events, method: "GET", path: "/v1/events", access: .role(.viewer),
            summary: "Server-sent events; Last-Event-ID resumes.",
            query: [Field("after", .wholeNumber, "As Last-Event-ID, for who cannot set headers.")],
            type: "text/event-stream"),
        ApiRoute(
            operation: .audit, method: "GET", path: "/v1/audit", access: .role(.viewer),
            summary: "Who changed what, the oldest first.",
            query: [
                Field("after", .wholeNumber, "Only later entries."),
                Field("limit", .wholeNumber, "At most so many, up to 1000."),
            ]),
    ]

    private static let scaling: [ApiRoute] = [
        ApiRoute(
            operation: .plan, method: "GET", path: "/v1/plan", access: .role(.viewer),
            summary: "The plan in force, or 503 where none can be trusted.",
            query: [
                Field("after", .wholeNumber, "Waits for a later decision than this one."),
                Field("wait", .wholeNumber, "Seconds to wait, up to 60; then 204."),
            ]),
        ApiRoute(
            operation: .allocation, method: "GET", path: "/v1/allocations/{model}/{serverType}",
            access: .role(.scaler),
            summary: "Servers of one pair for a scaler, or 503; never 0 for want of knowledge."),
        ApiRoute(
            operation: .acknowledge, method: "POST", path: "/v1/acks", access: .role(.scaler),
            summary: "Says what was carried out of a decision.",
            body: [
                Field("decision", .wholeNumber, required: true, "The decision's number."),
                Field("applied", .allocations, required: true, "Servers that run now, pair by pair."),
            ]),
        ApiRoute(
            operation: .push, method: "POST", path: "/v1/push", access: .role(.scaler),
            summary: "Takes counters in the text format of OpenMetrics."),
    ]

    private static let writes: [ApiRoute] = [
        ApiRoute(
            operation: .setMode, method: "PUT", path: "/v1/mode", access: .role(.operating),
            summary: "Changes how far the controller goes.",
            body: [Field("mode", .text, required: true, "observe, advisory, approve or active.")],
            isConditional: true),
        ApiRoute(
            operation: .pause, method: "POST", path: "/v1/pause", access: .role(.operating),
            summary: "Holds the fleet as it is.", isConditional: true),
        ApiRoute(
            operation: .resume, method: "POST", path: "/v1/resume", access: .role(.operating),
            summary: "Ends a pause.", isConditional: true),
        ApiRoute(
            operation: .override, method: "PUT", path: "/v1/overrides/{model}/{serverType}",
            access: .role(.operating), summary: "Bounds the servers of a pair until a time.",
            body: [
                Field("min", .wholeNumber, "Servers at least."),
                Field("max", .wholeNumber, "Servers at most."),
                Field("until", .time, required: true, "When the bounds end."),
                Field("reason", .text, required: true, "For the audit."),
            ], isConditional: true),
        ApiRoute(
            operation: .rollback, method: "POST", path: "/v1/rollback", access: .role(.operating),
            summary: "Keeps to the plan of an earlier decision for half an hour.",
            body: [Field("decision", .wholeNumber, required: true, "The decision's number.")],
            isConditional: true),
        ApiRoute(
            operation: .reload, method: "POST", path: "/v1/reload", access: .role(.operating),
            summary: "Reads the controller's file again; what it gets wrong changes nothing.",
            query: [Field("confirm", .wholeNumber, "1 where more than a fifth of the fleet may move.")],
            isConditional: true),
        ApiRoute(
            operation: .approve, method: "POST", path: "/v1/proposals/{id}/approve",
            access: .role(.approver), summary: "Lets a proposal be carried out."),
        ApiRoute(
            operation: .reject, method: "POST", path: "/v1/proposals/{id}/reject",
            access: .role(.approver), summary: "Drops a proposal."),
    ]
}
