"use strict";
// The dashboard: a first picture from the interface, then server-sent events. Nothing asks on a timer; the
// clock in the strip only counts from what is known.
(() => {
  const TICKS = 1440, DECISIONS = 60, EVENTS = 100;
  // Okabe and Ito's colours, which the colour-blind tell apart.
  const COLOUR = { load: "#0072b2", forecast: "#cc79a7", needed: "#e69f00", capacity: "#009e73", short: "#d55e00",
    plan: "#0072b2", bound: "#555f6e", greedy: "#e69f00", reactive: "#d55e00", static: "#cc79a7" };
  const TYPES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999"];
  const $ = id => document.getElementById(id);
  const state = { status: null, history: [], decisions: [], model: null, source: null, last: null, statusAt: 0, drawn: null };

  // A node with text or children; text is never read as markup.
  function node(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === false || value == null) continue;
      if (key === "class") made.className = value;
      else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children) if (child != null) made.append(child);
    return made;
  }
  const number = (value, digits = 3) => value == null ? "–"
    : value.toLocaleString("en", { maximumSignificantDigits: Math.abs(value) >= 1000 ? Math.max(digits, 5) : digits });
  const watts = value => value == null ? "–" : Math.abs(value) >= 1000 ? number(value / 1000, 4) + " kW" : number(value, 4) + " W";
  const percent = value => value == null ? "–" : number(value * 100, 2) + " %";
  const clock = text => text ? new Date(text).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" }) : "–";
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  async function get(path) {
    const response = await fetch(path, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (response.status === 401 || response.status === 403) { askForToken(); throw new Error("a token is needed"); }
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
    return response.json();
  }
  async function send(method, path, body) {
    const response = await fetch(path, { method, credentials: "same-origin",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
    if (response.ok) return null;
    const problem = await response.json().catch(() => ({}));
    return problem.detail || `HTTP ${response.status}`;
  }

  function askForToken() {
    $("login").hidden = false;
    for (const id of ["load", "fleet", "power", "why", "trust"]) $(id).hidden = true;
    link("log in to see more");
    if (state.source) { state.source.close(); state.source = null; }
  }
  function link(text) { $("link").textContent = text; }

  // The strip and the alarm.
  function strip() {
    const s = state.status; if (!s) return;
    const mode = $("mode");
    mode.textContent = s.mode.toUpperCase(); mode.className = "mode " + s.mode;
    $("paused").hidden = !s.isPaused;
    const held = s.models.filter(m => m.trust.state === "held");
    const ages = s.models.map(m => m.trust.ageSeconds).filter(a => a != null);
    const serving = s.pairs.reduce((sum, p) => sum + p.serving, 0);
    const all = Object.values(s.available || {}).reduce((sum, n) => sum + n, 0);
    const since = (Date.now() - state.statusAt) / 1000;
    const age = s.secondsSinceTick == null ? null : s.secondsSinceTick + since;
    const fixed = (s.savings.against || []).find(a => a.policy === "static");
    const entries = [
      ["leader", s.isLeader ? `this one, generation ${s.generation}` : (s.leader || "nobody") + ", standing by"],
      ["inputs", held.length ? `${held.length} of ${s.models.length} held` : `${plural(s.models.length, "model")} trusted`],
      ["data age", ages.length ? number(Math.max(...ages), 2) + " s" : "–"],
      ["plan gap", s.decision ? percent(s.decision.gap) : "–"],
      ["fleet", `${serving} of ${plural(all, "server")}`],
      ["power", s.decision ? watts(s.decision.objectiveWatts) + (s.wattsMax ? ` of ${watts(s.wattsMax)}` : "") : "–"],
      ["last tick", age == null ? "none yet" : `${Math.round(age)} s ago, every ${number(s.intervalSeconds)} s`],
      ["saved against static", fixed ? number(fixed.savedKilowattHours, 4) + " kWh" : "–"],
    ];
    $("strip").replaceChildren(...entries.map(([name, value]) => node("div", {}, node("dt", {}, name), node("dd", {}, value))));
    const alarms = [];
    if (s.fleetHold) alarms.push("The fleet is held: " + s.fleetHold);
    for (const m of held) alarms.push(`${m.model}: ${m.trust.detail || m.trust.cause}` + (m.trust.since ? `, held since ${clock(m.trust.since)}` : ""));
    if (!s.canWrite) alarms.push("The database cannot be written: nothing is done.");
    if (age != null && age > 3 * s.intervalSeconds) alarms.push("No tick for more than three intervals.");
    $("alarm").hidden = alarms.length === 0;
    $("alarm").textContent = alarms.slice(0, 4).join(" · ") + (alarms.length > 4 ? ` · and ${alarms.length - 4} more` : "");
  }

  // Panel 1.
  function spark(model) {
    const values = state.history.slice(-240).map(p => p.load[model]);
    const known = values.filter(v => v != null);
    const top = Math.max(...known, 1e-9);
    const xs = i => (i / Math.max(values.length - 1, 1) * 100).toFixed(1);
    let path = "", pen = false;
    values.forEach((v, i) => { if (v == null) { pen = false; return; } path += `${pen ? "L" : "M"}${xs(i)} ${(28 - v / top * 26).toFixed(1)}`; pen = true; });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 100 30"); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [k, v] of Object.entries({ d: path, fill: "none", stroke: COLOUR.load, "stroke-width": "1.5", "vector-effect": "non-scaling-stroke" })) line.setAttribute(k, v);
    svg.append(line); return svg;
  }
  function tag(trust) {
    const words = { fresh: "fresh", idle: "idle", thin_ok: "one sample short", held: "held: " + (trust.cause || "") };
    const kind = trust.state === "held" ? "bad" : trust.state === "thin_ok" ? "caution" : "good";
    return node("span", { class: "tag " + kind }, words[trust.state] || trust.state);
  }
  function models() {
    const s = state.status; if (!s) return;
    if (!s.models.some(m => m.model === state.model)) state.model = s.models.length ? s.models[0].model : null;
    const focus = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.model : null;
    $("models").replaceChildren(...s.models.map(m => {
      const short = m.capacity != null && m.load != null && m.load > m.capacity;
      const button = node("button", { type: "button", "aria-pressed": String(m.model === state.model), "data-model": m.model,
        onclick: () => { state.model = m.model; models(); drawLoad(); } },
        node("div", { class: "name" }, m.model + " ", tag(m.trust), short ? node("span", { class: "tag bad" }, "short") : null),
        node("div", { class: "figure" }, `${number(m.load)}/s of ${number(m.capacity)}/s`), spark(m.model));
      return button;
    }));
    if (focus) for (const b of $("models").children) if (b.dataset.model === focus) b.focus();
  }
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  function layout(title, extra) {
    const ink = style("--ink"), line = style("--line");
    return Object.assign({ margin: { l: 55, r: 10, t: 8, b: 34 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: ink, size: 12 }, showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      xaxis: { type: "date", gridcolor: line, automargin: true }, yaxis: { title: { text: title }, gridcolor: line, rangemode: "tozero", automargin: true },
      hovermode: "x unified" }, extra || {});
  }
  const options = { displayModeBar: false, responsive: true };
  const canPlot = () => typeof Plotly !== "undefined";
  function drawLoad() {
    if (!canPlot() || !state.model) return;
    const model = state.model, h = state.history, at = h.map(p => p.at);
    $("load-title").textContent = model;
    const series = (name, pick, colour, extra) => Object.assign({ name, x: at, y: h.map(pick), mode: "lines", line: { color: colour, width: 1.6 } }, extra || {});
    const band = h.map(p => p.forecast[model] == null ? null : p.forecast[model] * (1 + (p.headroom[model] || 0)));
    const held = h.map(p => p.held.includes(model) ? Math.max(p.capacity[model] || 0, p.needed[model] || 0, p.load[model] || 0) : null);
    const short = h.map(p => p.capacity[model] != null && p.load[model] > p.capacity[model] ? p.load[model] : null);
    const traces = [
      series("held", (p, i) => held[i], "rgba(120,120,120,0.4)", { fill: "tozeroy", fillpattern: { shape: "/", size: 6 }, line: { width: 0 }, hoverinfo: "skip" }),
      series("forecast", p => p.forecast[model], COLOUR.forecast, { line: { color: COLOUR.forecast, dash: "dot", width: 1.6 } }),
      series("with headroom", (p, i) => band[i], COLOUR.forecast, { fill: "tonexty", fillcolor: "rgba(204,121,167,0.18)", line: { width: 0 }, hoverinfo: "skip" }),
      series("needed", p => p.needed[model], COLOUR.needed, { line: { color: COLOUR.needed, shape: "hv", width: 1.6 } }),
      series("capacity", p => p.capacity[model], COLOUR.capacity, { line: { color: COLOUR.capacity, shape: "hv", width: 2.2 } }),
      series("load", p => p.load[model], COLOUR.load),
      series("short", (p, i) => short[i], COLOUR.short, { mode: "markers", marker: { color: COLOUR.short, size: 6, symbol: "x" } }),
    ];
    state.drawn = model;
    Plotly.react("load-plot", traces, layout("queries/s"), options);
  }

  // Panel 2.
  function fleet() {
    const s = state.status; if (!s) return;
    const types = [...new Set([...Object.keys(s.available || {}), ...s.pairs.map(p => p.serverType)])].sort();
    const sum = (type, key) => s.pairs.filter(p => p.serverType === type).reduce((total, p) => total + p[key], 0);
    if (canPlot()) {
      const bars = [["serving", "#009e73", ""], ["starting", "#56b4e9", "/"], ["draining", "#e69f00", "\\"]];
      const traces = bars.map(([key, colour, shape]) => ({ name: key, type: "bar", orientation: "h", y: types, x: types.map(t => sum(t, key)), marker: { color: colour, pattern: { shape } } }));
      traces.push({ name: "free", type: "bar", orientation: "h", y: types, marker: { color: "rgba(128,128,128,0.3)" },
        x: types.map(t => Math.max(0, (s.available[t] || 0) - sum(t, "serving") - sum(t, "starting") - sum(t, "draining"))) });
      traces.push({ name: "wanted", type: "scatter", mode: "markers", y: types, x: types.map(t => sum(t, "target")), marker: { symbol: "line-ns-open", size: 18, color: style("--ink"), line: { width: 3 } } });
      $("fleet-plot").style.height = Math.max(11, 4.5 + types.length * 2.2) + "rem";
      Plotly.react("fleet-plot", traces, layout("", { barmode: "stack", hovermode: "closest", xaxis: { title: { text: "servers" }, gridcolor: style("--line"), automargin: true },
        yaxis: { type: "category", automargin: true, autorange: "reversed" } }), options);
    }
    const heads = ["model", "type", "wanted", "serving", "starting", "finishing", "min", "max", "overdue", "cannot, because"];
    const rows = s.pairs.filter(p => p.target || p.serving || p.starting || p.draining || p.lag || p.cannot || p.min != null || p.max != null);
    table("pairs", heads, rows.map(p => [p.model, p.serverType, p.target, p.serving, p.starting, p.draining, p.min, p.max, p.lag, p.cannot || ""]), [2, 3, 4, 5, 6, 7, 8]);
  }
  function table(id, heads, rows, numeric, long = []) {
    const cell = (value, i) => {
      const kind = numeric.includes(i) ? "n" : long.includes(i) ? "long" : null;
      return node("td", { class: kind }, value == null ? "–" : value instanceof Node ? value : typeof value === "number" ? number(value, 4) : String(value));
    };
    $(id).replaceChildren(node("thead", {}, node("tr", {}, ...heads.map((h, i) => node("th", { scope: "col", class: numeric.includes(i) ? "n" : null }, h)))),
      node("tbody", {}, ...rows.map(r => node("tr", {}, ...r.map(cell)))));
  }

  // Panel 3.
  function power() {
    const s = state.status; if (!s) return;
    const h = state.history, at = h.map(p => p.at);
    if (canPlot()) {
      const policies = [...new Set(h.flatMap(p => Object.keys(p.watts)))].sort((a, b) => (a === "plan") - (b === "plan") || a.localeCompare(b));
      const traces = policies.map((name, i) => ({ name, x: at, y: h.map(p => p.watts[name]), mode: "lines",
        line: { color: COLOUR[name] || TYPES[i % TYPES.length], shape: "hv", width: name === "plan" ? 2.6 : 1.5, dash: name === "plan" ? "solid" : "dash" } }));
      traces.push({ name: "proven least", x: at, y: h.map(p => p.boundWatts), mode: "lines", line: { color: COLOUR.bound, dash: "dot", width: 1.5, shape: "hv" } });
      if (s.wattsMax && at.length) traces.push({ name: "budget", x: [at[0], at[at.length - 1]], y: [s.wattsMax, s.wattsMax], mode: "lines", line: { color: COLOUR.short, width: 1 } });
      Plotly.react("power-plot", traces, layout("watts"), options);
    }
    const v = s.savings;
    $("savings-note").textContent = `Over ${number(v.hours)} hours of trusted ticks our plans take ${number(v.estimatedKilowattHours, 4)} kWh (estimated from the efficiency table)`
      + (v.meteredKilowattHours == null ? "; nothing was metered." : `; a meter counted ${number(v.meteredKilowattHours, 4)} kWh.`)
      + ` We were short for ${number(v.shortMinutes)} minutes and started ${plural(v.starts, "server")}.`;
    table("savings", ["against", "saved kWh", v.currency ? "saved " + v.currency : "saved money", "saved CO₂ kg", "short minutes", "starts"],
      v.against.map(a => [a.policy, a.savedKilowattHours, a.savedMoney, a.savedCarbonGrams == null ? null : a.savedCarbonGrams / 1000, a.shortMinutes, a.starts]), [1, 2, 3, 4, 5]);
  }

  // Panel 4.
  // What rules held back, rule by rule: how many changes, and the largest of them.
  function cuts(list) {
    return [...new Set(list.map(c => c.rule))].sort().map(rule => {
      const own = list.filter(c => c.rule === rule);
      const words = own.map(c => `${[c.model, c.serverType].filter(Boolean).join(" on ") || "fleet"}: asked ${c.asked}, allowed ${c.allowed}`);
      const text = own.length === 1 ? `${rule}: ${own[0].asked} → ${own[0].allowed}` : `${rule} cuts ${own.length}`;
      return node("span", { class: "tag caution", title: words.join("\n") }, text);
    });
  }
  function summary(d) {
    return [node("time", { datetime: d.at }, clock(d.at)), `#${d.id} `, d.sentence || d.reason,
      ...cuts(d.cut || [])];
  }
  function detail(d) {
    const list = (heads, rows) => {
      const made = node("table", {}, node("thead", {}, node("tr", {}, ...heads.map(h => node("th", { scope: "col" }, h)))));
      made.append(node("tbody", {}, ...rows.map(r => node("tr", {}, ...r.map(c => node("td", {}, c == null ? "–" : c instanceof Node ? c : String(c)))))));
      return made;
    };
    const parts = [node("p", {}, `Reason ${d.reason}, route ${d.route}, ${d.status}; ${watts(d.objectiveWatts)}, at least ${watts(d.boundWatts)}, gap ${percent(d.gap)}; ${number(d.seconds * 1000)} ms; generation ${d.generation}.`)];
    if (d.binding && d.binding.length) parts.push(node("p", {}, "Binding: " + d.binding.join("; ")));
    parts.push(node("h3", {}, "Inputs"), list(["model", "load", "forecast", "needed", "headroom", "trust"], Object.keys(d.needed || {}).sort().map(m =>
      [m, number(d.load[m]), number(d.forecast[m]), number(d.needed[m]), percent(d.headroom[m]), d.trust[m] ? tag(d.trust[m]) : null])));
    parts.push(node("h3", {}, "Orders"), d.orders.length ? list(["model", "type", "from", "to"], d.orders.map(o => [o.model, o.serverType, o.from, o.to])) : node("p", {}, "None."));
    if (d.cut && d.cut.length) parts.push(node("h3", {}, "Held back"), list(["rule", "model", "type", "asked", "allowed"], d.cut.map(c => [c.rule, c.model, c.serverType, c.asked, c.allowed])));
    const others = Object.entries(d.instead || {});
    if (others.length) parts.push(node("h3", {}, "Instead"), list(["policy", "watts", "servers", "short"], others.map(([name, a]) => [name, watts(a.watts), a.servers, (a.short || []).join(", ") || "none"])));
    parts.push(node("details", {}, node("summary", {}, "All of it, as JSON"), node("pre", {}, JSON.stringify(d, null, 1))));
    return parts;
  }
  function decisions() {
    const open = new Set([...$("decisions").querySelectorAll(":scope > li > details[open]")].map(d => d.dataset.id));
    $("decisions").replaceChildren(...state.decisions.map(d => {
      const body = node("div", { class: "detail" });
      const fold = node("details", { "data-id": String(d.id) }, node("summary", {}, ...summary(d)), body);
      const fill = () => { if (fold.open && !body.childNodes.length) body.replaceChildren(...detail(d)); };
      fold.addEventListener("toggle", fill);
      if (open.has(String(d.id))) { fold.open = true; fill(); }
      return node("li", {}, fold);
    }));
    if (!state.decisions.length) $("decisions").replaceChildren(node("li", {}, "No decision yet."));
    proposals();
  }

  // Each proposal with its price, until it expires or a person has said what is to become of it.
  function proposals() {
    const list = (state.status && state.status.proposals) || [], box = $("proposal");
    box.hidden = !list.length;
    box.replaceChildren(...list.map(p => {
      const note = node("span", { role: "status" });
      const act = (word, done) => async () => { note.textContent = " " + (await send("POST", `/v1/proposals/${p.id}/${word}`) || done); };
      const price = p.watts == null ? "" : ` (${p.watts > 0 ? "+" : ""}${watts(p.watts)})`;
      return node("div", {}, node("p", {}, `Proposal ${p.id}${price}, until ${clock(p.expires)}: ${p.sentence}`),
        node("button", { type: "button", onclick: act("approve", "approved") }, "Approve"), " ",
        node("button", { type: "button", onclick: act("reject", "rejected") }, "Reject"), note);
    }));
  }

  // Panel 5.
  function strip24(model) {
    const h = state.history; if (!h.length) return "–";
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${h.length} 10`); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("width", "120"); svg.setAttribute("height", "12");
    const count = h.filter(p => p.held.includes(model)).length;
    svg.setAttribute("role", "img"); svg.setAttribute("aria-label", `held in ${count} of ${h.length} ticks`);
    const rect = (x, w, colour) => { const r = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [k, v] of Object.entries({ x, y: 0, width: w, height: 10, fill: colour })) r.setAttribute(k, v); svg.append(r); };
    rect(0, h.length, "#009e73");
    for (let i = 0; i < h.length;) { if (!h[i].held.includes(model)) { i++; continue; } let j = i; while (j < h.length && h[j].held.includes(model)) j++; rect(i, j - i, "#d55e00"); i = j; }
    return svg;
  }
  function bar(value, top, text) {
    if (value == null) return "–";
    const share = Math.min(Math.max(value / top, 0), 1) * 100, inner = node("i", { class: value > top ? "over" : null });
    inner.style.width = share + "%";
    return node("span", {}, node("span", { class: "bar" }, inner), text);
  }
  function trust() {
    const s = state.status; if (!s) return;
    table("inputs", ["model", "state", "age", "samples", "held over time", "detail"], s.models.map(m => {
      const t = m.trust;
      return [m.model, tag(t), bar(t.ageSeconds, 30, number(t.ageSeconds, 2) + " s"), t.expected ? bar(t.samples, t.expected, `${t.samples} of ${t.expected}`) : t.samples, strip24(m.model), t.detail || ""];
    }), [], [5]);
    const c = s.counters, join = o => Object.entries(o || {}).map(([k, v]) => `${k} ${v}`).join(", ") || "none";
    const entries = [["ticks", join(c.ticks)], ["orders", join(c.orders)], ["holds", join(c.holds)], ["held time", number(c.holdSeconds) + " s"],
      ["lease", `${s.leader || "nobody"}, generation ${s.generation}`], ["audit rows", String(c.auditRows)]];
    $("counts").replaceChildren(...entries.map(([name, value]) => node("div", {}, node("dt", {}, name), node("dd", {}, value))));
    $("foot").textContent = `Scenario ${s.scenarioDigest.slice(0, 12)}, revision ${s.revision}, started ${s.startedAt}. Power is estimated from the efficiency table unless a meter is named.`;
  }
  function event(e) {
    if (e.kind === "tick") return;
    $("events").prepend(node("li", {}, node("time", { datetime: e.at }, clock(e.at)), node("span", { class: "tag" + (e.kind === "alarm" || e.kind === "hold" ? " bad" : "") }, e.kind), " " + e.text));
    while ($("events").children.length > EVENTS) $("events").lastChild.remove();
  }

  // What is drawn anew when a tick has passed.
  function show() { strip(); models(); fleet(); power(); decisions(); trust(); }
  async function status() { state.status = await get("/v1/status"); state.statusAt = Date.now(); }
  async function tick() {
    await status();
    const [point] = await get("/v1/history?last=1");
    const last = state.history[state.history.length - 1];
    if (point && (!last || point.tick !== last.tick)) {
      state.history.push(point);
      if (state.history.length > TICKS) state.history.splice(0, state.history.length - TICKS);
      extend(point);
    }
    show();
  }
  function extend(p) {
    if (!canPlot() || !state.model) return;
    if (state.drawn !== state.model) { drawLoad(); return; }
    const m = state.model, short = p.capacity[m] != null && p.load[m] > p.capacity[m] ? p.load[m] : null;
    const held = p.held.includes(m) ? Math.max(p.capacity[m] || 0, p.needed[m] || 0, p.load[m] || 0) : null;
    const y = [held, p.forecast[m], p.forecast[m] == null ? null : p.forecast[m] * (1 + (p.headroom[m] || 0)), p.needed[m], p.capacity[m], p.load[m], short];
    Plotly.extendTraces("load-plot", { x: y.map(() => [p.at]), y: y.map(v => [v == null ? null : v]) }, y.map((_, i) => i), TICKS);
  }
  async function decided() {
    const newest = state.decisions.length ? state.decisions[0].id : 0;
    const more = await get(`/v1/decisions?after=${newest}&limit=${DECISIONS}`);
    state.decisions = [...more, ...state.decisions].slice(0, DECISIONS);
    decisions();
  }
  function listen() {
    const source = new EventSource("/v1/events" + (state.last == null ? "" : "?after=" + state.last));
    state.source = source;
    let work = Promise.resolve();
    // One after the other, so that pictures do not overtake each other.
    const after = job => { work = work.then(job).catch(error => link(error.message)); };
    for (const kind of ["tick", "decision", "order", "ack", "hold", "release", "drift", "alarm", "mode", "lease"]) {
      source.addEventListener(kind, message => {
        const e = JSON.parse(message.data);
        state.last = e.id; event(e);
        if (kind === "tick") after(tick); else if (kind === "decision") after(decided); else if (kind !== "ack" && kind !== "order") after(async () => { await status(); strip(); models(); trust(); });
      });
    }
    source.onopen = () => link("live");
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) { link("reconnecting"); return; }
      link("the stream has ended; reload the page");
    };
  }
  async function start() {
    try {
      await status();
      [state.history, state.decisions] = await Promise.all([get(`/v1/history?last=${TICKS}`), get(`/v1/decisions?limit=${DECISIONS}`)]);
      $("login").hidden = true;
      for (const id of ["load", "fleet", "power", "why", "trust"]) $(id).hidden = false;
      show(); drawLoad();
      if (!canPlot()) link("plots need the plotting library");
      listen();
    } catch (error) { link(error.message); }
  }
  $("login-form").addEventListener("submit", async submit => {
    submit.preventDefault();
    const problem = await send("POST", "/login", { token: $("token").value });
    $("token").value = "";
    $("login-note").textContent = problem || "";
    if (!problem) start();
  });
  setInterval(strip, 1000);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawLoad(); show(); });
  start();
})();
