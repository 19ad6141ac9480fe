"""What a sound conduct still lacks: nothing forbids it, and its author should know."""

from collections.abc import Iterator

from tahdhib.conduct.conduct import Conduct, Rule


def remarks(conduct: Conduct) -> list[str]:
    """One line for each thing that is missing, rule by rule."""
    return [line for rule in conduct.rules for line in _of_rule(rule)]


def _of_rule(rule: Rule) -> Iterator[str]:
    if not rule.examples:
        yield f"{rule.id}: has no example, so no test can say whether a teacher understands it"
    elif rule.matcher and not any(one.before == one.after for one in rule.examples):
        yield f"{rule.id}: has no example where it must hold still (before equal to after)"
    elif rule.action != "keep" and all(one.before == one.after for one in rule.examples):
        yield f"{rule.id}: has no example of what it changes"
    if not rule.provenance:
        yield f"{rule.id}: does not say where it comes from (provenance)"
