"""EXAMS, its Arabic part (Hardalov et al. 2020, arXiv 2011.03080), as AceGPT scores it, and by
log-likelihood: school exams in five subjects, four options.
"""

from tahdhib.evaluate.benchmarks.acegpt import MANY, SHOTS, items, strict_letter
from tahdhib.evaluate.item import Variant

_TOPICS = {
    "Islamic Studies": "الدراسات الإسلامية",
    "Science": "العلوم",
    "Social": "الاجتماعيات",
    "Biology": "علم الأحياء",
    "Physics": "علم الفيزياء",
}

_FILES = ("exams_ar*/exam_test.jsonl", "EXAMS_Arabic/exam_test.jsonl", "exam_test.jsonl")
_SHOTS = ("exams_ar*/exam_dev.jsonl", "EXAMS_Arabic/exam_dev.jsonl", "exam_dev.jsonl")
_PUBLISHED = 537

VARIANTS = (
    Variant(
        name="exams_acegpt",
        benchmark="EXAMS Arabic",
        says="AceGPT's, 5 examples, greedy generation, strict letter of the first line",
        published=_PUBLISHED,
        version=1,
        files=_FILES,
        shots=_SHOTS,
        items=items(MANY, _TOPICS, SHOTS),
        ask="generation",
        read=strict_letter,
        new_tokens=10,
    ),
    Variant(
        name="exams_acegpt_0shot",
        benchmark="EXAMS Arabic",
        says="AceGPT's, no examples, greedy generation, strict letter of the first line",
        published=_PUBLISHED,
        version=1,
        files=_FILES,
        items=items(MANY, _TOPICS, 0),
        ask="generation",
        read=strict_letter,
        new_tokens=10,
    ),
    Variant(
        name="exams_likelihood",
        benchmark="EXAMS Arabic",
        says="AceGPT's prompt with 5 examples, log-likelihood of the letters",
        published=_PUBLISHED,
        version=1,
        files=_FILES,
        shots=_SHOTS,
        items=items(MANY, _TOPICS, SHOTS),
        ask="likelihood",
        lead=" ",
    ),
)
