"""The edit worker as transformers opens it; copied into each worker's folder, with what it imports.

    model = AutoModelForTokenClassification.from_pretrained(FOLDER, trust_remote_code=True)
    model.tags(["..."])  # the most likely label of each unit
    model(**model.read(["..."])).logits

It is written apart from the network that is trained, over rows that are padded rather than laid
end to end: that both give the same tags is a test of both.

Axes: D documents, T their most units, F the most features of a unit, H hidden, L labels.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import TokenClassifierOutput

from tahdhib.workers.edit.features import features_of
from tahdhib.workers.edit.units import units

_NOTHING = -1
"""A place in `input_ids` without a feature."""


class TahdhibEditConfig(PretrainedConfig):  # type: ignore[misc]  # transformers is untyped here
    """The encoder's form; `lean` is taken off KEEP's logit before the best label is
    looked for, `keep_bias` is what the log-odds of an edit must then reach, by its family."""

    model_type = "tahdhib-edit"

    def __init__(
        self,
        features: int = 16384,
        embedding: int = 64,
        hidden: int = 64,
        dilations: Sequence[int] = (1, 2, 4, 8),
        keep_bias: dict[str, float] | None = None,
        lean: float = 0.0,
        **others: Any,
    ) -> None:
        self.features = features
        self.embedding = embedding
        self.hidden = hidden
        self.dilations = list(dilations)
        self.keep_bias = keep_bias or {}
        self.lean = lean
        super().__init__(**others)


class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, hidden: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(hidden)
        self.read = nn.Linear(3 * hidden, 2 * hidden)
        self.write = nn.Linear(hidden, hidden)

    def forward(self, x_DTH: torch.Tensor, is_unit_DT1: torch.Tensor) -> torch.Tensor:
        far, size = self.dilation, x_DTH.shape[1]
        around_DTH = functional.pad(self.norm(x_DTH) * is_unit_DT1, (0, 0, far, far))
        three_DTH3 = torch.cat(
            [around_DTH[:, start : start + size] for start in (0, far, 2 * far)], dim=2
        )
        gate_DTH, value_DTH = self.read(three_DTH3).chunk(2, dim=2)
        return x_DTH + self.write(functional.silu(gate_DTH) * value_DTH)


class TahdhibEditForTokenClassification(PreTrainedModel):  # type: ignore[misc]
    """Labels for the units of a text: words and marks, each with the space before it."""

    config_class = TahdhibEditConfig
    base_model_prefix = ""

    def __init__(self, config: TahdhibEditConfig) -> None:
        super().__init__(config)
        self.embed = nn.Embedding(config.features, config.embedding)
        self.embed_norm = nn.LayerNorm(config.embedding)
        self.widen = nn.Linear(config.embedding, config.hidden)
        self.layers = nn.ModuleList(_Layer(config.hidden, far) for far in config.dilations)
        self.norm = nn.LayerNorm(config.hidden)
        self.head = nn.Linear(config.hidden, config.num_labels)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        labels: torch.Tensor | None = None,
        **_: Any,
    ) -> TokenClassifierOutput:
        """Logits_DTL from features `input_ids` of shape D, T, F and the mask of shape D, T; with
        `labels` of shape D, T (-100 where there is none) also their mean cross-entropy."""
        is_feature_DTF1 = (input_ids != _NOTHING).unsqueeze(3)
        summed_DTE = (self.embed(input_ids.clamp(min=0)) * is_feature_DTF1).sum(dim=2)
        x_DTH = self.widen(self.embed_norm(summed_DTE))
        is_unit_DT1 = attention_mask.unsqueeze(2).to(x_DTH.dtype)
        for layer in self.layers:
            x_DTH = layer(x_DTH, is_unit_DT1)
        logits_DTL = self.head(self.norm(x_DTH))
        loss = None
        if labels is not None:
            loss = functional.cross_entropy(logits_DTL.flatten(0, 1), labels.flatten())
        return TokenClassifierOutput(loss=loss, logits=logits_DTL)

    def read(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """What `forward` takes, from texts."""
        documents = [
            [torch.from_numpy(features_of(unit.text, self.config.features)) for unit in units(text)]
            for text in texts
        ]
        longest = max(map(len, documents), default=0)
        most = max((len(unit) for document in documents for unit in document), default=0)
        input_ids = torch.full((len(documents), longest, most), _NOTHING)
        attention_mask = torch.zeros(len(documents), longest, dtype=torch.long)
        for row, document in enumerate(documents):
            attention_mask[row, : len(document)] = 1
            for place, unit in enumerate(document):
                input_ids[row, place, : len(unit)] = unit
        return {"input_ids": input_ids, "attention_mask": attention_mask}

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def tags(self, texts: Sequence[str]) -> list[list[tuple[str, str]]]:
        """Each unit of each text with its most likely label, the keep bias not applied."""
        best_DT = self(**self.read(texts)).logits.argmax(dim=2).tolist()
        names = self.config.id2label
        return [
            [(unit.text, names[best]) for unit, best in zip(units(text), row, strict=False)]
            for text, row in zip(texts, best_DT, strict=True)
        ]
