"""A base from nothing copies before it has learned anything."""

import pytest

pytest.importorskip("transformers")

import torch

from tahdhib.config.recipe import CausalBase
from tahdhib.workers.causal.start import from_nothing

TEXTS = ["The river was high that year.", "كان النهر عاليا في ذلك العام."] * 40


@pytest.mark.parametrize(("layers", "hidden", "heads"), [(2, 64, 2), (4, 256, 4)])
def test_what_came_before_comes_again(layers: int, hidden: int, heads: int) -> None:
    told = CausalBase(vocabulary=400, layers=layers, hidden=hidden, heads=heads)
    torch.manual_seed(5)
    model = from_nothing(TEXTS, told, 64).model
    tokens_BT = torch.stack([torch.randperm(300)[:12] for _ in range(32)])
    with torch.no_grad():
        said_BTV = model(input_ids=tokens_BT.repeat(1, 2)).logits
    again_BT = said_BTV[:, 12:-1].argmax(-1)
    assert (again_BT == tokens_BT[:, 1:]).float().mean() > 0.5  # by chance 1 in 300
