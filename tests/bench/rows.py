"""One large file of rows: how much memory it takes beyond what the program has.

python -m tests.bench.rows FILE lists it, digests and reads each row, and prints JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from pipeline.formats import readers
from pipeline.listing import Listing
from pipeline.settings import InputSettings

SHARD = 64
"""Articles in a shard, as by default."""


def resident_megabytes() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def main() -> None:
    source = InputSettings(path=sys.argv[1])
    before, start = resident_megabytes(), time.process_time()
    listing = Listing(readers.list_articles(source), SHARD)
    listed = time.process_time()
    characters = 0
    for shard in listing:
        readers.input_digest(shard.articles)
        characters += sum(len(readers.read_article(article, source).text) for article in shard.articles)
    print(
        json.dumps(
            {
                "listing_cpu_seconds": listed - start,
                "reading_cpu_seconds": time.process_time() - listed,
                "characters": characters,
                "before_megabytes": before,
                "peak_megabytes": resident_megabytes(),
            }
        )
    )


if __name__ == "__main__":
    main()
