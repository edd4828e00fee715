// One article: its facts and the tabs of its views.

async function open() {
    const place = byId("article");
    const key = `${state.article} ${state.tab}`;
    if (opened === key) return reveal();
    const line = index.find((one) => one.id === state.article);
    opened = key;
    if (!line) {
        place.replaceChildren(
            make(
                "p",
                { class: "empty" },
                state.article ? "This page of the report has no such article." : "Choose an article.",
            ),
        );
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
        [
            "language",
            one.language
                ? `${one.language}${one.language_probability === null ? "" : ` (${one.language_probability.toFixed(2)})`}`
                : "unknown",
        ],
        ["sentences", number(counts.units)],
        ["translated", share(counts.translated_characters)],
        ["passed through", share(counts.passthrough_characters)],
        ["set aside", share(counts.set_aside_characters)],
        ["document_id", make("code", {}, one.id)],
        ...one.meta
            .filter((fact) => fact.name !== "title")
            .map((fact) => [
                fact.name,
                make(
                    "span",
                    {},
                    quoted(fact.value, fact.start === null ? null : one.language),
                    fact.start === null ? "" : make("span", { class: "quiet" }, ` ${fact.start}–${fact.end}`),
                ),
            ]),
    ];
    return [
        make("a", { href: "#articles", class: "back" }, "All articles"),
        make("h3", {}, quoted(line.title || one.uri, one.language)),
        one.drop
            ? make(
                  "p",
                  { class: "notice" },
                  make("b", {}, "Set aside whole"),
                  ` by ${one.drop[0]}: ${one.drop[1] || "no reason given"}`,
              )
            : null,
        make(
            "dl",
            { class: "article-facts" },
            ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
        ),
    ].filter(Boolean);
}

function tabs(one, panels) {
    const names = [`Sentences (${number(one.units.length)})`, "Raw article"];
    const buttons = names.map((name, place) =>
        make("button", { type: "button", role: "tab", id: `tab-${place}`, "aria-controls": panels[place].id }, name),
    );
    const list = make("div", { role: "tablist", "aria-label": "Views of the article" }, ...buttons);
    const move = (place) => {
        select(place);
        state.tab = place ? "raw" : "";
        opened = `${state.article} ${state.tab}`;
        go({});
    };
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
