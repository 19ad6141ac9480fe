"""Build run folders as the stages leave them, small but with every kind of row in them."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from tahdhib.conduct.load import load_conduct
from tahdhib.records import Edit
from tahdhib.store.ledger import Ledger, count_values
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DOCUMENTS, DROPS, PAIRS, QUARANTINE, REFUSALS, REWRITES
from tahdhib.store.shards import write_json, write_rows, write_text
from tahdhib.text.edits import apply

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "</style></div></details> {{ 7*7 }} \u202egnp.exe\u202c \x07 نهاية النص"
)

TEXTS = (
    "القاهرة هى عاصمة مصر، و هى اكبر مدينة فى افريقيا. الموقع جميييييل جداااا و الزوار كتير، عدد "
    "السكان 9,539,673 نسمة حسب تعداد 2017 (Cairo Governorate) و المساحة 606 كم².",
    "أعلنت الشركة اليوم عن افتتاح فرعها الجديد في الرياض !!!! للتواصل واتساب 0555123456 أو عبر "
    "البريد sales@example.com وسوف تستقبل الزوار من الساعة 9 صباحا حتى 11 مساء.",
    "شــــارك المقال عبر فيسبوك | تويتر | واتساب\nقال الوزير إن الميزانية بلغت 4.5 مليار ريال ، "
    "وإن المشروع سيكتمل في 2025/06/30 بإذن الله.",
    "انت غبى و ما بتفهمش حاجة، اقرا المقال تانى من الاول و بعدين اتكلم عن التاريخ.",
    "The committee met on 12 May 2021 and you are such an idiot if you think it was settled. "
    "Read more at https://example.org/minutes.",
    "ليوبولد سيدار سنجور ( 9 اكتوبر 1906 - 20 ديسمبر 2001 ) الشاعر الرئيس كان اول رئيس للسنغال، "
    "اتنازل بمحض ارادته عن الرياسة و رشح عبده ضيوف رئيس للسنغال بداله.",
    "أمثلة على الأطعمة: الكشري والفول والطعمية. اضغط هنا للاشتراك في القناة الآن!!! والطبق "
    "الأشهر هو الكشري المصنوع من الأرز والعدس والمكرونة.",
    "النادي الأهلي فاز على الزمالك بنتيجة ٣-١ في مباراة الأمس، وسجل الأهداف كل من اللاعبين "
    "الثلاثة في الشوط الثاني وسط حضور جماهيري كبيييير.",
)

FIXES: tuple[tuple[str, str, str], ...] = (
    ("جميييييل", "جميل", "shorten-elongation"),
    ("جداااا", "جدا", "shorten-elongation"),
    ("كبيييير", "كبير", "shorten-elongation"),
    ("شــــارك المقال عبر فيسبوك | تويتر | واتساب\n", "", "remove-navigation"),
    (" !!!!", "!", "fix-punctuation"),
    (" ،", "،", "fix-punctuation"),
    (" أو عبر البريد sales@example.com", "", "mask-contacts"),
    ("واتساب 0555123456", "", "mask-contacts"),
    ("انت غبى و ما بتفهمش حاجة، ", "", "remove-insults"),
    (" such an idiot", " mistaken", "edit"),
    (" اضغط هنا للاشتراك في القناة الآن!!!", "", "remove-advertising"),
    ("( 9", "(9", "fix-punctuation"),
    ("2001 )", "2001)", "fix-punctuation"),
    ("بمحض ارادته", "بارادته", "edit"),
)


def edits_of(text: str) -> list[Edit]:
    """The fixes that this text calls for, in order."""
    found = []
    for old, new, by in FIXES:
        start = text.find(old)
        if start >= 0:
            found.append(Edit(start, start + len(old), new, by))
    return sorted(found, key=lambda edit: edit.start)


def build_run(
    root: Path,
    *,
    documents: int = 160,
    until: str = "publish",
    texts: tuple[str, ...] = TEXTS,
    audit: Mapping[str, Any] | None = None,
    kind: str = "edit",
) -> RunFolder:
    """A run folder whose stages are finished up to `until`."""
    run = RunFolder(root)
    _write_frame(run, kind)
    rows = [_document(number, texts[number % len(texts)]) for number in range(documents)]
    rows[0]["text"] = HOSTILE
    rows[0]["id"] = "<b onclick=alert(1)>hostile"
    steps = {
        "ingest": lambda: _ingest(run, rows),
        "dedup": lambda: _dedup(run, rows),
        "annotate": lambda: _annotate(run, rows),
        "worker": lambda: _worker(run, kind),
        "rewrite": lambda: _rewrite(run, rows, kind),
        "audit": lambda: _audit(run, rows, audit),
        "publish": lambda: _publish(run),
    }
    for name, step in steps.items():
        step()
        if name == until:
            break
    return run


def _write_frame(run: RunFolder, kind: str) -> None:
    write_json(
        run.manifest,
        {
            "name": "demo",
            "code_version": "0.1.0",
            "conduct": {"name": "default", "version": "1", "hash": load_conduct("default").hash},
            "recipe_hash": "a" * 64,
            "seed": 17,
            "inputs": [{"path": "data/<b>wiki</b>.jsonl", "bytes": 1_234_567, "sha256": "f" * 64}],
            "command": "tahdhib run -c recipes/demo.yaml --out runs/demo --set 'name=<i>x</i>'",
        },
    )
    recipe = f"name: demo\nseed: 17\nconduct: default\nworker:\n  kind: {kind}\n"
    write_text(run.recipe, recipe)
    write_json(
        run.performance,
        {
            "machine": {"cpu": "a processor", "cores": 2, "python": "3.11.7", "platform": "Linux"},
            "stages": {
                name: {
                    "seconds": seconds,
                    "units": 1800,
                    "unit": "documents",
                    "peak_memory_bytes": 310_000_000,
                }
                for name, seconds in (("ingest", 1.2), ("dedup", 3.4), ("rewrite", 74.2))
            },
        },
    )


def _document(number: int, text: str) -> dict[str, Any]:
    return {"id": f"doc-{number:05d}", "text": text, "metadata": '{"source":"wiki"}'}


def _drop(row: Mapping[str, Any], reason: str, detail: str, other: str | None) -> dict[str, Any]:
    return {**row, "reason": reason, "detail": detail, "other": other}


def _write(run: RunFolder, stage: str, table: str, rows: list[dict[str, Any]], schema: Any) -> None:
    here = run.stage(stage)
    half = (len(rows) + 1) // 2
    write_rows(here.shard(table, 0), rows[:half], schema)
    write_rows(here.shard(table, 1), rows[half:], schema)


def _finish(run: RunFolder, stage: str, came_in: int, went_out: int, **notes: int) -> None:
    here = run.stage(stage)
    drops = count_values(here.shards("drops")) if here.shards("drops") else {}
    if stage == "ingest":
        drops |= count_values(here.shards("quarantine"))
    unit = "pairs" if stage in ("annotate", "worker") else "documents"
    here.finish(Ledger(stage, unit, came_in, went_out, drops, notes))


def _ingest(run: RunFolder, rows: list[dict[str, Any]]) -> None:
    faults = [
        {
            "file": "wiki.jsonl",
            "line": line,
            "reason": reason,
            "detail": "expected a JSON object",
            "excerpt": HOSTILE if line % 2 else '{"text": "القاهرة',
        }
        for line, reason in enumerate(["not_json"] * 5 + ["missing_text"] * 3, start=1)
    ]
    _write(run, "ingest", "quarantine", faults, QUARANTINE)
    namesake = {**_document(2, "نص آخر"), "metadata": "{}"}
    again = _drop(namesake, "duplicate_id", "another text has this id", "doc-00002")
    _write(run, "ingest", "drops", [again], DROPS)
    _write(run, "ingest", "documents", rows, DOCUMENTS)
    _finish(run, "ingest", len(rows) + len(faults) + 1, len(rows))


def _dedup(run: RunFolder, rows: list[dict[str, Any]]) -> None:
    exact, near = len(rows) // 12, len(rows) // 20
    drops = [
        *(_drop(row, "exact_duplicate", "same text", "doc-00001") for row in rows[-exact:]),
        *(
            _drop(row, "near_duplicate", "Jaccard 0.91", "doc-00002")
            for row in rows[-exact - near : -exact]
        ),
    ]
    kept = rows[: -exact - near]
    _write(run, "dedup", "drops", drops, DROPS)
    _write(run, "dedup", "documents", kept, DOCUMENTS)
    _finish(run, "dedup", len(rows), len(kept))
    rows[:] = kept


def _annotate(run: RunFolder, rows: list[dict[str, Any]]) -> None:
    pairs = [
        {
            "id": row["id"],
            "source": row["text"],
            "rewrites": [apply(row["text"], edits_of(row["text"]))],
            "edits": [asdict(edit) for edit in edits_of(row["text"])],
            "teacher": "rules",
            "conduct_hash": "0" * 64,
            "rules_hash": "",
        }
        for row in rows[:20]
    ]
    _write(run, "annotate", "pairs", pairs, PAIRS)
    _finish(run, "annotate", len(pairs), len(pairs))


def _worker(run: RunFolder, kind: str) -> None:
    def rate(estimate: float, n: int) -> dict[str, float]:
        return {"estimate": estimate, "low": estimate - 0.06, "high": estimate + 0.05, "n": n}

    card: dict[str, Any] = {"kind": kind}
    if kind == "edit":
        card |= {
            "parameters": 1_234_567,
            "keep_bias": 1.25,
            "pairs": {"train": 1800, "tune": 100, "held_out": 210},
            "held_out": {
                "all": {"precision": rate(0.86, 640), "recall": rate(0.58, 910)},
                "rules": {"precision": rate(0.93, 410), "recall": rate(0.81, 480)},
                "people": {"precision": rate(0.71, 230), "recall": rate(0.34, 430)},
                "openai:some-model": {"pairs": 0, "precision": None, "recall": None},
            },
        }
        write_json(run.stage("worker").file("model/card.json"), card)
    _finish(run, "worker", 20, 20)


def _rewrite(run: RunFolder, rows: list[dict[str, Any]], kind: str) -> None:
    stamp = {"worker": kind, "worker_hash": "e" * 64, "conduct_hash": "0" * 64, "rules_hash": ""}
    documents, refusals = [], []
    *going, last = rows
    for number, row in enumerate(going):
        edits = [] if kind == "copy" else edits_of(row["text"])
        state = "rewritten" if edits else "untouched"
        if number == 0 and kind != "copy":
            edits, state = [Edit(0, 8, "<svg onload=alert(1)>", "<i>rule</i>")], "rewritten"
        fields = {
            "id": row["id"],
            "source": row["text"],
            "metadata": row["metadata"],
            "edits": [asdict(edit) for edit in edits],
            "reasons": [],
            "text": apply(row["text"], edits),
            "state": state,
        }
        if edits and number % 9 == 5:
            codes = ["numbers", "length"] if number % 2 else ["length"]
            refusals.append(
                {
                    "id": row["id"],
                    "source": row["text"],
                    "rewrite": apply(row["text"], edits),
                    "edits": fields["edits"],
                    "reasons": codes,
                    "details": ["1906 is gone", "ratio 0.41 < 0.50"][-len(codes) :],
                    "worker": kind,
                }
            )
            fields |= {"state": "kept", "text": row["text"], "edits": [], "reasons": codes}
        documents.append({**fields, **stamp})
    drops = [_drop(last, "conduct:incitement", "the conduct says drop", None)]
    _write(run, "rewrite", "refusals", refusals, REFUSALS)
    _write(run, "rewrite", "drops", drops, DROPS)
    _write(run, "rewrite", "documents", documents, REWRITES)
    states = count_values(run.stage("rewrite").shards("documents"), "state")
    _finish(run, "rewrite", len(rows), len(documents), **states, refused=len(refusals))
    rows[:] = going


def interval(estimate: float, low: float, high: float, n: int = 1500) -> dict[str, float]:
    """An interval as the audit writes it."""
    return {"estimate": estimate, "low": low, "high": high, "n": n, "level": 0.95}


def audit_summary(*, is_found: bool = True) -> dict[str, Any]:
    """What the audit leaves: the worker lowers toxicity, or nothing can be told."""
    shift = -0.0123 if is_found else -0.0002
    worker = interval(shift, shift - 0.003, shift + 0.003)
    copy = interval(0.0, 0.0, 0.0)
    edges = [number / 20 for number in range(21)]
    before = [900, 220, 110, 60, 40, 30, 24, 20, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2]
    after = [940, 215, 105, 56, 38, 28, 22, 18, 14, 12, 10, 8, 7, 6, 6, 5, 4, 3, 2, 1]
    groups = ("all", "language=ar", "language=en", "kind=rules", "kind=people")
    toxicity = [
        {
            "measure": "toxicity",
            "unit": "probability",
            "group": group,
            "n": 1500,
            "before": interval(0.0812, 0.0756, 0.0871),
            "after": interval(0.0812 + shift, 0.0636, 0.0744),
            "arms": {
                "worker": {"difference": worker},
                "copy": {"difference": copy},
                "random": {"difference": interval(-0.0011, -0.0026, 0.0004)},
            },
            "against": {
                arm: {
                    "difference": worker,
                    "found": is_found,
                    "smallest": 0.0042,
                    "words": "in words",
                }
                for arm in ("copy", "random")
            },
            "histogram": {"edges": edges, "before": before, "after": after},
        }
        for group in groups
    ]
    length = {
        **toxicity[0],
        "measure": "length",
        "unit": "characters",
        "before": interval(812, 770, 851),
        "after": interval(790, 751, 830),
        "arms": {
            "worker": {"difference": interval(-22.1, -25.0, -19.4)},
            "copy": {"difference": copy},
            "random": {"difference": interval(-40.2, -41.9, -38.8)},
        },
        "against": {},
        "histogram": {"edges": [n * 150 for n in range(21)], "before": before, "after": after},
    }
    measured = [
        ("toxicity", "ar", "Tweets <b>2022</b>", True, interval(0.61, 0.57, 0.65, 3000)),
        ("toxicity", "ar", "Contrasts", False, interval(0.52, 0.50, 0.55, 2000)),
        ("toxicity", "en", "Comments", True, interval(0.93, 0.92, 0.94, 5000)),
        ("hateful", "ar", "Another score's set", True, interval(0.41, 0.40, 0.42, 3000)),
    ]
    card = {
        "name": "ngram",
        "version": "1",
        "measures": "toxicity",
        "scores": [
            {"name": "toxicity", "unit": "probability", "tells": "how toxic"},
            {"name": "hateful", "unit": "probability", "tells": "how hateful"},
        ],
        "languages": ["ar", "en"],
        "training": [],
        "measured": [
            {
                "score": score,
                "language": language,
                "dataset": dataset,
                "natural": natural,
                "auroc": auroc,
                "positives": 500,
                "calibration_error": 0.1,
            }
            for score, language, dataset, natural, auroc in measured
        ],
        "is_evidence": {"toxicity": {"ar": False, "en": True}},
        "notes": [],
    }
    return {
        "seed": 17,
        "repetitions": 2000,
        "n": 1500,
        "witness": card,
        "measures": [*toxicity, length, *_by_group(worker), *_kept()],
        "score": "toxicity",
        "clusters": {"by": ["source", "near_duplicates"], "number": 240, "largest": 77},
        "domain": {"unlike": 0.41, "n": 1000, "is_far": True},
        "drift": _drift(),
    }


def _by_group(worker: dict[str, float]) -> list[dict[str, Any]]:
    names = [
        "source=<b>aawsat.example</b>",
        "source=صحيفة الرياض",
        "dialect=egy",
        "rule=tatweel",
        "rule=x",
    ]
    return [
        {
            "measure": measure,
            "unit": unit,
            "group": group,
            "n": 300,
            "before": interval(0.08, 0.07, 0.09),
            "after": interval(0.07, 0.06, 0.08),
            "arms": {"worker": {"difference": worker}},
            "against": {},
        }
        for measure, unit in (("toxicity", "probability"), ("perplexity", "per token"))
        for group in names
    ]


def _kept() -> list[dict[str, Any]]:
    return [
        {
            "measure": measure,
            "family": "preservation",
            "tells": f"{measure} that both texts have",
            "unit": "share",
            "group": group,
            "n": 600,
            "after": interval(0.98, 0.97, 0.99, 600),
            "changed": interval(0.03, 0.02, 0.05, 600),
        }
        for group in ("all", "language=ar", "rule=tatweel")
        for measure in ("preservation", "numbers", "negation")
    ]


def _drift() -> dict[str, Any]:
    def spread(names: tuple[str, ...]) -> dict[str, Any]:
        shares = [
            {
                "name": name,
                "before": interval(0.2, 0.18, 0.22),
                "after": interval(0.21, 0.19, 0.23),
                "change": interval(0.01, -0.002, 0.022),
            }
            for name in names
        ]
        return {
            "n": 900,
            "shares": shares,
            "distance": interval(0.012, 0.004, 0.02, 900),
            "moved": interval(0.02, 0.01, 0.03, 900),
        }

    word = {"word": "جميييييل<i>", "before": 40, "after": 2, "odds": -5.1}
    return {
        "dialects": {
            **spread(("msa", "egy", "glf", "lev", "mgr")),
            "moves": [{"from": "egy", "to": "msa", "n": 4}],
            "to_standard": interval(0.01, 0.004, 0.03, 400),
        },
        "topics": spread(("الحكومة · الوزير · القرار", "goal · match", "no words to tell by")),
        "vocabulary": {
            "words": {"before": 60_000, "after": 58_500},
            "kinds": {"before": 12_300, "after": 12_150},
            "overlap": 0.981,
            "lost": [word],
            "gained": [{**word, "word": "جميل", "before": 2, "after": 40}],
        },
    }


def human_audit() -> dict[str, Any]:
    """What `tahdhib review read` leaves."""
    rates = [
        {"label": label, "rate": interval(rate, rate - 0.04, rate + 0.04, 200)}
        for label, rate in (("same", 0.9), ("less", 0.08), ("more", 0.02))
    ]
    return {
        "tasks": 200,
        "annotators": ["first", "second"],
        "answers": 260,
        "questions": [
            {
                "name": "meaning",
                "words": "Does the rewrite say what the source says?",
                "answered": 260,
                "rates": rates,
                "agreement": interval(0.71, 0.6, 0.8, 60),
                "twice": 60,
            }
        ],
    }


def _audit(run: RunFolder, rows: list[dict[str, Any]], summary: Mapping[str, Any] | None) -> None:
    write_json(run.stage("audit").file("summary.json"), summary or audit_summary())
    write_json(run.stage("audit").file("human.json"), human_audit())
    floats = ("before_toxicity", "after_toxicity", "before_length", "after_length")
    schema = pa.schema(
        [("id", pa.string()), ("language", pa.string()), *((name, pa.float64()) for name in floats)]
    )
    table = [
        {
            "id": row["id"],
            "language": "ar",
            "before_toxicity": 0.8 if "idiot" in row["text"] else 0.07,
            "after_toxicity": 0.05,
            "before_length": float(len(row["text"])),
            "after_length": float(len(row["text"])),
        }
        for row in rows
    ]
    _write(run, "audit", "documents", table, schema)
    _finish(run, "audit", len(rows), len(rows))


def _publish(run: RunFolder) -> None:
    kept = run.stage("rewrite").account().went_out
    write_text(run.corpus / "README.md", "# demo\n")
    _finish(run, "publish", kept, kept)
