"""News articles in many languages, scraped as plain text, into an English parallel corpus."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.stripping import Stripped, StrippedBlock, strip

__version__ = "0.1.0"

__all__ = ["Stripped", "StrippedBlock", "strip"]


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for: the command need not wait for what it does not use."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("pipeline.stripping"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
