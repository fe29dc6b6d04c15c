"""Compiles every Application of a KubeVela checkout, each in a workspace of its own.

What is expected to fail stands in refused.txt beside this file, with the codes and the reason; any
other failure, and a compiled Application that refused.txt lists, makes the run fail. Of what it
lists, `refused` is rightly refused, `limit` is beyond this version, and `fault` is a fault of the
compiler that is known.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import compare
from checkout import KINDS, SHIPPED, TEMPLATES, choose, header, scan

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The version of the target cluster. `vela dry-run` knows none and renders as for minor version 0.
CURRENT, UNKNOWN = "1.32", "1.0"

MANIFEST = """name = "kubevela"

[environments.test]
clusters = [{names}]
default-clusters = ["local"]
"""
CLUSTER = """
[clusters.{name}]
server = "https://{name}.example.com"
kubernetes = "{version}"
"""


def run(command, **options):
    """Output, errors and exit status of a command; a hang is a failure."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    except subprocess.TimeoutExpired:
        return "", "timed out", 124
    return done.stdout, done.stderr, done.returncode


def errors(output):
    """The errors among what is printed with `--message-format json`, as (code, text)."""
    found = []
    for line in output.splitlines():
        try:
            data = json.loads(line)
        except json.JSONDecodeError:
            continue
        for one in data if isinstance(data, list) else data.get("diagnostics", [data]):
            if one.get("severity") == "error":
                found.append((one.get("code", "?"), one.get("message", "")))
    return found


class Run:
    """One run of the compiler over one checkout."""

    def __init__(self, options):
        self.options = options
        self.checkout = pathlib.Path(options.checkout).resolve()
        self.definitions, self.applications, self.unreadable = scan(self.checkout)
        if options.catalog:
            # Addons hold what many examples use.
            more = scan(pathlib.Path(options.catalog).resolve())[0]
            for one in more:
                one.path = f"../catalog/{one.path}"
            self.definitions += more
        self.faulty = set()

    def vet(self, folders):
        """Vets the definitions written in CUE below some folders, one by one."""
        for title, folder in folders:
            found = [path for path in sorted(folder.rglob("*.cue")) if header(path)]
            if title == "catalog":
                found = [path for path in found if path.parent.name == "definitions"]
            good, bad = 0, []
            for path in found:
                command = [self.options.platformc, "def", "vet", "--message-format", "json"]
                out, err, status = run([*command, str(path)])
                if status == 0:
                    good += 1
                else:
                    self.faulty.add(str(path))
                    codes = sorted({code for code, _ in errors(out + "\n" + err)})
                    bad.append(f"{path.name} ({', '.join(codes) or f'status {status}'})")
            print(f"{title:<28} {len(found):>5} {good:>6}  {'; '.join(bad)}")

    def vet_resources(self, title, paths):
        """Vets definitions in the form of custom resources, each document alone."""
        good, bad, count = 0, collections.Counter(), 0
        with tempfile.TemporaryDirectory() as scratch:
            for path in paths:
                text = re.sub(r"\{\{.*?\}\}", "vela-system", path.read_text(errors="replace"))
                for index, part in enumerate(re.split(r"(?m)^---.*\n", text)):
                    if not re.search(r"(?m)^kind: (%s)\s*$" % "|".join(KINDS), part):
                        continue
                    count += 1
                    file = pathlib.Path(scratch) / f"{index}-{path.name}"
                    file.write_text(part)
                    command = [self.options.platformc, "def", "vet", "--message-format", "json"]
                    out, err, status = run([*command, str(file)])
                    if status == 0:
                        good += 1
                        continue
                    codes = sorted({code for code, _ in errors(out + "\n" + err)})
                    bad[", ".join(codes) or f"status {status}"] += 1
                    if self.options.details:
                        first = [text for _, text in errors(out + "\n" + err)][:2]
                        print(f"    {path}: {first or err[-200:]}")
        told = "; ".join(f"{codes}: {number}" for codes, number in sorted(bad.items()))
        print(f"{title:<28} {count:>5} {good:>6}  {told}")

    def workspace(self, application, folder, version):
        """Writes the workspace of an Application; what it uses that is not in the checkout."""
        (folder / "apps").mkdir(parents=True)
        (folder / "definitions").mkdir()
        clusters, labels = application.clusters(), sorted(application.labels().items())
        names = ", ".join(f'"{name}"' for name in clusters)
        manifest = MANIFEST.format(names=names)
        for name in clusters:
            manifest += CLUSTER.format(name=name, version=version)
            pairs = [f"{json.dumps(key)} = {json.dumps(str(value))}" for key, value in labels]
            manifest += f"labels = {{ {', '.join(pairs)} }}\n" if pairs else ""
        (folder / "platform.toml").write_text(manifest)
        (folder / "apps/application.yaml").write_text(application.text)
        missing = []
        for kind, name in application.uses():
            found = choose(self.definitions, kind, name, application)
            if found:
                (folder / "definitions" / found.file()).write_text(found.text)
            else:
                missing.append(f"{kind} {name}")
        return missing

    def compile(self, application):
        """Checks and builds one Application; compares what is rendered."""
        base = pathlib.Path(tempfile.mkdtemp(prefix="kubevela-"))
        try:
            return self.compile_in(application, base)
        finally:
            if self.options.keep:
                keep = pathlib.Path(self.options.keep) / application.path.replace("/", "_")
                shutil.copytree(base, f"{keep}-{application.name}", dirs_exist_ok=True)
            shutil.rmtree(base)

    def compile_in(self, application, base):
        folder = base / "current"
        missing = self.workspace(application, folder, CURRENT)
        command = [self.options.platformc, "-C", str(folder), "--message-format", "json"]
        out, err, checked = run([*command, "check"])
        faults = errors(out + "\n" + err)
        out, err, built = run([*command, "build"])
        if checked == 0 and built == 0:
            return None, missing, self.rendered(application, base)
        if not faults:
            faults = errors(out + "\n" + err) or [(f"status-{checked}-{built}", err[-300:])]
        said = None
        if self.options.vela:
            out, err, status = self.dry_run(folder, base)
            said = "renders" if status == 0 else compare.reason(out + err)
        return faults, missing, said

    def dry_run(self, folder, base):
        """What `vela dry-run --offline` makes of the workspace's Application."""
        config = base / "kubeconfig"
        config.write_text(json.dumps(compare.KUBECONFIG))
        command = [self.options.vela, "dry-run", "--offline", "-d", str(folder / "definitions")]
        env = {"PATH": os.environ["PATH"], "HOME": str(base), "KUBECONFIG": str(config)}
        return run([*command, "-f", str(folder / "apps/application.yaml")], env=env)

    def rendered(self, application, base):
        """How the rendered objects compare with those of `vela dry-run`."""
        if not self.options.vela:
            return None
        folder = base / "unknown"
        self.workspace(application, folder, UNKNOWN)
        _, err, status = run([self.options.platformc, "-C", str(folder), "build"])
        if status != 0:
            return "ours", [(err.strip() or f"status {status}").splitlines()[0]], (0, 0)
        out, err, status = self.dry_run(folder, base)
        if status != 0:
            return "theirs", [compare.reason(out + err)], (0, 0)
        managed = self.managed(application)
        return compare.objects(folder / "dist/test/kubernetes", out, application.data, managed)

    def managed(self, application):
        """The names of components whose workload a trait writes itself."""
        names = set()
        for component in application.spec.get("components") or []:
            for item in component.get("traits") or []:
                found = choose(self.definitions, "trait", str(item.get("type")), application)
                if found and re.search(r"manageWorkload:\s*true", found.text):
                    names.add(str(component.get("name")))
        return names


def expectations():
    """What refused.txt says: (path, name) -> (class, codes, reason)."""
    expected = {}
    for line in (HERE / "refused.txt").read_text().splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            place, what, codes, reason = line.split(None, 3)
            path, _, name = place.partition("#")
            expected[path, name] = (what, set(codes.split(",")), reason)
    return expected


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkout")
    parser.add_argument("--catalog")
    parser.add_argument("--vela")
    parser.add_argument("--platformc")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    parser.add_argument("--details", action="store_true")
    options = parser.parse_args()
    if not (pathlib.Path(options.checkout) / TEMPLATES / "internal").is_dir():
        print(f"{options.checkout}: not a checkout of kubevela/kubevela", file=sys.stderr)
        return 2
    if not options.platformc:
        subprocess.run(["cargo", "build", "--release", "-p", "platformc-cli"], cwd=ROOT, check=True)
        target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
        options.platformc = str(pathlib.Path(target) / "release/platformc")
    for tool in filter(None, (options.platformc, options.vela)):
        if not shutil.which(tool):
            print(f"{tool}: not a program", file=sys.stderr)
            return 2
    this = Run(options)
    print(f"{'definitions':<28} {'tried':>5} {'vetted':>6}  refused")
    folders = [(folder.rsplit("/", 1)[1], this.checkout / folder) for folder in SHIPPED]
    if options.catalog:
        folders.append(("catalog", pathlib.Path(options.catalog) / "addons"))
    if not options.only:
        this.vet(folders)
        charts = this.checkout / "charts/vela-core/templates/defwithtemplate"
        this.vet_resources("charts (custom resources)", sorted(charts.glob("*.yaml")))
        others = ("docs", "test", "references", "e2e", "pkg")
        found = [path for part in others for path in sorted((this.checkout / part).rglob("*.yaml"))]
        this.vet_resources("examples (custom resources)", found)
        if options.catalog:
            found = sorted(pathlib.Path(options.catalog).rglob("*.yaml"))
            this.vet_resources("catalog (custom resources)", found)
    return report(this, options)


def report(this, options):
    """Compiles all Applications and prints the tables."""
    expected = expectations()
    chosen = [one for one in this.applications if options.only in one.path]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = list(zip(chosen, pool.map(this.compile, chosen)))
    tables = {True: collections.Counter(), False: collections.Counter()}
    reasons, compared, differing, objects = (collections.Counter() for _ in range(4))
    failed, ours = False, 0
    for application, (faults, missing, rendering) in results:
        place, key = f"{application.path}#{application.name}", (application.path, application.name)
        codes = {code for code, _ in faults or []}
        known = expected.get(key) or expected.get((application.path, "*"))
        table = tables[application.plain()]
        table["tried"] += 1
        if known and codes and codes <= known[1]:
            table[known[0]] += 1
            reasons[known[0], known[2]] += 1
        elif faults:
            failed = True
            table["failed"] += 1
            print(f"FAILED {place}: {', '.join(sorted(codes))}")
            if missing:
                print(f"    not in the checkout: {', '.join(missing)}")
            for code, text in faults[:6]:
                print(f"    {code}: {text}")
        elif known:
            failed = True
            table["failed"] += 1
            print(f"COMPILED, though refused.txt lists it: {place}")
        else:
            table["compiled"] += 1
            # What the checkout lacks and still compiles is shipped with platformc.
            shipped = [one for one in missing if one.split()[0] in ("component", "trait")]
            if shipped:
                ours += 1
                print(f"with definitions of platformc {place}: {', '.join(shipped)}")
        if faults:
            if options.vela and (options.details or not known):
                print(f"    vela on {place}: {rendering}")
            continue
        if options.details:
            print(f"compiled {place}")
        if rendering:
            outcome, notes, (same, all_of_them) = rendering
            objects["objects"] += all_of_them
            objects["equal"] += same
            reasons_of = compare.why(notes) if outcome == "different" else None
            for reason in reasons_of or []:
                differing[reason] += 1
            if reasons_of:
                outcome = "different, understood"
            compared[outcome] += 1
            if not outcome.startswith("equal") and (options.details or not reasons_of):
                print(f"{outcome} {place}")
                for note in notes[:40]:
                    print(f"    {note}")
    columns = ("tried", "compiled", "refused", "limit", "fault", "failed")
    print(f"\n{'applications':<28} " + " ".join(f"{column:>8}" for column in columns))
    for plain, title in ((True, "components and traits"), (False, "policies or a workflow")):
        row = " ".join(f"{tables[plain][column]:>8}" for column in columns)
        print(f"{title:<28} {row}")
    print(f"files that are not YAML      {len(this.unreadable):>8}")
    print(f"compiled with a definition of platformc {ours}")
    for (what, reason), count in sorted(reasons.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"    {count:>4}  {what:<8} {reason}")
    if options.vela:
        print("\nrendered as `vela dry-run --offline` renders:")
        print(f"    {objects['equal']} of {objects['objects']} objects are equal")
        for outcome, count in sorted(compared.items()):
            print(f"    {count:>4}  {outcome}")
        for reason, count in sorted(differing.items(), key=lambda item: (-item[1], item[0])):
            print(f"          {count:>4}  {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
