"""Read a recipe: YAML, `--set` overrides, and errors that name the nearest known key."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from tahdhib.config.pretrain import Pretrain
from tahdhib.config.recipe import Audit, Clean, LocalTeacher, Recipe, Section
from tahdhib.config.tune import Tune
from tahdhib.errors import RecipeError

_Root = TypeVar("_Root", bound=Section)


def load_recipe(path: Path, overrides: Iterable[str] = ()) -> Recipe:
    """Read and check the recipe at `path` with `--set key=value` overrides laid over it.

    Relative paths of input, pairs, thresholds, evaluation sets and conduct start at the recipe's
    folder.

    Raises:
        RecipeError: the file is missing or not YAML, or says something unknown or impossible.
    """
    content = _read(path, "ingest")
    return parse_recipe(content, overrides, source=str(path), folder=path.parent)


def load_pretrain(path: Path, overrides: Iterable[str] = ()) -> Pretrain:
    """Read and check the recipe of a training; relative paths in it start at its folder.

    Raises:
        RecipeError: as `load_recipe`.
    """
    content = _read(path, "corpora")
    recipe = _checked(Pretrain, content, overrides, str(path))
    folder = path.parent.absolute()
    corpora = {
        name: corpus.model_copy(
            update={"paths": tuple(_anchor(folder, each) for each in corpus.paths)}
        )
        for name, corpus in recipe.corpora.items()
    }
    vocabulary, model = recipe.vocabulary, recipe.model
    return recipe.model_copy(
        update={
            "corpora": corpora,
            "vocabulary": vocabulary.model_copy(
                update={"path": vocabulary.path and _anchor(folder, vocabulary.path)}
            ),
            "model": model.model_copy(update={"path": model.path and _here(folder, model.path)}),
            "tokens": recipe.tokens and _anchor(folder, recipe.tokens),
        }
    )


def load_tune(path: Path, overrides: Iterable[str] = ()) -> Tune:
    """Read and check the recipe of a tuning; relative paths in it start at its folder.

    Raises:
        RecipeError: as `load_recipe`.
    """
    recipe = _checked(Tune, _read(path, "model"), overrides, str(path))
    folder = path.parent.absolute()
    paths = tuple(_anchor(folder, each) for each in recipe.data.paths)
    return recipe.model_copy(
        update={
            "model": recipe.model.model_copy(update={"path": _here(folder, recipe.model.path)}),
            "data": recipe.data.model_copy(update={"paths": paths}),
            "references": recipe.references and _anchor(folder, recipe.references),
            "template": recipe.template and _anchor(folder, recipe.template),
        }
    )


def parse_recipe(
    content: Mapping[str, Any],
    overrides: Iterable[str] = (),
    *,
    source: str = "recipe",
    folder: Path | None = None,
) -> Recipe:
    """Check recipe `content` (already parsed) and return it whole; see `load_recipe`."""
    recipe = _checked(Recipe, content, overrides, source)
    return _anchored(recipe, folder) if folder is not None else recipe


def dump_recipe(recipe: Section) -> str:
    """The resolved recipe as YAML, every default written out."""
    text: str = yaml.safe_dump(
        recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100
    )
    return text


def _read(path: Path, first: str) -> dict[str, Any]:
    """What the file says; `first` is a key that such a recipe begins with."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"{path}: no such recipe. Give the path of a YAML file with -c; "
            "'tahdhib demo' runs without one."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read as a recipe: {error}.") from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(content, dict):
        raise RecipeError(
            f"{path}: holds {type(content).__name__}, expected keys with values such as "
            f"'{first}:'. See recipes/ for complete examples."
        )
    return content


def parse_local(options: Mapping[str, Any], *, source: str) -> LocalTeacher:
    """A model in this process that options of the command line describe.

    Raises:
        RecipeError: an option is unknown, or not what it should be.
    """
    return _checked(LocalTeacher, options, (), source)


def _checked(
    root: type[_Root], content: Mapping[str, Any], overrides: Iterable[str], source: str
) -> _Root:
    tree = _copy(content)
    for override in overrides:
        _set(tree, override)
    try:
        return root.model_validate(tree)
    except ValidationError as error:
        raise RecipeError(_sentences(error, source, root)) from None


def _copy(tree: Any) -> Any:
    return {key: _copy(value) for key, value in tree.items()} if isinstance(tree, dict) else tree


def _set(tree: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise RecipeError(
            f"--set {override!r}: expected KEY=VALUE with a dotted key, "
            "such as --set dedup.threshold=0.7."
        )
    *parents, last = key.split(".")
    place = tree
    for parent in parents:
        inner = place.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise RecipeError(f"--set {override!r}: {parent!r} holds a value, not a section.")
        place = inner
    try:
        place[last] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise RecipeError(f"--set {override!r}: the value is not YAML: {error}.") from error


def _anchored(recipe: Recipe, folder: Path) -> Recipe:
    """Make relative paths absolute, seen from the recipe's folder."""
    anchor = partial(_anchor, folder.absolute())
    ingest = recipe.ingest.model_copy(
        update={"paths": tuple(anchor(path) for path in recipe.ingest.paths)}
    )
    dedup = recipe.dedup.model_copy(
        update={"against": tuple(anchor(path) for path in recipe.dedup.against)}
    )
    choose = recipe.annotate.choose
    score = choose.score and _anchored_scorer(choose.score, folder)
    silver = recipe.annotate.silver
    silver_scorer = silver.scorer and _anchored_scorer(silver.scorer, folder)
    people = recipe.annotate.people
    local = recipe.annotate.local
    is_here = bool(local.model) and (folder.absolute() / local.model).exists()
    annotate = recipe.annotate.model_copy(
        update={
            "local": local.model_copy(update={"model": anchor(local.model)}) if is_here else local,
            "teachers": tuple(_anchored_scorer(name, folder) for name in recipe.annotate.teachers),
            "people": people.model_copy(
                update={
                    "tasks": people.tasks and anchor(people.tasks),
                    "answers": tuple(anchor(path) for path in people.answers),
                }
            ),
            "human_pairs": tuple(anchor(path) for path in recipe.annotate.human_pairs),
            "choose": choose.model_copy(update={"score": score}),
            "silver": silver.model_copy(update={"scorer": silver_scorer}),
        }
    )
    names = recipe.protect.names
    protect = recipe.protect.model_copy(
        update={
            "fingerprints": tuple(anchor(path) for path in recipe.protect.fingerprints),
            "names": names and anchor(names),
        }
    )
    edit, select = recipe.worker.edit, recipe.worker.select
    base = edit.base and _here(folder, edit.base)
    selecting = select.score and _anchored_scorer(select.score, folder)
    worker = recipe.worker.model_copy(
        update={
            "edit": edit.model_copy(update={"base": base}),
            "select": select.model_copy(update={"score": selecting}),
        }
    )
    drafts = recipe.rewrite.drafts
    chooses = {
        name: spec and _anchored_scorer(spec, folder)
        for name, spec in (("scorer", drafts.scorer), ("fluency", drafts.fluency))
    }
    rewrite = recipe.rewrite.model_copy(update={"drafts": drafts.model_copy(update=chooses)})
    clean = recipe.clean and _anchored_clean(recipe.clean, anchor)
    audit = _anchored_audit(recipe.audit, anchor, folder)
    is_file = recipe.conduct.endswith((".yaml", ".yml"))
    conduct = anchor(recipe.conduct) if is_file else recipe.conduct
    return recipe.model_copy(
        update={
            "ingest": ingest,
            "dedup": dedup,
            "clean": clean,
            "protect": protect,
            "annotate": annotate,
            "worker": worker,
            "rewrite": rewrite,
            "audit": audit,
            "conduct": conduct,
        }
    )


def _anchor(folder: Path, path: str) -> str:
    is_absolute = "://" in path or path.startswith("builtin:")
    return path if is_absolute else str(folder / path)


def _here(folder: Path, name: str) -> str:
    """A model's path, where there is one in the recipe's folder; else it is a name on the hub."""
    return str(folder / name) if (folder / name).exists() else name


def _anchored_audit(audit: Audit, anchor: Callable[[str], str], folder: Path) -> Audit:
    reference = tuple(anchor(path) for path in audit.fluency.reference)
    scorers = {
        name: tuple(_anchored_scorer(spec, folder) for spec in getattr(audit, name))
        for name in ("scorers", "preservation")
    }
    fluency = audit.fluency.model_copy(update={"reference": reference})
    witness = _anchored_scorer(audit.witness, folder)
    return audit.model_copy(update={"witness": witness, "fluency": fluency, **scorers})


def _anchored_scorer(spec: str, folder: Path) -> str:
    """A scorer's argument as an absolute path, where it names something in the recipe's folder."""
    name, colon, argument = spec.partition(":")
    here = folder.absolute() / argument
    return f"{name}:{here}" if colon and argument and here.exists() else spec


def _anchored_clean(clean: Clean, anchor: Callable[[str], str]) -> Clean:
    against = tuple(anchor(path) for path in clean.decontaminate.against)
    is_file = clean.thresholds.endswith((".yaml", ".yml"))
    return clean.model_copy(
        update={
            "thresholds": anchor(clean.thresholds) if is_file else clean.thresholds,
            "decontaminate": clean.decontaminate.model_copy(update={"against": against}),
        }
    )


def _sentences(error: ValidationError, source: str, root: type[Section]) -> str:
    return "\n".join(_sentence(dict(problem), source, root) for problem in error.errors())


def _sentence(problem: dict[str, Any], source: str, root: type[Section]) -> str:
    location = tuple(problem["loc"])
    where = f"{source}: {'.'.join(map(str, location))}" if location else source
    seen = problem["input"]
    match problem["type"]:
        case "extra_forbidden":
            return _unknown_key(where, location, root)
        case "missing":
            return f"{where}: is missing. Add it; {_help(location, root)}"
        case "value_error":
            return f"{where}: {problem['ctx']['error']}"
        case _:
            expected = _lower_first(problem["msg"])
            return f"{where}: is {seen!r}; {expected}. {_help(location, root)}".rstrip()


def _unknown_key(where: str, location: tuple[int | str, ...], root: type[Section]) -> str:
    section = _model_at(location[:-1], root)
    known = sorted(section.model_fields) if section else []
    near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{where}: unknown key {str(location[-1])!r}. {hint}Known here: {', '.join(known)}."


def _help(location: tuple[int | str, ...], root: type[Section]) -> str:
    section = _model_at(location[:-1], root)
    field = section.model_fields.get(str(location[-1])) if section and location else None
    return " ".join((field.description or "").split()) if field else ""


def _model_at(location: tuple[int | str, ...], root: type[Section]) -> type[BaseModel] | None:
    model: type[BaseModel] = root
    is_within = False  # a mapping or tuple of sections, whose key or place comes next
    for key in location:
        if is_within:
            is_within = False
            continue
        field = model.model_fields.get(str(key))
        annotation = field.annotation if field else None
        options = [annotation, *get_args(annotation)]
        inner = [o for o in options if isinstance(o, type) and issubclass(o, BaseModel)]
        if not inner:
            return None
        model, is_within = inner[0], get_origin(annotation) in (dict, tuple)
    return model


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]
