"""Formats of a corpus: `parquet` is what it is stored in, the others are exported from it."""
