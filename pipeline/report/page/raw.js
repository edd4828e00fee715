// The raw article with every stripped block.

function rawPanel(one) {
    const panel = make("div", {
        role: one.drop ? null : "tabpanel",
        id: "panel-1",
        "aria-labelledby": one.drop ? null : "tab-1",
    });
    panel.fill = () => {
        panel.fill = null;
        const seen = new Map();
        const body = rawText(one, seen);
        const note =
            one.characters > points(one.text).length
                ? make(
                      "p",
                      { class: "notice" },
                      `The first ${number(points(one.text).length)} of ${number(one.characters)} characters. All of them are in documents/*.parquet.`,
                  )
                : null;
        const hint = one.drop
            ? null
            : make(
                  "p",
                  { class: "hint" },
                  seen.size
                      ? "Coloured text was stripped. Point at it or move to it with Tab: category, rule, confidence. Buttons go to the next block of a category."
                      : "Nothing was stripped from this article.",
              );
        panel.replaceChildren(
            ...[note, hint, make("div", { class: "legend categories" }, ...legend(seen)), body].filter(Boolean),
        );
        mark();
    };
    if (one.drop || one.text.length < CHARACTERS_AT_ONCE) panel.fill();
    return panel;
}

// A line or more each: a block and what follows it up to the next line, so that the browser lays out what is seen.
function rawText(one, seen) {
    const raw = points(one.text);
    const body = make("div", {
        class: one.text.length < CHARACTERS_AT_ONCE ? "raw" : "raw long",
        lang: one.language,
        tabindex: 0,
        role: "group",
        "aria-label": "Raw text of the article",
    });
    const inner = [
        ...one.units.map((unit) => ({ start: unit.source[0], end: unit.source[1], unit })),
        ...one.set_aside.map((aside) => ({ start: aside.start, end: aside.end, aside })),
    ].sort((a, b) => a.start - b.start);
    let piece = make("div");
    let reached = 0;
    let next = 0;
    for (const block of [...one.blocks].sort((a, b) => a[0] - b[0])) {
        const [start, end] = block;
        const gap = raw.cut(reached, start);
        const line = gap.lastIndexOf("\n") + 1;
        piece.append(...shown(gap.slice(0, line)));
        if (line || !reached) {
            body.append(piece);
            piece = make("div");
        }
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
    const node = make(isKept ? "span" : "mark", {
        class: isKept ? "block kept" : "block",
        "data-label": label,
        tabindex: isKept ? null : 0,
    });
    node.fact = {
        lines: [
            isKept ? label : `${label}: stripped`,
            `rule ${rule}, confidence ${confidence.toFixed(2)}`,
            `characters ${start}–${end}`,
        ],
    };
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
        const button = make(
            "button",
            { type: "button", "data-label": label, title: `Go to the next ${label}` },
            make("span", { class: "swatch", "data-label": label, "aria-hidden": "true" }),
            `${label} ${nodes.length}`,
        );
        button.addEventListener("click", () => {
            button.last = nodes[(nodes.indexOf(button.last) + 1) % nodes.length];
            button.last.scrollIntoView({ block: "center" });
            requestAnimationFrame(() => button.last.focus({ preventScroll: true })); // after the scroll, which hides what is told
        });
        return button;
    });
}

function sentence({ start, end, unit, aside }, raw, block) {
    const node = make(aside ? "s" : "span", { class: aside ? "inner fault" : "inner" }, ...shown(raw.cut(start, end)));
    const lines_ = aside
        ? [`set aside by ${aside.stage}`, aside.reason]
        : [`${block.lines[0]}, sentence ${unit.sentence + 1}: ${unit.passthrough ? "passed through" : "translated"}`];
    node.fact = { lines: [...lines_, block.lines[1], `characters ${start}–${end}`] };
    if (unit)
        node.addEventListener("click", () => {
            if (String(getSelection())) return;
            select(0);
            opened = `${state.article} `;
            go({ tab: "", unit: String(unit.sentence) }, true);
        });
    return node;
}
