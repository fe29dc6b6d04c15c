//! A workspace for tests.
//!
//! Invariant: a question is asked of what the driver found in the files of the test, nothing else.

use std::sync::{Arc, Mutex, OnceLock};

use platformc_driver::session::{Change, Client, Found, Snapshot, serve};
use platformc_driver::{Options, Selection};
use platformc_source::{MemorySources, Sources};

use crate::Question;

const MANIFEST: &str = "name = \"w\"\n\n[environments.dev]\nclusters = [\"lab\"]\n\n\
    [environments.prod]\nclusters = [\"eu\", \"us\"]\n\n\
    [clusters.lab]\nserver = \"https://lab.example.com\"\nkubernetes = \"1.33\"\n\n\
    [clusters.eu]\nserver = \"https://eu.example.com\"\nkubernetes = \"1.33\"\n\n\
    [clusters.us]\nserver = \"https://us.example.com\"\nkubernetes = \"1.33\"\n";

/// A definition of the workspace with properties of every sort.
const GIZMO: &str = r#"gizmo: {
	type: "component"
	description: "Turns things."
	attributes: workload: definition: {apiVersion: "v1", kind: "ConfigMap"}
}
template: {
	output: {apiVersion: "v1", kind: "ConfigMap", data: {a: parameter.image, b: "\(parameter)"}}
	parameter: {
		// +usage=How fast it turns
		speed: *"slow" | "fast"
		// +usage=What it runs
		image: string
		on?: bool
		// +usage=Places it is open at
		ports?: [...{port: int, name?: string}]
		tuning?: {depth: *3 | int, width?: int}
		labels?: [string]: string
	}
}
"#;

/// The snapshot of a workspace.
fn snapshot(files: &MemorySources) -> Arc<Snapshot> {
    struct Once<'f>(&'f MemorySources, Mutex<Option<Arc<Snapshot>>>);
    impl Client for Once<'_> {
        fn wait(&self) -> Change {
            Change::Stop
        }
        fn poll(&self) -> Option<Change> {
            None
        }
        fn sources(&self) -> Arc<dyn Sources + Send + Sync> {
            Arc::new(self.0.clone())
        }
        fn open(&self) -> Vec<String> {
            Vec::new()
        }
        fn found(&self, _: &Found<'_>) {}
        fn snapshot(&self, snapshot: Arc<Snapshot>) {
            *self.1.lock().expect("lock") = Some(snapshot);
        }
    }
    let client = Once(files, Mutex::new(None));
    serve(&client, &Options { environments: Selection::All, jobs: 1, ..Options::default() });
    client.1.into_inner().expect("lock").expect("a snapshot")
}

/// An Application that `apps/base.prod.yaml` would overlay.
const BASE: &str = "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata: {name: base}\n\
    spec:\n  components:\n    - {name: first, type: gizmo}\n    - {name: second, type: gizmo}\n";

/// Asks at the place of `‸` in a text, which is taken out. The workspace has the manifest, the
/// definition `gizmo` and `apps/base.yaml`.
pub(crate) fn ask<T>(path: &str, marked: &str, answer: impl FnOnce(&Question<'_>) -> T) -> T {
    static SNAPSHOT: OnceLock<Arc<Snapshot>> = OnceLock::new();
    let files = MemorySources::new()
        .with("platform.toml", MANIFEST)
        .with("definitions/gizmo.cue", GIZMO)
        .with("apps/base.yaml", BASE);
    let snapshot = SNAPSHOT.get_or_init(|| snapshot(&files));
    let offset = marked.find('‸').expect("a place");
    let text = marked.replacen('‸', "", 1);
    let read = |path: &str| {
        let bytes = files.read(path).ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    };
    answer(&Question { path, text: &text, offset, snapshot, read: &read })
}
