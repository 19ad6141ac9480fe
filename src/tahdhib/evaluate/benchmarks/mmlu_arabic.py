"""MMLU in AceGPT's machine translation (57 subjects), as AceGPT scores it, and by log-likelihood.

AceGPT reports the mean over four categories of the mean over their fields of the mean over the
subjects of each.
"""

from tahdhib.evaluate.benchmarks.acegpt import MANY, SHOTS, items, strict_letter
from tahdhib.evaluate.item import Variant

_TOPICS = {
    "abstract_algebra": "جبر تجريدي",
    "anatomy": "تشريح",
    "astronomy": "علم الفلك",
    "business_ethics": "أخلاقيات الأعمال",
    "clinical_knowledge": "المعرفة السريرية",
    "college_biology": "علم الأحياء الجامعي",
    "college_chemistry": "كيمياء جامعية",
    "college_computer_science": "علوم الحاسوب الجامعية",
    "college_mathematics": "رياضيات جامعية",
    "college_medicine": "طب جامعي",
    "college_physics": "فيزياء جامعية",
    "computer_security": "أمان الحاسوب",
    "conceptual_physics": "فيزياء مفاهيمية",
    "econometrics": "الاقتصاد القياسي",
    "electrical_engineering": "هندسة كهربائية",
    "elementary_mathematics": "رياضيات ابتدائية",
    "formal_logic": "منطق رسمي",
    "global_facts": "حقائق عالمية",
    "high_school_biology": "علم الأحياء الثانوي",
    "high_school_chemistry": "كيمياء ثانوية",
    "high_school_computer_science": "علوم الحاسوب الثانوية",
    "high_school_european_history": "تاريخ أوروبا الثانوي",
    "high_school_geography": "جغرافية ثانوية",
    "high_school_government_and_politics": "الحكومة والسياسة الثانوية",
    "high_school_macroeconomics": "اقتصاد كلي ثانوي",
    "high_school_mathematics": "رياضيات ثانوية",
    "high_school_microeconomics": "اقتصاد جزئي ثانوي",
    "high_school_physics": "فيزياء ثانوية",
    "high_school_psychology": "علم النفس الثانوي",
    "high_school_statistics": "إحصاء ثانوي",
    "high_school_us_history": "تاريخ الولايات المتحدة الثانوي",
    "high_school_world_history": "تاريخ العالم الثانوي",
    "human_aging": "شيخوخة الإنسان",
    "human_sexuality": "جنسانية بشرية",
    "international_law": "قانون دولي",
    "jurisprudence": "فقه",
    "logical_fallacies": "أخطاء منطقية",
    "machine_learning": "تعلم الآلة",
    "management": "إدارة",
    "marketing": "تسويق",
    "medical_genetics": "جينات طبية",
    "miscellaneous": "متفرقات",
    "moral_disputes": "نزاعات أخلاقية",
    "moral_scenarios": "سيناريوهات أخلاقية",
    "nutrition": "تغذية",
    "philosophy": "فلسفة",
    "prehistory": "ما قبل التاريخ",
    "professional_accounting": "محاسبة مهنية",
    "professional_law": "قانون مهني",
    "professional_medicine": "طب مهني",
    "professional_psychology": "علم النفس المهني",
    "public_relations": "علاقات عامة",
    "security_studies": "دراسات الأمان",
    "sociology": "علم الاجتماع",
    "us_foreign_policy": "سياسة خارجية أمريكية",
    "virology": "علم الفيروسات",
    "world_religions": "أديان العالم",
}

_CATEGORIES = {
    "STEM": {
        "physics": ("astronomy", "college_physics", "conceptual_physics", "high_school_physics"),
        "chemistry": ("college_chemistry", "high_school_chemistry"),
        "biology": ("college_biology", "high_school_biology"),
        "computer science": (
            "college_computer_science",
            "computer_security",
            "high_school_computer_science",
            "machine_learning",
        ),
        "math": (
            "abstract_algebra",
            "college_mathematics",
            "elementary_mathematics",
            "high_school_mathematics",
            "high_school_statistics",
        ),
        "engineering": ("electrical_engineering",),
    },
    "humanities": {
        "history": (
            "high_school_european_history",
            "high_school_us_history",
            "high_school_world_history",
            "prehistory",
        ),
        "philosophy": (
            "formal_logic",
            "logical_fallacies",
            "moral_disputes",
            "moral_scenarios",
            "philosophy",
            "world_religions",
        ),
        "law": ("international_law", "jurisprudence", "professional_law"),
    },
    "social sciences": {
        "politics": (
            "high_school_government_and_politics",
            "public_relations",
            "security_studies",
            "us_foreign_policy",
        ),
        "culture": ("human_sexuality", "sociology"),
        "economics": ("econometrics", "high_school_macroeconomics", "high_school_microeconomics"),
        "geography": ("high_school_geography",),
        "psychology": ("high_school_psychology", "professional_psychology"),
    },
    "other (business, health, misc.)": {
        "other": ("global_facts", "miscellaneous", "professional_accounting"),
        "business": ("business_ethics", "management", "marketing"),
        "health": (
            "anatomy",
            "clinical_knowledge",
            "college_medicine",
            "human_aging",
            "medical_genetics",
            "nutrition",
            "professional_medicine",
            "virology",
        ),
    },
}

_FILES = ("mmlu_ar*/mmlu_ar_test.csv*",)
_SHOTS = ("mmlu_ar*/mmlu_ar_dev.csv*",)
_PUBLISHED = 14_042

VARIANTS = (
    Variant(
        name="mmluarabic_acegpt",
        benchmark="MMLU in Arabic (AceGPT)",
        says="AceGPT's, 5 examples, greedy generation, strict letter of the first line",
        published=_PUBLISHED,
        version=1,
        files=_FILES,
        shots=_SHOTS,
        items=items(MANY, _TOPICS, SHOTS),
        ask="generation",
        read=strict_letter,
        new_tokens=10,
        categories=_CATEGORIES,
    ),
    Variant(
        name="mmluarabic_likelihood",
        benchmark="MMLU in Arabic (AceGPT)",
        says="AceGPT's prompt with 5 examples, log-likelihood of the letters",
        published=_PUBLISHED,
        version=1,
        files=_FILES,
        shots=_SHOTS,
        items=items(MANY, _TOPICS, SHOTS),
        ask="likelihood",
        lead=" ",
        categories=_CATEGORIES,
    ),
)
