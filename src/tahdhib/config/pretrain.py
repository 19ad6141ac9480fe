"""What a training can be told. It is a recipe of its own: the corpora of several runs meet in one
model, and several models are trained on one corpus."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tahdhib.config.recipe import Section

Size = Literal["toy", "4m", "15m", "124m", "0.5b"]
"""A size that is known by name; `tahdhib.train.sizes` says what it means."""


class TrainedText(Section):
    """A corpus: texts to train on, or only to be measured on."""

    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    """Files, folders or globs, as in a run's `ingest.paths`. Relative paths start at the recipe's
    folder."""
    text: str = "text"
    """Field with the text."""
    group: str = "source"
    """Field by whose values the loss on held-out text is told."""
    id: str = "id"
    """Field with the id, by whose hash documents are held out; a rewrite has its source's id, so
    that neither is trained on. A document without one goes by its text."""


class Vocabulary(Section):
    """The tokens. Null settings follow the model."""

    path: str | None = None
    """A tokenizer.json, or a model's folder that holds one; null: the vocabulary of `model.path`,
    or else one that is trained on all corpora of the phases."""
    size: Annotated[int, Field(ge=257)] | None = None
    """Tokens of a vocabulary that is trained; null: as many as go with the model's size."""
    end: str | None = None
    """The token after each document; null: the one that the tokenizer names."""


class Model(Section):
    """Where the weights come from."""

    size: Size = "toy"
    """From scratch: `toy` (less than a million parameters), `4m`, `15m`, `124m`, `0.5b` (the shape
    of Qwen1.5-0.5B, which the paper's App. E continues)."""
    path: str | None = None
    """Or go on with a causal language model of Hugging Face's: a folder, or a name on the hub."""


class Share(Section):
    """How much of a phase a corpus is."""

    weight: Annotated[int, Field(ge=1)] = 1
    """Samples of each cycle that are this corpus's."""
    repeats: Annotated[int, Field(ge=1)] = 1
    """Epochs of it that the phase may read."""


class TrainingPhase(Section):
    """A mixture of corpora that is trained on for some steps."""

    name: str
    """What it is called in the record."""
    mix: Annotated[dict[str, Share], Field(min_length=1)]
    """The corpora by name, each with its share: `{native: {weight: 3}, raw: {}}`."""
    steps: Annotated[int, Field(ge=1)] | None = None
    """Steps; null: as many as the repeats allow."""


class HeldOut(Section):
    """Documents that are never trained on, and what they are for."""

    share: Annotated[float, Field(ge=0, lt=1)] = 0.01
    """Share of the documents, chosen by a hash of their ids. A corpus that no phase names is held
    out as a whole: it is only measured."""
    documents: Annotated[int, Field(ge=1)] = 200
    """Most documents of a corpus that loss is measured on: those with the lowest hashes."""
    every: Annotated[int, Field(ge=1)] | None = None
    """Measure after so many steps, too; null: only before the first and at each phase's end."""


class ControlTokens(Section):
    """A token at the start of each document that tells whether it is good or bad (conditional
    training, Korbak et al. 2023). It is learned like any other token, with `documents_apart` only
    read."""

    field: str = "toxicity"
    """Field with a document's score, where more is worse, such as `tahdhib score run --whole`
    writes it. A document without a number there gets no token."""
    threshold: float = 0.5
    """A document that scores more is bad."""
    good: Annotated[str, Field(min_length=1)] = "<|good|>"
    """Special token of good documents; added to the vocabulary where it lacks it."""
    bad: Annotated[str, Field(min_length=1)] = "<|bad|>"
    """Special token of bad documents; the model never writes either."""
    without: Annotated[float, Field(ge=0, lt=1)] = 0.01
    """Share of the documents, drawn by their ids, that get no token all the same."""

    @model_validator(mode="after")
    def _are_two(self) -> "ControlTokens":
        if self.good == self.bad:
            raise ValueError(f"good and bad are both {self.good!r}. Name two tokens.")
        return self


class Optimizing(Section):
    """Batches, steps, and how they are computed."""

    context: Annotated[int, Field(ge=2)] = 256
    """Tokens of a sample. A longer document goes on in the next one."""
    batch: Annotated[int, Field(ge=1)] = 32
    """Samples of a step, over all processes."""
    micro_batch: Annotated[int, Field(ge=1)] = 8
    """Samples that a process computes at once; gradients are accumulated until the batch is
    full."""
    documents_apart: bool = False
    """Let a token see only its own document, and leave the first token of each out of the loss."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    """The highest."""
    warmup: Annotated[int, Field(ge=0)] = 20
    """Steps until it is reached."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How it falls afterwards; `cosine` ends at a tenth of it, `linear` at nothing."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.1
    """Of AdamW."""
    betas: tuple[float, float] = (0.9, 0.95)
    """Of AdamW."""
    clip: Annotated[float, Field(ge=0)] = 1.0
    """Longest gradient; 0: any."""
    precision: Literal["fp64", "fp32", "bf16"] = "fp32"
    """`bf16` computes in half precision over weights of fp32."""
    compile: bool = False
    """Compile the model with torch.compile."""
    fsdp: bool = False
    """Shard weights and optimizer over the processes that `torchrun` or `accelerate launch`
    started; false: each has all of them."""
    threads: Annotated[int, Field(ge=1)] = 1
    """Threads of a process on CPUs; another number gives other last bits."""
    loaders: Annotated[int, Field(ge=0)] = 0
    """Processes that read samples ahead; they change nothing but speed."""
    save_every: Annotated[int, Field(ge=1)] = 200
    """Steps between checkpoints: what a kill costs at most."""
    keep: Annotated[int, Field(ge=1)] = 2
    """Checkpoints that are kept."""


class Dimensions(Section):
    """A model of Llama's kind in numbers, where no folder here holds its config.json."""

    hidden: Annotated[int, Field(ge=1)]
    """Width."""
    layers: Annotated[int, Field(ge=1)]
    """Layers."""
    heads: Annotated[int, Field(ge=1)]
    """Heads of attention."""
    kv_heads: Annotated[int, Field(ge=1)]
    """Those of keys and values."""
    inner: Annotated[int, Field(ge=1)]
    """Width of the gated layers."""
    vocabulary: Annotated[int, Field(ge=1)]
    """Embeddings."""
    tied: bool = False
    """One matrix for the embeddings and the output."""


class Forecast(Section):
    """What `--dry-run` reckons with. Nothing of it changes a training."""

    shape: Dimensions | None = None
    """The base model's dimensions; null: those of the named size, or of the folder's
    config.json."""
    tokens: dict[str, Annotated[float, Field(gt=0)]] | None = None
    """Tokens of the corpora by name, as far as they are known beforehand."""
    gpus: Annotated[int, Field(ge=1)] = 1
    """GPUs at work together."""
    gpu: str = "H100 SXM"
    """What they are, for the reader."""
    teraflops: Annotated[float, Field(gt=0)] = 989.0
    """A GPU's peak in the precision that is computed in, without sparsity."""
    memory_gib: Annotated[float, Field(gt=0)] = 80.0
    """A GPU's memory."""
    utilisation: Annotated[float, Field(gt=0, le=1)] = 0.4
    """Share of the peak that the model's own operations reach: yours to measure."""
    gpu_hour: Annotated[float, Field(ge=0)] = 2.0
    """Price of a GPU hour, in any currency."""


class Pretrain(Section):
    """A training: corpora, phases in sequence, a model, and how it is trained."""

    corpora: Annotated[dict[str, TrainedText], Field(min_length=1)]
    """The corpora by name."""
    phases: Annotated[tuple[TrainingPhase, ...], Field(min_length=1)]
    """Mixtures, one after the other; the paper: raw text, then native text."""
    vocabulary: Vocabulary = Vocabulary()
    model: Model = Model()
    held_out: HeldOut = HeldOut()
    control: ControlTokens | None = None
    """Control tokens; null: none."""
    training: Optimizing = Optimizing()
    forecast: Forecast = Forecast()
    tokens: str | None = None
    """Folder for packed corpora, which trainings may share; null: in the model's own folder."""
    seed: Annotated[int, Field(ge=0, lt=1 << 32)] = 17
    """For the first weights and the order of the samples."""

    @model_validator(mode="after")
    def _phases_name_corpora(self) -> "Pretrain":
        for phase in self.phases:
            for name in phase.mix:
                if name not in self.corpora:
                    raise ValueError(
                        f"phase {phase.name!r} mixes {name!r}, which is none of the corpora "
                        f"({', '.join(self.corpora)}). Add it to them, or name one of them."
                    )
        for name in self.forecast.tokens or ():
            if name not in self.corpora:
                raise ValueError(
                    f"forecast.tokens names {name!r}, which is none of the corpora "
                    f"({', '.join(self.corpora)}). Name one of them."
                )
        return self

    @property
    def trained(self) -> tuple[str, ...]:
        """The corpora that some phase trains on, in the order in which they are named."""
        mixed = {name for phase in self.phases for name in phase.mix}
        return tuple(name for name in self.corpora if name in mixed)
