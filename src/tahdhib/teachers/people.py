"""People as the teacher: tasks written to a file, and their answers read back from files.

A task is known by a hash of its text and of the rules that it is told, so that an answer never
counts for another text, nor under rules that its writer was not shown. Which tasks were handed out
is noted in the run folder; a file of tasks is never written a second time, since somebody may have
put answers into it.
"""

import glob
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tahdhib.conduct.in_force import Telling, Told
from tahdhib.conduct.prompt import ACTIONS
from tahdhib.conduct.protocol import Unusable
from tahdhib.conduct.told import worded
from tahdhib.config.recipe import Annotate
from tahdhib.errors import DataError, Waiting
from tahdhib.records import Json, Rewrite
from tahdhib.store.shards import read_json, write_json, write_text
from tahdhib.teachers.teacher import Classroom, Lesson
from tahdhib.text.edits import diff

INSTRUCTIONS = {
    "ar": (
        "كل سطر مهمة: نص في حقل source والقواعد السارية عليه في حقل rules. إن خالف النص "
        "قاعدة فاكتب النص كاملًا بعد إصلاحه في حقل rewrite. وإن لم يخالف شيئًا فاكتب true "
        "في حقل unchanged. وإن وجب حذفه كله بقاعدة من قواعد الحذف فاكتب معرّفها في حقل "
        "drop. املأ حقلًا واحدًا من هذه الثلاثة، واكتب اسمك في حقل annotator، وما شئت في "
        "حقل note. لا تغيّر أي حقل آخر. غيّر ما يخالف قاعدة فقط: تبقى الأسماء والأرقام "
        "والتواريخ والاقتباسات والروابط، ويبقى ما بين ⟦ و⟧ كما هو. اللهجة ليست خطأ. النص "
        "بيانات وليس تعليمات موجهة إليك. قد تحتوي النصوص على إساءات؛ يمكنك التوقف متى شئت، "
        "وما لم تُجب عنه يبقى فارغًا."
    ),
    "en": (
        "Each line is a task: a text in source, and the rules in force for it in rules. Where the "
        "text breaks a rule, write the whole text, mended, into rewrite. Where it breaks none, "
        "write true into unchanged. Where all of it must go by a rule that drops documents, write "
        "the id of that rule into drop. Fill in one of these three, write your name into annotator "
        "and whatever you like into note; change no other field. Change only what breaks a rule: "
        "names, numbers, dates, quotations and links stay, and so does what stands between ⟦ and "
        "⟧. Dialect is not an error. The text is data: what it demands is not meant for you. Texts "
        "may hold insults; stop whenever you want, and leave empty what you do not answer."
    ),
}
"""What people are told, by language: the first line of a file of tasks, and the page beside it."""

_FAULTS_SAID = 5
_EMPTY = (None, "", False)
_ANSWERS = ("rewrite", "unchanged", "drop")
_HANDED = "handed.json"


@dataclass(frozen=True, slots=True)
class Task:
    """A text that somebody is to rewrite, and the rules that they are told for it."""

    id: str
    source: str
    told: Told

    def line(self) -> str:
        """The task as it is handed out, in one line of JSON."""
        language = self.told.language
        rules = [
            {
                "id": rule.id,
                "action": ACTIONS[language][rule.action],
                "wording": worded(rule.wording, language),
            }
            for rule in self.told.conduct.rules
        ]
        content = {
            "id": self.id,
            "source": self.source,
            "rules": rules,
            **dict.fromkeys(_ANSWERS),
            "note": "",
            "annotator": "",
        }
        return json.dumps(content, ensure_ascii=False)


def by_people(texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]) -> list[Lesson]:
    """Lessons by the people who answered tasks; without answers the tasks are handed out first.

    Raises:
        Waiting: tasks are without an answer.
        DataError: a line of answers cannot be used; the message names file and line of each.
    """
    settings = room.settings.people
    tasks = tasks_of(texts, room)
    asked = {task.id: task for task in tasks}
    handed: dict[str, str] = _handed(room.people)
    given = read_answers(
        answer_files(room.settings), asked, asked.keys() | handed.keys(), settings.per_task
    )
    waiting = [task for task in asked.values() if len(given[task.id]) < settings.per_task]
    if waiting:
        places = _hand_out(waiting, handed, room)
        if settings.missing == "wait" or not any(given.values()):
            raise Waiting(_sentence(len(waiting), len(asked), places, room.settings))
    lessons = []
    for task in tasks:
        answers = given[task.id]
        has_one = room.sample < len(answers)
        lessons.append(Lesson(answers[room.sample] if has_one else Unusable(*_NOBODY)))
        on_lesson()
    return lessons


_NOBODY = ("unanswered", "nobody has answered the task, and annotate.people.missing is skip")


def tasks_of(texts: Sequence[str], room: Classroom) -> list[Task]:
    """The task that each text is."""
    telling = Telling(room.conduct, room.settings.guidelines)
    return [_task(text, telling.of(text)) for text in texts]


def _task(text: str, told: Told) -> Task:
    content = f"{told.conduct.hash}\0{text}".encode()
    return Task(hashlib.blake2b(content, digest_size=8).hexdigest(), text, told)


# Handing out


def _handed(folder: Path) -> dict[str, str]:
    """The file into which each task was put that was ever handed out, by the task's id."""
    noted = folder / _HANDED
    return dict(read_json(noted)) if noted.exists() else {}


def _hand_out(waiting: Sequence[Task], handed: Mapping[str, str], room: Classroom) -> list[str]:
    """Write tasks that lie in no file yet to a new one; return all files with waiting tasks.

    The file is noted before it is written: a file that is noted and not there is written again.
    """
    new = [task for task in waiting if not Path(handed.get(task.id, "")).is_file()]
    noted = dict(handed)
    if new:
        path = _free(Path(room.settings.people.tasks or room.people / "tasks.jsonl"))
        noted |= {task.id: str(path.absolute()) for task in new}
        write_json(room.people / _HANDED, noted)
        head = json.dumps({"instructions": INSTRUCTIONS}, ensure_ascii=False)
        lines = [head, *(task.line() for task in new)]
        try:
            write_text(path.with_suffix(".md"), "\n\n".join(INSTRUCTIONS.values()) + "\n")
            write_text(path, "".join(f"{line}\n" for line in lines))
        except OSError as error:
            raise DataError(
                f"{path}: cannot be written ({error.strerror}). Name another place with "
                "annotate.people.tasks."
            ) from error
    return list(dict.fromkeys(noted[task.id] for task in waiting))


def _free(path: Path) -> Path:
    """`path`, or the next of its kind that does not exist: `tasks-2.jsonl`."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def _sentence(waiting: int, asked: int, places: Sequence[str], settings: Annotate) -> str:
    named = ", ".join(settings.people.answers) or "nothing yet"
    each = settings.people.per_task
    return (
        f"annotate: {waiting:,} of {asked:,} tasks wait for people, in {', '.join(places)} "
        f"(what they are to do stands in its first line and in the .md beside it). Expected "
        f"{'an answer' if each == 1 else f'{each} answers'} to each in the files that "
        f"annotate.people.answers names ({named}). Have them answered, name the files there, and "
        "run the same command again; --set annotate.people.missing=skip goes on without the rest "
        "once some are answered."
    )


# Reading back


def answer_files(settings: Annotate) -> list[Path]:
    """The files of answers that lie there, where the recipe asks people."""
    if "people" not in (settings.teachers or (settings.teacher,)):
        return []
    found = {path for pattern in settings.people.answers for path in glob.glob(pattern)}
    return [Path(path) for path in sorted(found)]


def read_answers(
    paths: Sequence[Path], asked: Mapping[str, Task], known: set[str], per_task: int
) -> dict[str, list[Rewrite]]:
    """What people made of each task that is `asked`, in the order of files and lines.

    Tasks that are `known` and not asked (a document that is no longer drawn, or whose rules have
    changed since) are left out, and so are lines without an answer.

    Raises:
        DataError: a file cannot be read, or a line is no answer to a known task; the message names
            file and line of each.
    """
    found: dict[str, list[Rewrite]] = {identity: [] for identity in asked}
    seen: dict[tuple[str, str], str] = {}
    faults: list[str] = []
    for path in paths:
        for where, content in _lines(path, faults):
            given = {name: content[name] for name in _ANSWERS if content.get(name) not in _EMPTY}
            identity = str(content.get("id"))
            if not given:
                continue
            if identity not in known:
                faults.append(
                    f"{where}: task {identity!r} is unknown; expected one that this run handed "
                    "out. Give the run folder that it came from, or take the line out"
                )
                continue
            person = str(content.get("annotator") or "").strip() or path.stem
            if (identity, person) in seen:
                faults.append(
                    f"{where}: {person!r} answers task {identity!r} again, first at "
                    f"{seen[identity, person]}; expected one answer. Take one of them out"
                )
                continue
            seen[identity, person] = where
            if identity not in asked:
                continue
            rewrite = _rewrite(content, given, asked[identity])
            if isinstance(rewrite, str):
                faults.append(f"{where}: {rewrite}")
            elif len(found[identity]) == per_task:
                faults.append(
                    f"{where}: task {identity!r} has {per_task} answered by others already; "
                    "expected no more. Raise annotate.people.per_task, or take one of them out"
                )
            else:
                found[identity].append(rewrite)
    if faults:
        rest = len(faults) - _FAULTS_SAID
        more = [f"and {rest} more"] if rest > 0 else []
        raise DataError("\n".join([*faults[:_FAULTS_SAID], *more]))
    return found


def _lines(path: Path, faults: list[str]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Place and content of each line that is a task."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: cannot be read ({error}); expected answers as JSON lines. Correct the file "
            "or annotate.people.answers."
        ) from None
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except ValueError as error:
            faults.append(
                f"{where}: is not JSON ({error}); expected one task as an object. Correct the line"
            )
            continue
        if isinstance(content, dict) and "instructions" in content:
            continue
        if not isinstance(content, dict) or "id" not in content:
            faults.append(
                f"{where}: has no field 'id'; expected a task as it was handed out. Correct the "
                "line or take it out"
            )
            continue
        yield where, content


def _rewrite(content: Mapping[str, Any], given: Mapping[str, Any], task: Task) -> Rewrite | str:
    """What was made of the task, or in words why it cannot be used."""
    if content.get("source") != task.source:
        return (
            f"the source of task {task.id!r} is not the text that was handed out; expected it "
            "unchanged. Put it back as it stands in the file of tasks"
        )
    if len(given) > 1:
        return f"has {' and '.join(given)}; expected one of {', '.join(_ANSWERS)}. Empty the others"
    name, value = next(iter(given.items()))
    if name == "unchanged":
        if value is not True:
            return f"unchanged is {value!r}; expected true or null. Write one of them"
        return Rewrite(task.source, ())
    if name == "drop":
        droppers = [rule.id for rule in task.told.conduct.rules if rule.action == "drop"]
        if value not in droppers:
            known = ", ".join(droppers) or "none"
            return (
                f"drop is {value!r}; expected the id of a rule that drops documents ({known}). "
                "Name one of them, or rewrite the text"
            )
        return Rewrite(task.source, (), drop_reason=value)
    if not isinstance(value, str) or not value.strip() or not _is_writable(value):
        return f"rewrite is {value!a}; expected the whole text, mended. Write it, or set unchanged"
    return Rewrite(value, diff(task.source, value, "people"))


def _is_writable(text: str) -> bool:
    """Whether the text is free of lone surrogates, which no file can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
