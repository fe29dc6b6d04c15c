#!/bin/sh
# Compares how the YAML reader and kubectl type plain scalars, as values and as keys: a fixed list
# and generated ones (SEED, COUNT). Needs cargo, python3 and kubectl (no cluster).
# Exit status: 0 if they agree, 1 if not, 2 if a tool is missing.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
for tool in python3 kubectl; do
    command -v "$tool" >/dev/null 2>&1 || { echo "$tool: not there, skipped"; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/make.py" <<'PY'
import os, random, sys
fixed = """y n Y N yes no on off Yes NO On OFF YES yEs true True TRUE tRUE false null Null NULL nULL ~
0 00 -0 +0 0777 -0777 +017 0o17 -0o17 0O17 0o8 08 09 -08 0b11 -0b11 0B11 0b2 0x1F -0x1F 0X1f 0x 0xg 0x_1
1_000 1__0 1_ 0_ 0_1 _1 +1_0 -_1 685_230.15 ._1 .5_0 .5 -.5 +.5 1. 1.0 1.50 1.2.3 1e3 1E+3 12e03 1e 1.5e3
6.8523015e+5 1e400 -1e400 1e-400 . .. .e5 .1e5 e1 +e1 = << 1:30 12:30:45 190:20:30 1:60 60:00 2001-12-14
2001-12-14t21:59:43.10-05:00 2024-1-1 0.1e-5 nan inf NaN 0b1010_0111 0x_0A_74_AE 02472256 9007199254740993
9223372036854775807 9223372036854775808 18446744073709551615 -9223372036854775808 -9223372036854775809
0xFFFFFFFFFFFFFFFF 0xFFFFFFFFFFFFFFFFF 01777777777777777777777 07777777777777777777777777 0x1p4 + - -- +- 1+1
1- 1-2 0- 00.5 00e1 0e0 -0.0 1.e1 1._5 1_.5 1_e5 5e_1 5e1_0 0b_1 0o_7 -0b_1 0b1e5 0x1e5 00x1 0xe+1""".split()
random.seed(int(os.environ.get("SEED", "1")))
texts = dict.fromkeys(fixed)
while len(texts) < len(fixed) + int(os.environ.get("COUNT", "3000")):
    text = "".join(random.choice("0012789_.eExXoObB+-af") for _ in range(random.randint(1, 7)))
    if text not in ("-", "---", "...") and not text.lower().endswith((".inf", ".nan")):
        texts[text] = None
with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write("apiVersion: v1\nkind: Scalars\nmetadata: {name: scalars}\nvalues:\n")
    for text in texts:
        if text not in ("-",):
            out.write(f"- text: '{text}'\n  value: {text}\n")
    out.write("keys:\n")
    for text in texts:
        # kubectl refuses null, large numbers and `<<` as keys of JSON.
        number = text.lstrip("+-").replace("_", "")
        if text not in ("-", "~", "null", "Null", "NULL", "<<") and not (number[:1].isdigit() and len(number) > 14):
            out.write(f"- {{? {text} : x}}\n" if text[-1:] != ":" else "")
PY
cat >"$work/compare.py" <<'PY'
import json, sys
ours, theirs = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
def same(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b) and a == b
    if a is None or b is None:
        return a is b
    return float(a) == float(b)
wrong = 0
for a, b in zip(ours["values"], theirs["values"], strict=True):
    if not same(a["value"], b["value"]):
        wrong += 1
        print(f"value {a['text']}: ours {a['value']!r}, kubectl {b['value']!r}")
for a, b in zip(ours["keys"], theirs["keys"], strict=True):
    if a != b:
        wrong += 1
        print(f"key: ours {list(a)}, kubectl {list(b)}")
print(f"{len(ours['values'])} values and {len(ours['keys'])} keys: {wrong} differ")
sys.exit(1 if wrong else 0)
PY
python3 "$work/make.py" "$work/in.yaml"
(cd "$root" && cargo run -q -p platformc-format --example yaml_to_json) <"$work/in.yaml" >"$work/ours.json" 2>"$work/findings"
kubectl annotate --local -f "$work/in.yaml" oracle=yes -o json >"$work/theirs.json"
python3 "$work/compare.py" "$work/ours.json" "$work/theirs.json"
