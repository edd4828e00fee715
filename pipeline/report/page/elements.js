// Elements and text. Nothing on the page is ever written as markup. All scripts of this folder are one on the page.
"use strict";

const byId = (id) => document.getElementById(id);
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const ACRONYMS = {
    "\u2028": "LSEP",
    "\u2029": "PSEP",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
};
const HARMLESS = new Set(["passthrough", "no_model", "fallback_language", "split", "recased"]);
const ROWS_AT_ONCE = 60;
const CHARACTERS_AT_ONCE = 100000;
const wide = matchMedia("(min-width: 60rem)");

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
        parts.push(
            make(
                "span",
                { class: "control", title: `U+${hex.padStart(4, "0")}` },
                ACRONYMS[match[0]] || hex.padStart(2, "0"),
            ),
        );
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
