// Marks what was searched for, without touching the elements.

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
        while (walker.nextNode()) {
            nodes.push([text.length, walker.currentNode]);
            text += walker.currentNode.data;
        }
        const lower = text.toLowerCase();
        if (lower.length !== text.length) continue;
        for (const word of words) {
            for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length))
                ranges.push(rangeOf(nodes, at, at + word.length));
        }
    }
    CSS.highlights.set("hit", new Highlight(...ranges));
}

function rangeOf(nodes, start, end) {
    const range = new Range();
    const find = (at) => {
        let low = 0;
        let high = nodes.length - 1;
        while (low < high) {
            const middle = Math.ceil((low + high) / 2);
            if (nodes[middle][0] <= at) low = middle;
            else high = middle - 1;
        }
        return nodes[low];
    };
    const [first, firstNode] = find(start);
    const [last, lastNode] = find(end - 1);
    range.setStart(firstNode, start - first);
    range.setEnd(lastNode, end - last);
    return range;
}
