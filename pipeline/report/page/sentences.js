// Sentences side by side, each with its signals; words are woven in when a row comes near the window.

const HINT =
    "Point at a word, tap it, or move with Tab and ← →: its counterparts light up. Enter crosses to the other side, ↑ ↓ change the sentence, Esc lets go.";

function sentencesPanel(one) {
    const raw = points(one.text);
    const english = points(one.english);
    const rows = [
        ...one.units.map((unit) => ({ start: unit.source[0], unit })),
        ...one.set_aside.map((aside) => ({ start: aside.start, aside })),
    ];
    rows.sort((a, b) => a.start - b.start);
    const cell = (role, ...children) => make("div", { role }, ...children);
    const head = make(
        "div",
        { role: "row", class: "head" },
        ...["Nr", `Source`, "English", "Signals"].map((name) => cell("columnheader", name)),
    );
    const body = make("div", { role: "rowgroup" });
    const table = make(
        "div",
        {
            role: "table",
            class: "sentences",
            "aria-label": "Sentences, source and English side by side",
            "aria-rowcount": rows.length + 1,
        },
        make("div", { role: "rowgroup" }, head),
        body,
    );
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
        if (made < rows.length)
            requestAnimationFrame(() => {
                if (body.isConnected) {
                    add(ROWS_AT_ONCE * 4);
                    mark();
                }
            });
    };
    table.flush = () => add(rows.length);
    add(ROWS_AT_ONCE);
    return make(
        "div",
        { role: "tabpanel", id: "panel-0", "aria-labelledby": "tab-0" },
        make("p", { class: "hint" }, HINT),
        table,
    );
}

const rowFacts = new WeakMap();

function unitRow(unit, raw, english) {
    const source = raw.cut(...unit.source);
    const target = english.cut(...unit.target);
    const links = [];
    for (let at = 0; at < unit.links.length; at += 5) {
        const [sourceStart, sourceEnd, targetStart, targetEnd, probability] = unit.links.slice(at, at + 5);
        links.push({
            spans: [
                [sourceStart, sourceEnd],
                [targetStart, targetEnd],
            ],
            probability,
        });
    }
    const cells = [
        [source, unit.language],
        [target, unit.passthrough ? unit.language : "en"],
    ].map(([text, language], side) =>
        make(
            "div",
            { role: "cell", class: side ? "target" : "source", dir: "auto", lang: language, "data-side": side },
            ...shown(text),
        ),
    );
    const row = make(
        "div",
        { role: "row", class: `unit ${unit.role}`, "data-sentence": unit.sentence },
        make("div", { role: "rowheader", class: "nr" }, String(unit.sentence + 1)),
        ...cells,
        signals(unit),
    );
    rowFacts.set(row, { unit, texts: [source, target], links, cells, words: [[], []] });
    return row;
}

function asideRow(aside, raw, language) {
    return make(
        "div",
        { role: "row", class: "aside" },
        make("div", { role: "rowheader", class: "nr" }, "–"),
        make(
            "div",
            { role: "cell", class: "source", dir: "auto", lang: language },
            make("s", {}, ...shown(raw.cut(aside.start, aside.end))),
        ),
        make(
            "div",
            { role: "cell", class: "target", dir: "auto", lang: "en" },
            ...(aside.target === null ? [] : [make("s", {}, ...shown(aside.target))]),
        ),
        make(
            "div",
            { role: "cell", class: "signals" },
            make("span", { class: "chip fault" }, `set aside by ${aside.stage}`),
            make("p", { class: "quiet" }, `${aside.reason} · ${aside.start}–${aside.end}`),
        ),
    );
}

function definitions(pairs, name) {
    return make(
        "dl",
        { class: name },
        ...pairs.map(([key, value]) => make("div", {}, make("dt", {}, key), make("dd", {}, ...shown(String(value))))),
    );
}

function signals(unit) {
    const { attempts, ...others } = unit.others;
    const tries = Array.isArray(attempts) ? attempts : [];
    const chips = [
        make("span", { class: "chip language" }, unit.language || "und"),
        ...unit.flags.map((flag) => make("span", { class: HARMLESS.has(flag) ? "chip" : "chip fault" }, flag)),
    ];
    const scores = [...(unit.log_prob === null ? [] : [["log_prob", unit.log_prob]]), ...unit.scores];
    const facts = [
        ["article", `${unit.source[0]}–${unit.source[1]}`],
        ["English", `${unit.target[0]}–${unit.target[1]}`],
        ["role", unit.role],
        ["paragraph", unit.paragraph],
        ["model", unit.model || "none: passed through"],
        [
            "language",
            `${unit.language || "und"}${unit.language_probability === null ? "" : ` (${unit.language_probability.toFixed(2)})`}`,
        ],
        ["unit_id", unit.id],
        ...(unit.doubt > 0 ? [["doubt", `${figure(unit.doubt)}: ${unit.reasons.join(", ")}`]] : []),
        ...Object.entries(others)
            .filter(([, value]) => value !== null)
            .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value]),
    ];
    return make(
        "div",
        { role: "cell", class: "signals" },
        make("div", { class: "chips" }, ...chips),
        scores.length
            ? definitions(
                  scores.map(([name, value]) => [name, figure(value)]),
                  "scores",
              )
            : null,
        tries.length
            ? make(
                  "details",
                  {},
                  make("summary", {}, plural(tries.length, "attempt")),
                  make("ol", { class: "attempts" }, ...tries.map(attemptItem)),
              )
            : null,
        make(
            "details",
            {},
            make("summary", {}, "Offsets and more"),
            definitions(facts, "more"),
            unit.normalized === null
                ? null
                : make("p", { class: "quiet" }, "normalised: ", quoted(unit.normalized, unit.language)),
        ),
    );
}

function attemptItem(attempt) {
    const facts = [
        attempt.rung,
        attempt.log_prob === null ? null : `log_prob ${figure(attempt.log_prob)}`,
        ...attempt.flags,
    ]
        .filter(Boolean)
        .join(", ");
    return make(
        "li",
        {},
        make(attempt.chosen ? "b" : "span", {}, attempt.chosen ? `taken: ${facts}` : facts),
        make("br"),
        quoted(attempt.text, "en"),
    );
}

// Words are woven into a row when it comes near the window: most rows of a long article never are.
const watcher = new IntersectionObserver(
    (entries) => {
        for (const entry of entries) {
            if (!entry.isIntersecting) continue;
            watcher.unobserve(entry.target);
            const facts = rowFacts.get(entry.target);
            if (facts.links.length) [0, 1].forEach((side) => weave(facts, side));
        }
        mark();
    },
    { rootMargin: "300px" },
);

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
        active = [
            ...active.filter((place) => facts.links[place].spans[side][1] > start),
            ...(opening.get(start) || []),
        ];
        const piece = shown(text.cut(start, end));
        if (!active.length) {
            nodes.push(...piece);
            continue;
        }
        const word = make("span", { class: "word", tabindex: facts.words[side].length ? -1 : 0 }, ...piece);
        word.links = [...active];
        facts.words[side].push(word);
        nodes.push(word);
    }
    facts.cells[side].replaceChildren(...nodes);
}
