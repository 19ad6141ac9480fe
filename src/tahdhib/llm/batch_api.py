"""The batch API of an OpenAI-compatible endpoint, for parcels: upload, submit, look, fetch.

Whatever the endpoint refuses becomes a sentence that says how to go on.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tahdhib.config.recipe import OpenAITeacher
from tahdhib.errors import EndpointError
from tahdhib.llm.parcels import URL, Parcel
from tahdhib.llm.reading import excerpt
from tahdhib.store.shards import TEMPORARY

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import Batch

LABEL = "tahdhib_parcel"
"""Under this word a batch carries the name of its parcel."""
_FIRST_BACKOFF_SECONDS = 0.5


@contextmanager
def batch_api(settings: OpenAITeacher, folder: Path, api_key: str | None) -> Iterator["BatchApi"]:
    """The API of the endpoint that `settings` name, for parcels in `folder`."""
    from openai import OpenAI  # 0.4 s that only those pay who call

    with OpenAI(
        api_key=api_key or "none",
        base_url=settings.base_url,
        timeout=settings.timeout_seconds,
        max_retries=settings.retries,
    ) as client:
        yield BatchApi(client, settings, folder)


@dataclass(frozen=True, slots=True)
class BatchApi:
    """What can be asked for a parcel; every method raises EndpointError where it cannot be done."""

    client: "OpenAI"
    settings: OpenAITeacher
    folder: Path

    def upload(self, content: Path) -> str:
        """The endpoint's name for the file."""
        with self._in_words(), content.open("rb") as handle:
            return self.client.files.create(file=handle, purpose="batch").id

    def submit(self, parcel: Parcel, file: str, *, may_be_there: bool) -> str:
        """The endpoint's name for the batch of an uploaded parcel, made only if it is not there.

        The library's own tries are switched off: one that failed may have made the batch, so the
        endpoint is asked for it before the next.
        """
        import openai

        passing = (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError)
        create = self.client.with_options(max_retries=0).batches.create
        attempt = 0
        while True:
            with self._in_words():
                found = self._labelled(parcel.name) if may_be_there or attempt else None
                if found is not None:
                    return found
                try:
                    return create(
                        completion_window="24h",
                        endpoint=URL,
                        input_file_id=file,
                        metadata={LABEL: parcel.name},
                    ).id
                except passing:
                    if attempt == self.settings.retries:
                        raise
            time.sleep(_FIRST_BACKOFF_SECONDS * 2**attempt)
            attempt += 1

    def _labelled(self, name: str) -> str | None:
        """The batch that carries the name of a parcel."""
        for batch in self.client.batches.list(limit=100):
            if (batch.metadata or {}).get(LABEL) == name:
                return batch.id
        return None

    def look(self, parcel: Parcel) -> "Batch":
        """How far the batch of a submitted parcel is."""
        import openai

        assert parcel.batch is not None
        with self._in_words():
            try:
                return self.client.batches.retrieve(parcel.batch)
            except openai.NotFoundError as error:
                raise EndpointError(
                    f"{self.settings.base_url}: knows no batch {parcel.batch!r}; expected the one "
                    f"that was submitted there for {self.folder / parcel.name}.json. Use the key "
                    "of the same project, or remove that file to submit its requests again."
                ) from error

    @contextmanager
    def lines(self, file: str) -> Iterator[Iterator[bytes]]:
        """The lines of one of the endpoint's files, by way of the disk: it may be large."""
        place = self.folder / f"{TEMPORARY}answers"
        with (
            self._in_words(),
            self.client.files.with_streaming_response.content(file) as response,
        ):
            response.stream_to_file(place)
        try:
            with place.open("rb") as lines:
                yield iter(lines)
        finally:
            place.unlink()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        import openai

        url, name = self.settings.base_url, self.settings.api_key_env
        try:
            yield
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise EndpointError(
                f"{url}: refuses the key ({excerpt(str(error))}). Expected a valid one in the "
                f"environment variable that annotate.openai.api_key_env names ({name}); set it and "
                "run the same command again."
            ) from error
        except openai.APIConnectionError as error:
            raise EndpointError(
                f"{url}: nobody answers there ({excerpt(str(error.__cause__ or error))}); expected "
                "a server with the batch API. Start it, or name another with --set "
                "annotate.openai.base_url=URL. What was submitted is noted: the same command goes "
                "on from there."
            ) from error
        except openai.APIStatusError as error:
            raise EndpointError(
                f"{url}: HTTP {error.status_code} ({excerpt(error.response.text)}); expected a "
                "server with the batch API (/v1/files, /v1/batches). Where it has none, use "
                "annotate.teacher openai. What was submitted is noted: the same command goes on "
                "from there."
            ) from error
