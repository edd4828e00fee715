"""What each column of a corpus means, for the dataset card."""

from __future__ import annotations

UNIT_COLUMNS = {
    "unit_id": "the document's id with the raw range: unique, and stable when other segments change",
    "document_id": "the article, as in the configuration `documents`",
    "uri": "name of the article: its place in the input, or what its row says",
    "paragraph": "number of the block in the article, from 0",
    "sentence": "number of the unit in the article, from 0",
    "role": "`title`, `heading`, `body`, or another label of a block",
    "source_language": "BCP 47; null: unknown",
    "language_probability": "of `source_language`",
    "source_raw": "the source exactly as it stands in the article",
    "source_start": "where `source_raw` begins in `text` of the article",
    "source_end": "where it ends there",
    "source": "the source as it was translated: normalised",
    "target": "the English",
    "target_start": "where `target` begins in `english` of the article",
    "target_end": "where it ends there",
    "word_alignment": "list of `source_start`, `source_end` (in `text`), `target_start`, `target_end` (in `english`), "
    "`probability`",
    "model": "null when the source was passed through",
    "signature": "names everything that shaped the translation",
    "log_prob": "mean natural log-probability a target piece",
    "scores": "list of `name`, `value`: what was measured without a reference",
    "flags": "what is remarkable, such as `no_model`, `split`, `repetitive`",
    "attempts": "list of `rung`, `text`, `log_prob`, `flags`, `chosen`: the tries, when the first did not stand",
    "passthrough": "whether the target is the source itself",
}

DOCUMENT_COLUMNS = {
    "document_id": "hash of the article's place in the input and its text",
    "uri": "name of the article: its place in the input, or what its row says",
    "text": "the article exactly as it was decoded",
    "english": "the targets of its units, in order, one paragraph a block",
    "language": "of the kept segments together, BCP 47",
    "language_probability": "of `language`",
    "blocks": "list of `start`, `end`, `label`, `rule`, `confidence`, `kept`: they cover all that is not blank",
    "set_aside": "segments that are no units: `start`, `end`, `role`, `stage`, `reason`, `source`, `target`",
    "meta": "facts about the article: `name`, `value`, and `start`, `end` where they stand in `text`",
    "drop_stage": "the stage that set the whole article aside, else null",
    "drop_reason": "why",
    "counts": "the account of its characters that are not blank",
}
