"""What is kept of logits in torch."""

import torch

from tahdhib.workers.edit.tagger import DELETE_INDEX, KEEP_INDEX, Sums


def weighed(logits_NL: torch.Tensor) -> Sums:
    """The sums of each place's logits."""
    other_N, best_N = logits_NL[:, 1:].max(dim=1)
    return Sums(
        keep_N=logits_NL[:, KEEP_INDEX].numpy(),
        other_N=other_N.numpy(),
        best_N=best_N.numpy() + 1,
        delete_N=logits_NL[:, DELETE_INDEX].numpy(),
        rest_N=logits_NL[:, 1:].logsumexp(dim=1).numpy(),
    )
