"""Sizes of models by name, from one that two cores train in a minute to the paper's smallest.

All are of Llama's architecture, which every server and library reads: rotary positions, RMS norms,
gated layers, and one matrix for the embeddings and the output. `0.5b` has the dimensions of
Qwen1.5-0.5B, which the paper's App. E continues. (Qwen's own class is not used: transformers opens
any tokenizer beside it as Qwen's, and adds a token.)
"""

from dataclasses import dataclass

from tahdhib.config.pretrain import Size


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's dimensions, and the size of the vocabulary that goes with them."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int

    def parameters(self, vocabulary: int) -> int:
        """Weights with a vocabulary of so many tokens."""
        layer = 4 * self.hidden**2 + 3 * self.hidden * self.inner + 2 * self.hidden
        return vocabulary * self.hidden + self.layers * layer + self.hidden


SHAPES: dict[Size, Shape] = {
    "toy": Shape(96, 4, 4, 256, 4000),
    "4m": Shape(192, 5, 6, 512, 8000),
    "15m": Shape(320, 8, 5, 864, 16000),
    "124m": Shape(768, 12, 12, 2048, 50_000),
    "0.5b": Shape(1024, 24, 16, 2816, 151_936),
}
