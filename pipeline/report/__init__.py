"""The report of a corpus: pages that anyone can open, made from its Parquet files alone."""
