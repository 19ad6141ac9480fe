"""One tiny model for all tests of evaluation: random weights, a tokenizer of real Arabic."""

import json
from pathlib import Path

import pytest

from tests.score.tiny_models import causal


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """A folder with a tiny LLaMA that reads 1,024 tokens."""
    lines = (shared_data / "acva" / "acva_tf_dev.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["question"] for line in lines]
    return causal(tmp_path_factory.mktemp("tiny"), texts, longest=1024)


@pytest.fixture(scope="package")
def plain(tiny: Path) -> "Plain":
    """The same model, opened by the tests themselves."""
    return Plain(tiny)


def samples_of(out: Path, name: str) -> list[dict]:
    """The rows of a file of samples."""
    path = out / f"samples_{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Plain:
    """A model as the tests ask it: one text at a time, whole logits, nothing of the project."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder).eval()

    def logits(self, ids: list[int]):
        """Logits (T, V) of one row."""
        import torch

        with torch.no_grad():
            return self.model(torch.tensor([ids])).logits[0].double()

    def likelihood(self, prompt: str, continuation: str) -> float:
        """log P(continuation | prompt), token by token."""
        start = len(self.tokenizer(prompt).input_ids)
        ids = self.tokenizer(prompt + continuation).input_ids
        logs = self.logits(ids).log_softmax(-1)
        return float(sum(logs[at - 1, ids[at]] for at in range(start, len(ids))))

    def generated(self, prompt: str, count: int) -> str:
        """What transformers itself generates, greedily."""
        import torch

        ids = torch.tensor([self.tokenizer(prompt).input_ids])
        made = self.model.generate(ids, do_sample=False, max_new_tokens=count, pad_token_id=0)
        return self.tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)
