// Where we are: all of it stands in the address, so that a link or a reload leads back.

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
