//! What the server needs of the machine it runs on.
//!
//! Invariant: everything that touches a disk goes through here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platformc_driver::Ambience;
use platformc_source::Sources;

/// The machine, as far as the server sees it.
pub trait Host: Send + Sync {
    /// The workspace that a file or folder lies in: the nearest folder at or above it that holds a
    /// manifest.
    fn workspace_of(&self, path: &Path) -> Option<PathBuf>;

    /// The files of a workspace as they are on disk from now on.
    fn sources(&self, root: &Path) -> Option<Arc<dyn Sources + Send + Sync>>;

    /// What a workspace may take from its surroundings.
    fn ambience(&self, root: &Path) -> Ambience;

    /// A file that holds a text which ships with the compiler, so that an editor can show it;
    /// `path` is relative and names it. `None` where there is no place for it.
    fn shipped(&self, path: &str, text: &str) -> Option<PathBuf>;
}
