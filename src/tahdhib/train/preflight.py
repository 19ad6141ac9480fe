"""What a trainer is about to learn, looked at before it starts: faults that waste a training
without a word.

Everything here is over token ids and labels, whoever made them. Each check returns None, or a
sentence with the first sample at fault and the line that shows it: the last tokens of what is fed,
those in `[]` outside the loss.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from tahdhib.errors import RecipeError

IGNORED = -100
"""The label of a token outside the loss; torch's cross-entropy skips it."""

_SHOWN = 12

Show = Callable[[Sequence[int]], str]
"""Tokens as text."""


class Sample(NamedTuple):
    """Tokens with the label of each, `IGNORED` where it is outside the loss."""

    input_ids: Sequence[int]
    labels: Sequence[int]

    @property
    def learned(self) -> list[int]:
        """The tokens in the loss."""
        return [label for label in self.labels if label != IGNORED]


def end_outside_loss(samples: Iterable[Sample], ends: Collection[int], show: Show) -> str | None:
    """An answer's last learned token must be one that ends it, or nothing teaches it to stop."""
    for number, sample in enumerate(samples):
        last = sample.learned[-1:]
        if not last or last[0] not in ends:
            return (
                f"sample {number}: the end of the answer is outside the loss: the last token that "
                f"is learned is {_named(last, show)}, expected {_named(sorted(ends), show)}; a "
                f"model trained so does not stop. {line(sample, show)}"
            )
    return None


def padding_hides_end(
    batch: Iterable[Sample], pad: int | None, ends: Collection[int], show: Show
) -> str | None:
    """Where padding is a token that ends answers too, taking padding out of the loss must not take
    the ends with it. `batch` is what the trainer's collator made."""
    if pad is None or pad not in ends:
        return None
    for number, sample in enumerate(batch):
        if sample.learned and sample.learned[-1] not in ends:
            return (
                f"sample {number}: padding is {_named([pad], show)}, which also ends an answer, "
                "and goes out of the loss together with the answer's own end. Give the tokenizer "
                f"another padding token. {line(sample, show)}"
            )
    return None


def padding_is_end(samples: Iterable[Sample], pad: int | None, show: Show) -> str | None:
    """Padding may not be a token that is learned: who trains on with another collator would take
    the ends of answers out of the loss with it. (A token that could end an answer, and ends none
    here, may pad.)"""
    for number, sample in enumerate(samples):
        if pad is not None and pad in sample.learned:
            return (
                f"sample {number}: padding is {_named([pad], show)}, which also ends the answer, "
                "so that whoever takes padding out of the loss takes the answer's end with it. "
                f"Give the tokenizer another padding token. {line(sample, show)}"
            )
    return None


def templates_differ(
    trained: Iterable[Sequence[int]], asked: Iterable[Sequence[int]], show: Show
) -> str | None:
    """What is learned from must begin as what will be asked, token by token."""
    for number, (here, there) in enumerate(zip(trained, asked, strict=True)):
        if list(here) == list(there):
            continue
        at = next(
            (at for at, (one, other) in enumerate(zip(here, there, strict=False)) if one != other),
            min(len(here), len(there)),
        )
        return (
            f"sample {number}: the chat template gives another prompt in training than when the "
            f"model is asked, from token {at}: {show(here[at : at + _SHOWN])!r} is trained on, "
            f"{show(there[at : at + _SHOWN])!r} is asked."
        )
    return None


def answer_cut(written: Iterable[Sample], fed: Iterable[Sample], show: Show) -> str | None:
    """What the trainer is fed must hold the whole of each answer that was written."""
    for number, (whole, part) in enumerate(zip(written, fed, strict=True)):
        if part.learned != whole.learned:
            return (
                f"sample {number}: cut inside the answer: {len(part.learned)} of its "
                f"{len(whole.learned)} tokens are left. Raise the longest sample, or leave out "
                f"what is longer. {line(part, show)}"
            )
    return None


def refuse(*faults: str | None, of: str = "") -> None:
    """Refuse for the first fault, if any; `of` is the setting that names what would be trained.

    Raises:
        RecipeError: there is a fault.
    """
    for fault in faults:
        if fault is not None:
            raise RecipeError(f"{of and f'{of}: '}not trained: {fault}")


def line(sample: Sample, show: Show) -> str:
    """The end of a sample as one line, token by token; in `[]` what is outside the loss."""
    tail = list(zip(sample.input_ids, sample.labels, strict=True))[-_SHOWN:]
    shown = [f"[{show([token])}]" if label == IGNORED else show([token]) for token, label in tail]
    return "It ends: " + " ".join(repr(one)[1:-1] for one in shown)


def _named(tokens: Sequence[int], show: Show) -> str:
    return " or ".join(f"{token} ({show([token])!r})" for token in tokens) or "none at all"
