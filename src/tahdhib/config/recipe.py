"""What a run can be told: one frozen model per stage, every default in exactly one place.

A field's description is its help, printed by `tahdhib recipe` and by the docs.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """A part of the recipe: frozen, and closed to keys that nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Ingest(Section):
    """Where documents come from, and which fields hold what."""

    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    """Files, folders or globs, here or at `hf://`, `s3://`, `gs://`: .jsonl, .csv, .tsv, .txt and
    .html (plain, .gz, .zst), .parquet, .warc, .wet and .arc (plain, .gz). Relative paths start at
    the recipe's folder."""
    text: str = "text"
    """Field with the text; dots reach into nested fields (`page.body`)."""
    html: bool = False
    """The text field holds HTML: take its main text. (.html files and web archives are extracted
    in any case.)"""
    id: str | None = None
    """Field with a unique id; null: a hash of the text."""
    metadata: tuple[str, ...] = ()
    """Fields to carry along, by their dotted names."""
    buckets: Annotated[int, Field(ge=1, le=65536)] = 16
    """Shards that every later stage works through one by one. Raise it when a bucket passes
    256 MB of text; published files do not depend on it for the rules, copy and random workers."""
    max_document_bytes: Annotated[int, Field(ge=1)] = 16_000_000
    """A longer text goes to quarantine."""


class Folding(Section):
    """What is folded before documents are compared; the text that is kept stays as it is."""

    rung: Literal["none", "orthographic", "aggressive"] = "orthographic"
    """`none` compares words as they stand; `orthographic` folds Unicode and presentation forms,
    letter case, diacritics, tatweel; `aggressive` also ى/ي, ة/ه and elongated letters, with which
    the Arabic benchmark found more duplicates and no more false ones (docs/log.md)."""
    hamza: bool = True
    """Fold the seats of alef and hamza (أ إ آ ؤ ئ); not at rung `none`."""
    digits: bool = False
    """Read every digit as 0: finds pages that differ in dates and prices, and merges templates
    (19 of 100 stubs of the Arabic benchmark, docs/log.md)."""
    punctuation: bool = True
    """Read marks and symbols as spaces."""


class Boilerplate(Section):
    """Which lines belong to a site and not to a document."""

    site: str | None = None
    """Metadata field that names a document's site; of a URL its host counts. Null: the whole
    corpus is one site."""
    min_documents: Annotated[int, Field(ge=2)] = 10
    """A line that stands in so many documents of its site is boilerplate."""
    min_share: Annotated[float, Field(ge=0, le=1)] = 0.001
    """... if these are also at least such a share of the site's documents."""
    min_characters: Annotated[int, Field(ge=1)] = 3
    """Shorter lines, in letters and digits, count as part of their document."""


class Dedup(Section):
    """What counts as the same document twice."""

    folding: Folding = Folding()
    boilerplate: Boilerplate | None = Boilerplate()
    """Lines that repeat across documents of a site are left out of matching; null: nothing is."""
    keep: Literal["first", "longest", "best"] = "first"
    """Who stays of each cluster: the lowest id, the longest text, or the highest `score`; ties go
    to the lowest id."""
    score: str | None = None
    """Metadata field with the number that `keep: best` goes by."""
    against: tuple[str, ...] = ()
    """Run folders, or files as in `ingest.paths`, whose documents must not come again: what is a
    duplicate of one of theirs goes, and is told its id."""
    near: bool = True
    """Also find near-duplicates; false: exact ones only."""
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Jaccard similarity of word shingles from which two documents are one."""
    shingle_words: Annotated[int, Field(ge=1)] = 5
    """Words per shingle."""
    hashes: Annotated[int, Field(ge=8, le=1024)] = 128
    """MinHash permutations; bands follow from them and the threshold."""

    @model_validator(mode="after")
    def _best_is_told_by_a_score(self) -> "Dedup":
        if self.keep == "best" and self.score is None:
            raise ValueError(
                "keep is 'best', but no score says which document that is. Name the metadata field "
                "with the number in dedup.score, or keep 'first' or 'longest'."
            )
        return self


PersonalKind = Literal["email", "phone", "ip", "iban", "national_id"]
"""A kind of personal data, which is also the name of its placeholder."""


class Decontaminate(Section):
    """Evaluation sets that the corpus must not hold."""

    against: tuple[str, ...] = ()
    """Files with items, as in `ingest.paths`."""
    fields: Annotated[tuple[str, ...], Field(min_length=1)] = ("question", "text")
    """Fields of an item that are looked for, each for itself; those that an item lacks are left
    out."""
    words: Annotated[int, Field(ge=2)] = 8
    """An item of so many words is found also where it was edited, by runs of its words and their
    order; a shorter one is found as a whole only, and one of less than four words never."""
    overlap: Annotated[float, Field(gt=0, le=1)] = 0.75
    """Share of an item's words that must stand in a document, in order, for it to be hit. Lower:
    sentences that only resemble an item (see docs/guides/decontaminate.md)."""
    action: Literal["drop", "report"] = "drop"
    """Drop the document, or only write the hit down."""


class Clean(Section):
    """Filters between dedup and annotate; a recipe that does not name this section has none. To
    have them as they stand here: `clean: {}`."""

    boilerplate: bool = True
    """Take lines that dedup found to be a site's own out of the text."""
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = ()
    """ISO 639 codes of the languages that are kept; none named: all."""
    language_probability: Annotated[float, Field(ge=0, le=1)] = 0.65
    """Least probability at which a language is believed; below it the language is `und`, which
    has the thresholds of languages without their own."""
    rules: tuple[Literal["gopher", "c4", "fineweb", "repetition"], ...] = (
        "gopher",
        "c4",
        "fineweb",
        "repetition",
    )
    """Sets of quality rules that a document must pass."""
    thresholds: str = "default"
    """Thresholds of the rules by language: `default`, those of the package, or a YAML file with
    what differs from them."""
    personal_data: tuple[PersonalKind, ...] = ("email", "phone", "ip", "iban", "national_id")
    """Kinds of personal data that become placeholders such as ⟦email⟧."""
    decontaminate: Decontaminate = Decontaminate()


ProtectedKind = Literal[
    "verse",
    "hadith",
    "poetry",
    "quotation",
    "code",
    "formula",
    "link",
    "date",
    "quantity",
    "name",
]
"""A kind of span that nobody may touch, which is also the name of its placeholder."""


HELD: tuple[ProtectedKind, ...] = ("verse", "hadith", "poetry", "code", "name")
"""Kinds that rules leave alone too. The other kinds are theirs to mend: a rule says exactly what it
does to a link or a quotation, and a model does not."""


class Protect(Section):
    """What no model may touch: it sees placeholders such as ⟦verse-1⟧, and what they stand for is
    put back after. The rules leave verses, hadith, poems, code and names alone as well."""

    kinds: tuple[ProtectedKind, ...] = get_args(ProtectedKind)
    """Kinds of spans that are protected; none: nothing is."""
    fingerprints: tuple[str, ...] = ("builtin:quran", "builtin:hadith")
    """Files by which verses and hadith are known without any mark, as `tahdhib conduct fingerprint`
    makes them; `builtin:quran` and `builtin:hadith` are those in the package."""
    names: str | None = None
    """A UTF-8 file with one name per line, found as whole words."""


class OpenAITeacher(Section):
    """Any OpenAI-compatible endpoint."""

    base_url: str = "https://api.openai.com/v1"
    """Where the server listens."""
    model: str = "gpt-4o"
    """Model that writes the rewrites."""
    api_key_env: str | None = "OPENAI_API_KEY"
    """Environment variable with the key; null: the server needs none."""
    temperature: Annotated[float, Field(ge=0)] = 0.0
    """Sampling temperature."""
    max_tokens: Annotated[int, Field(ge=1)] = 4096
    """Most tokens of one reply."""
    structured: Literal["auto", "always", "never"] = "auto"
    """Whether answers are JSON that the server holds the model to by a schema, in place of text
    between tags; `auto`: where the server does so, found once by two small questions."""
    in_flight: Annotated[int, Field(ge=1)] = 16
    """Requests under way at once."""
    timeout_seconds: Annotated[float, Field(gt=0)] = 120.0
    """Longest wait for one reply."""
    retries: Annotated[int, Field(ge=0)] = 3
    """Further tries after a failed call or an answer that is of no use."""
    price_per_million_input: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million tokens that the model reads, in any currency."""
    price_per_million_output: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million tokens that it writes, in the same."""
    budget: Annotated[float, Field(ge=0)] | None = None
    """Most money that this run may ever cost, in the same: a call that might pass it is not sent;
    null: no bound."""

    @model_validator(mode="after")
    def _budget_has_prices(self) -> "OpenAITeacher":
        if self.budget is not None and not (
            self.price_per_million_input or self.price_per_million_output
        ):
            raise ValueError(
                f"budget is {self.budget:g}, but nothing has a price. Set price_per_million_input "
                "and price_per_million_output."
            )
        return self


class BatchTeacher(Section):
    """The model of `annotate.openai`, asked by files that its server works through within a day."""

    poll_seconds: Annotated[float, Field(gt=0)] = 60.0
    """How long to wait before asking again how far the server is."""
    max_requests: Annotated[int, Field(ge=1)] = 50_000
    """Most requests of one file; further ones go into further files."""
    max_bytes: Annotated[int, Field(ge=1)] = 200_000_000
    """Most bytes of one file."""
    price_factor: Annotated[float, Field(ge=0)] = 0.5
    """What a token costs in a batch, as a share of its price in `annotate.openai`."""


class LocalTeacher(Section):
    """A causal language model with a chat template, loaded into this process."""

    model: str = ""
    """Folder that `save_pretrained` wrote, or a name on the hub."""
    revision: str | None = None
    """Which commit, branch or tag on the hub; null: its main branch as it is today."""
    engine: Literal["transformers", "vllm"] = "transformers"
    """What runs the model; `vllm` needs its extra and a GPU."""
    device: str = "auto"
    """Where transformers puts it, such as `cpu` or `cuda:1`; `auto`: all GPUs, else the CPU."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """In which numbers it computes; `auto`: those in which it was saved."""
    temperature: Annotated[float, Field(ge=0)] = 0.0
    """Sampling temperature; 0: the likeliest token each time."""
    max_tokens: Annotated[int, Field(ge=1)] = 4096
    """Most tokens of one reply."""
    batch: Annotated[int, Field(ge=1)] = 8
    """Replies that are written at once: what a kill can cost. vLLM wants hundreds."""


class PeopleTeacher(Section):
    """People, who are handed tasks as a file and whose answers are read back."""

    tasks: str | None = None
    """JSONL file that tasks are written to, with instructions beside it; null: `people/tasks.jsonl`
    in the run folder. One that exists is never overwritten: further tasks go to a further file."""
    answers: tuple[str, ...] = ()
    """Files or globs of such files with answers filled in; those that are not there yet are waited
    for."""
    per_task: Annotated[int, Field(ge=1)] = 1
    """Answers, by different people, that each task waits for; of several the best is chosen as
    among several teachers."""
    missing: Literal["wait", "skip"] = "wait"
    """While tasks wait for an answer the run waits too (exit code 3; the same command goes on), or
    goes on without them once some are answered."""


class Choose(Section):
    """Which documents the teacher is given; how many is `annotate.sample`."""

    by: Literal["random", "stratified", "perplexity", "diversity"] = "random"
    """`random`, as in the paper; `stratified`: some of each value of `field` and of each part of
    `score`; `perplexity`: from one end of `score`; `diversity`: each as unlike the others as can
    be, by words and pairs of words."""
    field: str | None = None
    """Metadata field whose values are strata; of a URL its host counts."""
    score: str | None = None
    """A number per document: a scorer (`fluency:FILE`, `perplexity:MODEL`, `ngram`; see
    `tahdhib score list`), `signal:NAME` of the signals stage, or `metadata:FIELD`."""
    column: str | None = None
    """Which of the scorer's scores; null: its first."""
    bins: Annotated[int, Field(ge=1, le=100)] = 4
    """Strata are made of so many parts of equal size, by `score`."""
    allocation: Literal["proportional", "equal"] = "proportional"
    """`proportional`: strata as large in the sample as in the corpus, each with one at least;
    `equal`: as many of each as there are."""
    end: Literal["high", "low"] = "high"
    """The end of the score that `perplexity` draws from; high is text that surprises the model."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.1
    """... and how much of the corpus that end is."""
    candidates: Annotated[int, Field(ge=1)] = 10
    """`diversity` looks for each document among so many drawn at random."""

    @model_validator(mode="after")
    def _has_what_it_goes_by(self) -> "Choose":
        if self.by == "perplexity" and self.score is None:
            raise ValueError(
                "by is 'perplexity', but no score is named. Train a model of sound text with "
                "`tahdhib score fluency` and name it as score: fluency:FILE."
            )
        if self.by == "stratified" and self.score is None and self.field is None:
            raise ValueError(
                "by is 'stratified', but neither a field nor a score says into which strata. Name "
                "a metadata field, a score, or both."
            )
        return self


class Silver(Section):
    """Further pairs, made by a scorer: documents outside the sample that it minds, without the
    words that it minds most."""

    scorer: str | None = None
    """The scorer, such as `ngram:WEIGHTS` of `tahdhib score train`: it is no witness any more, and
    shares no training set with one. Null: no silver pairs."""
    threshold: Annotated[float, Field(gt=0)] = 0.5
    """From which first score on it minds a text."""
    most_words: Annotated[int, Field(ge=1)] = 4
    """Words that may go; where that is not enough there is no pair."""
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Silver pairs among all pairs that change something, if there are enough documents."""


_WITH_MODELS = ("openai", "batch", "local")
"""Teachers whose name in `annotate.teachers` can be followed by a model's."""


class Annotate(Section):
    """Which documents the teacher rewrites, and who the teacher is."""

    teacher: Literal["rules", "openai", "batch", "local", "people"] = "rules"
    """Who writes the reference rewrites."""
    teachers: tuple[str, ...] = ()
    """Several of them in place of `teacher`, each as such a name or as `openai:MODEL`,
    `batch:MODEL` or `local:MODEL`: of their rewrites that one makes the pair which passes the gate
    and agrees most with the others."""
    samples: Annotated[int, Field(ge=1, le=64)] = 1
    """Rewrites that each model is asked for, of which the best is chosen in the same way."""
    sample: Annotated[int, Field(ge=1)] = 2000
    """Documents that the teacher is given; all of them where the corpus has fewer."""
    choose: Choose = Choose()
    silver: Silver = Silver()
    human_pairs: tuple[str, ...] = ()
    """JSONL files of pairs written by people (`{"toxic": …, "neutral": [...]}` or
    `{"source": …, "rewrite": …}`); `builtin:paradetox` is the set in the package."""
    guidelines: Annotated[int, Field(ge=1)] | None = None
    """Tell a model only so many rules for each document, those that matter for its text, beside
    the grave rules on what must be kept; null: every rule for every document."""
    passage_characters: Annotated[int, Field(ge=200)] = 6000
    """A longer document is cut into passages of at most so many characters, where a paragraph or a
    sentence ends: each is a question of its own to a model, and the answers are put together."""
    openai: OpenAITeacher = OpenAITeacher()
    batch: BatchTeacher = BatchTeacher()
    local: LocalTeacher = LocalTeacher()
    people: PeopleTeacher = PeopleTeacher()

    @model_validator(mode="after")
    def _teachers_are_known(self) -> "Annotate":
        known = get_args(type(self).model_fields["teacher"].annotation)
        asked: set[tuple[str, str]] = set()
        for name in self.teachers or (self.teacher,):
            kind, _, model = name.partition(":")
            if kind not in known or (model and kind not in _WITH_MODELS):
                choices = ", ".join([*known, *(f"{kind}:MODEL" for kind in _WITH_MODELS)])
                raise ValueError(f"teachers names {name!r}; expected {choices}. Name one of these.")
            who = self._who(kind, model)
            if who in asked:
                raise ValueError(
                    f"teachers names one twice, the second time as {name!r}: calls and batches of "
                    "one model share their answers. Name each once, and ask it several times with "
                    "samples."
                )
            asked.add(who)
        return self

    def _who(self, kind: str, model: str) -> tuple[str, str]:
        """Whose answers a teacher's are."""
        if kind in ("openai", "batch"):
            return "endpoint", model or self.openai.model
        if kind != "local":
            return kind, ""
        if not (model or self.local.model):
            raise ValueError(
                "the teacher is 'local', but annotate.local.model names no model. Name a folder "
                "that save_pretrained wrote, or a name on the hub."
            )
        return "local", model or self.local.model

    @model_validator(mode="after")
    def _samples_differ(self) -> "Annotate":
        kinds = {name.partition(":")[0] for name in self.teachers or (self.teacher,)}
        cold = {
            "local": "local" in kinds and self.local.temperature == 0,
            "openai": bool(kinds - {"local", "people"}) and self.openai.temperature == 0,
        }
        for section, is_cold in cold.items():
            if self.samples > 1 and is_cold:
                raise ValueError(
                    f"samples is {self.samples}, but at a temperature of 0 a model says the same "
                    f"each time. Set annotate.{section}.temperature, to 0.7 for example."
                )
        return self


class EditWorker(Section):
    """An encoder that tags each token: keep, delete, replace, insert. It is a small one of
    convolutions, trained from scratch, unless a base is named."""

    base: str | None = None
    """An encoder to start from instead, with its own tokenizer: a name on the Hugging Face hub, or
    a folder in transformers' form. `layers`, `hidden`, `embedding` and `features` then mean
    nothing."""
    base_revision: str = "main"
    """The base's commit on the hub; a branch or tag is what it stands for when training begins, and
    the worker's card says which commit that was."""
    base_learning_rate: Annotated[float, Field(gt=0)] = 5e-5
    """Peak learning rate of the base's own weights; its new head has `learning_rate`."""

    layers: Annotated[int, Field(ge=1)] = 4
    """Layers of the encoder: each reads twice as far as the one before it, up to 8 words."""
    hidden: Annotated[int, Field(ge=16)] = 64
    """Width of the layers."""
    embedding: Annotated[int, Field(ge=8)] = 64
    """Width of the vector that each feature of a token has."""
    features: Annotated[int, Field(ge=256)] = 16384
    """Such vectors; the features (character n-grams, shapes) are hashed to them."""
    labels: Annotated[int, Field(ge=10)] = 400
    """Most edit operations kept, by frequency."""
    epochs: Annotated[float, Field(gt=0)] = 8.0
    """Passes over the training pairs."""
    batch: Annotated[int, Field(ge=1)] = 1024
    """Words and marks per training step, about."""
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    """Peak learning rate; it falls to 0 along a cosine."""
    held_out: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the pairs that training never sees; the figures on the worker's card are theirs."""
    min_precision: Annotated[float, Field(gt=0, lt=1)] = 0.88
    """The keep bias of each family of edits is the smallest that reaches this precision on pairs
    set aside for tuning: the corpus's own where there are any, else those that people wrote, and
    there an edit is right where any of them changed something too."""
    max_changed: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Most of the tuning pairs that change nothing may be changed by the worker, as a share: it
    leans towards keeping until this holds."""
    unchanged_share: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Share of what is trained on that changes nothing: pairs without edits, and rewrites as their
    own sources where those are too few. Null: as the pairs come."""


class CausalBase(Section):
    """The small model that is made from nothing where no other is named: a byte-level vocabulary of
    the pairs, and a network like Llama's."""

    vocabulary: Annotated[int, Field(ge=300)] = 8192
    """Most tokens of its vocabulary."""
    layers: Annotated[int, Field(ge=1)] = 4
    """Layers of the network."""
    hidden: Annotated[int, Field(ge=16)] = 256
    """Width of the layers; a multiple of twice the heads."""
    heads: Annotated[int, Field(ge=1)] = 4
    """Heads of attention."""
    rehearsal: Annotated[int, Field(ge=0)] = 0
    """Samples of words in disorder that it learns to copy before it sees a pair: what a rewrite
    asks for most is to copy."""

    @model_validator(mode="after")
    def _heads_fit(self) -> "CausalBase":
        if self.hidden % (2 * self.heads):
            raise ValueError(
                f"hidden is {self.hidden}, which {self.heads} heads do not share in even parts. "
                "Take a multiple of twice the heads."
            )
        return self


class SelectPairs(Section):
    """Which pairs the worker learns from."""

    by: Literal["all", "high", "low", "random"] = "all"
    """`high`: those whose rewrite lowers `score` most, which are heavy edits; `low`: those with the
    least fall; `random`: as many without looking."""
    pairs: Annotated[int, Field(ge=1)] = 1000
    """How many."""
    score: str | None = None
    """How surprising a text is: `fluency:FILE` or `perplexity:MODEL`."""

    @model_validator(mode="after")
    def _has_what_it_goes_by(self) -> "SelectPairs":
        if self.by in ("high", "low") and self.score is None:
            raise ValueError(
                f"by is {self.by!r}, but no score says how surprising a text is. Train a model of "
                "sound text with `tahdhib score fluency` and name it as score: fluency:FILE."
            )
        return self


class CausalWorker(Section):
    """A causal language model that learns to write the rewrite."""

    model: str = ""
    """Name on the hub, or a folder that `save_pretrained` wrote; empty: a small one from nothing,
    see `base`."""
    revision: str | None = None
    """Which commit, branch or tag on the hub; null: its main branch as it is today."""
    base: CausalBase = CausalBase()
    output: Literal["full", "diff"] = "full"
    """What it writes: the whole rewrite, or the edits that lead to it, which takes few tokens where
    edits are few. Edits that cannot be read are no answer."""
    instruction: Literal["auto", "conduct", "brief"] = "auto"
    """What it is told before each document: the whole conduct, as a teacher is; or only which
    conduct it is. `auto`: a named model the whole, one from nothing, which cannot read it, the
    other."""
    template: Literal["model", "plain"] = "model"
    """The chat template: the model's own, or a plain one, which a model without one has in any
    case."""
    method: Literal["lora", "full"] = "lora"
    """How a named model learns: adapters, merged into it at the end, or all its weights."""
    lora_rank: Annotated[int, Field(ge=1)] = 16
    """Rank of the adapters; they are scaled by twice as much."""
    epochs: Annotated[float, Field(gt=0)] = 3.0
    """Passes over the training pairs."""
    batch: Annotated[int, Field(ge=1)] = 16
    """Samples per training step."""
    micro_batch: Annotated[int, Field(ge=1)] | None = None
    """Samples that are in memory at once, where a step's do not fit; null: all of them."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Peak learning rate, which falls to 0 along a cosine; null: 1e-3 for a model from nothing,
    2e-4 for adapters, 2e-5 for all weights of a named one."""
    checkpoint_steps: Annotated[int, Field(ge=1)] = 500
    """Steps after which the state of the training is put on disk, and the state before it goes: a
    kill costs so many at most."""
    max_length: Annotated[int, Field(ge=16)] = 4096
    """Most tokens of a sample, prompt and answer together; longer pairs are left out, and
    counted."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """In which numbers it learns; `auto`: bfloat16 on a GPU that has them, else float32."""
    held_out: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the pairs that training never sees."""
    measured: Annotated[int, Field(ge=0)] = 200
    """Most held-out pairs that are rewritten for the figures on the worker's card."""
    unchanged_share: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Share of what is trained on that changes nothing: pairs without edits, and rewrites as their
    own sources where those are too few. Null: as the pairs come."""


WorkerKind = Literal["edit", "causal", "rules", "copy", "random"]


class Worker(Section):
    """Who rewrites the corpus."""

    kind: WorkerKind = "edit"
    """`edit` learns from the pairs to tag what goes and what comes, `causal` to write the text;
    `rules` is the rules teacher on every document; `copy` changes nothing and `random` deletes
    words: the null rewriters."""
    random_rate: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Share of words that `random` deletes."""
    threads: Annotated[int, Field(ge=1)] = 1
    """Threads of training; its weights are bit-equal at one thread count. The encoder is so small
    that a second thread gains little, and loses much where other work takes its core."""
    select: SelectPairs = SelectPairs()
    edit: EditWorker = EditWorker()
    causal: CausalWorker = CausalWorker()


Share = tuple[float, float, float, int]
"""Estimate, lower and upper bound, n."""


class GateErrors(Section):
    """What `tahdhib gate calibrate` measured on texts by which it chose nothing.

    A share is [estimate, lower bound, upper bound, n], with Wilson's interval of 95 %."""

    rate: float
    """The joint rate of false refusals that the thresholds were chosen for."""
    refused: dict[str, Share]
    """`people`, `passages` -> refused, by any check, of rewrites that keep what is said."""
    found: dict[str, Share]
    """Kind of planted fault -> refused by any check."""
    checks: dict[str, dict[str, Share]]
    """Reason code -> refused by that check of `people`, `passages` and planted `faults`."""


class Gate(Section):
    """What a rewrite must keep to replace its source."""

    min_length_ratio: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Shortest rewrite, in letters and digits: a share of the source less its removable spans."""
    max_length_ratio: Annotated[float, Field(ge=1)] = 1.3
    """Longest rewrite, measured in the same way."""
    max_repetition: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Most that the share of repeated word 4-grams may grow by."""
    toxicity_tolerance: Annotated[float, Field(ge=0)] = 0.0
    """How much the lexicon toxicity may rise."""
    max_flips: Annotated[int, Field(ge=0)] = 0
    """Most words that the rewrite may deny where the source says them, or the other way round."""
    max_added_words: Annotated[int, Field(ge=0)] = 1
    """Most words that the rewrite may have in place of none of the source's. Where the source may
    speak to a model it is none, and only a term of abuse may be replaced."""
    max_dialect_words: Annotated[int, Field(ge=0)] = 0
    """Most words of a dialect that the rewrite may have turned into standard Arabic; a conduct that
    asks for standard Arabic sets it high."""
    max_gone_words: Annotated[int, Field(ge=0)] = 1
    """Most words that may be gone from the end of the text; a sentence of two may always go."""
    max_names: Annotated[int, Field(ge=0)] = 0
    """In so many places a name may become another word."""
    max_modalities: Annotated[int, Field(ge=0)] = 0
    """So many words of must, may, can or will may become another of these."""
    language_min_letters: Annotated[int, Field(ge=1)] = 40
    """Below so many letters the language is judged by script alone."""
    measured: GateErrors | None = None
    """How often the checks err at these thresholds: `tahdhib gate calibrate` writes it, and reports
    cite it."""


class CausalRewriting(Section):
    """Where a causal worker runs. Nothing here trains it again."""

    engine: Literal["transformers", "vllm", "endpoint"] = "transformers"
    """In this process by transformers or vLLM (an extra, and a GPU), or behind the
    OpenAI-compatible endpoint that serves its folder: `vllm serve`, `transformers serve`."""
    device: str = "auto"
    """Where transformers puts it, such as `cpu` or `cuda:1`; `auto`: all GPUs, else the CPU."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """In which numbers it computes; `auto`: those in which it was saved."""
    batch: Annotated[int, Field(ge=1)] = 32
    """Passages that transformers writes at once, of about one length each time."""
    lookup: Annotated[int, Field(ge=0)] | Literal["pilot"] = 0
    """Tokens that are guessed ahead from the source, since rewrites copy most of it: by vLLM, or by
    transformers at a batch of 1. A server is told so by its own flags. 0: none; `pilot`: as many
    as are worth it by the answers to held-out documents, which the worker's record tells."""
    longest: Annotated[float, Field(gt=0)] = 1.5
    """Longest answer, as a multiple of its source in tokens; one that is not at its end by then is
    no answer."""
    base_url: str = "http://localhost:8000/v1"
    """Where the endpoint listens."""
    model: str | None = None
    """The name by which the endpoint serves the worker; null: its folder's path."""
    api_key_env: str | None = None
    """Environment variable with the endpoint's key; null: it needs none."""
    in_flight: Annotated[int, Field(ge=1)] = 64
    """Requests under way at once, of each process."""
    timeout_seconds: Annotated[float, Field(gt=0)] = 120.0
    """Longest wait for one reply."""
    retries: Annotated[int, Field(ge=0)] = 3
    """Further tries after a failed call."""

    @property
    def at_once(self) -> int:
        """Passages that are asked about together: enough to make batches of about one length, or to
        keep a server busy; so much is lost where a process is."""
        match self.engine:
            case "transformers":
                return 8 * self.batch
            case "endpoint":
                return 2 * self.in_flight
        return 1024

    @model_validator(mode="after")
    def _lookup_is_for_one(self) -> "CausalRewriting":
        if self.lookup and self.engine == "endpoint":
            raise ValueError(
                f"lookup is {self.lookup}, but the engine is an endpoint, which guesses ahead "
                "where its server was started so. Set lookup to 0."
            )
        if self.lookup and self.engine == "transformers" and self.batch > 1:
            raise ValueError(
                f"lookup is {self.lookup}, which transformers can do for one text at a time only, "
                f"and batch is {self.batch}. Set batch to 1, or lookup to 0."
            )
        return self


class Drafts(Section):
    """Several drafts of each rewrite of the edit worker, bolder or shyer with all its edits, from
    one look of its network. The first stands that the gate accepts, `scorer` finds harmless and
    `fluency` no worse than its source; where none is, one that is accepted and harmless, or
    accepted. With neither scorer there is one draft."""

    leans: Annotated[tuple[float, ...], Field(min_length=1)] = (1.0, -1.0, 2.0, 3.0, 4.0, -2.0)
    """By how much further drafts are bolder, in this order: log-odds added to the lean that the
    worker was trained to."""
    scorer: str | None = None
    """What says whether a text is harmful, such as `ngram:WEIGHTS` of `tahdhib score train`. It is
    no witness any more, and shares no training set with one."""
    threshold: Annotated[float, Field(gt=0)] = 0.5
    """From which first score on it minds a text."""
    fluency: str | None = None
    """What says how surprising a text is: `fluency:FILE` of `tahdhib score fluency`, or
    `perplexity:MODEL`. The audit's own measure of fluency then measures what was chosen by it,
    unless it learned from other text."""
    tolerance: Annotated[float, Field(ge=0)] = 0.1
    """Bits a character by which a rewrite may be more surprising than its source."""

    @property
    def choosing(self) -> tuple[str, ...]:
        """The scorers that choose; none where there is one draft."""
        return tuple(spec for spec in (self.scorer, self.fluency) if spec is not None)


class Rewrite(Section):
    """How the worker, or a ladder of them, goes through the corpus."""

    ladder: tuple[WorkerKind, ...] = ()
    """Workers from the cheapest to the dearest. The first sees every document, the next those where
    the gate refused what the one before it made; none named: the recipe's worker alone, which has
    one try. What `worker.KIND` says of each kind holds for it."""
    stricter: Literal["edits", "none"] = "edits"
    """Where the gate refuses a rewrite of a ladder's worker: try once more without the edits at
    fault, or go to the next worker at once. Not for workers that generate."""

    batch: Annotated[int, Field(ge=1)] = 8192
    """Words and marks that the edit worker reads at once, about."""
    drafts: Drafts = Drafts()
    """Drafts that the edit worker makes of each text, and what chooses between them."""
    threads: Annotated[int, Field(ge=1)] = 1
    """Threads of each process; fp32 results are bit-equal at one thread count."""
    refused: Literal["keep", "drop"] = "keep"
    """What happens to a document whose rewrite the gate refuses, or that got no answer from its
    worker; in a ladder: after the last one."""
    max_source_toxicity: Annotated[float, Field(ge=0)] | None = None
    """A source is kept only up to so many terms of the lexicon per 100 words, and dropped above;
    null: always kept."""
    hand_up_from: Annotated[float, Field(gt=0)] | None = None
    """From so many terms of the lexicon per 100 words in what a worker that edits has left, the
    document is handed up to one that generates; null: only what a rule with the action
    `recontextualise` finds is."""
    recontextualise: Literal["keep", "drop"] = "keep"
    """What happens to a document that only a generating worker may rewrite, where none did: keep
    what there is, or drop it."""
    passage_characters: Annotated[int, Field(ge=200)] = 6000
    """What a generating worker is given at once: a longer document is cut where a paragraph or a
    sentence ends, and put together again."""
    patience_seconds: Annotated[float, Field(gt=0)] = 60.0
    """Longest wait for an answer, and as much again for each million characters asked about (each
    thousand, of a worker that generates): then its process is ended, and another one started."""
    max_refused: Annotated[float, Field(gt=0, le=1)] | None = None
    """Stop when the gate refused more than this share of the last 1,000 rewrites; null: never.
    The same command with a larger share goes on where it stopped."""
    price_per_hour: Annotated[float, Field(ge=0)] = 0.0
    """What this machine costs an hour, in any currency; shown while the corpus is rewritten."""
    causal: CausalRewriting = CausalRewriting()

    @model_validator(mode="after")
    def _rungs_differ(self) -> "Rewrite":
        if len(set(self.ladder)) < len(self.ladder):
            raise ValueError(
                f"ladder names a worker twice: {', '.join(self.ladder)}. Name each once, the "
                "cheapest first."
            )
        return self


class Fluency(Section):
    """What the built-in fluency model learns from; `tahdhib score fluency -c RECIPE --out FILE`
    trains it, and `fluency:FILE` is then a scorer."""

    reference: tuple[str, ...] = ()
    """Files, folders or globs of sound text, as in `ingest.paths`: every variety that the corpus
    is to keep, since what the reference lacks counts as less fluent."""
    text: str = "text"
    """Field with the text."""
    order: Annotated[int, Field(ge=1, le=6)] = 3
    """Longest run of words that is learned."""


class Audit(Section):
    """How the result is measured."""

    witness: Annotated[str, Field(min_length=1)] = "ngram"
    """Toxicity scorer of the report, as `name` or `name:argument` (`tahdhib score list`); it must
    not be the gate's, nor share a labelled set with it."""
    scorers: tuple[str, ...] = ()
    """Further scorers, measured before and after beside the witness: `name` or `name:argument`,
    such as `fluency:weights.npz`; relative files start at the recipe's folder."""
    preservation: tuple[str, ...] = ("preservation",)
    """Scorers of pairs that say what each rewrite kept of its source."""
    group_by: tuple[str, ...] | None = None
    """Metadata fields by whose values figures are shown; of a URL its host counts. Null: the first
    of `dedup.boilerplate.site`, `source`, `site`, `url` and `domain` that ingest carries along."""
    cluster: tuple[str, ...] = ("near_duplicates",)
    """What makes documents depend on each other, so that intervals go over clusters of them:
    metadata fields (a site), and `near_duplicates` for documents that share much of their words,
    which counts for documents without such a field, and inside a group that lies in one cluster.
    Of several fields the first that a document has counts. Empty: nothing."""
    topics: Annotated[int, Field(ge=1, le=100)] = 12
    """Topics over which documents are spread, before and after."""
    repetitions: Annotated[int, Field(ge=100)] = 2000
    """Bootstrap repetitions behind each interval."""
    max_documents: Annotated[int, Field(ge=10)] = 20000
    """Documents measured, drawn at random (seeded) where the corpus has more."""
    fluency: Fluency = Fluency()


class Publish(Section):
    """What leaves the run folder."""

    formats: Annotated[tuple[Literal["parquet", "jsonl"], ...], Field(min_length=1)] = (
        "parquet",
        "jsonl",
    )
    """File formats of the corpus."""
    shard_rows: Annotated[int, Field(ge=1)] = 200_000
    """Rows per published file."""
    licence: str = "unknown"
    """Licence of the published text, for the dataset card: yours to state."""
    without: tuple[str, ...] = ()
    """Undo these edits: a rule's, by its id; a worker's own where no rule would act (`edit`); or
    every edit (`rewritten`). What stays of a rewrite must pass the gate again."""


class Recipe(Section):
    """The one validated file that says what a run does."""

    name: Annotated[str, Field(pattern=r"^[\w.-]+$")] = "run"
    """Name of the corpus, on the card and in the report."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 17
    """Seed of every random choice."""
    processes: Annotated[int, Field(ge=1)] = 2
    """Operating-system processes; no result depends on it."""
    engine: Literal["native", "ray"] = "native"
    """Where the work is done: in processes of this machine, or on a Ray cluster that sees the run
    folder under the same path; no result depends on it."""
    ray_address: str | None = None
    """Address of the Ray cluster (`ray://host:10001`, `host:6379`, `auto`); null: Ray starts one
    here."""
    conduct: str = "default"
    """Code of conduct: the name of one in the package, or a YAML file."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """Read only so many records, in the order of the sorted input files."""
    ingest: Ingest
    dedup: Dedup = Dedup()
    clean: Clean | None = None
    protect: Protect = Protect()
    annotate: Annotate = Annotate()
    worker: Worker = Worker()
    gate: Gate = Gate()
    rewrite: Rewrite = Rewrite()
    audit: Audit = Audit()
    publish: Publish = Publish()

    @property
    def rungs(self) -> tuple[WorkerKind, ...]:
        """The workers that rewrite the corpus, the cheapest first."""
        return self.rewrite.ladder or (self.worker.kind,)

    @model_validator(mode="after")
    def _dedup_reads_what_ingest_carries(self) -> "Recipe":
        site = self.dedup.boilerplate.site if self.dedup.boilerplate else None
        score = self.dedup.score if self.dedup.keep == "best" else None
        for setting, field in (("dedup.boilerplate.site", site), ("dedup.score", score)):
            if field is not None and field not in self.ingest.metadata:
                carried = ", ".join(self.ingest.metadata) or "nothing"
                raise ValueError(
                    f"{setting} is {field!r}, a field that ingest.metadata does not carry along; "
                    f"it carries: {carried}. Add it there."
                )
        return self

    @model_validator(mode="after")
    def _annotate_chooses_by_what_there_is(self) -> "Recipe":
        choose = self.annotate.choose
        kind, _, name = (choose.score or "").partition(":")
        fields = {"field": choose.field, "score": name if kind == "metadata" else None}
        for setting, field in fields.items():
            if field is not None and field not in self.ingest.metadata:
                carried = ", ".join(self.ingest.metadata) or "nothing"
                raise ValueError(
                    f"annotate.choose.{setting} names {field!r}, a field that ingest.metadata does "
                    f"not carry along; it carries: {carried}. Add it there."
                )
        if kind == "signal" and self.clean is None:
            raise ValueError(
                f"annotate.choose.score is {choose.score!r}, but a recipe without the section "
                "'clean' has no signals. Add 'clean: {}' to have them."
            )
        return self

    @model_validator(mode="after")
    def _audit_reads_what_ingest_carries(self) -> "Recipe":
        clusters = [name for name in self.audit.cluster if name != "near_duplicates"]
        for setting, fields in (("group_by", self.audit.group_by or ()), ("cluster", clusters)):
            for name in fields:
                if name not in self.ingest.metadata:
                    carried = ", ".join(self.ingest.metadata) or "nothing"
                    raise ValueError(
                        f"audit.{setting} names {name!r}, a field that ingest.metadata does not "
                        f"carry along; it carries: {carried}. Add it there."
                    )
        return self

    @model_validator(mode="after")
    def _drafts_are_made_by_an_edit_worker(self) -> "Recipe":
        if self.rewrite.drafts.choosing and "edit" not in self.rungs:
            raise ValueError(
                "rewrite.drafts names what chooses between drafts of an edit worker, but rewriting "
                f"is for {', '.join(self.rungs)}. Set worker.kind: edit, or name edit in "
                "rewrite.ladder."
            )
        return self

    @model_validator(mode="after")
    def _witness_is_no_judge_in_its_own_cause(self) -> "Recipe":
        if self.audit.witness.partition(":")[0] == "lexicon":
            raise ValueError(
                "audit.witness is 'lexicon', which the gate uses to choose rewrites; a scorer that "
                "chose a document cannot measure the result. Use 'ngram'."
            )
        return self
