#!/usr/bin/env bash
# use-kubernetes.sh VERSION (e.g. 1.37.2): makes go.mod require that Kubernetes. Afterwards: go mod tidy, and the slow tests.
# Kubernetes' own go.mod replaces the libraries that it is developed with by folders ("X => ./staging/src/X"); whoever
# imports it must name the published version of each.
set -euo pipefail
cd "$(dirname "$0")"
version=${1:?version}
library=v0.${version#1.}
original=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
replacements=()
for module in $(sed -n 's#^[[:space:]]*\(k8s.io/[^ ]*\) => ./staging/.*#\1#p' "$original"); do
  replacements+=(-replace "$module=$module@$library")
done
go mod edit -require "k8s.io/kubernetes@v$version" "${replacements[@]}"
