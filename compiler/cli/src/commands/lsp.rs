//! `platformc lsp`: serves an editor.

use std::io::{BufReader, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::Report;
use platformc_driver::Ambience;
use platformc_host::{DiskSources, Shipped, Surroundings, folder_with};
use platformc_lsp::Host;
use platformc_source::Sources;

use super::Context;
use crate::{VERSION, Variables};

/// This machine.
struct Machine {
    shipped: Shipped,
    variable: Arc<Variables>,
}

impl Host for Machine {
    fn workspace_of(&self, path: &Path) -> Option<PathBuf> {
        folder_with("platform.toml", path)
    }

    fn sources(&self, root: &Path) -> Option<Arc<dyn Sources + Send + Sync>> {
        let sources = DiskSources::new(root).ok()?;
        Some(Arc::new(sources))
    }

    fn ambience(&self, root: &Path) -> Ambience {
        Ambience::new(Surroundings::new(root.to_path_buf(), self.variable.clone()))
    }

    fn shipped(&self, path: &str, text: &str) -> Option<PathBuf> {
        self.shipped.file(path, text)
    }
}

pub(super) fn run(context: &mut Context<'_>) -> Result<u8, Report> {
    let variable = Arc::clone(&context.environment.variable);
    let machine = Machine { shipped: Shipped::in_cache(VERSION), variable };
    let input = Box::new(BufReader::new(stdin()));
    Ok(platformc_lsp::serve(input, context.out, Arc::new(machine), VERSION))
}
