"""Are the rules that matter for a document among the k that a model is told, and what is saved?

    python benchmarks/guidelines.py --data ../shared/data [--part tune|report]

One breach of one rule is planted in a clean Wikipedia paragraph (Arabic: ARCD, English: neutral
sentences of WNC), and the rule is looked for among the first k by BM25 (`conduct/guidelines.py`,
pack `saudi`, which holds the default rules too). Breaches come from three places:

* code: what a matcher repairs is put in by a few lines below (tatweel, phone numbers, tags …);
* people: sentences that others wrote and labelled (MHC and HateCheck, OSACT5, ArMI, AdvBench,
  HarmBench, StrongREJECT, WNC's biased sentences, ZAEBUC and JFLEG for language errors);
* templates: for the regional rules there is no labelled text, so a few sentences are put together
  from the word lists below, which were written down before the first run.

Sentences are halved by a hash: cues were chosen by looking at `tune`, and `report` is what is
reported. Recall has Wilson's 95 % interval; chance is what k rules drawn at random would have.
Prints Markdown.
"""

import argparse
import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from tahdhib.conduct.guidelines import Guidelines
from tahdhib.conduct.in_force import Telling
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.prompt import system_prompt
from tahdhib.conduct.told import user_prompt
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import wilson

SEED = 17
EACH = 150
KS = (2, 4, 6, 8, 10)
PACK = "saudi"


def lines(path: Path) -> Iterator[dict]:
    content = path.read_bytes()
    for line in (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines():
        if line.strip():
            yield json.loads(line)


def table(path: Path) -> list[dict]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def drawn(texts: list[str], purpose: str, count: int) -> list[str]:
    return sorted(set(texts), key=lambda text: rank(purpose, SEED, text))[:count]


def paragraphs(data: Path) -> dict[str, list[str]]:
    """Clean paragraphs by language."""
    articles = json.loads(gzip.decompress((data / "arcd/arcd-train.json.gz").read_bytes()))["data"]
    arabic = [part["context"] for article in articles for part in article["paragraphs"]]
    neutral = [row["neutral"] for row in lines(data / "wiki_neutrality_sample/wnc_sample.jsonl.gz")]
    english = [" ".join(neutral[at : at + 5]) for at in range(0, len(neutral) - 5, 5)]
    return {"ar": drawn(arabic, "paragraph", 10_000), "en": drawn(english, "paragraph", 10_000)}


# Breaches by people: rule, language -> sentences


def by_people(data: Path) -> dict[tuple[str, str], list[str]]:
    osact = table(data / "osact5_hate_2022/train.csv.gz")
    armi = list(lines(data / "armi2021_misogyny/ArMI2021_training.jsonl.gz"))
    wnc = list(lines(data / "wiki_neutrality_sample/wnc_sample.jsonl.gz"))
    hateful = {
        "ar": table(data / "hatecheck/mhc_arabic.csv.gz"),
        "en": table(data / "hatecheck/hatecheck_en.csv.gz"),
    }
    found = {
        ("neutralise-hate", code): [r["test_case"] for r in rows if r["label_gold"] == "hateful"]
        for code, rows in hateful.items()
    }
    found["neutralise-hate", "ar"] += [r["Tweet"] for r in osact if r["Hate"] != "NOT_HS"]
    found["neutralise-violence", "ar"] = [r["Tweet"] for r in osact if r["Violence"] == "VIO"]
    found["remove-obscenity", "ar"] = [r["Tweet"] for r in osact if r["Vulgar"] == "VLG"]
    found["respect-equal-dignity", "ar"] = [
        row["text"] for row in armi if row["misogyny"] == "misogyny"
    ]
    found["take-no-side", "en"] = [row["biased"] for row in wnc]
    found["refuse-illegal-help", "en"] = [
        *(row["goal"] for row in table(data / "advbench/harmful_behaviors.csv")),
        *(row["Behavior"] for row in table(data / "harmbench/harmbench_behaviors_text_all.csv")),
        *(row["forbidden_prompt"] for row in table(data / "strongreject/strongreject_dataset.csv")),
    ]
    found["fix-language", "ar"] = [
        r["raw"][:300] for r in lines(data / "zaebuc_gec_ar/train.jsonl.gz")
    ]
    found["fix-language", "en"] = [r["src"] for r in lines(data / "jfleg/dev.jsonl")]
    return found


# Breaches by templates: the regional rules


TEMPLATES = {
    ("respect-alcohol-ban", "ar"): (
        ["جرّبوا", "ننصحكم بتذوق", "لا تفوتوا", "استمتعوا مع أصدقائكم بكأس من"],
        ["الويسكي", "العرق البلدي", "الشمبانيا", "البيرة المثلجة", "النبيذ الأحمر", "الفودكا"],
        ["في نهاية الأسبوع.", "مع العشاء.", "على شاطئ البحر.", "بسعر لا يقاوم."],
    ),
    ("respect-alcohol-ban", "en"): (
        ["You have to try", "Nothing beats", "Treat yourself to", "Come and enjoy"],
        ["a glass of champagne", "our craft beer", "a double whisky", "cheap red wine", "tequila"],
        ["every night.", "with your friends.", "before you drive home.", "at the new pub."],
    ),
    ("respect-pork-ban", "ar"): (
        ["ألذ ما في المطعم", "اطلبوا دون تردد", "وصفة اليوم هي", "لا شيء يضاهي"],
        ["لحم الخنزير المشوي", "النقانق المصنوعة من الخنزير", "شطيرة لحم الخنزير"],
        ["مع الصلصة.", "على الفطور.", "كما يحبها الجميع."],
    ),
    ("respect-pork-ban", "en"): (
        ["Everybody should eat", "The best thing here is", "Order"],
        ["the pork ribs", "crispy bacon", "a ham sandwich", "roast pig"],
        ["for breakfast.", "today.", "without a second thought."],
    ),
    ("respect-dress", "ar"): (
        ["من المضحك أن ترى", "لا معنى اليوم لأن ترتدي", "على كل امرأة أن ترفض أن تلبس"],
        ["الفتاة الحجاب", "المرأة العباءة السوداء", "الطالبة النقاب", "البنت غطاء الرأس"],
        ["في الجامعة.", "في هذا العصر.", "أمام الناس."],
    ),
    ("respect-dress", "en"): (
        ["It is ridiculous to wear", "No modern woman should put on", "Throw away"],
        ["a headscarf", "the abaya", "the hijab", "a veil"],
        ["at university.", "these days.", "in the street."],
    ),
    ("respect-public-gatherings", "ar"): (
        ["تعالوا إلى", "لا تصدقوا من يمنع", "الأجمل في المدينة"],
        ["سهرة الرقص للشباب والبنات", "الحفل المختلط", "النادي الليلي", "الرحلات المختلطة"],
        ["هذا المساء.", "بلا قيود.", "حتى الفجر."],
    ),
    ("respect-public-gatherings", "en"): (
        ["Forget the old customs and join", "Only prudes avoid", "Come to"],
        ["the mixed dance night", "parties where men and women mix", "the nightclub"],
        ["tonight.", "until dawn.", "without your family."],
    ),
    ("respect-prayer-and-holidays", "ar"): (
        ["لا داعي لأن نهتم بـ", "من يلتزم بـ", "سخيف أن نوقف العمل من أجل"],
        ["الأذان", "صوم رمضان", "صلاة الجمعة", "عيد الأضحى", "صلاة التراويح"],
        ["في أيامنا هذه.", "متخلف عن عصره.", "وضياع وقت الناس."],
    ),
    ("respect-prayer-and-holidays", "en"): (
        ["Nobody should care about", "It is silly to stop work for", "Laugh at those who keep"],
        ["Ramadan", "the Friday prayer", "the call to prayer", "the Eid holiday"],
        ["nowadays.", "in a modern office.", "at all."],
    ),
    ("no-proselytising", "ar"): (
        ["ندعوك إلى ترك الإسلام و", "خلاصك الوحيد في", "تعال الأحد المقبل من أجل"],
        ["اعتناق المسيحية", "الدخول في ديانتنا", "المعمودية في كنيستنا", "اتباع البوذية"],
        ["اليوم قبل الغد.", "كما فعل غيرك.", "مع عائلتك كلها."],
    ),
    ("no-proselytising", "en"): (
        ["Leave your religion and", "There is only one way: ", "We ask every reader to"],
        ["accept our gospel", "be baptised in our church", "convert to our faith"],
        ["today.", "before it is too late.", "with all your family."],
    ),
}


def by_templates() -> dict[tuple[str, str], list[str]]:
    return {
        key: [f"{a} {b} {c}" for a in parts[0] for b in parts[1] for c in parts[2]]
        for key, parts in TEMPLATES.items()
    }


# Breaches by code: from a clean paragraph to one that a matcher would repair


def stretched(text: str, number: int) -> str:
    words = text.split(" ")
    places = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    at = places[number % len(places)] if places else 0
    return " ".join([*words[:at], words[at][:2] + "ـــ" + words[at][2:], *words[at + 1 :]])


def drawn_out(text: str, number: int) -> str:
    words = text.split(" ")
    places = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    at = places[number % len(places)] if places else 0
    return " ".join(
        [*words[:at], words[at][:-2] + words[at][-2] * 5 + words[at][-1], *words[at + 1 :]]
    )


def appended(make: Callable[[int], str]) -> Callable[[str, int], str]:
    return lambda text, number: f"{text}\n{make(number)}"


BY_CODE: dict[tuple[str, str], Callable[[str, int], str]] = {
    ("remove-tatweel", "ar"): stretched,
    ("shorten-elongation", "ar"): drawn_out,
    ("mask-contacts", "ar"): appended(lambda n: f"للاستفسار جوال 05{n % 10}{6_314_341 + n * 37}"),
    ("mask-contacts", "en"): appended(
        lambda n: f"Write to office{n}@example-{n % 7}.com for more."
    ),
    ("remove-markup", "ar"): lambda text, n: text.replace(" ", f" <b class=x{n}>", 1) + "</b>",
    ("remove-markup", "en"): lambda text, n: text.replace(" ", f" <span id=n{n}>", 1) + "</span>",
    ("remove-navigation", "ar"): appended(lambda n: f"اقرأ أيضا: الخبر رقم {n}"),
    ("remove-advertising", "ar"): appended(lambda n: f"للاشتراك أرسل sms إلى {88_000 + n}"),
    ("fix-encoding", "ar"): lambda text, n: text.replace(" ", " &quot;", 1) + f"&quot;&nbsp;{n}",
    ("fix-punctuation", "ar"): lambda text, n: text + (" ؟؟؟؟؟" if n % 2 else " ,,وانتهى ."),
}


Planted = dict[tuple[str, str, str], list[str]]
"""Source of the breach, rule, language -> documents."""


def planted(data: Path, part: str) -> Planted:
    clean = paragraphs(data)
    documents: Planted = {}
    for source, breaches in (("people", by_people(data)), ("templates", by_templates())):
        for (rule, code), sentences in breaches.items():
            half = [
                text for text in sentences if rank("half", SEED, text) % 2 == (part == "report")
            ]
            documents[source, rule, code] = [
                inserted(clean[code][number % len(clean[code])], sentence, number)
                for number, sentence in enumerate(drawn(half, "breach", EACH))
            ]
    for (rule, code), put_in in BY_CODE.items():
        start = EACH if part == "report" else 0
        some = (clean[code] * 3)[start : start + EACH]
        documents["code", rule, code] = [put_in(text, n) for n, text in enumerate(some)]
    return documents


def inserted(text: str, sentence: str, number: int) -> str:
    """The sentence between two of the paragraph's, or at its end."""
    borders = [at + 1 for at, sign in enumerate(text) if sign in ".؟!"] or [len(text)]
    at = borders[number % len(borders)]
    return f"{text[:at]} {' '.join(sentence.split())} {text[at:].lstrip()}".strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--part", choices=("tune", "report"), default="report")
    parser.add_argument("--misses", metavar="RULE", help="print where this rule was not found")
    arguments = parser.parse_args()
    conduct = load_conduct(PACK)
    index = Guidelines(conduct, 1)
    ranked_rules = len(index.ranked("x"))
    documents = planted(arguments.data, arguments.part)
    places: dict[tuple[str, str, str], list[int]] = {}
    for key, texts in documents.items():
        places[key] = [place_of(index, key[1], text) for text in texts]
        if arguments.misses == key[1]:
            for text, place in zip(texts, places[key], strict=True):
                if place >= max(KS):
                    print(place, text[:200].replace("\n", " "))
    print(f"conduct {conduct.name} {conduct.hash[:12]}, part {arguments.part}, seed {SEED}\n")
    print("| breach by | rule | language | n |" + "".join(f" recall@{k} |" for k in KS))
    print("|---|---|---|---:|" + "---:|" * len(KS))
    for source in ("code", "people", "templates"):
        group = {key: found for key, found in places.items() if key[0] == source}
        for (_, rule, code), found in sorted(group.items()):
            print(row((source, f"`{rule}`", code), found))
        searched = [at for found in group.values() for at in found if at >= 0]
        print(row((source, "**all that are searched**", "both"), searched))
    chance = " | ".join(f"{k / ranked_rules:.2f}" for k in KS)
    print(f"| chance | any of {ranked_rules} | | | {chance} |\n")
    print_savings(documents)


def place_of(index: Guidelines, rule: str, text: str) -> int:
    """Place of the rule among those that are searched; one that is told always comes before."""
    ranked = index.ranked(text)
    return ranked.index(rule) if rule in ranked else -1


def row(names: tuple[str, ...], found: list[int]) -> str:
    cells = []
    for k in KS:
        share = wilson(sum(at < k for at in found), len(found))
        cells.append(f"{share.estimate:.2f} ({share.low:.2f}-{share.high:.2f})")
    return "| " + " | ".join([*names, str(len(found)), *cells]) + " |"


def print_savings(documents: Planted) -> None:
    """What the prompts of all planted documents take, in characters and in words and marks."""
    texts = [text for some in documents.values() for text in some]
    conduct = load_conduct(PACK)

    def cost(guidelines: int | None) -> tuple[float, float]:
        telling = Telling(conduct, guidelines)
        system = whole = 0
        for text in texts:
            told = telling.of(text)
            prompt = system_prompt(told.conduct, told.language)
            system += len(prompt)
            whole += len(prompt) + len(user_prompt(text, told.conduct, told.language))
        return system / len(texts), whole / len(texts)

    everything = cost(None)
    print("| told | characters of the system prompt | of the request | saved of the request |")
    print("|---|---:|---:|---:|")
    for k in (None, *KS):
        system, whole = cost(k)
        name = "every rule" if k is None else f"k = {k}"
        print(f"| {name} | {system:,.0f} | {whole:,.0f} | {1 - whole / everything[1]:.0%} |")


if __name__ == "__main__":
    main()
