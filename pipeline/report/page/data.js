// The packed articles: unpacked when they are asked for, a few chunks kept.

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
const folded = (text) =>
    text
        .normalize("NFKD")
        .replace(/[\p{M}\u0640]/gu, "")
        .toLowerCase();

const state = {
    view: "overview",
    article: "",
    unit: "",
    tab: "",
    q: "",
    language: "",
    flag: "",
    label: "",
    aside: "",
    order: "",
};
const FILTERS = ["language", "flag", "label", "aside"];
let index = [];
let lines = new Map();
let opened = null;
