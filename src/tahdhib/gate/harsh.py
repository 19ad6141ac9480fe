"""Words that say something harsh of somebody without being terms of the lexicon: what goes with
them, people take out on purpose.

The lexicon is for finding; it leaves out what is often harmless. Here nothing is found: a sentence
that is gone is only let go where such a word stood in or beside it. English: what people take out
of ParaDetox in four of five cases (its tuning half), forms of these, and more of the kind; Arabic:
the same of TextDetox. No scorer reads this list.
"""

import re

from tahdhib.score.preservation.plain import words
from tahdhib.score.preservation.stems import is_abuse
from tahdhib.score.toxicity.lexicon import count_terms

_BEGINNINGS = (
    "asinin|asshol|bastard|bigot|bitch|brainless|buffoon|bullshit|charlatan|clueless|crackpot|"
    "cretin|cunt|deplorabl|deranged|despicabl|dickhead|dimwit|dipshit|dishonest|disgrac|disgust|"
    "douche|dumbass|egomaniac|feckless|foolish|fuck|goddam|grifter|gullibl|halfwit|hypocri|idioc|"
    "idiot|ignoran|imbecil|incompeten|inept|jackass|laughabl|lunatic|malignan|moron|narciss|nigg|"
    "nitwit|numbskull|nutcase|obnoxious|pathetic|perver|pinko|pussi|racist|redneck|reprobat|"
    "repulsiv|retard|ridicul|scum|senseless|shameless|shit|sicken|sleaz|slut|sociopath|spineless|"
    "stupid|unhinged|wacko|weirdo|whor|worthless"
)
"""Words that begin so are harsh whatever comes after it."""
_ENGLISH = (
    "arse|ass|asses|balls|butts?|clowns?|cowards?|cowardly|crap|crappy|creeps?|crooks?|crooked|damn|"
    "damned|darn|degenerate|delusional|demented|dick|dumb|dumber|dumbest|dunce|evil|fascists?|filth|"
    "filthy|fools?|freaks?|garbage|hate|hell|insane|irrational|jerks?|junk|lazy|liars?|losers?|ludicrous|"
    "lying|maniacs?|mentally|monsters?|nasty|nazis?|nonsense|nuts|nutty|pigs?|piss|pissed|phony|punk|"
    "psychos?|pussy|rats?|rapists?|rotten|rubbish|shameful|shut|sick|sickos?|silly|snakes?|spoiled|stink|"
    "stinks|suck|sucks|sucked|suckers?|terrible|thugs?|toxic|traitors?|trash|trashy|trolls?|turds?|twats?|"
    "twits?|ugly|useless|vermin|vile|wack|weasels?|whack|whining|wimps?|wtf"
)
_ARABIC = (
    "غبي|غبيه|غبيين|اغبياء|غباء|احمق|حمقي|حمقاء|حماقه|حمار|حمير|كلب|كلاب|تافه|تافهين|قذر|قذره|"
    "وسخ|وسخه|حقير|حقيره|حقراء|لعنه|لعن|يلعن|تلعن|جحش|متخلف|متخلفين|جاهل|خنزير|خنازير|حثاله|زباله|"
    "منافق|كذاب|سخيف|سخيفه|هراء|اخرس|اخرسي|جحيم|دبه|مجوس|زنجي|زنجيه|واطي|واطيين|سافل|وقح|معفن|نذل|"
    "انذال|خسيس|شيطان|شياطين|عاهر|عاهره|فاسق|هبيل|هبيله|هبايل|اهبل|معتوه|طز|خرا|زفت"
)
_HARSH = re.compile(
    rf"(?:{_BEGINNINGS})\w*|(?:{_ENGLISH})s?|(?:و|ف)?(?:ب|ك|ل)?(?:ال|ل)?(?:{_ARABIC})(?:كم|هم|ك|ا)?"
)
"""A word in plain spelling that is one of these."""


SHORT_WORDS = 30
"""In texts of no more words, what is harsh mostly fills the sentence, and goes with it."""


def has_abuse(text: str) -> bool:
    """Whether a term of abuse of the lexicon stands in a text."""
    return any(map(is_abuse, words(text))) or count_terms(text) > 0


def is_harsh(text: str) -> bool:
    """Whether a harsh word or a term of abuse stands in a text."""
    return any(map(_HARSH.fullmatch, words(text))) or has_abuse(text)
