"""A language model in this process as the teacher.

Questions are put in batches that follow from the questions alone, and answers go into the cache of
replies under the model's content and the whole question: a killed run writes at most a batch anew.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tahdhib.config.recipe import Annotate, LocalTeacher
from tahdhib.llm.cache import Answers
from tahdhib.llm.chat import Failure, Reply, Request
from tahdhib.llm.speaker import Speaker, commit
from tahdhib.teachers.assignment import assignments, lessons
from tahdhib.teachers.endpoint import evenly
from tahdhib.teachers.teacher import Classroom, Lesson

_CHUNK_BYTES = 1 << 22


def by_local(texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]) -> list[Lesson]:
    """Lessons by the model that `room.settings.local` names.

    Raises:
        MissingExtraError: what runs it is not installed.
        RecipeError: it cannot be loaded, or has no chat template.
    """
    if not texts:
        return []
    local = room.settings.local
    told = {
        "model": model_name(local),
        "temperature": local.temperature,
        "max_tokens": local.max_tokens,
    }
    openai = room.settings.openai.model_copy(update=told)
    own = replace(room, settings=room.settings.model_copy(update={"openai": openai}))
    assigned = assignments(texts, own)
    requests = [request for one in assigned for request in one.requests]
    hear = evenly(on_lesson, len(requests), len(assigned))
    return lessons(assigned, complete_locally(requests, local, room.replies, hear), own)


def model_name(settings: LocalTeacher) -> str:
    """The model's own name, without the folders or the account that it lies in."""
    return Path(settings.model).name


def model_files(settings: Annotate) -> list[Path]:
    """The files of local models that lie here, where the recipe asks one."""
    named = (name.partition(":") for name in settings.teachers or (settings.teacher,))
    folders = {Path(model or settings.local.model) for kind, _, model in named if kind == "local"}
    return [file for folder in sorted(folders) for file in _files(folder)]


def complete_locally(
    requests: Sequence[Request],
    settings: LocalTeacher,
    cache_folder: Path,
    on_reply: Callable[[], None],
    *,
    section: str = "annotate.local",
) -> list[Reply | Failure]:
    """Return an outcome for each request, in their order. `section` is where the model is named.

    Answers that lie in `cache_folder` are not written again; without others to be written the model
    is not loaded. Equal requests are answered once. Each batch holds questions of about one length,
    and of those only what has no answer yet.
    """
    address = f"local:{settings.engine}:{_fingerprint(settings, section)}"
    keys = [request.key(address) for request in requests]
    repeats = Counter(keys)
    outcomes: dict[str, Reply | Failure] = {}
    speaker: Speaker | None = None
    with closing(Answers(cache_folder)) as answers:
        for batch in _batches(dict(zip(keys, requests, strict=True)), settings.batch):
            known = {key: answers.load(key) for key in batch}
            outcomes |= {key: reply for key, reply in known.items() if reply is not None}
            left = [key for key in batch if key not in outcomes]
            if left:
                speaker = speaker or Speaker(settings, section)
                seed = int(left[0][:8], 16)
                found = speaker.answer([batch[key] for key in left], seed)
                for key, outcome in zip(left, found, strict=True):
                    if isinstance(outcome, Reply):
                        answers.save(key, outcome)
                    outcomes[key] = outcome
            for _ in range(sum(repeats[key] for key in batch)):
                on_reply()
    return [outcomes[key] for key in keys]


def _batches(unique: Mapping[str, Request], size: int) -> Iterator[dict[str, Request]]:
    def length(key: str) -> tuple[int, str]:
        return len(unique[key].system) + len(unique[key].user), key

    order = sorted(unique, key=length)
    for start in range(0, len(order), size):
        yield {key: unique[key] for key in order[start : start + size]}


def _fingerprint(settings: LocalTeacher, section: str) -> str:
    """What tells this model from every other: a hash of its files, or its commit on the hub."""
    files = _files(Path(settings.model))
    if not files:
        return f"{settings.model}@{commit(settings, section)}:{settings.dtype}"
    digest = hashlib.sha256(settings.dtype.encode())
    for file in files:
        digest.update(f"\0{file.relative_to(settings.model)}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as content:
            while chunk := content.read(_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
