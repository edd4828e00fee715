"""The command line of training: python -m models.train STEP --recipe FILE --data DIR --work DIR."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from models.train.recipe import Place, Recipe, read_recipe

if TYPE_CHECKING:
    from collections.abc import Callable

_BEAM = 4


def _prepare(recipe: Recipe, place: Place, _: argparse.Namespace) -> None:
    from models.train.prepare import prepare

    prepare(recipe, place)


def _vocabulary(recipe: Recipe, place: Place, _: argparse.Namespace) -> None:
    from models.train.tokenizer import train_vocabulary

    train_vocabulary(recipe, place)


def _encode(recipe: Recipe, place: Place, _: argparse.Namespace) -> None:
    from models.train.tokenizer import encode

    encode(recipe, place)


def _overlap(_: Recipe, place: Place, __: argparse.Namespace) -> None:
    from models.train.overlap import find_copies

    copies = list(find_copies(place))
    for copy in copies:
        print(json.dumps(dataclasses.asdict(copy)))
    if copies:
        raise SystemExit(f"{len(copies)} training lines copy evaluation lines; take them out of the data")
    print("no training line copies an evaluation line")


def _align(recipe: Recipe, place: Place, _: argparse.Namespace) -> None:
    from models.train.align import align

    align(recipe, place)


def _train(recipe: Recipe, place: Place, _: argparse.Namespace) -> None:
    from models.train.train import train

    train(recipe, place)


def _package(recipe: Recipe, place: Place, options: argparse.Namespace) -> None:
    from models.train.average import average
    from models.train.package import package

    weights = average(place, options.last)
    print(f"packaged folder={options.model} sha256={package(recipe, place, weights, options.model)}")


def _evaluate(_: Recipe, place: Place, options: argparse.Namespace) -> None:
    from models.train.evaluate import Translator, evaluate

    converted = place.work / "converted"
    shutil.rmtree(converted, ignore_errors=True)
    translator = Translator(options.model, converted, options.threads)
    paths = sorted((place.data / options.split).glob("*.tsv.zst"))
    for score in evaluate(translator, paths, _BEAM, place.work / "outputs"):
        print(json.dumps(dataclasses.asdict(score)))


STEPS: dict[str, Callable[[Recipe, Place, argparse.Namespace], None]] = {
    "prepare": _prepare,
    "overlap": _overlap,
    "vocabulary": _vocabulary,
    "encode": _encode,
    "align": _align,
    "train": _train,
    "package": _package,
    "evaluate": _evaluate,
}


def main() -> None:
    """Run one step; every step can be repeated, and `train` goes on where it stopped."""
    parser = argparse.ArgumentParser(prog="python -m models.train", description=main.__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--recipe", type=Path, default=Path("models/train/recipe.yaml"))
    parser.add_argument("--data", type=Path, default=Path("mt"), help="has train, dev, test, mono")
    parser.add_argument("--work", type=Path, default=Path("train-run"), help="arrays, checkpoints")
    parser.add_argument("--model", type=Path, default=Path("models/ruarfr-en-small"))
    parser.add_argument("--last", type=int, default=1, help="checkpoints that are averaged")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    place = Place(data=options.data, work=options.work)
    STEPS[options.step](read_recipe(options.recipe), place, options)


if __name__ == "__main__":
    main()
