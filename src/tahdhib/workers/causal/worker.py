"""The causal worker: asks a trained model for rewrites, in this process or behind an endpoint.

What one document is answered depends on it alone, but for the last bits of sums, which depend on
its batch: batches are made of documents of about one length, inside the list that is given.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.conduct.conduct import Conduct, content_hash
from tahdhib.conduct.protocol import Unusable
from tahdhib.config.environment import secret
from tahdhib.config.recipe import CausalRewriting, LocalTeacher, OpenAITeacher
from tahdhib.errors import MissingExtraError
from tahdhib.llm.chat import Failure, Reply, Request
from tahdhib.processes.threads import at_threads
from tahdhib.records import Document, Rewrite
from tahdhib.workers.causal.answer import NAME, asked, read
from tahdhib.workers.causal.folder import Asked, folder_hash, open_asked, piloted

_SPARE_TOKENS = 48
"""Tokens of an answer beside its text: the tags, in a vocabulary that has none of them."""

Ask = Callable[[Sequence[Request]], Sequence[Reply | Failure]]


class CausalWorker:
    """Rewrites by writing."""

    name = NAME

    def __init__(  # noqa: PLR0913 - what `open` puts together
        self,
        taught: Asked,
        ask: Ask,
        *,
        conduct: Conduct,
        model: str,
        model_hash: str,
        most: Callable[[str], int],
        within: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.hash = content_hash([NAME, 1, model_hash, conduct.hash])
        self._taught, self._ask, self._conduct = taught, ask, conduct
        self._model, self._most, self._within = model, most, within

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        conduct: Conduct,
        settings: CausalRewriting,
        threads: int = 1,
        replies: Path | None = None,
    ) -> "CausalWorker":
        """Open what training wrote. An endpoint's replies are kept below `replies`, by default in
        the folder itself.

        Raises:
            DataError: the folder does not hold a whole worker.
            MissingExtraError: what runs it is not installed.
        """
        taught, mark = open_asked(folder), folder_hash(folder)
        try:
            from transformers import AutoTokenizer
        except ImportError as error:
            raise MissingExtraError("the causal worker", "train") from error
        tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        within: Callable[[], AbstractContextManager[None]] = nullcontext
        if settings.engine == "endpoint":
            ask = _endpoint(folder, settings, (replies or folder / "replies") / f"{NAME}-{mark}")
        else:
            within = partial(at_threads, threads)
            ask = _here(folder, settings)
        return cls(
            taught,
            ask,
            conduct=conduct,
            model=settings.model or str(folder),
            model_hash=mark,
            most=partial(_most, tokenizer, settings.longest),
            within=within,
        )

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        """Return one rewrite per document, in order; no edits where nothing would change, or where
        no answer could be read."""
        return [
            one if isinstance(one, Rewrite) else Rewrite(document.text, ())
            for document, one in zip(documents, self.answers(documents), strict=True)
        ]

    def answers(self, documents: Sequence[Document]) -> list[Rewrite | Unusable]:
        """Return one rewrite per document, in order, or why there is none."""
        with self._within():
            replies = self._ask([self._request(document.text) for document in documents])
        return [
            self._read(document.text, reply)
            for document, reply in zip(documents, replies, strict=True)
        ]

    def _request(self, text: str) -> Request:
        system, user = asked(text, self._conduct, self._taught.instruction)
        return Request(system, user, self._model, 0.0, self._most(text))

    def _read(self, source: str, reply: Reply | Failure) -> Rewrite | Unusable:
        if isinstance(reply, Failure):
            return Unusable(reply.reason, reply.detail)
        return read(reply.text, reply.finish_reason, source, self._conduct, self._taught.output)


def _most(tokenizer: Any, longest: float, text: str) -> int:
    size = len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
    return math.ceil(longest * size) + _SPARE_TOKENS


class _Placed(NamedTuple):
    place: int
    request: Request


def _here(folder: Path, settings: CausalRewriting) -> Ask:
    """The model in this process, asked in batches of about one length."""
    from tahdhib.llm.speaker import Speaker

    is_vllm = settings.engine == "vllm"
    local = LocalTeacher(
        model=str(folder),
        engine="vllm" if is_vllm else "transformers",
        device=settings.device,
        dtype=settings.dtype,
    )
    lookup = piloted(folder) if settings.lookup == "pilot" else settings.lookup
    speaker = Speaker(local, "rewrite.causal", lookup=lookup)

    def ask(requests: Sequence[Request]) -> list[Reply | Failure]:
        placed = [_Placed(place, request) for place, request in enumerate(requests)]
        placed.sort(key=lambda one: (one.request.max_tokens, one.request.user))
        size = len(placed) if is_vllm else settings.batch  # vLLM makes batches of its own
        found: dict[int, Reply | Failure] = {}
        for start in range(0, len(placed), max(1, size)):
            batch = placed[start : start + size]
            told = speaker.answer([one.request for one in batch], 0)
            found |= {one.place: reply for one, reply in zip(batch, told, strict=True)}
        return [found[place] for place in range(len(requests))]

    return ask


def _endpoint(folder: Path, settings: CausalRewriting, replies: Path) -> Ask:
    """The server that has the folder open. Its replies are kept under the worker's hash, so that
    another worker behind the same name answers for itself."""
    from tahdhib.llm.client import complete_all

    server = OpenAITeacher(
        base_url=settings.base_url,
        model=settings.model or str(folder),
        api_key_env=settings.api_key_env,
        in_flight=settings.in_flight,
        timeout_seconds=settings.timeout_seconds,
        retries=settings.retries,
    )
    api_key = None if settings.api_key_env is None else secret(settings.api_key_env)

    def ask(requests: Sequence[Request]) -> list[Reply | Failure]:
        return complete_all(
            requests,
            settings=server,
            cache_folder=replies,
            api_key=api_key,
            on_reply=lambda _: None,
        )

    return ask
