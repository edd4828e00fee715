// The start: theme, listeners, the index.

const THEMES = { system: "light dark", light: "light", dark: "dark" };
function theme(name) {
    document.documentElement.style.colorScheme = THEMES[name];
    document.documentElement.dataset.theme = name;
    byId("theme").textContent = `Theme: ${name}`;
}

function remembered() {
    try {
        return localStorage.getItem("theme") in THEMES ? localStorage.getItem("theme") : "system";
    } catch {
        return "system";
    }
}

function listen() {
    const field = byId("text");
    let waiting = 0;
    field.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => go({ q: field.value.trim() }), 150);
    });
    for (const name of [...FILTERS, "order"])
        byId(name).addEventListener("change", (event) => go({ [name]: event.target.value }));
    byId("search").addEventListener("submit", (event) => event.preventDefault());
    byId("reset").addEventListener("click", (event) => {
        event.preventDefault();
        go({ q: "", order: "", ...Object.fromEntries(FILTERS.map((name) => [name, ""])) });
        field.focus();
    });
    byId("theme").addEventListener("click", () => {
        const names = Object.keys(THEMES);
        const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
        theme(next);
        try {
            localStorage.setItem("theme", next);
        } catch {
            /* a page of file:// may have no storage */
        }
    });
    const place = byId("article");
    place.addEventListener("pointerover", (event) => {
        if (event.pointerType !== "touch") point(event.target, false);
    });
    place.addEventListener("pointerleave", release);
    place.addEventListener("pointerout", (event) => {
        if (event.pointerType !== "touch" && !event.relatedTarget?.closest?.(".word, .block, .inner")) release();
    });
    place.addEventListener("click", (event) => {
        if (event.target.closest(".word")) point(event.target, true);
    });
    place.addEventListener("focusin", (event) => point(event.target, true));
    place.addEventListener("focusout", release);
    place.addEventListener("keydown", step);
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") release();
    });
    document.addEventListener(
        "scroll",
        () => {
            byId("tip").hidden = true;
        },
        true,
    );
    byId("list").addEventListener("keydown", (event) => {
        const item = event.target.closest("li");
        const next = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling }[event.key];
        if (next) {
            event.preventDefault();
            next.firstChild.focus();
        }
    });
    addEventListener("beforeprint", () => {
        for (const panel of document.querySelectorAll("[role=tabpanel]")) panel.fill?.();
        document.querySelector(".sentences")?.flush();
    });
    addEventListener("hashchange", () => {
        readAddress();
        show();
    });
    addEventListener("popstate", () => {
        readAddress();
        show();
    });
}

async function start() {
    theme(remembered());
    byId("theme").hidden = false;
    try {
        index = await unpack("index");
    } catch (error) {
        byId("fault").textContent =
            `The articles could not be unpacked (${error.message}). Browsers from 2023 on can; the overview needs nothing.`;
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
