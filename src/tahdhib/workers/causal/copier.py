"""Weights to start from that copy what came before.

A rewrite is its source, but for a few words; from random weights a small network finds out late how
to copy, and from some thousand pairs never. So attention starts as what copies (Olsson et al. 2022,
induction heads): the first layer looks one place back and writes down what stood there, every later
layer looks for places where that was the present token, and says what stands in them. Both are
matters of rotary positions and orthogonal matrices (Trockman and Kolter 2023 start theirs in such a
way); nothing is cut or frozen.
"""

from typing import Any

import torch
from torch import Tensor

_EMBEDDING = 0.08
"""Standard deviation of the embeddings: a token then tells itself from thousands of others."""
_LOOK_BACK, _LOOK_ALIKE = 6.0, 1.5
"""How sharply heads look one place back, and at places behind the present token."""
_QUIET = 0.1
"""What is left of the first layer's random looking at what tokens say."""


def start_as_copier(model: Any) -> None:
    """Set attention and embeddings of a model like Llama's, with biases in its attention, so that
    what came before comes again."""
    first, *later = (layer.self_attn for layer in model.model.layers)
    hidden, heads = model.config.hidden_size, model.config.num_attention_heads
    written = _orthogonal(hidden)
    turns = model.model.rotary_emb.inv_freq  # by which a head's pairs of numbers turn per place
    one_back = torch.cat([turns.cos(), -turns.sin()])
    here = torch.cat([torch.ones_like(turns), torch.zeros_like(turns)])
    with torch.no_grad():
        model.model.embed_tokens.weight.normal_(0, _EMBEDDING)
        first.q_proj.weight.mul_(_QUIET)
        first.k_proj.weight.mul_(_QUIET)
        first.q_proj.bias.copy_(_LOOK_BACK * one_back.repeat(heads))
        first.k_proj.bias.copy_(_LOOK_BACK * here.repeat(heads))
        first.v_proj.weight.copy_(_EMBEDDING * torch.eye(hidden))
        first.o_proj.weight.copy_(written)
        for attention in later:
            asked = _LOOK_ALIKE * _orthogonal(hidden)
            attention.q_proj.weight.copy_(asked)
            attention.k_proj.weight.copy_(asked @ written.T)
            attention.v_proj.weight.copy_(torch.eye(hidden))
            attention.o_proj.weight.copy_(torch.eye(hidden))


def _orthogonal(size: int) -> Tensor:
    return torch.linalg.qr(torch.randn(size, size)).Q
