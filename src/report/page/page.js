// Draws what the page's JSON says. Every text is set as text, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const app = document.getElementById("app");
  const NS = "http://www.w3.org/2000/svg";
  const LANES = 8;

  function el(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "onclick") node.addEventListener("click", value);
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
    return node;
  }

  function svg(name, attributes, ...children) {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "onclick") node.addEventListener("click", value);
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
    return node;
  }

  const who = (goroutine) => goroutine === 0 ? "the program" : goroutine === 1 ? "main" : "goroutine " + goroutine;
  const spot = (frame) => frame ? frame.file + ":" + frame.line : "";
  const short = (frame) => frame ? frame.file.split("/").pop() + ":" + frame.line : "";
  const cut = (text, length) => text.length > length ? text.slice(0, length - 1) + "…" : text;
  const own = (frames) => frames.find((frame) => !frame.std) || frames[0] || null;

  /** The goroutines of a finding, in the order in which they appear, main first. */
  function lanes(finding) {
    const numbers = [];
    for (const one of [...finding.steps, ...finding.events]) if (!numbers.includes(one.goroutine)) numbers.push(one.goroutine);
    numbers.sort((a, b) => a - b);
    return numbers.map((goroutine, at) => {
      const event = finding.events.find((e) => e.goroutine === goroutine);
      return { goroutine, colour: "var(--lane" + (at % LANES) + ")", created: event ? own(event.created) : null };
    });
  }

  /** A decision ended the step, not the goroutine itself. */
  const decided = (step) => step.what.startsWith("stops before") || step.what === "is preempted";

  // What is selected: a goroutine of the finding, or none.
  let selected = null;
  let shown = 0;

  function render() {
    app.replaceChildren();
    const many = data.findings.length !== 1;
    app.append(el("header", { class: "top" },
      el("h1", {}, "gorace"),
      el("span", { class: "count" }, data.findings.length + (many ? " findings" : " finding")),
      el("button", { id: "theme", type: "button", onclick: theme }, "light / dark")));
    if (data.findings.length === 0) {
      app.append(el("div", { class: "frame single" }, el("div", { class: "card" }, "Nothing was found.")));
      return;
    }
    const finding = data.findings[shown];
    const frame = el("div", { class: many ? "frame" : "frame single" });
    if (many) frame.append(el("nav", { "aria-label": "findings" }, data.findings.map((f, at) => entry(f, at))));
    frame.append(el("main", {}, article(finding)));
    app.append(frame);
    apply();
  }

  function entry(finding, at) {
    const first = finding.events.find((e) => e.place);
    return el("button", {
      type: "button", class: finding.severity, "aria-current": at === shown ? "true" : "false",
      onclick: () => { shown = at; selected = null; render(); window.scrollTo(0, 0); },
    }, el("span", { class: "rule" }, finding.rule), el("span", { class: "where mono" }, first ? spot(first.place) : ""));
  }

  function theme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  }

  function article(finding) {
    const parts = [headline(finding)];
    const all = lanes(finding);
    const left = [];
    if (finding.steps.length > 0) left.push(el("section", { class: "card" }, el("h3", {}, "Time line of the shortest schedule found"), timeline(finding, all)));
    const graph = waits(finding, all);
    if (graph) left.push(el("section", { class: "card" }, el("h3", {}, "Who waits for whom"), graph));
    const right = el("section", { class: "card", id: "source" }, el("h3", {}, "Source"), finding.events.map((e, at) => part(e, at, all)));
    parts.push(left.length > 0 ? el("div", { class: "columns" }, el("div", {}, left), right) : right);
    return parts;
  }

  function headline(finding) {
    const copy = el("button", { type: "button", onclick: () => {
      if (navigator.clipboard) navigator.clipboard.writeText(finding.replay).then(() => { copy.textContent = "copied"; }, () => {});
    } }, "copy");
    return el("section", { class: "card headline" },
      el("span", { class: "badge " + finding.severity }, finding.severity), " ",
      el("b", {}, finding.rule), " ", el("span", { class: "note" }, finding.code + ", seed " + finding.seed + (finding.test ? ", in " + finding.test : "")),
      el("h2", {}, finding.headline),
      finding.about ? el("p", { class: "about" }, finding.about + ".") : null,
      finding.mend ? el("div", { class: "mend" }, el("b", {}, "To mend it: "), finding.mend) : null,
      finding.note ? el("div", { class: "mend" }, finding.note) : null,
      finding.replay ? el("div", { class: "replay" }, el("code", {}, finding.replay), copy) : null);
  }

  // The time line: a lane for each goroutine, a row for each step.
  const HEAD = 54, ROW = 66, MARGIN = 34;

  function timeline(finding, all) {
    const height = HEAD + finding.steps.length * ROW + 46;
    // As wide as there is room, but wide enough for some words.
    const room = (innerWidth > 1050 ? (innerWidth - (data.findings.length === 1 ? 0 : 290)) * 0.58 : innerWidth) - 100;
    const LANE = Math.round(Math.min(230, Math.max(138, (room - MARGIN) / all.length)));
    const half = LANE / 2 - 14, letters = Math.floor((2 * half - 12) / 6.7);
    const width = MARGIN + all.length * LANE + 12;
    const x = (goroutine) => MARGIN + all.findIndex((lane) => lane.goroutine === goroutine) * LANE + LANE / 2;
    const y = (row) => HEAD + 14 + row * ROW;
    const root = svg("svg", { id: "timeline", width, height, viewBox: "0 0 " + width + " " + height, role: "group", "aria-label": "time line" }, arrows());
    for (const lane of all) root.append(railOf(finding, lane, x(lane.goroutine), height, y, half));
    finding.steps.forEach((step, row) => {
      const next = finding.steps[row + 1];
      root.append(svg("text", { class: "soft", x: 8, y: y(row) + 24 }, String(row + 1)));
      if (next && next.goroutine !== step.goroutine) root.append(switchOf(finding, row, x, y));
    });
    for (const edge of finding.edges || []) root.append(edgeOf(edge, finding, x, y, half));
    finding.steps.forEach((step, row) => {
      const lane = all.find((one) => one.goroutine === step.goroutine);
      const group = svg("g", { "data-goroutine": step.goroutine, onclick: () => select(step.goroutine) },
        svg("title", {}, who(step.goroutine) + " " + step.what + (step.place ? " at " + spot(step.place) : "")),
        svg("rect", { class: "block", x: x(step.goroutine) - half, y: y(row), width: 2 * half, height: 38, rx: 5, stroke: lane.colour }),
        svg("text", { class: "blocktext", x: x(step.goroutine) - half + 8, y: y(row) + 16 }, cut(step.what, letters)),
        svg("text", { class: "blocktext soft", x: x(step.goroutine) - half + 8, y: y(row) + 31 }, cut(short(step.place), letters)));
      root.append(group);
    });
    for (const mark of marks(finding, x, y, half)) root.append(mark);
    const legend = el("div", { class: "legend" },
      el("span", {}, sample("var(--accent)"), "the switch that mattered"),
      el("span", {}, sample("var(--edge)", "dashed"), "another goroutine goes on"),
      (finding.edges || []).length > 0 ? el("span", {}, sample("var(--before)"), "happens before") : null,
      finding.rule === "data-race" ? el("span", {}, sample("var(--error)", "dashed"), "nothing orders these two") : null,
      el("span", {}, "click a lane to see its source alone"));
    return el("div", {}, el("div", { class: "scroll" }, root), legend);
  }

  function sample(colour, style) {
    return el("i", { style: "border-color:" + colour + ";border-top-style:" + (style || "solid") });
  }

  function arrows() {
    const head = (id, colour) => svg("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerUnits: "userSpaceOnUse", markerWidth: 9, markerHeight: 9, orient: "auto-start-reverse" },
      svg("path", { d: "M0 0L8 4L0 8z", fill: colour }));
    return svg("defs", {}, head("to-edge", "var(--edge)"), head("to-accent", "var(--accent)"), head("to-error", "var(--error)"), head("to-before", "var(--before)"));
  }

  function railOf(finding, lane, x, height, y, half) {
    const rows = finding.steps.map((s, row) => s.goroutine === lane.goroutine ? row : -1).filter((row) => row >= 0);
    const ends = rows.length > 0 && finding.steps[rows[rows.length - 1]].what.includes("to its end");
    const bottom = ends ? y(rows[rows.length - 1]) + 38 : height - 10;
    const group = svg("g", {
      class: "lane", tabindex: 0, role: "button", "aria-pressed": "false", "data-goroutine": lane.goroutine, "aria-label": who(lane.goroutine),
      onclick: () => select(lane.goroutine),
    },
      svg("line", { class: "rail", x1: x, x2: x, y1: 40, y2: bottom, stroke: lane.colour }),
      svg("rect", { class: "head", x: x - half, y: 6, width: 2 * half, height: 40, rx: 6, stroke: lane.colour }),
      svg("text", { x, y: 23, "text-anchor": "middle", "font-weight": 600 }, who(lane.goroutine)),
      svg("text", { class: "soft", x, y: 38, "text-anchor": "middle" }, lane.created ? cut("started at " + short(lane.created), Math.floor(2 * half / 5.9)) : lane.goroutine === 1 ? "the first goroutine" : ""));
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); select(lane.goroutine); }
    });
    return group;
  }

  /** From the end of a step to the goroutine that goes on. */
  function switchOf(finding, row, x, y) {
    const from = finding.steps[row], to = finding.steps[row + 1];
    const lastSwitch = row === finding.steps.length - 2;
    const mattered = decided(from) || (lastSwitch && !finding.steps.some(decided));
    const x1 = x(from.goroutine), x2 = x(to.goroutine), y1 = y(row) + 38, y2 = y(row + 1);
    const middle = (y1 + y2) / 2;
    const line = svg("path", {
      class: mattered ? "mattered" : "switch", d: "M" + x1 + " " + y1 + "V" + middle + "H" + x2 + "V" + (y2 - 1),
      "marker-end": mattered ? "url(#to-accent)" : null, "data-switch": mattered ? "mattered" : "plain",
    });
    return line;
  }

  /** A happens-before edge between two steps. */
  function edgeOf(edge, finding, x, y, half) {
    const from = finding.steps[edge.from], to = finding.steps[edge.to];
    const right = x(to.goroutine) > x(from.goroutine);
    const x1 = x(from.goroutine) + (right ? half : -half), x2 = x(to.goroutine) + (right ? -half : half);
    const y1 = y(edge.from) + 24, y2 = y(edge.to) + 14, bend = right ? 26 : -26;
    return svg("path", { class: "edge", d: "M" + x1 + " " + y1 + "C" + (x1 + bend) + " " + y1 + " " + (x2 - bend) + " " + y2 + " " + x2 + " " + y2, "marker-end": "url(#to-before)" },
      svg("title", {}, who(from.goroutine) + " " + edge.what + (edge.what === "starts" ? " " + who(to.goroutine) : " with " + who(to.goroutine))));
  }

  /** What the finding is about: an access at its step, what a goroutine waits for at its last one. */
  function marks(finding, x, y, half) {
    const letters = Math.floor((2 * half - 24) / 6.3);
    const at = [];
    for (const event of finding.events) {
      let row = -1;
      finding.steps.forEach((step, index) => { if (step.goroutine === event.goroutine) row = index; });
      if (event.step !== null) row = event.step;
      if (row < 0) continue;
      if (at.some((one) => one.row === row && one.event.goroutine === event.goroutine)) continue;
      at.push({ event, row, x: x(event.goroutine), y: y(row) + 38 });
    }
    const out = at.map(({ event, x, y }) => {
      const words = cut(event.what.replace(/ that (goroutines? .*|it) holds?.*$/, ""), letters);
      const width = words.length * 6.3 + 14;
      return svg("g", { "data-goroutine": event.goroutine, onclick: () => select(event.goroutine) },
        svg("title", {}, event.what + (event.place ? " at " + spot(event.place) : "")),
        svg("rect", { class: "mark", x: x - half + 6, y: y - 3, width, height: 16, rx: 8 }),
        svg("text", { class: "marktext", x: x - half + 13, y: y + 9 }, words));
    });
    if (finding.rule === "data-race" && at.length === 2 && at[0].x !== at[1].x) {
      const [a, b] = at;
      const bottom = Math.max(a.y, b.y) + 30;
      out.unshift(svg("path", {
        class: "conflict", d: "M" + (b.x - half + 20) + " " + (b.y + 14) + "V" + bottom + "H" + (a.x - half + 20) + "V" + (a.y + 15),
        "marker-end": "url(#to-error)", "marker-start": "url(#to-error)",
      }));
    }
    return out;
  }

  // The wait-for graph: goroutines, what they wait for, who holds that.
  function waits(finding, all) {
    const waiting = finding.events.filter((e) => e.what.startsWith("waits"))
      .map((e) => ({ ...e, holders: [...new Set(e.holders.map((lock) => lock.goroutine))] }));
    if (waiting.length === 0) return null;
    const inCircle = waiting.every((e) => e.holders.length === 1 && waiting.some((w) => w.goroutine === e.holders[0]));
    return inCircle ? circle(inOrder(waiting), all) : rows(waiting, all);
  }

  /** Each one's holder after it. */
  function inOrder(waiting) {
    const out = [waiting[0]];
    for (;;) {
      const next = waiting.find((e) => e.goroutine === out[out.length - 1].holders[0]);
      if (!next || out.includes(next)) break;
      out.push(next);
    }
    return out.length === waiting.length ? out : waiting;
  }

  const colourOf = (all, goroutine) => (all.find((lane) => lane.goroutine === goroutine) || { colour: "var(--edge)" }).colour;

  function goroutineNode(all, goroutine, x, y) {
    return svg("g", { "data-goroutine": goroutine, onclick: () => select(goroutine) },
      svg("rect", { class: "node", x: x - 52, y: y - 17, width: 104, height: 34, rx: 17, stroke: colourOf(all, goroutine) }),
      svg("text", { x, y: y + 4, "text-anchor": "middle", "font-weight": 600 }, who(goroutine)));
  }

  function resourceNode(event, x, y) {
    const words = resource(event);
    return svg("g", {}, svg("title", {}, event.what + (event.place ? " at " + spot(event.place) : "")),
      svg("rect", { class: "node resource", x: x - 62, y: y - 18, width: 124, height: 36, rx: 4 }),
      svg("text", { x, y: y - 2, "text-anchor": "middle" }, cut(words, 19)),
      svg("text", { class: "soft", x, y: y + 12, "text-anchor": "middle" }, cut(short(event.place), 22)));
  }

  function resource(event) {
    if (event.expression) return event.expression;
    return event.what.replace(/^waits (for|in) /, "").replace(/ that (goroutines? .*|it) holds?.*$/, "");
  }

  /** A line from the rim of one node to that of another. */
  function between(a, b, kind) {
    const dx = b.x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy) || 1;
    const rim = (width, height) => Math.min(width / Math.max(Math.abs(dx) / length, 1e-6), height / Math.max(Math.abs(dy) / length, 1e-6));
    const start = rim(a.w, a.h) + 2, end = rim(b.w, b.h) + 3;
    return svg("path", {
      class: kind, d: "M" + (a.x + dx * start / length) + " " + (a.y + dy * start / length) + "L" + (b.x - dx * end / length) + " " + (b.y - dy * end / length),
      "marker-end": kind === "wait" ? "url(#to-error)" : "url(#to-edge)",
    });
  }

  function circle(waiting, all) {
    const count = waiting.length * 2;
    const radius = waiting.length === 1 ? 70 : Math.max(115, count * 34);
    const centre = { x: radius + 90, y: radius * (waiting.length === 1 ? 0.6 : 0.8) + 34 };
    const squeeze = waiting.length === 1 ? 0.6 : 0.8;
    const at = (index) => {
      const angle = -Math.PI / 2 + 2 * Math.PI * index / count;
      return { x: centre.x + radius * Math.cos(angle), y: centre.y + squeeze * radius * Math.sin(angle) };
    };
    const width = 2 * centre.x, height = 2 * centre.y;
    const root = svg("svg", { id: "waits", width, height, viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": "wait-for graph" }, arrows());
    waiting.forEach((event, index) => {
      const me = { ...at(2 * index), w: 52, h: 17 }, what = { ...at(2 * index + 1), w: 62, h: 18 }, next = { ...at((2 * index + 2) % count), w: 52, h: 17 };
      if (count === 2) {
        root.append(bow(me, what, "wait", -1), bow(what, me, "held", -1));
      } else {
        root.append(between(me, what, "wait"), between(what, next, "held"));
      }
      root.append(goroutineNode(all, event.goroutine, me.x, me.y), resourceNode(event, what.x, what.y));
    });
    return graphWithLegend(root);
  }

  /** A bowed line, for two nodes with a line each way. */
  function bow(a, b, kind, side) {
    const down = b.y > a.y;
    const x = a.x + side * (down ? 30 : -30), start = a.y + (down ? a.h : -a.h), end = b.y + (down ? -b.h - 2 : b.h + 2);
    return svg("path", {
      class: kind, d: "M" + x + " " + start + "C" + (x + side * (down ? 22 : -22)) + " " + start + " " + (x + side * (down ? 22 : -22)) + " " + end + " " + x + " " + end,
      "marker-end": kind === "wait" ? "url(#to-error)" : "url(#to-edge)",
    });
  }

  function rows(waiting, all) {
    const holders = [...new Set(waiting.flatMap((e) => e.holders))].filter((h) => !waiting.some((e) => e.goroutine === h));
    const height = Math.max(waiting.length, holders.length) * 60 + 14, width = 560;
    const root = svg("svg", { id: "waits", width, height, viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": "wait-for graph" }, arrows());
    const place = (goroutine) => {
      const index = waiting.findIndex((e) => e.goroutine === goroutine);
      return index >= 0 ? { x: 66, y: 32 + index * 60, w: 52, h: 17 } : { x: 480, y: 32 + holders.indexOf(goroutine) * 60, w: 52, h: 17 };
    };
    waiting.forEach((event, index) => {
      const me = place(event.goroutine), what = { x: 272, y: 32 + index * 60, w: 62, h: 18 };
      root.append(between(me, what, "wait"));
      for (const holder of event.holders) root.append(between(what, place(holder), "held"));
      root.append(goroutineNode(all, event.goroutine, me.x, me.y), resourceNode(event, what.x, what.y));
      if (event.holders.length === 0) root.append(svg("text", { class: "soft", x: 346, y: what.y + 4 }, "nobody can wake it"));
    });
    holders.forEach((holder) => root.append(goroutineNode(all, holder, place(holder).x, place(holder).y)));
    return graphWithLegend(root);
  }

  function graphWithLegend(root) {
    return el("div", {}, el("div", { class: "scroll" }, root), el("div", { class: "legend" },
      el("span", {}, sample("var(--error)"), "waits for"), el("span", {}, sample("var(--edge)"), "is held by")));
  }

  // The source of an event.
  function part(event, at, all) {
    const box = el("div", { class: "part", "data-goroutine": event.goroutine, style: "border-left-color:" + colourOf(all, event.goroutine) },
      el("div", { class: "title" }, el("b", {}, event.what), el("span", {}, who(event.goroutine)),
        el("span", { class: "where mono" }, event.place ? spot(event.place) + " in " + event.place.function : "")),
      event.place ? source(event.place, event.what) : null);
    const list = event.stack.map((frame) => el("li", {}, el("code", {}, frame.function), " ", spot(frame)));
    const created = own(event.created);
    if (created) list.push(el("li", {}, "started at " + spot(created) + " in ", el("code", {}, created.function)));
    for (const lock of event.held) {
      const name = lock.expression || "a lock";
      list.push(el("li", {}, "holds ", el("code", {}, name), (lock.shared ? " for reading" : "") + (lock.place ? ", locked at " + spot(lock.place) : "")));
    }
    for (const lock of event.holders) {
      list.push(el("li", {}, who(lock.goroutine) + " holds ", el("code", {}, lock.expression || "it"), lock.place ? ", locked at " + spot(lock.place) : ""));
    }
    if (list.length > 0) box.append(el("ul", { class: "stack" }, list));
    return box;
  }

  function source(frame, label) {
    const lines = data.sources[frame.file];
    if (!lines || !(frame.line in lines)) return null;
    const out = [];
    for (let line = frame.line - 4; line <= frame.line + 4; line += 1) {
      if (!(line in lines)) continue;
      const at = line === frame.line;
      out.push(el("span", at ? { class: "at" } : {}, el("i", {}, String(line)), lines[line]));
      if (at) {
        const before = lines[line].slice(0, Math.max(frame.column, 1) - 1).replace(/[^\t]/g, " ");
        out.push(el("span", { class: "label" }, el("i", {}, ""), before + "^ " + label));
      }
    }
    return el("pre", { class: "source" }, out);
  }

  function select(goroutine) {
    selected = selected === goroutine ? null : goroutine;
    apply();
  }

  /** Shows what belongs to the selected goroutine, and dims the rest. */
  function apply() {
    for (const node of document.querySelectorAll("[data-goroutine]")) {
      const mine = selected === null || node.dataset.goroutine === String(selected);
      node.classList.toggle("dim", !mine);
      if (node.classList.contains("lane")) node.setAttribute("aria-pressed", String(selected !== null && mine));
    }
  }

  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(render, 150); });
  render();
})();
