"""The table of translators, by the name of the backend; none is imported before it is chosen."""

BACKENDS = {
    "ctranslate2": "pipeline.translators.marian_ctranslate2:MarianCTranslate2",
    "torch": "pipeline.translators.marian_torch:MarianTorch",
    "fake": "pipeline.translators.fake:Fake",
}
