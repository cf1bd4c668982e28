#!/bin/bash
# Prints the path of a kube-apiserver, built the first time it is asked for with the Go toolchain through its module proxy.
# Takes 1200 packages: ten minutes on two idle cores, and much longer on busy ones. Cache: ${XDG_CACHE_HOME:-$HOME/.cache}/cgopher-kube.
set -euo pipefail
VERSION=${KUBERNETES_VERSION:-v1.35.4}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cgopher-kube/$VERSION
if [ -x "$CACHE/kube-apiserver" ]; then echo "$CACHE/kube-apiserver"; exit 0; fi
command -v go >/dev/null || { echo 'kube: there is no go' >&2; exit 77; }
WORK=$(mktemp -d)
trap 'chmod -R u+w "$WORK" && rm -rf "$WORK"' EXIT
cd "$WORK"
printf 'module apiserver\ngo 1.26\nrequire k8s.io/kubernetes %s\n' "$VERSION" >go.mod
# Its go.mod replaces the libraries by folders of its own repository: their published versions are the same code.
FILE=$(go mod download -json "k8s.io/kubernetes@$VERSION" | sed -n 's/^.*"GoMod": "\(.*\)",$/\1/p')
sed -n 's/^\t*\(k8s.io\/[a-z0-9-]*\) => \.\/staging.*$/\1/p' "$FILE" | while read -r module; do
  echo "replace $module => $module v0.${VERSION#v1.}" >>go.mod
done
printf '//go:build tools\n\npackage apiserver\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver"\n' >tools.go
echo "kube: building kube-apiserver $VERSION (first time only)" >&2
go mod tidy >&2
mkdir -p "$CACHE"
nice go build -mod=mod -trimpath -ldflags='-s -w' -o "$CACHE/kube-apiserver.part" k8s.io/kubernetes/cmd/kube-apiserver
mv "$CACHE/kube-apiserver.part" "$CACHE/kube-apiserver"
echo "$CACHE/kube-apiserver"
