"""Loading a Hugging Face model for a scorer of pairs, and reading texts with it in windows."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tahdhib.errors import MissingExtraError, RecipeError

LONGEST_WINDOW = 512
TOKENS_AT_ONCE = 16_384


class Loaded(NamedTuple):
    """A tokenizer, a model, and how many tokens it reads at once."""

    tokenizer: Any
    model: Any
    window: int


def load(scorer: str, folder: str, auto_class: str, meant: str) -> Loaded:
    """Load the model that a recipe names, in evaluation mode and fp32.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        RecipeError: nothing is named, or what is named is no model of this kind.
    """
    if not folder:
        raise RecipeError(
            f"scorer of pairs {scorer!r} needs {meant}, as {scorer}:FOLDER or {scorer}:NAME"
        )
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtraError(f"the scorer of pairs {scorer!r}", "train") from error
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        model, told = getattr(transformers, auto_class).from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        seen = " ".join(str(error).split())[:200]
        raise RecipeError(
            f"{scorer}:{folder}: no model could be loaded ({seen}); expected {meant}: a folder "
            "that save_pretrained wrote, with its tokenizer, or a name on the hub. Name such a one."
        ) from error
    missing = [name for name in told["missing_keys"] if "pooler" not in name]
    if missing:
        raise RecipeError(
            f"{scorer}:{folder}: lacks weights ({', '.join(sorted(missing)[:3])}); expected {meant}"
            ", trained. Name such a one."
        )
    model.eval()
    config = model.config
    longest = int(getattr(config, "max_position_embeddings", None) or LONGEST_WINDOW)
    # RoBERTa counts positions from behind its padding token.
    if config.model_type in ("roberta", "xlm-roberta", "camembert"):
        longest -= 2
    return Loaded(tokenizer, model, min(LONGEST_WINDOW, longest, int(tokenizer.model_max_length)))


def printable(text: str) -> str:
    """`text` as a tokenizer can take it: lone surrogates as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def windows(loaded: Loaded, text: str) -> list[tuple[int, ...]]:
    """The ids of `text`, cut where it is longer than the model reads; none for a blank text."""
    clean = printable(text)
    if not clean.strip():
        return []
    cut = loaded.tokenizer(
        clean,
        truncation=True,
        max_length=loaded.window,
        return_overflowing_tokens=True,
        verbose=False,
    )
    rows = cut["input_ids"]
    if rows and isinstance(rows[0], int):  # a tokenizer in Python gives one row only
        rows = [rows]
    return [tuple(ids) for ids in rows if ids]


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of rows of one length, so many at once as memory allows; nothing is padded."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda at: (lengths[at], at)):
        size = lengths[place]
        if batch and (lengths[batch[0]] != size or (len(batch) + 1) * size > TOKENS_AT_ONCE):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
