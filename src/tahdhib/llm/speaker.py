"""A causal language model that answers chat questions in this process, by transformers or vLLM.

A document can hold the very marks by which a chat template parts its speakers. So the template is
filled with stand-ins, and what they stand for is put into tokens by itself, where the special
tokens of the model are plain text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from jinja2 import TemplateError

from tahdhib.config.recipe import LocalTeacher
from tahdhib.errors import MissingExtraError, RecipeError
from tahdhib.llm.chat import Failure, Reply, Request, Usage

Tokens = list[int]
STAND_INS = ("5b1f0c2e9d74a683", "c83e61d05fa2794b")
"""For what the model is told to be, and for what it is given."""
LOOKED_UP = 2, 4
"""Shortest and longest run of tokens by which vLLM finds its place in the prompt."""


class Engine(Protocol):
    """What runs a model. `window`: most tokens of prompt and answer together; None: no bound."""

    window: int | None

    def write(self, prompts: Sequence[Tokens], most: Sequence[int], seed: int) -> list[Tokens]:
        """At most so many tokens that follow each prompt, with the one that ends the answer if it
        came."""


class Speaker:
    """A loaded model with its tokenizer. `section` is where a recipe names it; `lookup` is how many
    tokens are guessed ahead from the prompt: by vLLM, or by transformers for one answer at a
    time."""

    def __init__(
        self, settings: LocalTeacher, section: str = "annotate.local", lookup: int = 0
    ) -> None:
        self._settings, self._section = settings, section
        with _loading(settings, section):
            import transformers

            transformers.utils.logging.disable_progress_bar()  # beside ours
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                settings.model, revision=settings.revision
            )
        self._template = filled(self._tokenizer, f"{section}.model: {settings.model!r}")
        with _loading(settings, section):
            self._engine: Engine = (
                _Vllm(settings, lookup)
                if settings.engine == "vllm"
                else _Transformers(settings, self._tokenizer, lookup)
            )
        self._ends = ends(self._tokenizer, settings.model, settings.revision)

    def answer(self, requests: Sequence[Request], seed: int) -> list[Reply | Failure]:
        """An outcome for each request; they are written together, by luck of `seed`."""
        prompts = [self._prompt(request) for request in requests]
        outcomes: list[Reply | Failure | None] = [
            self._too_long(prompt, request.max_tokens)
            for prompt, request in zip(prompts, requests, strict=True)
        ]
        places = [at for at, outcome in enumerate(outcomes) if outcome is None]
        most = [requests[at].max_tokens for at in places]
        written = self._engine.write([prompts[at] for at in places], most, seed) if places else []
        replies = {
            at: self._reply(prompts[at], tokens[: requests[at].max_tokens])
            for at, tokens in zip(places, written, strict=True)
        }
        return [outcome or replies[at] for at, outcome in enumerate(outcomes)]

    def _prompt(self, request: Request) -> Tokens:
        contents = dict(zip(STAND_INS, (request.system, request.user), strict=True))
        return tokens_of(self._tokenizer, self._template, contents)

    def _too_long(self, prompt: Tokens, asked: int) -> Failure | None:
        window = self._engine.window
        if window is None or len(prompt) + asked <= window:
            return None
        return Failure(
            "refused",
            f"a prompt of {len(prompt)} tokens leaves {window - len(prompt)} of the model's "
            f"{window} for the answer, and {self._section}.max_tokens is {asked}; lower it, or "
            "passage_characters, or tell fewer rules",
            Usage(),
        )

    def _reply(self, prompt: Tokens, tokens: Tokens) -> Reply:
        end = next((at for at, token in enumerate(tokens) if token in self._ends), None)
        text = self._tokenizer.decode(tokens[:end], skip_special_tokens=True)
        count = len(tokens) if end is None else end + 1
        reason = "length" if end is None else "stop"
        return Reply(str(text), reason, Usage(1, 0, len(prompt), count))


def commit(settings: LocalTeacher, section: str) -> str:
    """The commit on the hub that the model's name in `section` stands for now."""
    with _loading(settings, section):
        import transformers

        config = transformers.AutoConfig.from_pretrained(settings.model, revision=settings.revision)
    return str(getattr(config, "_commit_hash", None) or settings.revision)


def tokens_of(tokenizer: Any, pieces: Sequence[str], contents: Mapping[str, str]) -> Tokens:
    """The tokens of a filled template: what stands in for `contents` is read as plain text."""
    tokens: Tokens = []
    for piece in pieces:
        tokens += tokenizer(
            contents.get(piece, piece),
            add_special_tokens=False,
            split_special_tokens=piece in contents,
            verbose=False,
        )["input_ids"]
    return tokens


def filled(tokenizer: Any, where: str) -> list[str]:
    """The chat template for a question, cut at its stand-ins; these are pieces of their own.

    Raises:
        RecipeError: there is no template for a question; `where` begins the sentence.
    """
    seen = ""
    for messages in _questions():
        try:
            text = tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        except (TemplateError, ValueError) as error:
            seen = seen or " ".join(str(error).split())[:200]
            continue
        pieces = [piece for piece in re.split(f"({'|'.join(STAND_INS)})", text) if piece]
        if [piece for piece in pieces if piece in STAND_INS] == list(STAND_INS):
            return pieces
        seen = seen or "what is told and what is given do not stand in it once each"
    raise RecipeError(
        f"{where} has no chat template that can be used ({seen}); "
        "expected one that takes a question and what is told before it. Name an instruction model, "
        "or give the tokenizer such a template."
    )


def _questions() -> Iterator[list[dict[str, str]]]:
    """The stand-ins as messages, in the ways in which templates take them."""
    system, user = STAND_INS
    yield [{"role": "system", "content": system}, {"role": "user", "content": user}]
    yield [{"role": "user", "content": f"{system}\n\n{user}"}]  # some know no system


def ends(tokenizer: Any, model: str, revision: str | None = None) -> frozenset[int]:
    """The tokens that end an answer, by the tokenizer and the model's own generation settings."""
    import transformers

    found = {tokenizer.eos_token_id}
    try:
        own = transformers.GenerationConfig.from_pretrained(model, revision=revision).eos_token_id
        found |= set(own if isinstance(own, list) else [own])
    except OSError:
        pass  # a model without settings of its own
    return frozenset(found - {None})


@contextmanager
def _loading(settings: LocalTeacher, section: str) -> Iterator[None]:
    """Say in a sentence why a model could not be loaded."""
    try:
        yield
    except ImportError as error:
        extra = "vllm" if settings.engine == "vllm" else "train"
        raise MissingExtraError(f"the model of {section}", extra) from error
    except (OSError, ValueError, KeyError) as error:
        seen = " ".join(str(error).split())[:200]
        raise RecipeError(
            f"{section}.model: {settings.model!r} cannot be loaded ({seen}); expected a "
            "causal language model: a folder that save_pretrained wrote, with its tokenizer, or a "
            "name on the hub. Name such a one."
        ) from error


class _Transformers:
    """Batches padded on the left, so that every answer begins where its prompt ends."""

    def __init__(self, settings: LocalTeacher, tokenizer: Any, lookup: int) -> None:
        import torch
        import transformers

        self._settings, self._tokenizer = settings, tokenizer
        self._guess = {"prompt_lookup_num_tokens": lookup} if lookup else {}
        tokenizer.padding_side = "left"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        is_spread = settings.device == "auto" and torch.cuda.is_available()
        self._model = transformers.AutoModelForCausalLM.from_pretrained(
            settings.model,
            revision=settings.revision,
            dtype=settings.dtype,
            device_map="auto" if is_spread else None,
        ).eval()
        if not is_spread:
            self._model.to("cpu" if settings.device == "auto" else settings.device)
        self.window = getattr(self._model.config, "max_position_embeddings", None)

    def write(self, prompts: Sequence[Tokens], most: Sequence[int], seed: int) -> list[Tokens]:
        import torch

        torch.manual_seed(seed)
        padded_BT = self._tokenizer.pad({"input_ids": list(prompts)}, return_tensors="pt").to(
            self._model.device
        )
        warmth = self._settings.temperature
        luck = {"do_sample": True, "temperature": warmth} if warmth else {"do_sample": False}
        with torch.inference_mode():
            written_BT = self._model.generate(
                **padded_BT,
                **luck,
                **self._guess,
                max_new_tokens=max(most),
                pad_token_id=self._tokenizer.pad_token_id,
            )
        rows: list[Tokens] = written_BT[:, padded_BT["input_ids"].shape[1] :].tolist()
        return rows


class _Vllm:
    """vLLM in process, which makes batches of its own. Not run here: it needs a GPU."""

    def __init__(self, settings: LocalTeacher, lookup: int) -> None:
        import vllm

        self._settings, self._vllm = settings, vllm
        shortest, longest = LOOKED_UP
        guess = {
            "method": "ngram",
            "num_speculative_tokens": lookup,
            "prompt_lookup_min": shortest,  # as long as the longest, if it were not told
            "prompt_lookup_max": longest,
        }
        self._model = vllm.LLM(
            model=settings.model,
            revision=settings.revision,
            dtype=settings.dtype,
            **({"speculative_config": guess} if lookup else {}),
        )
        self.window = self._model.llm_engine.model_config.max_model_len

    def write(self, prompts: Sequence[Tokens], most: Sequence[int], seed: int) -> list[Tokens]:
        luck = [
            self._vllm.SamplingParams(
                temperature=self._settings.temperature, max_tokens=tokens, seed=seed
            )
            for tokens in most
        ]
        asked = [{"prompt_token_ids": prompt} for prompt in prompts]
        found = self._model.generate(asked, luck, use_tqdm=False)
        return [list(one.outputs[0].token_ids) for one in found]
