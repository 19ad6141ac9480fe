"""datatrove's n-gram decontamination over documents; run by `contamination.py` in its own Python.

    python contamination_datatrove.py FOLDER WORDS

Reads items.jsonl ([set, text]) and documents.jsonl ([id, text]) of FOLDER; prints one JSON object:
the ids that its filter drops, and the seconds that the filter took. Its indexer asks for lighteval
and a download; the index is what that would write: the hash of each run of WORDS words of an item.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter
from datatrove.utils.text import ngrams, simplify_text


def main() -> None:
    folder, words = Path(sys.argv[1]), int(sys.argv[2])
    config = NGramsDecontConfig(n_grams=words)
    step = NGramsDecontFilter(str(folder), config=config, language="ar")
    hashes: dict[str, set[int]] = {}
    for line in (folder / "items.jsonl").open(encoding="utf-8"):
        name, text = json.loads(line)
        tokens = step.tokenizer.word_tokenize(simplify_text(text, config.norm_config))
        runs = map(" ".join, ngrams(tokens, words))
        hashes.setdefault(name, set()).update(map(step.hash_func, runs))
    for name, numbers in hashes.items():
        array = np.array(sorted(numbers), dtype=config.hash_config.np_descr)
        array.tofile(folder / f"{name}.index.hashes")
    step.load_index_hashes()
    hit = []
    began = time.process_time()
    for line in (folder / "documents.jsonl").open(encoding="utf-8"):
        id, text = json.loads(line)
        if step.filter(Document(text=text, id=id)) is not True:
            hit.append(id)
    print(json.dumps({"hit": hit, "seconds": time.process_time() - began}))


if __name__ == "__main__":
    main()
