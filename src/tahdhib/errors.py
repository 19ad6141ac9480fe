"""What can go wrong, sorted by who can act.

    TahdhibError            the user can act: one sentence on stderr, exit code 2
    ├── RecipeError         a recipe, an option or the environment says something impossible
    ├── DataError           an input is missing, unreadable or not what it claims to be
    ├── EndpointError       a server that the recipe names refuses, hangs or answers nonsense
    ├── MissingExtraError   a feature needs an extra that is not installed
    └── Waiting             somebody else has to do something first; exit code 3

Anything else that escapes is a bug of ours: it keeps its traceback and exits 1.

A message says where, what was seen, what was expected and what to do, in that order.
"""


class TahdhibError(Exception):
    """Base of everything that the user can act on."""


class RecipeError(TahdhibError):
    """A recipe, an option or the environment asks for something that cannot be done."""


class DataError(TahdhibError):
    """An input is missing, unreadable or not what it claims to be."""


class EndpointError(TahdhibError):
    """A server named by the recipe refuses, hangs or answers with nonsense."""


class Waiting(TahdhibError):
    """What is to be done next waits for somebody; the same command goes on once they are done."""


class MissingExtraError(TahdhibError):
    """A feature needs packages that the base install leaves out."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(feature, extra)  # as given, so that it can pass between processes

    def __str__(self) -> str:
        feature, extra = self.args
        return (
            f"{feature} needs packages that the base install leaves out. "
            f"Install them: pip install 'tahdhib[{extra}]'"
        )
