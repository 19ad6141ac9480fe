#!/bin/sh
# The whole way of training in minutes on two cores: a corpus, a toy that reads it raw and then
# aligned, learns to answer and to prefer, and is evaluated and compared. It shows that the parts
# work together; a model of this size after so few steps knows nothing.
#
#   make smoke-train                   # again: what is there is not made again
#   DATA=/where/benchmarks/lie make smoke-train
set -eu
run=runs/smoke
data=${DATA:-../shared/data}

tahdhib run -c recipes/smoke/run.yaml --out $run
python recipes/smoke/records.py $run

tahdhib pretrain -c recipes/smoke/1-raw.yaml --out $run/training/1-raw
tahdhib pretrain -c recipes/smoke/2-native.yaml --out $run/training/2-native
tahdhib tune -c recipes/smoke/3-sft.yaml --out $run/training/3-sft
tahdhib tune -c recipes/smoke/4-dpo.yaml --out $run/training/4-dpo

benchmarks="--data-dir $data --limit 60 --task arabicmmlu_authors_ar --task aratrust_lighteval
  --task exams_likelihood --task acva_likelihood"
if [ ! -d "$data" ]; then
  echo "no benchmarks: $data is not there; only what the models write is measured"
  benchmarks=
fi
for model in 1-raw 2-native 3-sft 4-dpo; do
  tahdhib evaluate $run/training/$model --out $run/evaluation/$model $benchmarks \
    --prompts $run/prompts.jsonl --samples 2 --tokens 16
done
tahdhib compare $run/evaluation/* --out $run/compare.md
tahdhib report $run
