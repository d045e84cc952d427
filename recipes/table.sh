#!/usr/bin/env bash
# table.sh RECIPE [OPTION...]: runs a recipe of post-training quantization (calibration/*.yaml, onnx/*.yaml) once for each scheme and calibrator and prints a
# table in Markdown. Options go to every run, such as --set variables.teacher=FOLDER --set variables.data=FOLDER --threads 1.
# Environment: COMPRESS, the command (default: the checkout's program); SAMPLES, samples to calibrate on (256); OUT, folder for the runs (runs/tables);
# SCHEMES and CALIBRATORS, what to run of those below.
set -euo pipefail
recipe=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
read -ra compress <<<"${COMPRESS:-}"
if [ "${#compress[@]}" -eq 0 ]; then compress=(dotnet run --project "$here/../src/CompressionHost.Cli" -c Release --no-build --); fi
out=${OUT:-runs/tables}
samples=${SAMPLES:-256}
mkdir -p "$out"

rule() {
  case $1 in
    ternary) echo 'use: ternary, group: 256' ;;
    binary) echo 'use: binary' ;;
    int4-g32) echo 'use: int4, group: 32' ;;
    int4-g128) echo 'use: int4, group: 128' ;;
    int4-asymmetric-g32) echo 'use: int4, group: 32, symmetric: false' ;;
    int4-asymmetric-g128) echo 'use: int4, group: 128, symmetric: false' ;;
    int8) echo 'use: int8' ;;
    *) echo "no scheme is called '$1'" >&2; exit 2 ;;
  esac
}

calibrate() {
  case $1 in
    rtn | hqq) echo "use: $1" ;;
    *) echo "use: $1, data: train, samples: $samples" ;;
  esac
}

# The value of a metric of metrics.json, which has one a line.
metric() { sed -n "s/^ *\"$2\": *\([-0-9.eE+]*\),\{0,1\}\$/\1/p" "$1/metrics.json"; }

# What the evaluator says of a model, in percent: top-1, the mean of all recalls, or the mean and the least cosine with the outputs of the uncompressed model.
accuracy() {
  awk -F: -v p="$2" '$1 ~ "\"" p "\\.zero-shot\\.top1\"" { top = $2 + 0; found = 1 } $1 ~ "\"" p "\\.retrieval\\..*\\.r[0-9]+\"" { sum += $2; n++ }
    $1 ~ "\"" p "\\.agreement\\.cosine\"" { cosine = $2 + 0; agrees = 1 } $1 ~ "\"" p "\\.agreement\\.minCosine\"" { least = $2 + 0 }
    END { if (found) printf "%.2f", 100 * top; else if (n) printf "%.2f", 100 * sum / n; else if (agrees) printf "%.2f (%.2f)", 100 * cosine, 100 * least; else printf "-" }' "$1/metrics.json"
}

# Median over the weights of the relative error at a layer's output: what was chosen, and rounding to the nearest level.
errors() {
  local values
  values=$(sed -n "s/.*\"event\":\"siteCalibrated\".*\"$2\":\([0-9.eE+-]*\)[,}].*/\1/p" "$1/events.jsonl" | sort -g)
  [ -z "$values" ] && { echo -; return; }
  awk '{ v[NR] = $1 } END { printf "%.4f", v[int((NR + 1) / 2)] }' <<<"$values"
}

echo '| scheme | calibrator | accuracy, % | teacher, % | bytes | times smaller | output error | of rounding | calibration, s |'
echo '|---|---|---|---|---|---|---|---|---|'
for scheme in ${SCHEMES:-ternary binary int4-g32 int4-g128 int4-asymmetric-g32 int4-asymmetric-g128 int8}; do
  for calibrator in ${CALIBRATORS:-rtn hqq gptq smoothquant}; do
    # Moving the difficulty from inputs to weights is for eight bits of both.
    [ "$calibrator" = smoothquant ] && [ "$scheme" != int8 ] && continue
    folder="$out/$scheme-$calibrator"
    rm -rf "$folder"
    if ! "${compress[@]}" run "$recipe" --quiet --output "$folder" --set "quantize=[{match: '*', $(rule "$scheme"), calibrate: {$(calibrate "$calibrator")}}]" "$@" >"$out.log" 2>&1; then
      cat "$out.log" >&2
      exit 1
    fi
    run=$(echo "$folder"/*)
    seconds=$(tr -d ' \n' <"$run/run.json" | sed -n 's/.*{"name":"calibrate","seconds":\([0-9.]*\).*/\1/p')
    echo "| $scheme | $calibrator | $(accuracy "$run" student) | $(accuracy "$run" teacher) | $(metric "$run" size.bytes) | $(printf '%.2f' "$(metric "$run" size.ratio)") | $(errors "$run" outputError) | $(errors "$run" nearestOutputError) | ${seconds:--} |"
  done
done
