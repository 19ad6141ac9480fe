"""What the project asks of vLLM, computed by transformers: put in the place of that module."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

told: list[dict[str, Any]] = []
"""With what each model was opened."""


@dataclass
class SamplingParams:
    temperature: float
    max_tokens: int
    seed: int


class LLM:
    def __init__(self, **named: Any) -> None:
        from transformers import AutoModelForCausalLM

        told.append(named)
        self._model = AutoModelForCausalLM.from_pretrained(named["model"])
        window = self._model.config.max_position_embeddings
        self.llm_engine = SimpleNamespace(model_config=SimpleNamespace(max_model_len=window))

    def generate(
        self,
        prompts: Sequence[dict[str, list[int]]],
        sampling_params: Sequence[SamplingParams],
        use_tqdm: bool,
    ) -> list[Any]:
        """One after the other, each until its end or as long as it may be."""
        import torch

        found = []
        for prompt, params in zip(prompts, sampling_params, strict=True):
            assert params.temperature == 0 and not use_tqdm
            ids = torch.tensor([prompt["prompt_token_ids"]])
            written = self._model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=params.max_tokens,
                do_sample=False,
            )
            tokens = tuple(written[0, ids.shape[1] :].tolist())
            found.append(SimpleNamespace(outputs=[SimpleNamespace(token_ids=tokens)]))
        return found
