"""Words by which a sentence shows that it is in a dialect, and those that say the same in standard
Arabic: told word by word, where a model of shares has too little to go by.

Closed classes alone: pronouns, question words, negation, conjunctions, particles of tense, the
most frequent verbs of wanting and doing. A word that standard Arabic has too is in neither list.
Spellings are those of `plain`.
"""

import re
from collections import Counter
from functools import lru_cache

from tahdhib.score.preservation.plain import words

_DIALECT_WORDS = (
    # Egypt
    "مش ده دي دا دول ايه ليه ازاي ازيك فين امتي دلوقتي دلوقت النهارده النهاردة امبارح بكره "
    "عشان علشان عايز عايزه عايزين عاوز عاوزه عاوزين اوي قوي كده كدا برضه برضو لسه احنا انتو "
    "هما بتاع بتاعت بتاعه بتاعها بتاعنا مفيش محدش معلش يلا اهو بقي خالص زي اللي ايوه "
    "حاجه حاجات بص شويه كويس كويسه عشانك لحد اديني هات هاتلي حد واد "
    # the Gulf and Iraq
    "وش ايش شنو شلون شلونك ليش وين الحين توني توه ابي ابغي تبي نبي يبي يبغي ودي مو موب "
    "مب ماهو مافي مافيه كذا هالحين هاذي هذي هذول ذولا عيال واجد وايد حيل زين زينه سوي "
    "سويت يسوي تراي تراني تري حقي حقتي حقه تكفي لين ياخي هسه اكو ماكو هواي "
    "هوايه كلش شكو شوكت منو هيج هاي شبيك وياي وياه وياك يمك باجر خوش "
    # the Levant
    "شو ليش هيك هلا هلق لسا كتير منيح منيحه بدي بدك بدو بدها بدنا بدهم بدكم رح هاد هادا "
    "هيدا هيدي هدول هون هونيك قديش كيفك مبارح بكرا كمان حدا عنجد بلكي ازا انو "
    "كرمال منشان مشان لحالو متل هيدول زلمه الزلمه اجا اجو ليكو معكن "
    # the Maghreb
    "واش علاش بزاف دابا غادي ديال ديالي ديالو ديالك ديالكم كيفاش شحال فين وقتاش شكون باش "
    "والو ماكاين كاين حنا راني راك راه راهو بغيت بغيتي خويا برشا توا باهي غدوه بصح هذاك "
    "هاديك نتا نتي ماشي هاد فيسع درك دروك قداش شنيه شنوه زاده "
)
_DIALECT = frozenset(_DIALECT_WORDS.split())
_STANDARD_WORDS = (
    "ليس ليست ليسوا لست لسنا لم لن لا ماذا لماذا كيف اين الان الذي التي الذين اللذين "
    "اللواتي هذا هذه هؤلاء ذلك تلك هل نحن هكذا جدا لكن لكنه لكنها لكني لكنني سوف اليوم غدا "
    "امس حيث كي لكي لان لانه لانها لانني لانك لدي لديه لديها لدينا لديهم لديك يوجد توجد "
    "اريد تريد يريد نريد تريدين يريدون اود استطيع تستطيع يستطيع نستطيع ان انه انها قد فقد "
    "ايضا شيئا شيء احد كثيرا قليلا حسنا جيد جيده جيدا حقا عندما حتي منذ مثل اي كم متي عليك "
    "يجب ينبغي ربما بعد انني نذهب اذهب ستذهب سنذهب افعل تفعل يفعل فعل فعلت انظر احضر "
)
_STANDARD = frozenset(_STANDARD_WORDS.split())
_VERB = re.compile(
    r"(?:ب[يتن]|ه[ينت]|ح[ينت]|ك[يت])\w{3,}|ما\w{3,}ش|م[يتبا]\w{3,}ش|ما?\w{2,}ناش|ه(?:ال|ل)\w{3,}"
)
"""Verbs with a sign of the present or the future before them, or negation around them."""
_BUT = re.compile(
    r"بي[نتوضا]\w*|بت\w{1,3}$|هي[ائك]\w*|هنا\w*|هند\w*|حي[اثو]\w*|حت\w+|كي\w{1,3}$|كت[اب]\w*|بنا\w*|بنت\w*|بنو\w*|"
    r"ما[^\W]*ش|هت\w{1,2}$|حن[اي]\w*|تهي\w*|مناق\w*|هال\w{1,2}$|بيئ\w*|هيئ\w*|بيت\w*|بيان\w*|بتر\w*|"
    r"كتا\w*|كتب\w*|كيف\w*|كيل\w*|هنو\w*"
)
_CLITICS = "وف"


@lru_cache(maxsize=1 << 14)
def is_dialect(word: str) -> bool:
    """Whether a word in plain spelling is a dialect's and not the standard language's."""
    if word in _DIALECT or (word[0] in _CLITICS and word[1:] in _DIALECT):
        return True
    bare = word[1:] if word[0] in _CLITICS and len(word) > 5 else word
    return _VERB.fullmatch(bare) is not None and _BUT.fullmatch(bare) is None


@lru_cache(maxsize=1 << 14)
def is_standard(word: str) -> bool:
    """Whether a word in plain spelling is one that dialects replace by their own."""
    return word in _STANDARD or (word[0] in _CLITICS and word[1:] in _STANDARD)


def dialect_words(text: str) -> Counter[str]:
    """The words of a dialect in `text`."""
    return Counter(filter(is_dialect, words(text)))


def standard_words(text: str) -> Counter[str]:
    """The words of `text` that stand for a dialect's in the standard language, without a
    conjunction written to them."""
    found = filter(is_standard, words(text))
    return Counter(word if word in _STANDARD else word[1:] for word in found)
