#!/bin/sh
# Has other YAML readers read what the YAML writer wrote for the strings of
# compiler/format/tests/strings.json, as values, list items and keys.
#
# Needs: cargo. Uses, and says so when it has to skip: python3 with PyYAML (YAML 1.1), python3 with
# ruamel.yaml (YAML 1.2), kubectl (the parser of Kubernetes; no cluster).
# Exit status: 0 if every reader there is read every string as it was meant, 1 if one did not,
# 2 if there was no reader at all.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
strings=$root/compiler/format/tests/strings.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$root" && cargo run -q -p platformc-format --example yaml_strings) <"$strings" >"$work/out.yaml"

cat >"$work/compare.py" <<'PY'
import json, sys
name, strings, read = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8")), sys.argv[3]
if read.endswith(".json"):
    document = json.load(open(read, encoding="utf-8"))
elif name == "PyYAML":
    import yaml
    document = yaml.safe_load(open(read, encoding="utf-8", newline=""))
else:
    from ruamel.yaml import YAML
    document = YAML(typ="safe", pure=True).load(open(read, encoding="utf-8", newline=""))
wrong = 0
def check(part, want, got):
    global wrong
    if type(got) is not type(want) or got != want:
        wrong += 1
        print(f"{name}: {part} {want!r} was read as {got!r}", file=sys.stderr)
for at, string in enumerate(strings):
    check("value", string, document["values"].get(f"v{at}"))
    check("item", string, document["entries"][at])
    check("value of key", f"k{at}", document["keys"].get(string))
    check("map", [{string: [string]}], document["maps"][at])
check("count", len(strings), len(document["keys"]))
print(f"{name}: {len(strings)} strings as value, item, key and nested key: {wrong} wrong")
sys.exit(1 if wrong else 0)
PY

readers=0
failed=0
run() {
    readers=$((readers + 1))
    python3 "$work/compare.py" "$1" "$strings" "$2" || failed=1
}
if python3 -c 'import yaml' 2>/dev/null; then
    run PyYAML "$work/out.yaml"
else
    echo "PyYAML: skipped, python3 with the module yaml is not there"
fi
if python3 -c 'import ruamel.yaml' 2>/dev/null; then
    run ruamel.yaml "$work/out.yaml"
else
    echo "ruamel.yaml: skipped, python3 with the module ruamel.yaml is not there"
fi
if command -v kubectl >/dev/null 2>&1 && command -v python3 >/dev/null 2>&1; then
    if kubectl annotate --local -f "$work/out.yaml" oracle=yes -o json >"$work/kubectl.json"; then
        run kubectl "$work/kubectl.json"
    else
        echo "kubectl: could not read the document" >&2
        readers=$((readers + 1))
        failed=1
    fi
else
    echo "kubectl: skipped, kubectl or python3 is not there"
fi
[ "$readers" -gt 0 ] || exit 2
exit "$failed"
