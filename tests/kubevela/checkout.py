"""Finds the definitions and Applications of a checkout of KubeVela, by its files alone."""

import re

import yaml

KINDS = {
    "ComponentDefinition": "component",
    "TraitDefinition": "trait",
    "PolicyDefinition": "policy",
    "WorkflowStepDefinition": "workflow-step",
}
TEMPLATES = "vela-templates/definitions"
# Where a definition is looked for after the folders of the Application itself.
SHIPPED = [f"{TEMPLATES}/{part}" for part in ("internal", "deprecated", "registry")]


class Definition:
    """A definition in the checkout: where it stands and the text of its document alone."""

    def __init__(self, kind, name, path, text):
        self.kind, self.name, self.path, self.text = kind, name, path, text

    def file(self):
        end = ".cue" if self.path.endswith(".cue") else ".yaml"
        return f"{self.kind}-{self.name}{end}"


class Application:
    """An Application in the checkout."""

    def __init__(self, path, text, data):
        self.path, self.text, self.data = path, text, data
        self.name = str((data.get("metadata") or {}).get("name"))
        self.spec = data.get("spec") or {}

    def plain(self):
        """Whether it has components and traits only."""
        return bool(self.spec.get("components")) and not (
            self.spec.get("policies") or self.spec.get("workflow")
        )

    def uses(self):
        """The definitions it names, as (kind, name)."""
        found = []
        for component in self.spec.get("components") or []:
            found.append(("component", component.get("type")))
            found += [("trait", item.get("type")) for item in component.get("traits") or []]
        for policy in self.spec.get("policies") or []:
            found.append(("policy", policy.get("type")))
            if policy.get("type") == "override":
                changed = (policy.get("properties") or {}).get("components") or []
                for component in changed:
                    found += [("component", component["type"])] if "type" in component else []
                    found += [("trait", item["type"]) for item in component.get("traits") or []]
        steps = list((self.spec.get("workflow") or {}).get("steps") or [])
        while steps:
            step = steps.pop()
            steps += step.get("subSteps") or []
            found.append(("workflow-step", step.get("type")))
        return sorted({(kind, str(name)) for kind, name in found})

    def labels(self):
        """Labels that its topologies select clusters by."""
        found = {}
        for policy in self.spec.get("policies") or []:
            selector = (policy.get("properties") or {}).get("clusterLabelSelector")
            if policy.get("type") == "topology" and isinstance(selector, dict):
                found.update(selector)
        return found

    def clusters(self):
        """The clusters its topologies name."""
        names = {"local"}
        for policy in self.spec.get("policies") or []:
            properties = policy.get("properties") or {}
            if policy.get("type") == "topology":
                names.update(map(str, properties.get("clusters") or []))
        return sorted(names)


def filled(path):
    """What the checkout's own scripts write over placeholders of a file: pattern, text."""
    if path.startswith("hack/load-test/"):
        return [(r"\{\{.*?\}\}", "1"), (r"\b(ID|SHARD|VERSION|CLUSTER)\b|(?<=-v)VERSION", "1")]
    return [("___NAMESPACE___|TEST_NAMESPACE", "test-namespace")]


def documents(path, placeholders=()):
    """The YAML documents of a file: the text of each beside what it says."""
    text = path.read_text(errors="replace")
    for pattern, value in placeholders:
        text = re.sub(pattern, value, text)
    for part in re.split(r"(?m)^---.*\n", text):
        try:
            data = yaml.safe_load(part)
        except yaml.YAMLError:
            yield part, None
            continue
        if isinstance(data, dict):
            yield part, data


def header(path):
    """Kind and name of a definition written in CUE."""
    text = path.read_text(errors="replace")
    found = re.search(r'(?m)^"?([\w.@-]+)"?:\s*\{', text)
    kind = re.search(r'(?m)^\s*"?type"?:\s*"(component|trait|policy|workflow-step)"', text)
    if found and kind and re.search(r"(?m)^template:", text):
        return Definition(kind[1], found[1], str(path), text)
    return None


def scan(checkout):
    """All definitions and Applications of the checkout, and the files that are not YAML."""
    definitions, applications, unreadable = [], [], []
    for path in sorted(checkout.rglob("*")):
        relative = path.relative_to(checkout).as_posix()
        if relative.startswith(".git/") or not path.is_file():
            continue
        if path.suffix == ".cue":
            found = header(path)
            if found:
                found.path = relative
                definitions.append(found)
        elif path.suffix in (".yaml", ".yml"):
            for text, data in documents(path, filled(relative)):
                if data is None:
                    if re.search(r"(?m)^kind: Application\s*$", text):
                        unreadable.append(relative)
                    continue
                kind = data.get("kind")
                name = str((data.get("metadata") or {}).get("name"))
                if kind in KINDS:
                    definitions.append(Definition(KINDS[kind], name, relative, text))
                is_ours = str(data.get("apiVersion")).startswith("core.oam.dev/")
                if kind == "Application" and is_ours:
                    applications.append(Application(relative, text, data))
    return definitions, applications, unreadable


def shared(left, right):
    """How many folders two paths begin with alike."""
    pairs = zip(left.split("/")[:-1], right.split("/")[:-1])
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def choose(definitions, kind, name, application):
    """The definition an Application means: beside it, then shipped, then the nearest."""
    found = [one for one in definitions if (one.kind, one.name) == (kind, name)]

    def distance(one):
        beside = one.path.startswith(application.path.rsplit("/", 1)[0] + "/")
        for rank, folder in enumerate(SHIPPED):
            if one.path.startswith(folder + "/"):
                return (1 + rank, 0, one.path)
        far = 10 if one.path.startswith("../") else 9
        return (0 if beside else far, -shared(one.path, application.path), one.path)

    return min(found, key=distance, default=None)
