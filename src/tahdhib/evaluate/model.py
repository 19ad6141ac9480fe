"""A causal language model that answers items: letters, log-likelihoods, greedy texts.

Rows of one length are read together and nothing is padded, so that an answer depends on the items
beside it only through the sums of the matrix library. Which rows lie together is a function of the
items alone. A prompt longer than the model reads loses its start, as in lm-eval, and says so.

Axes: B rows of one length, T positions, V vocabulary.
"""

import hashlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tahdhib.errors import DataError, MissingExtraError, RecipeError
from tahdhib.evaluate.harness import harness
from tahdhib.evaluate.item import Answer, Item, Variant
from tahdhib.processes.threads import at_threads
from tahdhib.score.models import batches, load, printable

LONGEST_WINDOW = 8192
"""Most tokens read at once, where the model can read so many."""
_HASHED = ("*.safetensors", "*.bin", "*.json", "*.model", "*.txt", "*.jinja")


class _Row(NamedTuple):
    """Whose choices these are, the tokens to be read, how many tokens a choice has, and the last
    token of each by its place: the one that is not read."""

    owner: int
    ids: tuple[int, ...]
    length: int
    last: dict[int, int]


class Model:
    """A model of a folder that `save_pretrained` wrote, or of a name on the hub, in fp32."""

    def __init__(self, name: str, *, threads: int = 1) -> None:
        try:
            import torch  # noqa: F401 - so that the message speaks of models, not of scorers
        except ImportError as error:
            raise MissingExtraError("Evaluating a model", "train") from error
        self.name = name
        self._threads = threads
        meant = "a causal language model"
        loaded = load("evaluate", name, "AutoModelForCausalLM", meant, longest=LONGEST_WINDOW)
        self._tokenizer, self._model, self.window = loaded
        self.hash = _hash(name, self._model)
        self.parameters = int(self._model.num_parameters())
        self.device = str(self._model.device)
        self._ends = _ends(self._model, self._tokenizer)
        # Tokens that it must not write, such as control tokens.
        self._never = list(getattr(self._model.generation_config, "suppress_tokens", None) or [])
        self._harness: Callable[[Variant, Sequence[Item]], list[Answer]] | None = None
        keeps = inspect.signature(self._model.forward).parameters
        self._keeps_last = "logits_to_keep" in keeps
        if self._encoded("a")[-1] in self._ends:
            raise RecipeError(
                f"{name}: its tokenizer ends every text with its end token, so that what follows a "
                "prompt cannot be asked. Set add_eos_token to false in tokenizer_config.json."
            )

    def answers(self, variant: Variant, items: Sequence[Item]) -> list[Answer]:
        """The answers to `items`, in their order.

        Raises:
            DataError: the model gives something that is no number.
            RecipeError: the tokenizer cannot tell the choices' letters apart.
        """
        with at_threads(self._threads):
            if variant.ask == "letters":
                return self._letters(items)
            if variant.ask == "likelihood":
                return self._likelihoods(items, variant.lead)
            if variant.ask == "lm-eval":
                if self._harness is None:
                    self._harness = harness(self._model, self._tokenizer)
                return self._harness(variant, items)
            return self._generations(items, variant)

    def check_lead(self, lead: str) -> None:
        """Refuse what is to stand before prompts and is not made of special tokens.

        Raises:
            RecipeError: it is not.
        """
        strange = set(self._encoded(lead)) - set(self._tokenizer.all_special_ids)
        if strange:
            known = ", ".join(map(repr, self._tokenizer.all_special_tokens))
            raise RecipeError(
                f"--lead {lead}: {self.name} reads it as text; expected special tokens of its own: "
                f"{known}. Name one of them."
            )

    def tokens(self, items: Sequence[Item]) -> list[int]:
        """How many tokens each prompt has: items of one length are answered fastest together."""
        return [len(self._encoded(item.prompt)) for item in items]

    def _encoded(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(printable(text), verbose=False)["input_ids"]
        return ids

    def _prompt(self, text: str, room: int, chat: bool = False) -> tuple[list[int], int]:
        """The ids of a prompt that leave `room`, and how many were cut off before them."""
        ids = self._asked(text) if chat else self._encoded(text)
        most = max(1, self.window - room)
        return ids[-most:], max(0, len(ids) - most)

    def _asked(self, text: str) -> list[int]:
        """The ids of a user's message in the model's chat template; of the bare text without."""
        if not self._tokenizer.chat_template:
            return self._encoded(text)
        message = [{"role": "user", "content": printable(text)}]
        shown = self._tokenizer.apply_chat_template(
            message, add_generation_prompt=True, tokenize=False
        )
        ids: list[int] = self._tokenizer(shown, add_special_tokens=False, verbose=False)[
            "input_ids"
        ]
        return ids

    def _letters(self, items: Sequence[Item]) -> list[Answer]:
        last = {choice: self._encoded(choice)[-1] for item in items for choice in item.choices}
        if len(set(last.values())) < len(last):
            raise RecipeError(
                f"{self.name}: its tokenizer gives {', '.join(last)} the tokens "
                f"{', '.join(map(str, last.values()))}; expected a token of its own for each. "
                "Letter scoring cannot be done with it; take a task that scores by likelihood."
            )
        prompts = [self._prompt(item.prompt, 0) for item in items]
        found: dict[int, Answer] = {}
        for batch in batches([len(ids) for ids, _ in prompts]):
            logits_BV = self._logits([prompts[at][0] for at in batch], keep=1)[:, -1].double().cpu()
            for row, at in zip(logits_BV, batch, strict=True):
                scores = tuple(float(row[last[choice]]) for choice in items[at].choices)
                found[at] = Answer(scores=self._finite(scores), cut=prompts[at][1])
        return [found[at] for at in range(len(items))]

    def _likelihoods(self, items: Sequence[Item], lead: str) -> list[Answer]:
        rows: dict[tuple[int, tuple[int, ...]], _Row] = {}
        cuts = [0] * len(items)
        for at, item in enumerate(items):
            start = len(self._encoded(item.prompt))
            for place, choice in enumerate(item.choices):
                ids = self._encoded(item.prompt + lead + choice)
                cuts[at] = max(cuts[at], len(ids) - 1 - self.window)
                kept = tuple(ids[-(self.window + 1) :])
                row = _Row(at, kept[:-1], max(1, len(ids) - start), {})
                # Choices that differ in their last token only are read in one row.
                rows.setdefault((at, kept[:-1]), row).last[place] = kept[-1]
        found: list[dict[int, float]] = [{} for _ in items]
        every = list(rows.values())
        for batch in batches([len(row.ids) for row in every]):
            keep = max(every[number].length for number in batch)
            logits = self._logits([every[number].ids for number in batch], keep=keep)
            for logs_TV, number in zip(logits.double().log_softmax(-1).cpu(), batch, strict=True):
                row = every[number]
                own = logs_TV[-row.length :]
                inner = sum(
                    float(own[step, token])
                    for step, token in enumerate(row.ids[len(row.ids) - row.length + 1 :])
                )
                for place, token in row.last.items():
                    found[row.owner][place] = inner + float(own[-1, token])
        return [
            Answer(scores=self._finite(tuple(one[at] for at in range(len(one)))), cut=max(0, cut))
            for one, cut in zip(found, cuts, strict=True)
        ]

    def _generations(self, items: Sequence[Item], variant: Variant) -> list[Answer]:
        # A long answer must not take all the room: at least half of it is the prompt's.
        count = min(variant.new_tokens, self.window // 2)
        prompts = [self._prompt(item.prompt, count, variant.chat) for item in items]
        found: dict[int, Answer] = {}
        for batch in batches([len(ids) for ids, _ in prompts]):
            draws = [_draws(items[at].id) for at in batch] if variant.temperature else []
            rows = [prompts[at][0] for at in batch]
            made = self._continued(rows, count, variant.temperature, draws)
            for ids, at in zip(made, batch, strict=True):
                text = self._tokenizer.decode(ids, skip_special_tokens=True)
                found[at] = Answer(text=text, cut=prompts[at][1])
        return [found[at] for at in range(len(items))]

    def _logits(self, rows: Sequence[Sequence[int]], *, keep: int) -> Any:
        """Logits (B, keep, V) of the last positions."""
        import torch

        ids_BT = torch.tensor(rows, device=self._model.device)
        last = {"logits_to_keep": keep} if self._keeps_last else {}
        with torch.inference_mode():
            return self._model(input_ids=ids_BT, use_cache=False, **last).logits[:, -keep:].float()

    def _continued(
        self,
        rows: Sequence[Sequence[int]],
        count: int,
        temperature: float,
        draws: Sequence[np.random.Generator],
    ) -> list[list[int]]:
        """Up to `count` next tokens of each row, up to its end token, which decoding leaves out:
        the likeliest, or such as the row's own generator draws at `temperature`."""
        import torch

        last = {"logits_to_keep": 1} if self._keeps_last else {}
        step_BT = torch.tensor(rows, device=self._model.device)
        made: list[list[int]] = [[] for _ in rows]
        open_ = set(range(len(rows)))
        past = None
        with torch.inference_mode():
            for _ in range(count):
                out = self._model(input_ids=step_BT, past_key_values=past, use_cache=True, **last)
                past, logits_BV = out.past_key_values, out.logits[:, -1].float()
                logits_BV[:, self._never] = -torch.inf
                if draws:  # the largest of logits with Gumbel noise is a draw from their softmax
                    noise_BV = np.stack([one.gumbel(size=logits_BV.shape[1]) for one in draws])
                    logits_BV = logits_BV + temperature * logits_BV.new_tensor(noise_BV)
                step_BT = logits_BV.argmax(-1, keepdim=True)
                for at, token in enumerate(step_BT[:, 0].tolist()):
                    if at in open_:
                        made[at].append(token)
                    if token in self._ends:
                        open_.discard(at)
                if not open_:
                    break
        return made

    def _finite(self, scores: tuple[float, ...]) -> tuple[float, ...]:
        if not all(abs(score) < float("inf") for score in scores):
            raise DataError(
                f"{self.name}: gives something that is no number; its weights are damaged. Load "
                "them anew, or name another model."
            )
        return scores


def _draws(identity: str) -> np.random.Generator:
    """An item's own generator, whatever items lie beside it."""
    digest = hashlib.blake2b(identity.encode("utf-8", "replace"), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _ends(model: Any, tokenizer: Any) -> set[int]:
    """The tokens that end an answer."""
    named = getattr(model.generation_config, "eos_token_id", None)
    several = named if isinstance(named, list) else [named]
    return {one for one in (*several, tokenizer.eos_token_id) if one is not None}


def _hash(name: str, model: Any) -> str:
    """A hash of a folder's weights, settings and tokenizer; of a model of the hub its commit."""
    folder = Path(name)
    if not folder.is_dir():
        return str(getattr(model.config, "_commit_hash", None) or name)
    return hash_of_folder(folder)


def hash_of_folder(folder: Path) -> str:
    """A hash of a folder's weights, settings and tokenizer, by which its results are known."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted({path for pattern in _HASHED for path in folder.glob(pattern)}):
        digest.update(f"{path.name} {path.stat().st_size} ".encode())
        with path.open("rb") as handle:
            while chunk := handle.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
