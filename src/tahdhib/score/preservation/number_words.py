"""The words of numbers and units, Arabic and English, each with what it stands for.

Number words of Arabic: standard, with the case endings that are written and with the clitics
و ف ب ل ك ال; the commonest of the dialects. Ordinals count as their number, since `5th` does.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import product
from typing import NamedTuple


class NumberWord(NamedTuple):
    """What a word adds to a number.

    `kind`: one (1-19), ten, hundred, scale (a multiplier), dual, or alone, which goes with no other
    word; `value`: a number, or for what is alone the words of a value; `joined`: و or ف before it;
    `unit`: that of a dual such as سنتان.
    """

    kind: str
    value: Decimal | str
    joined: bool = False
    unit: str | None = None


SIX = "ست"
"""Six, or a lady: a number only before what is counted."""
_NO_NUMBERS = (
    "الاثنين",
    "والاثنين",
    "لست",
    "فلست",
    "ولست",
    "الست",
    "بست",
    "كست",
    "المئه",
    "المائه",
    "المايه",
    "بالمئه",
    "بالمائه",
    "بالمايه",
)
"""Look like number words and are not: Monday, I am not, the lady, per cent."""
_ARABIC: tuple[tuple[str, dict[int, str]], ...] = (
    (
        "one",
        {
            1: "واحد واحده احد احدي حادي",
            2: "اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي اتنين ثنتين تنين",
            3: "ثلاثه ثلاث تلاته تلات ثلاثا",
            4: "اربعه اربع اربعا",
            5: "خمسه خمس خمسا",
            6: "سته ستا ست",
            7: "سبعه سبع سبعا",
            8: "ثمانيه ثماني ثمان تمانيه تمن ثمانيا",
            9: "تسعه تسع تسعا",
            10: "عشره عشر عشرا",
            11: "احداشر حداشر احدعش حدعش",
            12: "اتناشر اطناشر اثنعش طنعش",
            13: "تلتاشر تلطاشر ثلطعش تلطعش",
            14: "اربعتاشر اربعطاشر اربعطعش",
            15: "خمستاشر خمسطاشر خمسطعش",
            16: "ستاشر سطاشر سطعش",
            17: "سبعتاشر سبعطاشر سبعطعش",
            18: "تمنتاشر تمنطاشر ثمنطعش",
            19: "تسعتاشر تسعطاشر تسعطعش",
        },
    ),
    (
        "ten",
        {
            20: "عشرون عشرين",
            30: "ثلاثون ثلاثين تلاتين",
            40: "اربعون اربعين",
            50: "خمسون خمسين",
            60: "ستون ستين",
            70: "سبعون سبعين",
            80: "ثمانون ثمانين تمانين",
            90: "تسعون تسعين",
        },
    ),
    (
        "hundred",
        {
            100: "مئه مائه مايه",
            200: "مئتان مئتين مائتان مائتين مئتي مائتي مئتا مائتا ميتين",
            300: "ثلاثمئه ثلاثمائه ثلاثمايه تلتميه",
            400: "اربعمئه اربعمائه اربعمايه ربعميه",
            500: "خمسمئه خمسمائه خمسمايه خمسميه",
            600: "ستمئه ستمائه ستمايه ستميه",
            700: "سبعمئه سبعمائه سبعمايه سبعميه",
            800: "ثمانيمئه ثمانيمائه ثمانمئه ثمانمائه ثمانمايه تمنميه",
            900: "تسعمئه تسعمائه تسعمايه تسعميه",
            2000: "الفان الفين الفي",
            2 * 10**6: "مليونان مليونين مليوني",
            2 * 10**9: "ملياران مليارين ملياري",
        },
    ),
    (
        "scale",
        {
            10**3: "الف الفا الاف",
            10**6: "مليون مليونا ملايين",
            10**9: "مليار مليارا مليارات بليون",
            10**12: "تريليون تريليونا تريليونات ترليون",
        },
    ),
)
_ARABIC_ALONE = {
    "2": "الثاني الثانيه",
    "3": "ثالث ثالثه",
    "4": "رابع رابعه",
    "5": "خامس خامسه",
    "6": "سادس سادسه",
    "7": "سابع سابعه",
    "8": "ثامن ثامنه",
    "9": "تاسع تاسعه",
    "10": "عاشر عاشره",
    "~10": "عشرات",
    "~100": "مئات مييات",
    "0.5": "نصف",
    "1/3": "ثلث",
    "2/3": "ثلثي ثلثا",
    "0.25": "ربع",
}
_ENGLISH_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ENGLISH_ORDINALS = (
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_ENGLISH_SCALES = {"thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ENGLISH_ALONE = {
    "dozen": "12",
    "tens": "~10",
    "dozens": "~12",
    "hundreds": "~100",
    "thousands": "~1000",
    "millions": "~1000000",
    "billions": "~1000000000",
    "half": "0.5",
    "halves": "0.5",
    "quarter": "0.25",
    "twice": "2",
}
_UNITS = {
    "km": "km kms kilometer kilometers kilometre kilometres كم كلم كيلومتر كيلومترا كيلومترات",
    "m": "m meter meters metre metres متر مترا امتار",
    "cm": "cm centimeter centimeters centimetre centimetres سم سنتيمتر سنتمتر سنتيمترا",
    "mm": "mm millimeter millimeters millimetre millimetres ملم مم مليمتر ملليمتر",
    "mile": "mile miles mi ميل ميلا اميال",
    "foot": "ft foot feet قدم قدما اقدام",
    "inch": "inch inches بوصه بوصات انش",
    "yard": "yard yards يارده ياردات",
    "hectare": "hectare hectares هكتار هكتارا هكتارات",
    "acre": "acre acres فدان فدانا افدنه",
    "kg": "kg kgs kilo kilos kilogram kilograms كغ كجم كيلو كيلوغرام كيلوغراما كيلوغرامات كيلوجرام "
    "كيلوجراما كيلوجرامات",
    "g": "gram grams gramme grammes غرام غراما غرامات جرام جراما جرامات غم",
    "mg": "mg milligram milligrams ملغ ملجم ملغم مليغرام",
    "ton": "ton tons tonne tonnes طن طنا اطنان",
    "pound": "lb lbs pound pounds رطل رطلا ارطال",
    "ounce": "oz ounce ounces اونصه اوقيه",
    "litre": "l liter liters litre litres لتر لترا لترات ليتر ليترا",
    "gallon": "gallon gallons جالون غالون غالونا",
    "barrel": "barrel barrels برميل برميلا براميل",
    "second": "sec secs second seconds ثانيه ثواني ثوان",
    "minute": "min mins minute minutes دقيقه دقايق دقائق",
    "hour": "h hr hrs hour hours ساعه ساعات",
    "day": "day days يوم يوما ايام",
    "week": "week weeks اسبوع اسبوعا اسابيع",
    "month": "month months شهر شهرا اشهر شهور",
    "year": "yr yrs year years سنه سنوات سنين عام عاما اعوام",
    "decade": "decade decades عقد عقود عقدا",
    "century": "century centuries قرن قرنا قرون",
    "USD": "$ usd dollar dollars buck bucks دولار دولارا دولارات",
    "EUR": "€ eur euro euros يورو",
    "GBP": "£ gbp quid استرليني",
    "SAR": "sar riyal riyals ريال ريالا ريالات",
    "EGP": "egp جنيه جنيها جنيهات",
    "AED": "aed dirham dirhams درهم درهما دراهم",
    "dinar": "dinar dinars دينار دينارا دنانير",
    "lira": "lira liras ليره ليرات",
    "cent": "cent cents سنت سنتا",
    "degree": "° degree degrees درجه درجات",
    "watt": "w watt watts واط وات",
    "megawatt": "mw megawatt megawatts ميغاواط ميجاوات ميجاواط",
    "gigabyte": "gb gigabyte gigabytes جيجابايت غيغابايت جيجا",
    "megabyte": "mb megabyte megabytes ميجابايت ميغابايت ميجا",
    "time": "times مرات مره",
}
_DUALS = {
    "year": "سنت عام",
    "month": "شهر",
    "week": "اسبوع",
    "day": "يوم",
    "hour": "ساعت",
    "minute": "دقيقت",
    "second": "ثانيت",
    "decade": "عقد",
    "century": "قرن",
    "km": "كيلومتر",
    "m": "متر",
    "ton": "طن",
    "USD": "دولار",
    "SAR": "ريال",
    "EGP": "جنيه",
    "AED": "درهم",
    "dinar": "دينار",
    "degree": "درجت",
    "time": "مرت",
    "": "شخص رجل طفل طفلت ولد بنت فتات امرات شاب شقيق جندي دولت مدينت قريت منطقت مبارات هدف نقطت "
    "سيارت شركت طائرت صاروخ قذيفت مرحلت قطعت حزب خطوت جهت قضيت مشروع طريقت كلمت صفحت ورقت "
    "حالت جزء جزئ قسم نوع جانب طرف فريق بيت منزل غرفت كتاب رسالت جلست دورت فرصت بطولت جولت "
    "لقاء اجتماع قرار قانون ملف محور اتجاه خيار احتمال قتيل شهيد ضحيت سجين وزير نائب هجوم "
    "انفجار قنبلت عضو مقعد مجموعت فئت عنصر سبب شرط حل امر شيئ موقع مدرست جامعت مستشفي سفينت "
    "قارب حلقت جائزت ميداليت لوحت فيلم البوم اغنيت روايت قصت كوكب",
}
"""Unit, or nothing for what is only counted -> stems of duals, without ان or ين."""
_ONLY_IN_AN = (
    "لاعب طالب مصاب متهم مرشح عامل موظف مواطن مسلح انتحاري صحفي مهاجم ضابط شرطي رئيس مدير طبيب"
)
"""Nouns whose ين is the plural."""


@cache
def unit_words() -> dict[str, str]:
    """Every spelling of a unit -> the unit."""
    return {word: unit for unit, words in _UNITS.items() for word in words.split()}


@cache
def number_words() -> dict[str, NumberWord]:
    """Every spelling of a number word, with its clitics."""
    known: dict[str, NumberWord] = {}
    clitics = product(("", "و", "ف"), ("", "ال", "ب", "بال", "ل", "لل", "ك", "كال"))
    for (front, article), (word, meant) in product(clitics, list(_arabic())):
        known.setdefault(front + article + word, meant._replace(joined=bool(front)))
    for word in _NO_NUMBERS:
        known.pop(word, None)
    return known | dict(_english())


def _arabic() -> Iterator[tuple[str, NumberWord]]:
    for kind, table in _ARABIC:
        for value, words in table.items():
            for word in words.split():
                yield word, NumberWord(kind, Decimal(value))
    for name, words in _ARABIC_ALONE.items():
        for word in words.split():
            yield word, NumberWord("alone", name)
    for unit, stems in _DUALS.items():
        for stem, ending in product(stems.split(), ("ان", "ين")):
            yield stem + ending, NumberWord("dual", Decimal(2), unit=unit or None)
    for stem in _ONLY_IN_AN.split():
        yield stem + "ان", NumberWord("dual", Decimal(2))


def _english() -> Iterator[tuple[str, NumberWord]]:
    for value, word in enumerate(_ENGLISH_ONES.split(), start=1):
        yield word, NumberWord("one", Decimal(value))
    for ten, word in enumerate(_ENGLISH_TENS.split(), start=2):
        yield word, NumberWord("ten", Decimal(10 * ten))
    yield "hundred", NumberWord("hundred", Decimal(100))
    for word, scale in _ENGLISH_SCALES.items():
        yield word, NumberWord("scale", Decimal(scale))
    for place, word in enumerate(_ENGLISH_ORDINALS.split(), start=3):
        yield word, NumberWord("alone", str(place))
    for word, name in _ENGLISH_ALONE.items():
        yield word, NumberWord("alone", name)
