"""The command line of training: python -m models.train STEP --recipe FILE --data DIR --work DIR."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.train.recipe import Place, read_recipe

STEPS = ("prepare", "vocabulary", "encode", "train", "average", "evaluate", "package")


def main() -> None:
    """Run one step; every step can be repeated, and `train` goes on where it stopped."""
    parser = argparse.ArgumentParser(prog="python -m models.train", description=main.__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--recipe", type=Path, default=Path("models/train/recipe.yaml"))
    parser.add_argument("--data", type=Path, default=Path("mt"))
    parser.add_argument("--work", type=Path, default=Path("train-run"))
    options = parser.parse_args()
    recipe = read_recipe(options.recipe)
    place = Place(data=options.data, work=options.work)
    if options.step == "prepare":
        from models.train.prepare import prepare

        prepare(recipe, place)
    elif options.step == "vocabulary":
        from models.train.tokenizer import train_vocabulary

        train_vocabulary(recipe, place)
    elif options.step == "encode":
        from models.train.tokenizer import encode

        encode(recipe, place)
    elif options.step == "train":
        from models.train.train import train

        train(recipe, place)


if __name__ == "__main__":
    main()
