#!/bin/sh
# Checks the SARIF that the renderer writes (its snapshot, which has every part of a diagnostic)
# against the schema of SARIF 2.1.0.
#
# Usage: sarif.sh SCHEMA [LOG...]; SCHEMA is OASIS' file sarif-schema-2.1.0.json, LOG is a SARIF
# file to check as well. Needs: python3 with jsonschema.
# Exit status: 0 if all are valid, 1 if one is not, 2 if something is missing.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ $# -lt 1 ] || ! [ -f "$1" ]; then
    echo "sarif: skipped, no schema given: sarif.sh SCHEMA [LOG...]" >&2
    exit 2
fi
if ! python3 -c 'import jsonschema' 2>/dev/null; then
    echo "sarif: skipped, python3 has no jsonschema" >&2
    exit 2
fi
snapshot=$root/compiler/source/src/render/snapshots/platformc_source__render__tests__sarif.snap
exec python3 - "$snapshot" "$@" <<'PY'
import json, sys
import jsonschema

def load(path):
    text = open(path, encoding="utf-8").read()
    if path.endswith(".snap"):
        text = text.split("---\n", 2)[2]
    log = json.loads(text)
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        # The snapshot leaves the pages out, which change more often than the renderer.
        if rule.get("help") == "the page":
            rule["help"] = {"text": "the page", "markdown": "the page"}
    return log

snapshot, schema, *logs = sys.argv[1:]
schema = json.load(open(schema, encoding="utf-8"))
validator = jsonschema.validators.validator_for(schema)(schema)
wrong = 0
for path in [snapshot, *logs]:
    faults = list(validator.iter_errors(load(path)))
    wrong += len(faults)
    for fault in faults:
        print(f"sarif: {path}: {list(fault.path)}: {fault.message}", file=sys.stderr)
# A check that cannot fail says nothing: a level that does not exist has to be found.
spoiled = load(snapshot)
spoiled["runs"][0]["results"][0]["level"] = "fatal"
if not list(validator.iter_errors(spoiled)):
    wrong += 1
    print("sarif: the schema lets a level pass that does not exist", file=sys.stderr)
print(f"sarif: {1 + len(logs)} logs: {wrong} faults")
sys.exit(1 if wrong else 0)
PY
