#!/usr/bin/env bash
# results.sh SECTION...: makes the tables of docs/results.md, from data in data/cifar10 and data/flickr8k_96 (CLIP_benchmark's WebDataset shards). Sections, in the
# order in which they need each other: cifar10-teacher and flickr8k-teacher
# (trained from scratch, some 20 and 7 minutes with bfloat16 instructions, several times as long without), calibration, embeddings, methods, onnx.
# Environment: COMPRESS, the command (default: the checkout's program); DATA (data), MODELS (models) and OUT (runs), folders; THREADS (1); STEPS, to train
# for fewer than the recipes say; METHODS, some of those of the section; and those of table.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
read -ra compress <<<"${COMPRESS:-}"
if [ "${#compress[@]}" -eq 0 ]; then compress=(dotnet run --project "$here/../src/CompressionHost.Cli" -c Release --no-build --); fi
data=$(realpath "${DATA:-data}") models=$(realpath -m "${MODELS:-models}") out=$(realpath -m "${OUT:-runs}") threads=${THREADS:-1}
mkdir -p "$models" "$out"
steps=()
if [ -n "${STEPS:-}" ]; then steps=(--set "distill.steps=$STEPS"); fi

data_set() { case $1 in cifar10) echo "$data/cifar10" ;; flickr8k) echo "$data/flickr8k_96" ;; esac; }

teacher() {
  rm -rf "$out/$1-teacher" "$models/$1-teacher"
  "${compress[@]}" run "$here/$1/teacher.yaml" --threads "$threads" --output "$out/$1-teacher" --set "variables.data=$(data_set "$1")" "${steps[@]}"
  cp -r "$out/$1-teacher"/*/package/huggingface "$models/$1-teacher"
}

calibration() {
  printf '\n%s\n\n' "$1"
  OUT=$out/calibration-$1 "$here/table.sh" "$here/calibration/$1.yaml" --threads "$threads" --set "variables.data=$(data_set "$1")" --set "variables.teacher=$models/$1-teacher"
}

# How far the embeddings of the Flickr8k test set are from the teacher's, for each model that `calibration` packed.
embeddings() {
  local inputs=$out/embeddings/inputs run name cosines
  dotnet build "$here/../tests/Tools/CompareEmbeddings" -c Release --nologo --verbosity quiet >&2
  rm -rf "$out/embeddings"
  mkdir -p "$inputs"
  for shard in "$data"/flickr8k_96/test/*.tar; do tar xf "$shard" -C "$inputs"; done
  # Each line ends with a newline, the last of a file too.
  awk 1 "$inputs"/*.txt >"$out/embeddings/captions.txt"
  encode() { "${compress[@]}" encode "$1" --image "$inputs"/*.jpg --texts "$out/embeddings/captions.txt" --threads "$threads" --output "$2" >/dev/null; }
  encode "$models/flickr8k-teacher" "$out/embeddings/teacher.safetensors"
  for run in "$out"/calibration-flickr8k/*/*/package/native; do
    name=${run#"$out/calibration-flickr8k/"} name=${name%%/*}
    encode "$run" "$out/embeddings/$name.safetensors"
    cosines=$(dotnet run --project "$here/../tests/Tools/CompareEmbeddings" -c Release --no-build -- "$out/embeddings/teacher.safetensors" "$out/embeddings/$name.safetensors")
    echo "$name: ${cosines//$'\n'/, }"
  done
}

# Ternary weights by one method of scales, without and with training.
method() {
  local run
  run="$out/methods/$1"
  rm -rf "$run"
  "${compress[@]}" run "$here/cifar10/ternary-methods.yaml" --quiet --threads "$threads" --output "$run" --set "variables.data=$data/cifar10" \
    --set "variables.teacher=$models/cifar10-teacher" "${steps[@]}" "${@:2}" >"$out/methods.log" 2>&1 || { cat "$out/methods.log" >&2; return 1; }
  awk -F: -v m="$1" '/"ptq.zero-shot.top1"/ { ptq = $2 + 0 } /"student.zero-shot.top1"/ { qat = $2 + 0 } /"zeros"/ { zeros = $2 + 0 }
    END { printf "| %s | %.2f | %.2f | %.1f |\n", m, 100 * ptq, 100 * qat, 100 * zeros }' "$run"/*/metrics.json
}

onnx() {
  printf '\n%s\n\n' "$1"
  OUT=$out/onnx-$1 CALIBRATORS=${CALIBRATORS:-rtn} SCHEMES=${SCHEMES:-int8 int4-g128 int4-asymmetric-g32 ternary binary} "$here/table.sh" "$here/onnx/$1.yaml" \
    --threads "$threads" --set "variables.model=$models/onnx/$1/model.onnx" --set "variables.data=$data/flickr8k_96"
}

for section in "$@"; do
  case $section in
    cifar10-teacher) teacher cifar10 ;;
    flickr8k-teacher) teacher flickr8k ;;
    calibration)
      calibration cifar10
      calibration flickr8k
      ;;
    embeddings) embeddings ;;
    methods)
      printf '\n| method | without training, %% | trained, %% | zeros, %% |\n|---|---|---|---|\n'
      for name in ${METHODS:-factor lsq seq twn absmean tequila}; do
        case $name in
          tequila) method tequila --set variables.method=absmean --set variables.deadZoneBias=1e-3 ;;
          *) method "$name" --set "variables.method=$name" ;;
        esac
      done
      ;;
    onnx)
      dotnet run --project "$here/../tests/Tools/ExtractModels" -c Release -- "$models/onnx"
      onnx minilm
      onnx resnet18
      ;;
    *)
      echo "no section is called '$section'; there are cifar10-teacher, flickr8k-teacher, calibration, embeddings, methods and onnx" >&2
      exit 2
      ;;
  esac
done
