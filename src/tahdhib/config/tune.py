"""What a tuning can be told: a model that answers is made of one that only goes on with text."""

from typing import Annotated, Literal

from pydantic import Field

from tahdhib.config.recipe import Section

Method = Literal["sft", "dpo"]
"""Supervised fine-tuning on answers, or direct preference optimization on pairs of them."""


class TunedModel(Section):
    """The model that is tuned."""

    path: str
    """A causal language model of Hugging Face's with its tokenizer: a folder, such as `tahdhib
    pretrain` writes, or a name on the hub."""


class Marks(Section):
    """The tokens with a meaning of their own."""

    end: str | None = None
    """The token that ends an answer; null: the one that the tokenizer names."""
    pad: str | None = None
    """The token that fills a batch up, which may not end an answer; null: the one that the
    tokenizer names, or a new one."""


class Adapters(Section):
    """LoRA: small matrices beside all linear layers are trained, and the model itself is not."""

    rank: Annotated[int, Field(ge=1)] = 16
    """Their inner dimension."""
    scale: Annotated[float, Field(gt=0)] = 2.0
    """How much they count: LoRA's alpha over its rank."""


class Conversations(Section):
    """Questions and answers. Of the names of a field the first counts that a record has."""

    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    """Files, folders or globs, as in a run's `ingest.paths`. Relative paths start at the recipe's
    folder."""
    messages: tuple[str, ...] = ("messages", "conversations")
    """Fields with a whole conversation: messages with `role` and `content` (or `from` and
    `value`), or a text with turns of `Human:` and `Assistant:`."""
    question: tuple[str, ...] = ("instruction", "prompt", "question")
    """Fields with the question, where there is no conversation."""
    input: tuple[str, ...] = ("input", "context")
    """Fields with what the question is about; it follows the question."""
    answer: tuple[str, ...] = ("output", "response", "completion", "answer")
    """Fields with the answer, for `sft`."""
    chosen: tuple[str, ...] = ("chosen",)
    """Fields with the better answer, or the conversation that ends with it, for `dpo`."""
    rejected: tuple[str, ...] = ("rejected",)
    """Fields with the worse one."""
    id: str = "id"
    """Field with the id, by whose hash records are held out; one without goes by its question."""


class HeldOutAnswers(Section):
    """Records that are never trained on."""

    share: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """Share of the records, chosen by a hash of their ids."""
    records: Annotated[int, Field(ge=1)] = 200
    """Most records that are measured: those with the lowest hashes."""
    every: Annotated[int, Field(ge=1)] | None = None
    """Measure after so many steps, too; null: only before the first and after the last."""


class Tuning(Section):
    """Batches, steps, and how they are computed. The paper's App. D has three epochs in batches of
    128, for both methods."""

    context: Annotated[int, Field(ge=2)] = 1024
    """Most tokens of a conversation."""
    too_long: Literal["refuse", "drop"] = "refuse"
    """What is done with a longer one. It is never cut."""
    epochs: Annotated[int, Field(ge=1)] = 3
    """How often each conversation is read."""
    batch: Annotated[int, Field(ge=1)] = 128
    """Conversations, or pairs of answers, of a step."""
    micro_batch: Annotated[int, Field(ge=1)] = 8
    """Those that are computed at once; gradients are accumulated until the batch is full."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """The highest; null: 2e-5 for `sft`, 1e-6 for `dpo`, and ten times as much with adapters."""
    warmup: Annotated[int, Field(ge=0)] = 20
    """Steps until it is reached."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How it falls afterwards, to nothing."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """Of AdamW."""
    clip: Annotated[float, Field(ge=0)] = 1.0
    """Longest gradient; 0: any."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """`bf16` computes in half precision over weights of fp32."""
    threads: Annotated[int, Field(ge=1)] = 1
    """Threads on CPUs; another number gives other last bits."""
    save_every: Annotated[int, Field(ge=1)] = 200
    """Steps between checkpoints: what a kill costs at most."""
    keep: Annotated[int, Field(ge=1)] = 2
    """Checkpoints that are kept."""


class Tune(Section):
    """A tuning: a model, conversations, and how it learns from them."""

    model: TunedModel
    data: Conversations
    method: Method = "sft"
    """`sft` learns answers; `dpo` learns to prefer one answer to another."""
    lora: Adapters | None = None
    """Train adapters and put them into the weights at the end; null: train all weights. `{}` takes
    the defaults."""
    template: str | None = None
    """A file with a chat template (Jinja), which goes into the model's folder; null: the model's
    own, or a plain one where it has none."""
    vocabulary: Marks = Marks()
    beta: Annotated[float, Field(gt=0)] = 0.1
    """Of `dpo`: how much it costs to leave what the model said before."""
    references: str | None = None
    """Folder for what the model said before of the answers of `dpo`, by content, which trainings
    may share; null: in the model's own folder."""
    held_out: HeldOutAnswers = HeldOutAnswers()
    training: Tuning = Tuning()
    seed: Annotated[int, Field(ge=0, lt=1 << 32)] = 17
    """For the order of the conversations."""
