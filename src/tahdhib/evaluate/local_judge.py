"""A language model in this process as the judge of answers, greedily, as the paper has its judges.

Its answers lie on disk under its content and the whole question, so that none is written twice.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tahdhib.config.environment import answers_folder
from tahdhib.config.load import parse_local
from tahdhib.llm.chat import Reply, Request
from tahdhib.progress import Progress
from tahdhib.score.adapters.argument import parse_argument
from tahdhib.score.adapters.duel import MAX_TOKENS, Duel, named
from tahdhib.score.adapters.question import JudgeQuestion
from tahdhib.teachers.local import complete_locally

LOCAL = "local:"
"""What the name of a model in this process begins with."""
OPTIONS = ("answers", "batch", "device", "dtype", "engine", "max_tokens", "revision")
"""`answers`: folder of answers that were written. The others are those of a recipe's section
`annotate.local`."""
_SECTION = "--judge local"


def duel_in_process(axis: str, argument: str, progress: Progress) -> Duel:
    """A judge in this process: the model's folder, or its name on the hub, and options.

    Raises:
        RecipeError: an option is not what it should be.
    """
    parsed = parse_argument("duel", argument, OPTIONS, f"{LOCAL}models/judge?batch=8")
    options = dict(parsed.options)
    folder = options.pop("answers", "")
    kept = Path(folder) if folder else answers_folder()
    told = {"model": parsed.model, "max_tokens": MAX_TOKENS, **options, "temperature": 0}
    settings = parse_local(told, source=_SECTION)

    def answered(questions: Sequence[JudgeQuestion]) -> list[str | None]:
        requests = [
            Request(one.system, one.user, one.model, 0.0, settings.max_tokens) for one in questions
        ]
        with progress.task("judge", len(requests), "answers") as task:
            outcomes = complete_locally(requests, settings, kept, task.advance, section=_SECTION)
        sides = [named(axis, one.text) if isinstance(one, Reply) else None for one in outcomes]
        without = Counter(
            "in prose" if isinstance(one, Reply) else f"{one.reason}: {one.detail}"
            for one, side in zip(outcomes, sides, strict=True)
            if side is None
        )
        for why, count in without.most_common():
            progress.say(f"judge: {count:,} answers without a verdict ({why})")
        return sides

    return Duel(axis, Path(parsed.model).name, answered)
