"""The results as a page."""

from __future__ import annotations

from typing import Any

NAMES = {
    "one_by_one": "transformers, one by one (sample)",
    "transformers": "transformers `generate`, batches of 32, unsorted (sample)",
    "argostranslate": "argostranslate, a paragraph a call (sample)",
    "ctranslate2": "CTranslate2 alone, tokens ready, sorted by length",
    "newsbitext": "newsbitext, raw articles to Parquet",
    "newsbitext_one_try": "newsbitext, likewise, without the ladder",
    "newsbitext_workers": "newsbitext, likewise with it, two workers of one core, with exports and report",
}

RATIOS = (
    ("newsbitext", "ctranslate2", 0.95),
    ("newsbitext_one_try", "ctranslate2", 0.95),
    ("newsbitext_workers", "ctranslate2", 0.95),
    ("newsbitext", "transformers", 4.0),
    ("newsbitext", "argostranslate", 2.0),
)
"""What is compared, and what it should be at least."""


def render(results: dict[str, Any]) -> str:
    """Return the page, in Markdown."""
    text, decoding = results["text"], results["decoding"]
    facts = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; the numbers are in `tests/bench/results.json`. All ran in one process, by turns; the",
        "medians are shown. Only ratios of one run mean anything: a busy machine slows all alike.",
        "",
        f"{text['segments']:,} segments ({text['distinct']:,} distinct) of Russian, Arabic and French news, in the",
        f"order of their documents ({text['from']}), model {results['model']}, beam {decoding['beam_size']}, "
        f"{decoding['compute_type']} (transformers: float32), {decoding['threads']} threads.",
        f"Slow peers got {text['sample']:,} of them, evenly chosen; transformers one by one a quarter of those.",
        f"{facts}.",
        "",
        *_speeds(results),
        *_variants(results),
        *_costs(results),
    ]
    return "\n".join(lines) + "\n"


def _speeds(results: dict[str, Any]) -> list[str]:
    rates = results["segments_a_second"]
    usual = rates["transformers"]
    rows = [f"| {name} | {rates[key]:.1f} | {rates[key] / usual:.2f} |" for key, name in NAMES.items() if key in rates]
    ratios = [
        f"| {one} / {other} | {rates[one] / rates[other]:.2f} | {least} |"
        for one, other, least in RATIOS
        if other in rates
    ]
    missing = [f"argostranslate was left out: {results['missing']}.", ""] if results["missing"] else []
    return [
        "| | segments/s | × `generate` |",
        "|-|-:|-:|",
        *rows,
        "",
        *missing,
        "| ratio | measured | aim |",
        "|-|-:|-:|",
        *ratios,
        "",
        "newsbitext loads and tries the model, strips boilerplate, splits and identifies sentences, translates with",
        "attention, aligns words, scores, filters and writes; the others only translate sentences that are there.",
        "",
    ]


def _variants(results: dict[str, Any]) -> list[str]:
    listed = results["shortlist"]
    rows = [f"| {name} | {rate:.1f} |" for name, rate in results["variants"].items()]
    return [
        "## Settings",
        "",
        "The translator alone, on the sample; float32 decodes one segment at a time, so that none depends on others.",
        "",
        "| | segments/s |",
        "|-|-:|",
        *rows,
        "",
        f"A vocabulary shortlist (CTranslate2's `vmap.txt`, made of the model's own alignments) makes CTranslate2 alone"
        f" {listed['with'] / listed['without']:.2f} times as fast and changes {100 * listed['changed']:.0f} % of the",
        "translations. It is not used: CTranslate2 gives all inputs of a batch the candidates of all of them, and a",
        "translation would depend on its neighbours.",
        "",
    ]


def _costs(results: dict[str, Any]) -> list[str]:
    peaks = results["peak_megabytes"]
    sizes = list(peaks)
    return [
        "## Memory and start",
        "",
        f"Peak memory over {int(sizes[0]):,} short segments {peaks[sizes[0]]:.0f} MB, over {int(sizes[1]):,} "
        f"{peaks[sizes[1]]:.0f} MB: {peaks[sizes[1]] - peaks[sizes[0]]:+.0f} MB (aim: at most +150).",
        "",
        "| command | seconds |",
        "|-|-:|",
        *(f"| `newsbitext {name}` | {seconds:.2f} |" for name, seconds in results["start_up_seconds"].items()),
    ]
