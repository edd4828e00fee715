"""A transformers MarianMT checkpoint rewritten once for CTranslate2, and kept under its content hash.

The weights are read from safetensors straight into CTranslate2's layout: no pickle, no network, and
the tied embeddings are taken from where the file has them, whatever transformers does about ties
(its changes made tc-big checkpoints produce gibberish twice).
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.caches import cache_folder
from pipeline.errors import ModelError
from pipeline.translators.checkpoint import WEIGHTS
from pipeline.translators.tokenizer import END, PADDING, UNKNOWN, Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.translators.checkpoint import Checkpoint, Shape

    Weights = dict[str, NDArray[np.float32]]

LAYOUT = 1
"""Raise it when the converted form changes: models converted before are then converted anew."""

_DTYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8"}


def converted(checkpoint: Checkpoint) -> Path:
    """Return the converted model of `checkpoint`, made at most once.

    Safe under several processes: each converts aside and renames; the first one to finish wins.
    """
    import ctranslate2

    version = f"ct2-{ctranslate2.__version__}-{LAYOUT}"
    home = cache_folder() / "ctranslate2" / f"{checkpoint.content_hash}-{version}"
    if home.is_dir():
        return home
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".converting-", dir=home.parent))
    except OSError as error:
        raise ModelError(
            f"{home.parent}: cannot be written: {error.strerror}; name another folder in NEWSBITEXT_CACHE"
        ) from error
    try:
        _convert(checkpoint, aside)
        _publish(aside, home)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return home


def _publish(aside: Path, home: Path) -> None:
    try:
        aside.rename(home)
    except OSError:
        if not home.is_dir():  # another process's conversion of the same model is as good
            raise


def _convert(checkpoint: Checkpoint, folder: Path) -> None:
    weights = read_weights(checkpoint.path(WEIGHTS))
    try:
        spec = _build(checkpoint, weights)
    except KeyError as error:
        raise ModelError(
            f"{checkpoint.path(WEIGHTS)}: not the weights of a MarianMT model: {error.args[0]} is "
            "missing; fetch the model again"
        ) from error
    spec.validate()
    spec.optimize()
    spec.save(str(folder))


def read_weights(path: Path) -> Weights:
    """Return the tensors of a safetensors file as float32 arrays, by name."""
    import numpy as np
    import safetensors

    try:
        content = safetensors.deserialize(path.read_bytes())
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{path}: not a safetensors file; it is damaged, fetch the model again") from error
    found: Weights = {}
    for name, tensor in content:
        if tensor["dtype"] == "BF16":  # the upper half of a float32, which numpy has no type for
            values = np.frombuffer(tensor["data"], "<u2").astype(np.uint32) << 16
            found[name] = values.view(np.float32).reshape(tensor["shape"])
        elif tensor["dtype"] in _DTYPES:
            values = np.frombuffer(tensor["data"], _DTYPES[tensor["dtype"]])
            found[name] = values.astype(np.float32).reshape(tensor["shape"])
    return found


def _build(checkpoint: Checkpoint, weights: Weights) -> Any:  # noqa: ANN401 # CTranslate2 carries no types
    from ctranslate2.specs import common_spec, transformer_spec

    shape, head = checkpoint.shape, checkpoint.alignment
    activations = {
        "relu": common_spec.Activation.RELU,
        "gelu": common_spec.Activation.GELU,
        "swish": common_spec.Activation.SWISH,
        "silu": common_spec.Activation.SWISH,
    }
    spec = transformer_spec.TransformerSpec.from_config(
        (shape.encoder_layers, shape.decoder_layers),
        shape.encoder_attention_heads,
        pre_norm=False,
        activation=activations[shape.activation_function],
        alignment_layer=head.layer,
        alignment_heads=shape.decoder_attention_heads if head.head is None else 1,
    )
    import numpy as np

    spec.decoder.num_heads = np.dtype("int16").type(shape.decoder_attention_heads)
    if head.head:
        _put_head_first(weights, shape, head.layer, head.head)
    _fill_stack(spec.encoder, "model.encoder", shape, weights)
    _fill_stack(spec.decoder, "model.decoder", shape, weights)
    spec.decoder.start_from_zero_embedding = True
    _fill_embeddings(spec, checkpoint, weights)
    return spec


def _fill_embeddings(spec: Any, checkpoint: Checkpoint, weights: Weights) -> None:  # noqa: ANN401 # likewise
    """Set embeddings, output layer and vocabulary without `<pad>`, so that it cannot be emitted."""
    source = _first(weights, "model.encoder.embed_tokens.weight", "model.shared.weight")
    target = _first(weights, "model.decoder.embed_tokens.weight", "model.shared.weight", "lm_head.weight")
    output = weights.get("lm_head.weight", target)
    bias = weights.get("final_logits_bias")
    tokenizer = Tokenizer(checkpoint)
    source_tokens = _tokens(tokenizer.source_ids, checkpoint)
    target_tokens = _tokens(tokenizer.target_ids, checkpoint)
    if target[len(target_tokens) :].any():
        raise ModelError(
            f"{checkpoint.path(WEIGHTS)}: expected a zero embedding for {PADDING}, with which MarianMT "
            "starts to decode; the model was not converted from Marian"
        )
    spec.encoder.embeddings[0].weight = source[: len(source_tokens)]
    spec.decoder.embeddings.weight = target[: len(target_tokens)]
    spec.decoder.projection.weight = output[: len(target_tokens)]
    if bias is not None and bias.any():
        spec.decoder.projection.bias = bias.reshape(-1)[: len(target_tokens)]
    spec.register_source_vocabulary(source_tokens)
    spec.register_target_vocabulary(target_tokens)
    spec.config.eos_token = END
    spec.config.unk_token = UNKNOWN
    spec.config.bos_token = END
    spec.config.decoder_start_token = END  # not read: decoding starts from the zero embedding


def _tokens(ids: dict[str, int], checkpoint: Checkpoint) -> list[str]:
    """Return the tokens in the order of their ids, which end with `<pad>`, without it."""
    tokens = sorted(ids, key=ids.__getitem__)
    if [ids[token] for token in tokens] != list(range(len(tokens))) or tokens[-1] != PADDING:
        raise ModelError(
            f"{checkpoint.folder}: expected a vocabulary numbered from 0 without gaps that ends with "
            f"{PADDING}; fetch the model again"
        )
    return tokens[:-1]


def _first(weights: Weights, *names: str) -> NDArray[np.float32]:
    for name in names:
        if name in weights:
            return weights[name]
    raise KeyError(names[0])


def _fill_stack(spec: Any, scope: str, shape: Shape, weights: Weights) -> None:  # noqa: ANN401 # likewise
    spec.scale_embeddings = shape.d_model**0.5 if shape.scale_embedding else 1.0
    spec.position_encodings.encodings = sinusoids(shape.max_position_embeddings, shape.d_model)
    for number, layer in enumerate(spec.layer):
        place = f"{scope}.layers.{number}"
        _fill_attention(layer.self_attention, f"{place}.self_attn", weights, ("qkv",))
        if scope.endswith("decoder"):
            _fill_attention(layer.attention, f"{place}.encoder_attn", weights, ("q", "kv"))
        _fill_linear(layer.ffn.linear_0, [f"{place}.fc1"], weights)
        _fill_linear(layer.ffn.linear_1, [f"{place}.fc2"], weights)
        _fill_norm(layer.ffn.layer_norm, f"{place}.final_layer_norm", weights)


def _fill_attention(spec: Any, place: str, weights: Weights, fused: tuple[str, ...]) -> None:  # noqa: ANN401 # likewise
    for linear, letters in zip(spec.linear, fused, strict=False):
        _fill_linear(linear, [f"{place}.{letter}_proj" for letter in letters], weights)
    _fill_linear(spec.linear[-1], [f"{place}.out_proj"], weights)
    _fill_norm(spec.layer_norm, f"{place}_layer_norm", weights)


def _fill_linear(spec: Any, places: list[str], weights: Weights) -> None:  # noqa: ANN401 # likewise
    import numpy as np

    spec.weight = np.concatenate([weights[f"{place}.weight"] for place in places])
    spec.bias = np.concatenate([weights[f"{place}.bias"] for place in places])


def _fill_norm(spec: Any, place: str, weights: Weights) -> None:  # noqa: ANN401 # likewise
    spec.gamma = weights[f"{place}.weight"]
    spec.beta = weights[f"{place}.bias"]


def _put_head_first(weights: Weights, shape: Shape, layer: int, head: int) -> None:
    """Permute the heads of a cross-attention, which changes nothing but their order.

    CTranslate2 gives the mean of the first n heads, not one by number.
    """
    import numpy as np

    heads = shape.decoder_attention_heads
    order = [head, *(other for other in range(heads) if other != head)]
    rows = np.arange(shape.d_model).reshape(heads, -1)[order].reshape(-1)
    place = f"model.decoder.layers.{layer}.encoder_attn"
    for letter in "qkv":
        weights[f"{place}.{letter}_proj.weight"] = weights[f"{place}.{letter}_proj.weight"][rows]
        weights[f"{place}.{letter}_proj.bias"] = weights[f"{place}.{letter}_proj.bias"][rows]
    weights[f"{place}.out_proj.weight"] = weights[f"{place}.out_proj.weight"][:, rows]


def sinusoids(positions: int, width: int) -> NDArray[np.float32]:
    """Return Marian's position encodings: all sines, then all cosines (Vaswani et al. 2017)."""
    import numpy as np

    half = (width + 1) // 2
    angles = np.arange(positions)[:, None] / 10000 ** (2 * np.arange(half)[None, :] / width)
    return np.concatenate([np.sin(angles), np.cos(angles[:, : width - half])], axis=1).astype(np.float32)
