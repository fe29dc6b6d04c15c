#!/usr/bin/env python3
"""Writes schemas/kubernetes.txt: what objects of Kubernetes may hold, for every version there is.

    pip install kubernetes-validate==1.37.0
    python3 schemas/make/kubernetes.py > schemas/kubernetes.txt

The package (Apache-2.0) carries the OpenAPI of Kubernetes (Apache-2.0), a version a folder. Kept
are names of fields, types, which fields are required, and which keys tell the items of a list
apart; no prose. Types that are alike in several versions are written once. schemas/README.md
describes the form.
"""

import json
import pathlib
import re
import sys

import kubernetes_validate

ROOT = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
# What Kubernetes reads in more forms than one, or gives a meaning that its schema does not tell.
KNOWN = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "x",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "q",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "s",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "s",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "a",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "a",
}
# Marked required because Go always prints it; API servers accept objects without it.
NOT_REQUIRED = {("StatefulSetSpec", "serviceName")}
# Texts in these are checked apart, with the rules of labels and annotations.
TEXTS = {("ObjectMeta", "annotations"), ("ObjectMeta", "labels")}
SCALARS = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}


def plain(schema):
    """The type of a schema, with references as ("@", name)."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return KNOWN.get(name, ("@", name))
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else [k for k in kinds or [] if k != "null"]
    if len(kinds) != 1:
        return "a"
    kind = kinds[0]
    if kind == "array":
        keys = schema.get("x-kubernetes-list-map-keys", [])
        if schema.get("x-kubernetes-list-type") == "set":
            keys = ["*"]
        return ("[", tuple(keys), plain(schema.get("items", {})))
    if kind == "object":
        more = schema.get("additionalProperties")
        if "properties" in schema:
            return struct(schema)
        return ("<", plain(more)) if isinstance(more, dict) else "a"
    if kind == "string" and schema.get("format") == "byte":
        return "y"
    if kind == "integer" and schema.get("format") == "int64":
        return "l"
    return SCALARS[kind]


def struct(schema, owner=""):
    required = {name for name in schema.get("required", []) if (owner, name) not in NOT_REQUIRED}
    fields = []
    for name, field in sorted(schema["properties"].items()):
        # Nobody writes a status, and nobody but Kubernetes says what is in it.
        kind = "a" if name == "status" else plain(field)
        if (owner, name) in TEXTS:
            kind = ("<", "a")
        fields.append((name, name in required, kind))
    return ("{", tuple(fields))


def definition(name, schema):
    if "properties" in schema:
        return struct(schema, name.rsplit(".", 1)[1])
    return plain(schema)


def load():
    """Types by (minor, name), and objects by (minor, apiVersion, kind)."""
    types, objects = {}, {}
    for folder in ROOT.glob("v1.*-local-strict"):
        minor = int(re.match(r"v1\.(\d+)\.", folder.name)[1])
        found = json.loads((folder / "_definitions.json").read_text())["$defs"]
        for name, schema in found.items():
            types[minor, name] = definition(name, schema)
            for gvk in schema.get("x-kubernetes-group-version-kind", []):
                if name.rsplit(".", 1)[1] != gvk["kind"] or gvk["kind"].endswith("List"):
                    continue
                if not schema.get("properties", {}).get("metadata"):
                    continue
                group = gvk["group"] + "/" if gvk["group"] else ""
                objects[minor, group + gvk["version"], gvk["kind"]] = name
    return types, objects


def colour(types):
    """The class of every type: types are in one class if nothing tells them apart."""
    classes = {key: 0 for key in types}
    while True:
        def with_classes(node, minor):
            if isinstance(node, tuple) and node and node[0] == "@":
                return ("@", classes.get((minor, node[1]), -1))
            if isinstance(node, tuple):
                return tuple(with_classes(part, minor) for part in node)
            return node

        seen, new = {}, {}
        for key in sorted(types):
            shape = (classes[key], with_classes(types[key], key[0]))
            new[key] = seen.setdefault(shape, len(seen))
        if len(set(new.values())) == len(set(classes.values())):
            return new
        classes = new


def text(node, minor, number):
    if isinstance(node, str):
        return node
    if node[0] == "@":
        return "@" + str(number[minor, node[1]])
    if node[0] == "[":
        keys = "+".join(node[1])
        return "[" + (keys + "|" if keys else "") + text(node[2], minor, number)
    if node[0] == "<":
        return "<" + text(node[1], minor, number)
    fields = ",".join(
        name + ("!" if required else "") + ":" + text(inner, minor, number)
        for name, required, inner in node[1]
    )
    return "{" + fields + "}"


def ranges(minors):
    """[25, 26, 28] as 25-26 28-28."""
    parts = []
    for minor in sorted(minors):
        if parts and parts[-1][1] == minor - 1:
            parts[-1][1] = minor
        else:
            parts.append([minor, minor])
    return parts


def main():
    types, objects = load()
    classes = colour(types)
    # Only what an object leads to is written.
    wanted, pending = set(), [(minor, name) for (minor, *_), name in objects.items()]
    while pending:
        key = pending.pop()
        if key in wanted or key not in types:
            continue
        wanted.add(key)

        def visit(node):
            if isinstance(node, tuple):
                if node and node[0] == "@":
                    pending.append((key[0], node[1]))
                else:
                    for part in node:
                        visit(part)

        visit(types[key])
    first = {}
    for key in sorted(wanted, key=lambda key: (key[1], key[0])):
        first.setdefault(classes[key], key)
    order = {found: at for at, found in enumerate(first)}
    number = {key: order[classes[key]] for key in wanted}
    minors = sorted({minor for minor, *_ in objects})
    out = sys.stdout
    out.write(f"kubernetes 1.{minors[0]} 1.{minors[-1]}\n")
    by_kind = {}
    for (minor, version, kind), name in objects.items():
        by_kind.setdefault((version, kind), {})[minor] = number[minor, name]
    out.write(f"objects {len(by_kind)}\n")
    for (version, kind), found in sorted(by_kind.items()):
        parts = []
        for target in sorted(set(found.values())):
            for low, high in ranges(m for m, t in found.items() if t == target):
                parts.append((low, high, target))
        parts = " ".join(f"{low}-{high}:{target}" for low, high, target in sorted(parts))
        out.write(f"{version} {kind} {parts}\n")
    out.write(f"types {len(first)}\n")
    for key in first.values():
        out.write(text(types[key], key[0], number) + "\n")


main()
