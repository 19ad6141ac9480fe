"""A recipe is read whole or refused in a sentence that helps."""

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from tahdhib.config import Recipe, load_recipe, parse_recipe
from tahdhib.config.environment import secret
from tahdhib.config.load import dump_recipe, load_pretrain, load_tune
from tahdhib.config.pretrain import Pretrain
from tahdhib.config.tune import Tune
from tahdhib.errors import RecipeError

SMALL = {"ingest": {"paths": ["a.jsonl"]}}
SHIPPED = Path(__file__).parents[2] / "recipes"
RECIPES = [*sorted(SHIPPED.glob("*.yaml")), SHIPPED / "smoke" / "run.yaml"]
TUNINGS = [*sorted(SHIPPED.glob("tune/*.yaml")), *sorted(SHIPPED.glob("smoke/[34]-*.yaml"))]
TRAININGS = [*sorted(SHIPPED.glob("pretrain/*.yaml")), *sorted(SHIPPED.glob("smoke/[12]-*.yaml"))]
NATIVE = sorted(SHIPPED.glob("native/*.yaml"))


@pytest.mark.parametrize(
    ("content", "overrides", "said"),
    [
        ({"ingest": {"paths": ["a"], "txt": "x"}}, (), r"ingest\.txt: unknown key 'txt'.*'text'"),
        ({**SMALL, "dedupe": {}}, (), r"unknown key 'dedupe'. Did you mean 'dedup'"),
        (SMALL, ("dedup.treshold=0.5",), r"dedup\.treshold.*'threshold'"),
        (SMALL, ("dedup.threshold=2",), r"dedup\.threshold: is 2; .*less than or equal to 1"),
        (SMALL, ("dedup",), "expected KEY=VALUE"),
        (SMALL, ("name.x=1",), "unknown key|holds a value|name"),
        ({}, (), "ingest: is missing"),
        ({"ingest": {"paths": []}}, (), r"ingest\.paths"),
        (SMALL, ("worker.kind=magic",), "'edit', 'causal', 'rules', 'copy' or 'random'"),
        (SMALL, ("audit.witness=lexicon",), "cannot measure the result"),
        (
            SMALL,
            ("worker.kind=rules", "rewrite.drafts.scorer=debris"),
            r"rewriting is for rules\. Set worker\.kind: edit",
        ),
        (SMALL, ("annotate.openai.api_key=sk-123",), "unknown key 'api_key'"),
    ],
)
def test_a_wrong_recipe_is_refused_with_the_nearest_key(
    content: dict[str, object], overrides: tuple[str, ...], said: str
) -> None:
    with pytest.raises(RecipeError, match=said):
        parse_recipe(content, overrides)


def test_set_reaches_nested_settings_with_yaml_values() -> None:
    recipe = parse_recipe(SMALL, ["dedup.threshold=0.7", "ingest.id=null", "dedup.near=false"])
    assert (recipe.dedup.threshold, recipe.ingest.id, recipe.dedup.near) == (0.7, None, False)


def test_paths_start_at_the_recipes_folder(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(
        "ingest: {paths: [data/*.jsonl]}\nconduct: own.yaml\n"
        "rewrite: {drafts: {scorer: 'ngram:weights', fluency: 'fluency:sound.npz'}}\n"
    )
    (tmp_path / "weights").mkdir()
    (tmp_path / "sound.npz").touch()
    recipe = load_recipe(path)
    drafts = recipe.rewrite.drafts
    assert drafts.scorer == f"ngram:{tmp_path / 'weights'}"
    assert drafts.fluency == f"fluency:{tmp_path / 'sound.npz'}"
    assert recipe.ingest.paths == (str(tmp_path / "data/*.jsonl"),)
    assert recipe.conduct == str(tmp_path / "own.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such recipe"), ("a: [", "is not YAML"), ("- a", "holds list"), ("", "NoneType")],
)
def test_an_unreadable_recipe_is_named(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "recipe.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(RecipeError, match=said):
        load_recipe(path)


def test_the_resolved_recipe_reads_back_as_itself() -> None:
    recipe = parse_recipe(SMALL, ["seed=3"])
    assert parse_recipe(yaml.safe_load(dump_recipe(recipe))) == recipe


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_shipped_recipes_are_valid(path: Path) -> None:
    assert isinstance(load_recipe(path), Recipe)


def test_every_shipped_recipe_is_of_a_kind_that_is_tested() -> None:
    known = {*RECIPES, *TUNINGS, *TRAININGS, *NATIVE}
    assert known == set(SHIPPED.rglob("*.yaml"))
    assert len(NATIVE) == 2


@pytest.mark.parametrize("path", [*TRAININGS, *NATIVE], ids=lambda path: path.stem)
def test_shipped_trainings_are_valid(path: Path) -> None:
    assert isinstance(load_pretrain(path), Pretrain)


@pytest.mark.parametrize("path", TUNINGS, ids=lambda path: path.stem)
def test_shipped_tunings_are_valid(path: Path) -> None:
    recipe = load_tune(path)
    assert isinstance(recipe, Tune)
    assert all(Path(each).is_absolute() for each in recipe.data.paths)


def test_a_missing_secret_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    with pytest.raises(RecipeError, match=r"SOME_KEY is not set.*export SOME_KEY"):
        secret("SOME_KEY")


@pytest.mark.parametrize("root", [Recipe, Pretrain])
def test_every_setting_says_what_it_is(root: type[BaseModel]) -> None:
    schema = root.model_json_schema()
    undocumented = [
        f"{name}.{key}"
        for name, section in schema["$defs"].items()
        for key, field in section["properties"].items()
        if "description" not in field and "$ref" not in field
    ]
    assert not undocumented
