// The page of the report: unpacks articles when they are asked for, and never writes markup, only text.
"use strict";

const byId = (id) => document.getElementById(id);
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const ACRONYMS = {
  "\u2028": "LSEP", "\u2029": "PSEP", "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO",
  "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI",
};
const HARMLESS = new Set(["passthrough", "no_model", "fallback_language", "split"]);
const ROWS_AT_ONCE = 60;
const CHARACTERS_AT_ONCE = 100000;
const wide = matchMedia("(min-width: 60rem)");

// ---------------------------------------------------------------- elements

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Text of an article: characters that would act on the page become boxes that name them.
function shown(raw) {
  const text = raw.replace(/\r\n?/g, "\n");
  const parts = [];
  let reached = 0;
  for (const match of text.matchAll(CONTROL)) {
    const code = match[0].codePointAt(0);
    const hex = code.toString(16).toUpperCase();
    parts.push(text.slice(reached, match.index));
    parts.push(make("span", { class: "control", title: `U+${hex.padStart(4, "0")}` }, ACRONYMS[match[0]] || hex.padStart(2, "0")));
    reached = match.index + 1;
  }
  parts.push(text.slice(reached));
  return parts;
}

const quoted = (text, language) => make("bdi", { dir: "auto", lang: language }, ...shown(text));
const numbers = new Intl.NumberFormat("en");
const number = (value) => numbers.format(value);
const figure = (value) => value.toFixed(2).replace("-", "−");
const percent = (value) => `${Math.round(100 * value)}%`;
const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

// Offsets in the corpus count code points, JavaScript counts UTF-16 units: `at(n)` translates.
function points(text) {
  if (!/[\ud800-\udbff]/.test(text)) return { length: text.length, cut: (start, end) => text.slice(start, end) };
  const places = [0];
  for (const character of text) places.push(places[places.length - 1] + character.length);
  return { length: places.length - 1, cut: (start, end) => text.slice(places[start], places[end]) };
}

// ---------------------------------------------------------------- data

async function unpack(id) {
  const packed = atob(byId(id).textContent);
  const bytes = new Uint8Array(packed.length);
  for (let index = 0; index < packed.length; index += 1) bytes[index] = packed.charCodeAt(index);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const kept = new Map();
async function chunk(wanted) {
  const found = kept.get(wanted) || (await unpack(`chunk-${wanted}`));
  kept.delete(wanted);
  kept.set(wanted, found);
  if (kept.size > 4) kept.delete(kept.keys().next().value);
  return found;
}

// As people search: without case, marks (harakat, accents) and tatweel.
const folded = (text) => text.normalize("NFKD").replace(/[\p{M}\u0640]/gu, "").toLowerCase();

const state = { view: "overview", article: "", unit: "", tab: "", q: "", language: "", flag: "", label: "", aside: "", order: "" };
const FILTERS = ["language", "flag", "label", "aside"];
let index = [];
let lines = new Map();
let opened = null;

// ---------------------------------------------------------------- where we are: all of it in the address

function readAddress() {
  const [view, query] = location.hash.slice(1).split("?");
  const wanted = new URLSearchParams(query || "");
  for (const key of Object.keys(state)) state[key] = wanted.get(key) || "";
  const first = document.documentElement.dataset.page === "first" ? "overview" : "articles";
  state.view = ["overview", "suspects", "articles"].includes(view) ? view : first;
}

function go(changes, push = false) {
  Object.assign(state, changes);
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value && key !== "view") query.set(key, value);
  const address = `#${state.view}${query.size ? `?${query}` : ""}`;
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  show();
}

let viewed = "";
async function show() {
  if (viewed !== state.view) scrollTo(0, 0);
  viewed = state.view;
  for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== state.view;
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (state.view !== "articles") return;
  byId("text").value = state.q;
  for (const name of [...FILTERS, "order"]) byId(name).value = state[name];
  const visible = await filter();
  if (!state.article && wide.matches && visible.length) state.article = visible[0].id;
  document.body.classList.toggle("reading", Boolean(state.article));
  for (const line of index) {
    const link = lines.get(line.id).firstChild;
    if (line.id === state.article) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  await open();
}

// ---------------------------------------------------------------- list, search, filters

function fillFilters() {
  const fields = { language: "languages", flag: "flags", label: "labels", aside: "asides" };
  for (const [name, field] of Object.entries(fields)) {
    const counts = new Map();
    for (const line of index) for (const key of Object.keys(line[field])) counts.set(key, (counts.get(key) || 0) + 1);
    const options = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    byId(name).append(...options.map(([key, count]) => make("option", { value: key }, `${key} (${number(count)})`)));
  }
}

function listItem(line) {
  const faults = Object.entries(line.flags).filter(([flag]) => !HARMLESS.has(flag));
  const aside = line.characters ? line.set_aside / line.characters : 0;
  const facts = line.dropped ? "set aside whole" : `${plural(line.units, "sentence")} · ${percent(aside)} set aside`;
  const item = make("li", {},
    make("a", { href: `#articles?article=${encodeURIComponent(line.id)}` },
      make("span", { class: "title" }, quoted(line.title || line.uri, line.language)),
      make("span", { class: "facts" },
        make("span", { class: "chip language" }, line.language || "und"), facts,
        ...faults.map(([flag, count]) => make("span", { class: "chip fault" }, count > 1 ? `${flag} ${count}` : flag)))));
  item.firstChild.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ article: line.id, unit: "" }, true);
    byId("article").focus({ preventScroll: wide.matches });
  });
  return item;
}

const haystacks = [];
let reading = null;
// Unpacks every chunk once, keeps what search looks at, and lets the page breathe between two chunks.
function readAll() {
  reading ||= (async () => {
    const last = index.length ? index[index.length - 1].chunk : -1;
    for (let part = 0; part <= last; part += 1) {
      for (const one of await unpack(`chunk-${part}`)) haystacks.push(folded(`${one.uri}\n${one.text}\n${one.english}`));
      await new Promise((resolve) => { setTimeout(resolve, 0); });
    }
  })();
  return reading;
}

let latest = 0;
async function filter() {
  const turn = (latest += 1);
  const words = folded(state.q).split(/\s+/).filter(Boolean);
  if (words.length && haystacks.length < index.length) {
    byId("found").textContent = "Reading all articles…";
    await readAll();
    if (turn !== latest) return [];
  }
  const fits = (line, place) =>
    (!state.language || state.language in line.languages || state.language === line.language) &&
    (!state.flag || state.flag in line.flags) &&
    (!state.label || state.label in line.labels) &&
    (!state.aside || state.aside in line.asides) &&
    words.every((word) => haystacks[place].includes(word));
  const visible = index.filter((line, place) => fits(line, place));
  const weight = { doubt: (one) => one.doubt, set_aside: (one) => one.set_aside / (one.characters || 1), units: (one) => one.units }[state.order];
  if (weight) visible.sort((a, b) => weight(b) - weight(a));
  const items = visible.map((line) => lines.get(line.id));
  byId("list").replaceChildren(...items);
  const total = plural(index.length, "article");
  byId("found").textContent = visible.length === index.length ? total : visible.length ? `${number(visible.length)} of ${total}` : `None of ${total} fits. Clear the search or a filter.`;
  return visible;
}

// ---------------------------------------------------------------- one article

async function open() {
  const place = byId("article");
  const key = `${state.article} ${state.tab}`;
  if (opened === key) return reveal();
  const line = index.find((one) => one.id === state.article);
  opened = key;
  if (!line) {
    place.replaceChildren(make("p", { class: "empty" }, state.article ? "This page of the report has no such article." : "Choose an article."));
    return undefined;
  }
  const one = (await chunk(line.chunk))[line.place];
  if (opened !== key) return undefined;
  release();
  const panels = one.drop ? [rawPanel(one)] : [sentencesPanel(one), rawPanel(one)];
  place.replaceChildren(...articleHead(one, line), ...(one.drop ? [] : [tabs(one, panels)]), ...panels);
  place.scrollTop = 0;
  if (!one.drop) select(state.tab === "raw" ? 1 : 0);
  mark();
  return reveal();
}

function reveal() {
  mark();
  if (!state.unit || !opened) return;
  const table = document.querySelector(".sentences");
  if (!table) return;
  table.flush?.();
  const row = table.querySelector(`[data-sentence="${CSS.escape(state.unit)}"]`);
  if (!row) return;
  for (const other of table.querySelectorAll(".chosen")) other.classList.remove("chosen");
  row.classList.add("chosen");
  row.scrollIntoView({ block: "center" });
}

function articleHead(one, line) {
  const counts = one.counts;
  const share = (count) => `${number(count)} (${percent(count / (counts.characters || 1))})`;
  const facts = [
    ["name", quoted(one.uri)],
    ["language", one.language ? `${one.language}${one.language_probability === null ? "" : ` (${one.language_probability.toFixed(2)})`}` : "unknown"],
    ["sentences", number(counts.units)],
    ["translated", share(counts.translated_characters)],
    ["passed through", share(counts.passthrough_characters)],
    ["set aside", share(counts.set_aside_characters)],
    ["document_id", make("code", {}, one.id)],
    ...one.meta.filter((fact) => fact.name !== "title").map((fact) => [fact.name, make("span", {}, quoted(fact.value, fact.start === null ? null : one.language), fact.start === null ? "" : make("span", { class: "quiet" }, ` ${fact.start}–${fact.end}`))]),
  ];
  return [
    make("a", { href: "#articles", class: "back" }, "All articles"),
    make("h3", {}, quoted(line.title || one.uri, one.language)),
    one.drop ? make("p", { class: "notice" }, make("b", {}, "Set aside whole"), ` by ${one.drop[0]}: ${one.drop[1] || "no reason given"}`) : null,
    make("dl", { class: "article-facts" }, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
  ].filter(Boolean);
}

function tabs(one, panels) {
  const names = [`Sentences (${number(one.units.length)})`, "Raw article"];
  const buttons = names.map((name, place) => make("button", { type: "button", role: "tab", id: `tab-${place}`, "aria-controls": panels[place].id }, name));
  const list = make("div", { role: "tablist", "aria-label": "Views of the article" }, ...buttons);
  const move = (place) => { select(place); state.tab = place ? "raw" : ""; opened = `${state.article} ${state.tab}`; go({}); };
  buttons.forEach((button, place) => button.addEventListener("click", () => move(place)));
  list.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const place = { Home: 0, End: 1 }[event.key] ?? (buttons.indexOf(document.activeElement) + 1) % 2;
    move(place);
    buttons[place].focus();
  });
  return list;
}

function select(place) {
  release();
  document.querySelectorAll("[role=tab]").forEach((button, number) => {
    button.setAttribute("aria-selected", String(number === place));
    button.tabIndex = number === place ? 0 : -1;
  });
  document.querySelectorAll("[role=tabpanel]").forEach((panel, number) => {
    panel.classList.toggle("behind", number !== place);
    if (number === place) panel.fill?.();
  });
}

// ---------------------------------------------------------------- sentences side by side

const HINT = "Point at a word, tap it, or move with Tab and ← →: its counterparts light up. Enter crosses to the other side, ↑ ↓ change the sentence, Esc lets go.";

function sentencesPanel(one) {
  const raw = points(one.text);
  const english = points(one.english);
  const rows = [...one.units.map((unit) => ({ start: unit.source[0], unit })), ...one.set_aside.map((aside) => ({ start: aside.start, aside }))];
  rows.sort((a, b) => a.start - b.start);
  const cell = (role, ...children) => make("div", { role }, ...children);
  const head = make("div", { role: "row", class: "head" }, ...["Nr", `Source`, "English", "Signals"].map((name) => cell("columnheader", name)));
  const body = make("div", { role: "rowgroup" });
  const table = make("div", { role: "table", class: "sentences", "aria-label": "Sentences, source and English side by side", "aria-rowcount": rows.length + 1 }, make("div", { role: "rowgroup" }, head), body);
  let made = 0;
  let paragraph = null;
  const add = (count) => {
    for (const end = Math.min(made + count, rows.length); made < end; made += 1) {
      const { unit, aside } = rows[made];
      const row = unit ? unitRow(unit, raw, english) : asideRow(aside, raw, one.language);
      const own = unit ? unit.paragraph : paragraph;
      if (own !== paragraph) row.classList.add("paragraph");
      paragraph = own;
      body.append(row);
      if (unit) watcher.observe(row);
    }
    if (made < rows.length) requestAnimationFrame(() => { if (body.isConnected) { add(ROWS_AT_ONCE * 4); mark(); } });
  };
  table.flush = () => add(rows.length);
  add(ROWS_AT_ONCE);
  return make("div", { role: "tabpanel", id: "panel-0", "aria-labelledby": "tab-0" }, make("p", { class: "hint" }, HINT), table);
}

const rowFacts = new WeakMap();

function unitRow(unit, raw, english) {
  const source = raw.cut(...unit.source);
  const target = english.cut(...unit.target);
  const links = [];
  for (let at = 0; at < unit.links.length; at += 5) {
    const [sourceStart, sourceEnd, targetStart, targetEnd, probability] = unit.links.slice(at, at + 5);
    links.push({ spans: [[sourceStart, sourceEnd], [targetStart, targetEnd]], probability });
  }
  const cells = [[source, unit.language], [target, unit.passthrough ? unit.language : "en"]].map(([text, language], side) =>
    make("div", { role: "cell", class: side ? "target" : "source", dir: "auto", lang: language, "data-side": side }, ...shown(text)));
  const row = make("div", { role: "row", class: `unit ${unit.role}`, "data-sentence": unit.sentence },
    make("div", { role: "rowheader", class: "nr" }, String(unit.sentence + 1)), ...cells, signals(unit));
  rowFacts.set(row, { unit, texts: [source, target], links, cells, words: [[], []] });
  return row;
}

function asideRow(aside, raw, language) {
  return make("div", { role: "row", class: "aside" },
    make("div", { role: "rowheader", class: "nr" }, "–"),
    make("div", { role: "cell", class: "source", dir: "auto", lang: language }, make("s", {}, ...shown(raw.cut(aside.start, aside.end)))),
    make("div", { role: "cell", class: "target", dir: "auto", lang: "en" }, ...(aside.target === null ? [] : [make("s", {}, ...shown(aside.target))])),
    make("div", { role: "cell", class: "signals" }, make("span", { class: "chip fault" }, `set aside by ${aside.stage}`), make("p", { class: "quiet" }, `${aside.reason} · ${aside.start}–${aside.end}`)));
}

function definitions(pairs, name) {
  return make("dl", { class: name }, ...pairs.map(([key, value]) => make("div", {}, make("dt", {}, key), make("dd", {}, ...shown(String(value))))));
}

function signals(unit) {
  const { attempts, ...others } = unit.others;
  const tries = Array.isArray(attempts) ? attempts : [];
  const chips = [make("span", { class: "chip language" }, unit.language || "und"),
    ...unit.flags.map((flag) => make("span", { class: HARMLESS.has(flag) ? "chip" : "chip fault" }, flag))];
  const scores = [...(unit.log_prob === null ? [] : [["log_prob", unit.log_prob]]), ...unit.scores];
  const facts = [
    ["article", `${unit.source[0]}–${unit.source[1]}`], ["English", `${unit.target[0]}–${unit.target[1]}`],
    ["role", unit.role], ["paragraph", unit.paragraph], ["model", unit.model || "none: passed through"],
    ["language", `${unit.language || "und"}${unit.language_probability === null ? "" : ` (${unit.language_probability.toFixed(2)})`}`],
    ["unit_id", unit.id],
    ...(unit.doubt > 0 ? [["doubt", `${figure(unit.doubt)}: ${unit.reasons.join(", ")}`]] : []),
    ...Object.entries(others).filter(([, value]) => value !== null).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value]),
  ];
  return make("div", { role: "cell", class: "signals" }, make("div", { class: "chips" }, ...chips),
    scores.length ? definitions(scores.map(([name, value]) => [name, figure(value)]), "scores") : null,
    tries.length ? make("details", {}, make("summary", {}, plural(tries.length, "attempt")), make("ol", { class: "attempts" }, ...tries.map(attemptItem))) : null,
    make("details", {}, make("summary", {}, "Offsets and more"), definitions(facts, "more"),
      unit.normalized === null ? null : make("p", { class: "quiet" }, "normalised: ", quoted(unit.normalized, unit.language))));
}

function attemptItem(attempt) {
  const facts = [attempt.rung, attempt.log_prob === null ? null : `log_prob ${figure(attempt.log_prob)}`, ...attempt.flags].filter(Boolean).join(", ");
  return make("li", {}, make(attempt.chosen ? "b" : "span", {}, attempt.chosen ? `taken: ${facts}` : facts), make("br"), quoted(attempt.text, "en"));
}

// Words are woven into a row when it comes near the window: most rows of a long article never are.
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    watcher.unobserve(entry.target);
    const facts = rowFacts.get(entry.target);
    if (facts.links.length) [0, 1].forEach((side) => weave(facts, side));
  }
  mark();
}, { rootMargin: "300px" });

function weave(facts, side) {
  const text = points(facts.texts[side]);
  const opening = new Map();
  const bounds = new Set([0, text.length]);
  facts.links.forEach((link, place) => {
    const [start, end] = link.spans[side];
    opening.set(start, [...(opening.get(start) || []), place]);
    bounds.add(start).add(end);
  });
  const cuts = [...bounds].sort((a, b) => a - b);
  const nodes = [];
  let active = [];
  for (let at = 0; at + 1 < cuts.length; at += 1) {
    const [start, end] = [cuts[at], cuts[at + 1]];
    active = [...active.filter((place) => facts.links[place].spans[side][1] > start), ...(opening.get(start) || [])];
    const piece = shown(text.cut(start, end));
    if (!active.length) { nodes.push(...piece); continue; }
    const word = make("span", { class: "word", tabindex: facts.words[side].length ? -1 : 0 }, ...piece);
    word.links = [...active];
    facts.words[side].push(word);
    nodes.push(word);
  }
  facts.cells[side].replaceChildren(...nodes);
}

// ---------------------------------------------------------------- word alignment: hover, focus, tap

let lit = [];
function release() {
  for (const node of lit) { node.classList.remove("on", "lit"); node.style.removeProperty("--p"); }
  lit = [];
  byId("tip").hidden = true;
}

function light(word, speak) {
  release();
  const row = word.closest("[role=row]");
  const facts = rowFacts.get(row);
  const side = Number(word.parentElement.dataset.side);
  const probability = new Map(word.links.map((place) => [place, facts.links[place].probability]));
  const partners = [];
  for (const other of facts.words[1 - side]) {
    const best = Math.max(-1, ...other.links.map((place) => probability.get(place) ?? -1));
    if (best < 0) continue;
    other.classList.add("lit");
    other.style.setProperty("--p", String(Math.max(best / 100, 0.15)));
    partners.push([other.textContent, best]);
    lit.push(other);
  }
  word.classList.add("on");
  lit.push(word);
  const { spans } = facts.links[word.links[0]];
  const at = (which) => { const base = which ? facts.unit.target[0] : facts.unit.source[0]; return `${base + spans[which][0]}–${base + spans[which][1]}`; };
  const names = partners.sort((a, b) => b[1] - a[1]);
  const cell = facts.cells[1 - side];
  tell(word, [
    make("p", {}, ...names.flatMap(([text, best], place) => [place ? ", " : "", make("b", {}, make("bdi", { dir: "auto", lang: cell.lang || null }, text)), ` ${best}%`])),
    make("p", { class: "quiet" }, side ? `English ${at(1)}` : `article ${at(0)}`)]);
  if (speak) byId("announcer").textContent = `${word.textContent}: ${names.map(([text, best]) => `${text} ${best} percent`).join(", ")}`;
}

function tell(anchor, content) {
  const tip = byId("tip");
  tip.replaceChildren(...content);
  tip.hidden = false;
  const box = anchor.getClientRects()[0] || anchor.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = Math.min(Math.max(box.left + box.width / 2 - own.width / 2, 8), innerWidth - own.width - 8);
  const above = box.top - own.height - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : box.bottom + 8}px`;
}

function tellBlock(node, speak) {
  release();
  const fact = node.fact;
  tell(node, fact.lines.map((line, place) => make("p", place ? { class: "quiet" } : {}, place ? line : make("b", {}, line))));
  node.classList.add("on");
  lit.push(node);
  if (speak) byId("announcer").textContent = fact.lines.join(", ");
}

function point(target, speak) {
  const node = target.closest?.(".word, .block, .inner");
  if (!node) return;
  if (node.links) light(node, speak);
  else if (node.fact) tellBlock(node, speak);
}

function step(event) {
  const word = event.target;
  if (!word.classList?.contains("word")) return;
  const row = word.closest("[role=row]");
  const facts = rowFacts.get(row);
  const side = Number(word.parentElement.dataset.side);
  const words = facts.words[side];
  const leftward = getComputedStyle(word.parentElement).direction === "rtl" ? 1 : -1;
  const place = words.indexOf(word);
  const next = { ArrowLeft: words[place + leftward], ArrowRight: words[place - leftward], Home: words[0], End: words[words.length - 1] }[event.key];
  let goal = next;
  if (event.key === "Enter" || event.key === " ") goal = facts.words[1 - side].find((other) => other.classList.contains("lit"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    let other = row;
    do other = event.key === "ArrowDown" ? other.nextElementSibling : other.previousElementSibling; while (other && !rowFacts.get(other)?.links.length);
    if (other) { const found = rowFacts.get(other); if (!found.words[side].length) [0, 1].forEach((one) => weave(found, one)); [goal] = found.words[side]; }
  }
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter", " "].includes(event.key)) return;
  event.preventDefault();
  if (!goal) return;
  for (const other of rowFacts.get(goal.closest("[role=row]")).words[Number(goal.parentElement.dataset.side)]) other.tabIndex = other === goal ? 0 : -1;
  goal.focus();
}

// ---------------------------------------------------------------- the raw article

function rawPanel(one) {
  const panel = make("div", { role: one.drop ? null : "tabpanel", id: "panel-1", "aria-labelledby": one.drop ? null : "tab-1" });
  panel.fill = () => {
    panel.fill = null;
    const seen = new Map();
    const body = rawText(one, seen);
    const note = one.characters > points(one.text).length ? make("p", { class: "notice" }, `The first ${number(points(one.text).length)} of ${number(one.characters)} characters. All of them are in documents/*.parquet.`) : null;
    const hint = one.drop ? null : make("p", { class: "hint" }, seen.size ? "Coloured text was stripped. Point at it or move to it with Tab: category, rule, confidence. Buttons go to the next block of a category." : "Nothing was stripped from this article.");
    panel.replaceChildren(...[note, hint, make("div", { class: "legend categories" }, ...legend(seen)), body].filter(Boolean));
    mark();
  };
  if (one.drop || one.text.length < CHARACTERS_AT_ONCE) panel.fill();
  return panel;
}

// A line or more each: a block and what follows it up to the next line, so that the browser lays out what is seen.
function rawText(one, seen) {
  const raw = points(one.text);
  const body = make("div", { class: "raw", lang: one.language, tabindex: 0, role: "group", "aria-label": "Raw text of the article" });
  const inner = [...one.units.map((unit) => ({ start: unit.source[0], end: unit.source[1], unit })), ...one.set_aside.map((aside) => ({ start: aside.start, end: aside.end, aside }))].sort((a, b) => a.start - b.start);
  let piece = make("div");
  let reached = 0;
  let next = 0;
  for (const block of [...one.blocks].sort((a, b) => a[0] - b[0])) {
    const [start, end] = block;
    const gap = raw.cut(reached, start);
    const line = gap.lastIndexOf("\n") + 1;
    piece.append(...shown(gap.slice(0, line)));
    if (line || !reached) { body.append(piece); piece = make("div"); }
    piece.append(...shown(gap.slice(line)));
    const own = [];
    while (next < inner.length && inner[next].start < end) own.push(inner[next++]);
    const node = blockNode(block, raw, own);
    if (!block[5]) seen.set(block[2], [...(seen.get(block[2]) || []), node]);
    piece.append(node);
    reached = end;
  }
  piece.append(...shown(raw.cut(reached, raw.length)));
  body.append(piece);
  return body;
}

function blockNode([start, end, label, rule, confidence, isKept], raw, inner) {
  const node = make(isKept ? "span" : "mark", { class: isKept ? "block kept" : "block", "data-label": label, tabindex: isKept ? null : 0 });
  node.fact = { lines: [isKept ? label : `${label}: stripped`, `rule ${rule}, confidence ${confidence.toFixed(2)}`, `characters ${start}–${end}`] };
  if (!isKept) node.append(make("span", { class: "tag" }, label));
  let at = start;
  for (const part of inner) {
    node.append(...shown(raw.cut(at, part.start)), sentence(part, raw, node.fact));
    at = part.end;
  }
  node.append(...shown(raw.cut(at, end)));
  return node;
}

function legend(seen) {
  return [...seen].map(([label, nodes]) => {
    const button = make("button", { type: "button", "data-label": label, title: `Go to the next ${label}` }, make("span", { class: "swatch", "data-label": label, "aria-hidden": "true" }), `${label} ${nodes.length}`);
    button.addEventListener("click", () => {
      button.last = nodes[(nodes.indexOf(button.last) + 1) % nodes.length];
      button.last.scrollIntoView({ block: "center" });
      button.last.focus({ preventScroll: true });
    });
    return button;
  });
}

function sentence({ start, end, unit, aside }, raw, block) {
  const node = make(aside ? "s" : "span", { class: aside ? "inner fault" : "inner" }, ...shown(raw.cut(start, end)));
  const lines_ = aside ? [`set aside by ${aside.stage}`, aside.reason] : [`${block.lines[0]}, sentence ${unit.sentence + 1}: ${unit.passthrough ? "passed through" : "translated"}`];
  node.fact = { lines: [...lines_, block.lines[1], `characters ${start}–${end}`] };
  if (unit) node.addEventListener("click", () => { if (String(getSelection())) return; select(0); opened = `${state.article} `; go({ tab: "", unit: String(unit.sentence) }, true); });
  return node;
}

// ---------------------------------------------------------------- marks what was searched for

function mark() {
  if (!("highlights" in CSS)) return;
  CSS.highlights.delete("hit");
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return;
  const ranges = [];
  for (const place of document.querySelectorAll(".sentences .source, .sentences .target, .raw, #article h3")) {
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    while (walker.nextNode()) { nodes.push([text.length, walker.currentNode]); text += walker.currentNode.data; }
    const lower = text.toLowerCase();
    if (lower.length !== text.length) continue;
    for (const word of words) {
      for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) ranges.push(rangeOf(nodes, at, at + word.length));
    }
  }
  CSS.highlights.set("hit", new Highlight(...ranges));
}

function rangeOf(nodes, start, end) {
  const range = new Range();
  const find = (at) => { let low = 0; let high = nodes.length - 1; while (low < high) { const middle = Math.ceil((low + high) / 2); if (nodes[middle][0] <= at) low = middle; else high = middle - 1; } return nodes[low]; };
  const [first, firstNode] = find(start);
  const [last, lastNode] = find(end - 1);
  range.setStart(firstNode, start - first);
  range.setEnd(lastNode, end - last);
  return range;
}

// ---------------------------------------------------------------- start

const THEMES = { system: "light dark", light: "light", dark: "dark" };
function theme(name) {
  document.documentElement.style.colorScheme = THEMES[name];
  document.documentElement.dataset.theme = name;
  byId("theme").textContent = `Theme: ${name}`;
}

function remembered() {
  try { return localStorage.getItem("theme") in THEMES ? localStorage.getItem("theme") : "system"; } catch { return "system"; }
}

function listen() {
  const field = byId("text");
  let waiting = 0;
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => go({ q: field.value.trim() }), 150); });
  for (const name of [...FILTERS, "order"]) byId(name).addEventListener("change", (event) => go({ [name]: event.target.value }));
  byId("search").addEventListener("submit", (event) => event.preventDefault());
  byId("reset").addEventListener("click", (event) => { event.preventDefault(); go({ q: "", order: "", ...Object.fromEntries(FILTERS.map((name) => [name, ""])) }); field.focus(); });
  byId("theme").addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    theme(next);
    try { localStorage.setItem("theme", next); } catch { /* a page of file:// may have no storage */ }
  });
  const place = byId("article");
  place.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") point(event.target, false); });
  place.addEventListener("pointerleave", release);
  place.addEventListener("pointerout", (event) => { if (event.pointerType !== "touch" && !event.relatedTarget?.closest?.(".word, .block, .inner")) release(); });
  place.addEventListener("click", (event) => { if (event.target.closest(".word")) point(event.target, true); });
  place.addEventListener("focusin", (event) => point(event.target, true));
  place.addEventListener("focusout", release);
  place.addEventListener("keydown", step);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") release(); });
  document.addEventListener("scroll", () => { byId("tip").hidden = true; }, true);
  byId("list").addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    const next = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling }[event.key];
    if (next) { event.preventDefault(); next.firstChild.focus(); }
  });
  addEventListener("beforeprint", () => {
    for (const panel of document.querySelectorAll("[role=tabpanel]")) panel.fill?.();
    document.querySelector(".sentences")?.flush();
  });
  addEventListener("hashchange", () => { readAddress(); show(); });
  addEventListener("popstate", () => { readAddress(); show(); });
}

async function start() {
  theme(remembered());
  byId("theme").hidden = false;
  try {
    index = await unpack("index");
  } catch (error) {
    byId("fault").textContent = `The articles could not be unpacked (${error.message}). Browsers from 2023 on can; the overview needs nothing.`;
    byId("fault").hidden = false;
    return;
  }
  lines = new Map(index.map((line) => [line.id, listItem(line)]));
  fillFilters();
  listen();
  readAddress();
  await show();
  document.documentElement.dataset.ready = "true";
}

start();
