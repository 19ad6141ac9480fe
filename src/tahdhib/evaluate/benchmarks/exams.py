"""EXAMS, its Arabic part (Hardalov et al. 2020, arXiv 2011.03080), as AceGPT scores it, and by
log-likelihood: school exams in five subjects, four options.
"""

from dataclasses import replace

from tahdhib.evaluate.benchmarks.acegpt import MANY, by_letter, items

_TOPICS = {
    "Islamic Studies": "الدراسات الإسلامية",
    "Science": "العلوم",
    "Social": "الاجتماعيات",
    "Biology": "علم الأحياء",
    "Physics": "علم الفيزياء",
}

_GENERATION, _LIKELIHOOD = by_letter(
    "exams",
    "EXAMS Arabic",
    _TOPICS,
    published=537,
    files=("exams_ar*/exam_test.jsonl", "EXAMS_Arabic/exam_test.jsonl", "exam_test.jsonl"),
    shots=("exams_ar*/exam_dev.jsonl", "EXAMS_Arabic/exam_dev.jsonl", "exam_dev.jsonl"),
)
VARIANTS = (
    _GENERATION,
    replace(
        _GENERATION,
        name="exams_acegpt_0shot",
        says="AceGPT's, no examples, greedy generation, strict letter of the first line",
        shots=(),
        items=items(MANY, _TOPICS, 0),
    ),
    _LIKELIHOOD,
)
