// Word links on hover, focus and tap; what is told about a word or a block.

let lit = [];
function release() {
    for (const node of lit) {
        node.classList.remove("on", "lit");
        node.style.removeProperty("--p");
    }
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
    const at = (which) => {
        const base = which ? facts.unit.target[0] : facts.unit.source[0];
        return `${base + spans[which][0]}–${base + spans[which][1]}`;
    };
    const names = partners.sort((a, b) => b[1] - a[1]);
    const cell = facts.cells[1 - side];
    tell(word, [
        make(
            "p",
            {},
            ...names.flatMap(([text, best], place) => [
                place ? ", " : "",
                make("b", {}, make("bdi", { dir: "auto", lang: cell.lang || null }, text)),
                ` ${best}%`,
            ]),
        ),
        make("p", { class: "quiet" }, side ? `English ${at(1)}` : `article ${at(0)}`),
    ]);
    if (speak)
        byId("announcer").textContent =
            `${word.textContent}: ${names.map(([text, best]) => `${text} ${best} percent`).join(", ")}`;
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
    tell(
        node,
        fact.lines.map((line, place) => make("p", place ? { class: "quiet" } : {}, place ? line : make("b", {}, line))),
    );
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
    const next = {
        ArrowLeft: words[place + leftward],
        ArrowRight: words[place - leftward],
        Home: words[0],
        End: words[words.length - 1],
    }[event.key];
    let goal = next;
    if (event.key === "Enter" || event.key === " ")
        goal = facts.words[1 - side].find((other) => other.classList.contains("lit"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        let other = row;
        do other = event.key === "ArrowDown" ? other.nextElementSibling : other.previousElementSibling;
        while (other && !rowFacts.get(other)?.links.length);
        if (other) {
            const found = rowFacts.get(other);
            if (!found.words[side].length) [0, 1].forEach((one) => weave(found, one));
            [goal] = found.words[side];
        }
    }
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter", " "].includes(event.key)) return;
    event.preventDefault();
    if (!goal) return;
    for (const other of rowFacts.get(goal.closest("[role=row]")).words[Number(goal.parentElement.dataset.side)])
        other.tabIndex = other === goal ? 0 : -1;
    goal.focus();
}
