"""Every matcher that needs no model, by the name that a conduct calls it by.

The order is the order in which rules run, whatever order a conduct lists them in: debris first,
so that later rules see letters; whole lines before what stands in them; contacts after the lines
that are made of them; words of abuse after the letters that disguise them; spacing last, since
every removal may leave a gap.
"""

from tahdhib.conduct.rules import (
    advertising,
    contacts,
    contempt,
    elongation,
    encoding,
    incitement,
    insults,
    markup,
    navigation,
    obscenity,
    spacing,
    tatweel,
)
from tahdhib.conduct.rules.change import Matcher

MATCHERS: dict[str, Matcher] = {
    "encoding": encoding.find,
    "markup": markup.find,
    "navigation": navigation.find,
    "advertising": advertising.find,
    "contacts": contacts.find,
    "tatweel": tatweel.find,
    "elongation": elongation.find,
    "obscenity": obscenity.find,
    "insults": insults.find,
    "spacing": spacing.find,
    "incitement": incitement.find,
    "contempt": contempt.find,
}

FINDING = ("incitement", "contempt")
"""Matchers that only find: what they yield must be told otherwise, and no rule without a model can.
They serve rules that recontextualise, or drop."""

RULES_VERSION = 5
"""Raised when a matcher's code changes what it finds, so that older results are redone."""
