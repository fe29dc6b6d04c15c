"""Compares rendered objects with what `vela dry-run --offline` prints."""

import json
import re

import yaml

# A cluster that is not there: the command wants a configuration even offline.
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
    "users": [{"name": "none", "user": {}}],
    "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
    "current-context": "none",
}
# Keys by which KubeVela, or a delivery by Argo CD, finds what it wrote.
OWN = re.compile(r"^([a-z]+\.)*oam\.dev/|^argocd\.argoproj\.io/sync-(wave|options)$")


def reason(output):
    """The line that says why `vela` failed."""
    lines = [line for line in output.splitlines() if "external packages" not in line]
    lines = [line for line in lines if line.strip()]
    return next((line for line in lines if line.startswith("Error")), lines[0] if lines else "?")


def clean(item, application):
    """An object without the labels and annotations that its delivery needs."""
    metadata = dict(item.get("metadata") or {})
    given = application.get("metadata") or {}
    for field in ("labels", "annotations"):
        # KubeVela copies those of the Application to every object.
        copied = given.get(field) or {}
        kept = {
            key: value
            for key, value in (metadata.get(field) or {}).items()
            if not OWN.match(key) and not (key in copied and copied[key] == value)
        }
        metadata.pop(field, None)
        if kept:
            metadata[field] = kept
    return {**item, "metadata": metadata}


def identity(item):
    metadata = item.get("metadata") or {}
    return (
        str(item.get("apiVersion")),
        str(item.get("kind")),
        str(metadata.get("namespace") or ""),
        str(metadata.get("name")),
    )


def differences(ours, theirs, path=""):
    """Where two values differ, a line each."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs), key=str):
            where = f"{path}.{key}" if path else str(key)
            if key not in ours:
                yield f"{where}: only theirs: {theirs[key]!r}"
            elif key not in theirs:
                yield f"{where}: only ours: {ours[key]!r}"
            else:
                yield from differences(ours[key], theirs[key], where)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs)):
            yield from differences(one, other, f"{path}[{index}]")
    elif isinstance(ours, str) and ours != theirs and json_text(ours, theirs):
        yield f"{path}: same JSON text, keys in another order"
    elif type(ours) is not type(theirs) or ours != theirs:
        yield f"{path}: ours {ours!r}, theirs {theirs!r}"


def json_text(ours, theirs):
    """Whether two texts are the same JSON, its keys in another order."""
    try:
        return json.loads(ours) == json.loads(theirs)
    except (TypeError, ValueError):
        return False


# Differences that are understood: a pattern of the note, the reason.
REASONS = [
    (r": same JSON text", "keys of a JSON text in another order"),
    (r"^Configuration .*(creationTimestamp|gitRef|status|backend): only theirs",
     "vela prints empty fields of its Terraform types"),
    (r"^Configuration .*spec\.hcl: only ours",
     "vela loses the module where the schematic has no `type`, whose default the cluster fills in"),
    (r"data\.cluster: ours 'local', theirs ''", "vela's dry run knows no cluster"),
    (r"^only theirs: apiregistration|^only ours: apiregistration",
     "vela puts a namespace on a kind without namespaces"),
    (r"^only theirs: \S+ (Deployment|StatefulSet) .*managed$",
     "a trait manages the workload, which the controller then leaves out but the dry run prints"),
]


def why(notes):
    """The reasons of differences, None where one of them has no known reason."""
    reasons = set()
    for note in notes:
        found = [reason for pattern, reason in REASONS if re.search(pattern, note)]
        if not found:
            return None
        reasons.add(found[0])
    return sorted(reasons)


def objects(folder, printed, application, managed):
    """Outcome and differences; objects pair by identity, then by kind where names are hashes.

    `managed` holds the names of components whose workload a trait manages.
    """
    ours, theirs = {}, {}
    for path in sorted(folder.rglob("*.yaml")):
        item = clean(yaml.safe_load(path.read_text()), application)
        ours[identity(item)] = item
    for item in yaml.safe_load_all(printed):
        if isinstance(item, dict):
            item = clean(item, application)
            theirs[identity(item)] = item
    notes, named, same, total = [], 0, 0, len(set(ours) | set(theirs))
    for key in sorted(set(ours) & set(theirs)):
        found = list(differences(ours.pop(key), theirs.pop(key)))
        same += not found
        notes += [f"{key[1]} {key[3]}: {note}" for note in found]
    for key in sorted(theirs):
        # An object without a name gets a hash from KubeVela, its key among `outputs` from us.
        pair = next((one for one in sorted(ours) if one[:3] == key[:3]), None)
        if pair is None:
            end = " managed" if key[3] in managed else ""
            notes.append(f"only theirs: {' '.join(key)}{end}")
            continue
        one, other = ours.pop(pair), theirs[key]
        other["metadata"]["name"] = one["metadata"]["name"]
        named, total = named + 1, total - 1
        found = list(differences(one, other))
        same += not found
        notes += [f"{key[1]} {pair[3]} ({key[3]}): {note}" for note in found]
    notes += [f"only ours: {' '.join(key)}" for key in sorted(ours)]
    if notes:
        return "different", notes, (same, total)
    if named:
        return "equal but for generated names", [], (same, total)
    return "equal", [], (same, total)
