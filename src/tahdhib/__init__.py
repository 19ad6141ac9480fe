"""Tahdhib: raw web text in, value-aligned pre-training data out, and proof of what changed.

Each verb of the command line is one function here, with the same arguments:

    import tahdhib
    tahdhib.run("recipes/news.yaml", "runs/news", limit=1000)

Some verbs share their word with the package behind them (`tahdhib.run`, `tahdhib.report` …). The
packages are loaded first, so that the functions are what the names mean here; inside the project,
`from tahdhib.run.pipeline import …` reaches the packages as ever.
"""

import tahdhib.compare
import tahdhib.demo
import tahdhib.doctor
import tahdhib.estimate
import tahdhib.evaluate
import tahdhib.forecast
import tahdhib.pilot
import tahdhib.polish
import tahdhib.report
import tahdhib.run  # noqa: F401 - loaded before its name is bound to the verb
from tahdhib.verbs import (
    annotate,
    answer,
    audit,
    bands,
    clean,
    compare,
    conduct_prompt,
    conduct_redo,
    conduct_rule,
    conduct_show,
    conduct_test,
    conduct_validate,
    dedup,
    demo,
    doctor,
    estimate,
    evaluate,
    forecast,
    gate_calibrate,
    ingest,
    judge,
    pairs,
    pairs_judge,
    pairs_report,
    pairs_tasks,
    pilot,
    polish,
    pretrain,
    pretrain_forecast,
    preview,
    publish,
    publish_model,
    report,
    review_read,
    review_sample,
    rewrite,
    run,
    score_fluency,
    score_list,
    score_run,
    score_show,
    score_train,
    show,
    signals,
    tokens,
    tune,
    worker,
    worker_compare,
)
from tahdhib.version import VERSION as __version__

__all__ = [
    "__version__",
    "annotate",
    "answer",
    "audit",
    "bands",
    "clean",
    "compare",
    "conduct_prompt",
    "conduct_redo",
    "conduct_rule",
    "conduct_show",
    "conduct_test",
    "conduct_validate",
    "dedup",
    "demo",
    "doctor",
    "estimate",
    "evaluate",
    "forecast",
    "gate_calibrate",
    "ingest",
    "judge",
    "pairs",
    "pairs_judge",
    "pairs_report",
    "pairs_tasks",
    "pilot",
    "polish",
    "pretrain",
    "pretrain_forecast",
    "preview",
    "publish",
    "publish_model",
    "report",
    "review_read",
    "review_sample",
    "rewrite",
    "run",
    "score_fluency",
    "score_list",
    "score_run",
    "score_show",
    "score_train",
    "show",
    "signals",
    "tokens",
    "tune",
    "worker",
    "worker_compare",
]
