// The list of articles, search and filters.

function fillFilters() {
    const fields = { language: "languages", flag: "flags", label: "labels", aside: "asides" };
    for (const [name, field] of Object.entries(fields)) {
        const counts = new Map();
        for (const line of index)
            for (const key of Object.keys(line[field])) counts.set(key, (counts.get(key) || 0) + 1);
        const options = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
        byId(name).append(
            ...options.map(([key, count]) => make("option", { value: key }, `${key} (${number(count)})`)),
        );
    }
}

function listItem(line) {
    const faults = Object.entries(line.flags).filter(([flag]) => !HARMLESS.has(flag));
    const aside = line.characters ? line.set_aside / line.characters : 0;
    const facts = line.dropped ? "set aside whole" : `${plural(line.units, "sentence")} · ${percent(aside)} set aside`;
    const item = make(
        "li",
        {},
        make(
            "a",
            { href: `#articles?article=${encodeURIComponent(line.id)}` },
            make("span", { class: "title" }, quoted(line.title || line.uri, line.language)),
            make(
                "span",
                { class: "facts" },
                make("span", { class: "chip language" }, line.language || "und"),
                facts,
                ...faults.map(([flag, count]) =>
                    make("span", { class: "chip fault" }, count > 1 ? `${flag} ${count}` : flag),
                ),
            ),
        ),
    );
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
            for (const one of await unpack(`chunk-${part}`))
                haystacks.push(folded(`${one.uri}\n${one.text}\n${one.english}`));
            await new Promise((resolve) => {
                setTimeout(resolve, 0);
            });
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
    const weight = {
        doubt: (one) => one.doubt,
        set_aside: (one) => one.set_aside / (one.characters || 1),
        units: (one) => one.units,
    }[state.order];
    if (weight) visible.sort((a, b) => weight(b) - weight(a));
    const items = visible.map((line) => lines.get(line.id));
    byId("list").replaceChildren(...items);
    const total = plural(index.length, "article");
    byId("found").textContent =
        visible.length === index.length
            ? total
            : visible.length
              ? `${number(visible.length)} of ${total}`
              : `None of ${total} fits. Clear the search or a filter.`;
    return visible;
}
