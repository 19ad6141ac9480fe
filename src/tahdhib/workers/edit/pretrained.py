"""The edit worker on an encoder of the hub, or of a folder: its own tokenizer, a head for labels.

The tokenizer reads each unit by itself, and the unit's first sub-token answers for it, so that a
unit is read alike wherever it stands. The empty unit at a text's start is the encoder's own first
token; one of which its tokenizer leaves nothing, a newline say, is the unknown one. A document that
is longer than the encoder reads is cut into windows, each unit answered in the one where enough
stands to either side of it.

Axes: R windows (rows), T their most tokens, N units in all rows, L labels.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.train.base_model import Base, base_of
from tahdhib.workers.edit.batches import Piece, filled
from tahdhib.workers.edit.tagger import Extras, Seen, Tagger
from tahdhib.workers.edit.weighed import weighed

MOST_TOKENS = 512
"""Tokens of a window, where the encoder reads as many."""
_TOKENS_OF_UNIT = 8
"""First tokens of a unit that are read: the rest of a long word says little more."""
_REMEMBERED = 200_000
_CONTEXT_SHARE = 0.125
"""Share of a window that is kept for what stands to either side of the units it answers for."""


class Rows(NamedTuple):
    """Windows padded to one length; the unit at place n answers at `row_N[n]`, `column_N[n]`."""

    ids_RT: torch.Tensor
    mask_RT: torch.Tensor
    row_N: torch.Tensor
    column_N: torch.Tensor
    spans: list[slice]


class PretrainedEncoder(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """An encoder of transformers from units to the logits of their labels."""

    form = None

    def __init__(self, model: Any, tokenizer: Any, base: Base) -> None:
        super().__init__()
        self.model = model
        self.base = base
        self._tokenizer = tokenizer
        self._tokens: dict[str, list[int]] = {}
        self._most = min(MOST_TOKENS, _positions(model, tokenizer))

    def is_base(self, name: str) -> bool:
        """Whether a parameter comes from the encoder, and not from the head."""
        return name.startswith(f"model.{self.model.base_model_prefix}.")

    def pieces(self, texts: Sequence[str], size: int) -> Iterator[Piece]:
        """Cut a document into windows of at most `size` units."""
        yield from windows([len(self._read(text)) for text in texts], self._room, size)

    def lay(self, texts: Iterable[tuple[Piece, Sequence[str]]]) -> Rows:
        """Lay windows in rows; each comes with the units' texts of its whole document."""
        rows: list[list[int]] = []
        places: list[tuple[int, int]] = []
        spans: list[slice] = []
        first, last = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        for piece, document in texts:
            tokens = [first]
            starts = []
            for text in document[piece.left : piece.right]:
                starts.append(len(tokens) if text else 0)
                tokens += self._read(text)
            start = len(places) + piece.first - piece.left
            spans.append(slice(start, start + piece.end - piece.first))
            places += [(len(rows), column) for column in starts]
            rows.append([*tokens, last])
        longest = max(map(len, rows))
        ids_RT = torch.full((len(rows), longest), self._tokenizer.pad_token_id)
        mask_RT = torch.zeros_like(ids_RT)
        for number, row in enumerate(rows):
            ids_RT[number, : len(row)] = torch.tensor(row)
            mask_RT[number, : len(row)] = 1
        row_N, column_N = torch.tensor(places).T
        return Rows(ids_RT, mask_RT, row_N, column_N, spans)

    def forward(self, rows: Rows) -> torch.Tensor:
        """Logits_NL of all units that were read."""
        logits_RTL = self.model(input_ids=rows.ids_RT, attention_mask=rows.mask_RT).logits
        return logits_RTL[rows.row_N, rows.column_N]

    def see(self, documents: Sequence[Sequence[str]], batch: int) -> Iterator[Seen]:
        """See `tagger.Network`. Windows of about one length are read together."""
        placed = [
            (document, piece)
            for document, texts in enumerate(documents)
            for piece in self.pieces(texts, batch)
        ]
        placed.sort(key=lambda one: one[1].right - one[1].left)
        for group in filled((piece.right - piece.left for _, piece in placed), batch):
            here = placed[group]
            rows = self.lay((piece, documents[document]) for document, piece in here)
            with torch.inference_mode():
                sums = weighed(self(rows))
            for (document, piece), span in zip(here, rows.spans, strict=True):
                yield Seen(document, slice(piece.first, piece.end), sums.of(span))

    def save(self, folder: Path, extras: Extras) -> None:
        """Write what plain transformers opens, and whose labels they are."""
        config = self.model.config
        config.id2label = dict(enumerate(extras.labels))
        config.label2id = {name: number for number, name in enumerate(extras.labels)}
        import transformers

        with _quiet(transformers.logging):
            self.model.save_pretrained(folder)
            self._tokenizer.save_pretrained(folder)

    @property
    def _room(self) -> int:
        """Tokens of a window but the encoder's own first and last."""
        return self._most - 2

    def _read(self, text: str) -> list[int]:
        """The tokens of a unit; of the empty one, none."""
        known = self._tokens.get(text)
        if known is None:
            tokens = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
            if len(self._tokens) >= _REMEMBERED:
                self._tokens.clear()
            known = tokens[:_TOKENS_OF_UNIT] or ([self._tokenizer.unk_token_id] if text else [])
            self._tokens[text] = known
        return known


def windows(sizes: Sequence[int], room: int, most: int) -> Iterator[Piece]:
    """Cut units of so many tokens each into pieces of at most `most` units, which with what stands
    to either side of them have at most `room` tokens. A function of the document alone."""
    if sum(sizes) <= room and len(sizes) <= most:
        yield Piece(0, len(sizes), 0, len(sizes))
        return
    context = int(room * _CONTEXT_SHARE)
    first = 0
    while first < len(sizes):
        left = _back(sizes, first, context)
        tokens = sum(sizes[left:first])
        end = _on(sizes, first, min(len(sizes), first + most), room - context - tokens)
        right = _on(sizes, end, len(sizes), room - tokens - sum(sizes[first:end]))
        if right == len(sizes) and right - first <= most:
            end = right
        yield Piece(first, end, left, right)
        first = end


def _back(sizes: Sequence[int], first: int, room: int) -> int:
    """The first of the units before `first` that all have room together."""
    while first and sizes[first - 1] <= room:
        first -= 1
        room -= sizes[first]
    return first


def _on(sizes: Sequence[int], first: int, last: int, room: int) -> int:
    """The end of the units from `first` on that have room together; no further than `last`."""
    while first < last and sizes[first] <= room:
        room -= sizes[first]
        first += 1
    return first


def from_base(base: str, revision: str, labels: int) -> PretrainedEncoder:
    """An encoder with a fresh head; the head's weights come from torch's random state.

    Raises:
        DataError: there is no encoder of that name, or its tokenizer lacks what is needed.
    """
    model, tokenizer = _opened(base, revision, f"worker.edit.base: {base}", num_labels=labels)
    commit = getattr(model.config, "_commit_hash", None)  # what a branch stood for
    return PretrainedEncoder(model, tokenizer, base_of(base, commit or revision))


def open_pretrained(folder: Path, extras: Extras) -> Tagger:
    """Read back what `save` wrote.

    Raises:
        DataError: the folder does not hold a whole worker.
    """
    model, tokenizer = _opened(str(folder), "main", str(folder))
    encoder = PretrainedEncoder(model, tokenizer, Base(folder.name, ""))
    return Tagger(encoder.eval(), extras.labels, extras.keep_bias, extras.lean)


def _opened(name: str, revision: str, where: str, **more: Any) -> tuple[Any, Any]:
    if find_spec("transformers") is None:
        raise MissingExtraError("an encoder of transformers", "train")
    import transformers  # only here: its import takes seconds

    try:
        with _quiet(transformers.logging):
            tokenizer = transformers.AutoTokenizer.from_pretrained(name, revision=revision)
            model = transformers.AutoModelForTokenClassification.from_pretrained(
                name, revision=revision, dtype=torch.float32, ignore_mismatched_sizes=True, **more
            )
    except (OSError, ValueError, KeyError) as error:
        said = " ".join(str(error).split())[:200]
        raise DataError(
            f"{where}: cannot be opened as an encoder ({said}). Name one of the hub or a folder "
            "with its config, weights and tokenizer."
        ) from error
    lacking = [
        token
        for token in ("cls_token", "sep_token", "pad_token", "unk_token")
        if getattr(tokenizer, f"{token}_id") is None
    ]
    if lacking:
        raise DataError(
            f"{where}: its tokenizer has no {', '.join(lacking)}, which an encoder of texts has. "
            "Name an encoder (BERT, RoBERTa, ELECTRA …)."
        )
    return model, tokenizer


@contextmanager
def _quiet(logging: Any) -> Iterator[None]:
    """Without bars, and without the news that the head is fresh, which was asked for."""
    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()


def _positions(model: Any, tokenizer: Any) -> int:
    """How many tokens the encoder reads: RoBERTa's numbers begin after that of the padding."""
    most = int(getattr(model.config, "max_position_embeddings", MOST_TOKENS) or MOST_TOKENS)
    return min(most - 2 if most > MOST_TOKENS else most, int(tokenizer.model_max_length))
