"""How likely a model finds answers, each read by itself, so that a number depends on nothing but
weights and tokens: what held-out answers are measured by, and what DPO's reference says."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import torch

from tahdhib.train.preflight import IGNORED, Sample


def log_likelihoods(model: Any, samples: Iterable[Sample], *, bf16: bool = False) -> list[float]:
    """The log-probability of all tokens in the loss of each sample, in nats; `model` stays in the
    mode it was in."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    found = []
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=bf16):
        for sample in samples:
            ids = torch.tensor([list(sample.input_ids)], device=device)
            labels = torch.tensor(list(sample.labels)[1:], device=device)
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1]
            lost = torch.nn.functional.cross_entropy(
                logits.float(), labels, ignore_index=IGNORED, reduction="sum"
            )
            found.append(-float(lost))
    model.train(was_training)
    return found


def hash_of_weights(model: Any) -> str:
    """32 hexadecimal digits of all weights, by name."""
    digest = hashlib.blake2b(digest_size=16)
    for name, weights in sorted(model.state_dict().items()):
        digest.update(f"{name} {weights.dtype} {tuple(weights.shape)}".encode())
        digest.update(weights.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def hash_of_sample(sample: Sample) -> str:
    """32 hexadecimal digits of its tokens and labels."""
    return hash_of_numbers([*sample.input_ids, *sample.labels])


def hash_of_numbers(numbers: Sequence[int]) -> str:
    """32 hexadecimal digits of whole numbers."""
    text = " ".join(map(str, numbers))
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()
