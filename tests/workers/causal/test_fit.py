"""The loss without a GPU is TRL's, over the columns in which something is learned."""

from pathlib import Path

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

import torch
from datasets import Dataset
from trl import SFTTrainer

from tahdhib.conduct.conduct import Conduct
from tahdhib.workers.causal import fit
from tahdhib.workers.causal.lessons import lessons
from tahdhib.workers.causal.samples import Writer
from tahdhib.workers.causal.start import from_nothing
from tests.workers.causal.lessons import pairs, settings


def test_it_is_trl_s(tmp_path: Path, conduct: Conduct) -> None:
    told = settings(output="full")
    torch.manual_seed(3)
    start = from_nothing((pair.source for pair in pairs()), told.base, told.max_length)
    writer = Writer(start.tokenizer, conduct, "brief", "full")
    rows = [writer.sample(one)._asdict() for one in lessons(pairs(), None, 1)]
    trainers = [
        kind(
            model=start.model,
            args=fit._arguments(told, 1, tmp_path),
            train_dataset=Dataset.from_list(rows),
            processing_class=start.tokenizer,
        )
        for kind in (fit._trainer(), SFTTrainer)
    ]
    found = []
    for trainer in trainers:
        batch = trainer.data_collator(rows[:9])
        start.model.zero_grad()
        loss = trainer.compute_loss(start.model, batch)
        loss.backward()
        slope = start.model.model.embed_tokens.weight.grad.clone()
        found.append((loss.item(), slope))
    (ours, our_slope), (theirs, their_slope) = found
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert torch.allclose(our_slope, their_slope, rtol=1e-3, atol=1e-6)
