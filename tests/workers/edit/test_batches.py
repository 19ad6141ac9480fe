from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.workers.edit.batches import Piece, filled, lay, pieces
from tahdhib.workers.edit.model import Encoder, build_model
from tahdhib.workers.edit.predict import tag
from tahdhib.workers.edit.tagger import Seen, Tagger

WORDS = "كان اول رئيس في مصر ، بعد الحرب . سنة 1952".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(1)
    model: Encoder = build_model(EditSettings(hidden=32, features=512), labels=5)
    return model.eval()


def _logits(encoder: Encoder, documents: list[list[str]], size: int) -> list[torch.Tensor]:
    """The logits of each document's units, read in pieces of `size`."""
    form = encoder.form
    placed = [
        (n, piece)
        for n, texts in enumerate(documents)
        for piece in pieces(len(texts), size, form.reach)
    ]
    laid = lay(((piece, documents[n]) for n, piece in placed), buckets=form.features)
    with torch.inference_mode():
        logits = encoder(laid)
    read = [
        [logits[span] for (at, _), span in zip(placed, laid.spans, strict=True) if at == n]
        for n in range(len(documents))
    ]
    return [torch.cat(parts) for parts in read]


def test_neighbours_in_a_batch_do_not_see_each_other(encoder: Encoder) -> None:
    documents = [WORDS, WORDS[::-1], WORDS[:1], WORDS * 3]
    together = _logits(encoder, documents, 100)
    for document, logits in zip(documents, together, strict=True):
        torch.testing.assert_close(_logits(encoder, [document], 100)[0], logits)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_where_a_document_is_cut_makes_no_difference(encoder: Encoder, size: int) -> None:
    document = ["", *WORDS * 20]
    torch.testing.assert_close(
        _logits(encoder, [document], size)[0], _logits(encoder, [document], 1000)[0]
    )


@given(st.integers(1, 300), st.integers(1, 50), st.integers(0, 20))
def test_pieces_hold_every_unit_once_in_its_context(units: int, size: int, reach: int) -> None:
    cut = list(pieces(units, size, reach))
    assert [unit for piece in cut for unit in range(piece.first, piece.end)] == list(range(units))
    for piece in cut:
        assert piece.left == max(0, piece.first - reach)
        assert piece.right == min(units, piece.end + reach)


@given(st.lists(st.integers(1, 9)), st.integers(1, 20))
def test_groups_hold_every_neighbour_once(sizes: list[int], most: int) -> None:
    groups = [sizes[group] for group in filled(sizes, most)]
    assert [size for group in groups for size in group] == sizes
    assert all(sum(group) >= most for group in groups[:-1])
    assert all(sum(group[:-1]) < most for group in groups)


def test_a_batch_reads_each_kind_of_unit_once() -> None:
    laid = lay([(Piece(0, 4, 0, 4), ["", "كان", "كان", "كان"])], buckets=512)
    assert len(laid.starts_K) == 2
    assert laid.kinds_N.tolist() == [0, 1, 1, 1]
    assert laid.piece_N.tolist() == [0] * 4
    assert laid.spans == [slice(0, 4)]


class Backwards:
    """A network that sees the last piece first, whatever document it is of."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def see(self, documents: Sequence[Sequence[str]], batch: int) -> Iterator[Seen]:
        yield from list(self._encoder.see(documents, batch))[::-1]


def test_pieces_may_come_in_any_order(encoder: Encoder) -> None:
    labels = ("KEEP", "DELETE", "LOWER", "UPPER", "CAPITALISE")
    texts = [" ".join(WORDS * times) for times in (9, 1, 4)]
    there, back = (tag(Tagger(one, labels, {}), texts, 7) for one in (encoder, Backwards(encoder)))
    for one, other in zip(there, back, strict=True):
        assert one.cut == other.cut
        for mine, its in zip(one[1:], other[1:], strict=True):
            np.testing.assert_array_equal(mine, its)
            assert len(mine) == len(one.cut)
