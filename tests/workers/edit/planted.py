"""Small Arabic pairs with noise whose repair is known."""

import random

from tahdhib.text.edits import diff
from tahdhib.workers.edit.examples import TrainingPair

_WORDS = """
    مدينة كبيرة فيها ناس كتير عاشت سنة قبل الحرب كان اول رئيس كتب شعر جميل عن النيل واتولد في مصر
    وبعدين سافر درس الطب رجع بلده عمل مستشفى اسمه معروف لحد دلوقتي بيت قديم شارع طويل بحر واسع
""".split()  # noqa: SIM905 - a text reads better than a list of words
_LINES = ("اشترك في قناتنا على يوتيوب", "شارك على فيسبوك", "حمل التطبيق مجانا")


def planted_pairs(count: int, seed: int) -> list[TrainingPair]:
    """Pairs whose sources have stretched and elongated words, spaces before marks, and lines of
    advertising."""
    chance = random.Random(seed)
    pairs = []
    for number in range(count):
        source, rewrite = _text(chance)
        pairs.append(
            TrainingPair(
                f"planted:{number}", source, (rewrite,), diff(source, rewrite, "rules"), "rules"
            )
        )
    return pairs


def _text(chance: random.Random) -> tuple[str, str]:
    noisy, clean = [], []
    for _ in range(chance.randint(1, 3)):
        words = chance.choices(_WORDS, k=chance.randint(4, 9))
        clean.append(" ".join(words) + "،")
        noisy.append(
            " ".join(_stretched(word, chance) for word in words) + chance.choice(["،", " ،"])
        )
        if chance.random() < 0.3:
            noisy.append(chance.choice(_LINES))
    return "\n".join([*noisy, "تم"]), "\n".join([*clean, "تم"])


def _stretched(word: str, chance: random.Random) -> str:
    roll, place = chance.random(), chance.randint(1, len(word) - 1)
    if roll < 0.1:
        return word[:place] + "ـ" * chance.randint(1, 4) + word[place:]
    if roll < 0.2:
        return word[:place] + word[place - 1] * chance.randint(3, 5) + word[place:]
    return word
