//! Sessions held against batch runs of the same files.

use std::collections::VecDeque;
use std::sync::Mutex;

use platformc_source::MemorySources;

use super::*;
use crate::Selection;

const MANIFEST: &str = "name = \"w\"\n[environments.dev]\nclusters = [\"c\"]\n\
    [clusters.c]\nserver = \"https://c.example.com\"\nkubernetes = \"1.33\"\n";

fn app(name: &str, component: &str) -> String {
    format!(
        "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: {name}\n\
         spec:\n  components:\n    - name: {component}\n      type: worker\n      properties:\n        \
         image: x\n"
    )
}

type Step = Box<dyn Fn(&mut MemorySources) -> Vec<&'static str> + Send>;

/// A client that plays edits, one whenever the session has settled, and holds every complete
/// report against what a batch run finds in the same files.
struct Player {
    files: Mutex<MemorySources>,
    steps: Mutex<VecDeque<Step>>,
    open: Vec<String>,
    complete: Mutex<Vec<BTreeMap<String, Vec<String>>>>,
    partial: Mutex<Vec<String>>,
    snapshots: Mutex<usize>,
    registered: Mutex<usize>,
}

fn messages(found: &[&Diagnostic]) -> Vec<String> {
    found.iter().map(|found| format!("{} {}", found.code.id(), found.message)).collect()
}

fn options() -> Options {
    Options { environments: Selection::All, jobs: 1, version: "0.1.0", ..Options::default() }
}

impl Client for Player {
    fn wait(&self) -> Change {
        let next = self.steps.lock().expect("lock").pop_front();
        let Some(step) = next else { return Change::Stop };
        let paths = step(&mut self.files.lock().expect("lock"));
        Change::Files(paths.into_iter().map(str::to_owned).collect())
    }

    fn poll(&self) -> Option<Change> {
        None
    }

    fn sources(&self) -> Arc<dyn Sources + Send + Sync> {
        Arc::new(self.files.lock().expect("lock").clone())
    }

    fn open(&self) -> Vec<String> {
        self.open.clone()
    }

    fn found(&self, found: &Found<'_>) {
        let files = found.files.iter();
        let files: BTreeMap<String, Vec<String>> =
            files.map(|(path, found)| (path.to_string(), messages(found))).collect();
        if !found.complete {
            self.partial.lock().expect("lock").extend(files.into_keys());
            return;
        }
        let map = SourceMap::new();
        let batch = crate::compile(&*self.sources(), &map, &options()).diagnostics;
        let expected: BTreeMap<String, Vec<String>> = by_file(&map, &batch)
            .into_iter()
            .map(|(path, found)| (path.to_string(), messages(&found)))
            .collect();
        assert_eq!(files, expected);
        let live = ids(0..found.map.len())
            .filter(|id| found.map.get(*id).is_some_and(|file| !file.path().is_empty()));
        *self.registered.lock().expect("lock") = live.count();
        self.complete.lock().expect("lock").push(files);
    }

    fn snapshot(&self, snapshot: Arc<Snapshot>) {
        assert!(
            snapshot
                .definition(platformc_definition::DefinitionKind::Component, "worker")
                .is_some()
        );
        *self.snapshots.lock().expect("lock") += 1;
    }
}

fn play(files: MemorySources, open: &[&str], steps: Vec<Step>) -> Player {
    let player = Player {
        files: Mutex::new(files),
        steps: Mutex::new(steps.into()),
        open: open.iter().map(|path| (*path).to_owned()).collect(),
        complete: Mutex::default(),
        partial: Mutex::default(),
        snapshots: Mutex::default(),
        registered: Mutex::default(),
    };
    serve(&player, &options());
    player
}

fn workspace() -> MemorySources {
    MemorySources::new()
        .with("platform.toml", MANIFEST)
        .with("apps/a.yaml", app("a", "one"))
        .with("apps/b.yaml", app("b", "two"))
}

fn write(path: &'static str, text: impl Into<String>) -> Step {
    let text = text.into();
    Box::new(move |files| {
        files.insert(path, &text);
        vec![path]
    })
}

#[test]
fn every_report_is_what_a_batch_run_finds() {
    let steps = vec![
        write("apps/a.yaml", app("a", "one").replace("image", "imgae")),
        write("apps/a.yaml", "half: [typed"),
        // Another Application of one name: found by nobody who looks at one group.
        write("apps/a.yaml", app("b", "one")),
        write("apps/a.yaml", app("a", "one")),
        // Files that come and go, overlays among them.
        write("apps/a.dev.yaml", "components:\n  - name: nobody\n    properties: {image: y}\n"),
        write("apps/new/c.yaml", app("c", "Three")),
        Box::new(|files| {
            files.remove("apps/new/c.yaml");
            files.remove("apps/a.dev.yaml");
            vec!["apps/new/c.yaml", "apps/a.dev.yaml"]
        }),
        write(
            "definitions/worker.cue",
            "worker: {type: \"component\", attributes: {workload: definition: {apiVersion: \"v1\", kind: \"Pod\"}}}\ntemplate: {output: {apiVersion: \"v1\", kind: \"Pod\"}, parameter: {image: int}}",
        ),
        Box::new(|files| {
            files.remove("definitions/worker.cue");
            vec!["definitions/worker.cue"]
        }),
        // A manifest that breaks and is mended.
        write("platform.toml", "name = "),
        write("platform.toml", MANIFEST),
        write("README.md", "nobody reads this"),
    ];
    let count = steps.len();
    let player = play(workspace(), &["apps/b.yaml"], steps);
    let complete = player.complete.lock().expect("lock");
    // The last step concerns nobody, but what is settled is said again.
    assert_eq!(complete.len(), count + 1);
    assert!(complete[0].is_empty() && complete[count].is_empty(), "{complete:?}");
    let faults = complete.iter().filter(|files| !files.is_empty()).count();
    assert_eq!(faults, 7, "{complete:?}");
}

#[test]
fn an_edit_runs_its_own_group_and_keeps_no_text_of_the_last_one() {
    let after = |edits: usize| {
        let steps = (0..edits).map(|index| write("apps/a.yaml", app("a", &format!("one{index}"))));
        let player = play(workspace(), &["apps/a.yaml"], steps.collect());
        let partial = player.partial.lock().expect("lock");
        assert_eq!(partial.len(), edits + 1);
        assert!(partial.iter().all(|path| path == "apps/a.yaml"), "{partial:?}");
        assert_eq!(*player.snapshots.lock().expect("lock"), 1);
        *player.registered.lock().expect("lock")
    };
    assert_eq!(after(10), after(50), "texts are kept");
}
