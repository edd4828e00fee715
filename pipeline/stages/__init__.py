"""The table of stages: their configs, in the order of a usual plan."""

from typing import Annotated

from pydantic import Field

from pipeline.stages.align_words import AlignWordsConfig
from pipeline.stages.filter import FilterConfig
from pipeline.stages.find_duplicates import FindDuplicatesConfig
from pipeline.stages.identify_language import IdentifyLanguageConfig
from pipeline.stages.normalize import NormalizeConfig
from pipeline.stages.score import ScoreConfig
from pipeline.stages.split_sentences import SplitSentencesConfig
from pipeline.stages.strip_boilerplate import StripBoilerplateConfig
from pipeline.stages.translate import TranslateConfig

CONFIGS = (
    NormalizeConfig,
    StripBoilerplateConfig,
    FindDuplicatesConfig,
    SplitSentencesConfig,
    IdentifyLanguageConfig,
    TranslateConfig,
    AlignWordsConfig,
    ScoreConfig,
    FilterConfig,
)

AnyStage = Annotated[
    NormalizeConfig
    | StripBoilerplateConfig
    | FindDuplicatesConfig
    | SplitSentencesConfig
    | IdentifyLanguageConfig
    | TranslateConfig
    | AlignWordsConfig
    | ScoreConfig
    | FilterConfig,
    Field(discriminator="stage"),
]
"""The config of any stage, told apart by its key `stage`."""
