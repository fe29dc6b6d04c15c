//! `platformc build`: checks, then writes the output, all or nothing.

use std::io::Write;
use std::path::Path;

use miette::{IntoDiagnostic, Report};
use platformc_driver::Build;
use platformc_host::{DiskSources, DiskStore, STATE_FOLDER};
use platformc_source::render::MessageFormat;
use platformc_source::{Sources, Store, StoreError, nearest};

use super::Context;
use crate::args::BuildArguments;
use crate::fault::Fault;
use crate::report::{Stdout, deny, exit, exit_of, print};

pub(super) fn run(arguments: &BuildArguments, context: Context<'_>) -> Result<u8, Report> {
    let deny = deny(&arguments.scope.deny)?;
    let printed = arguments.out_dir.as_os_str() == "-";
    check_options(arguments, printed)?;
    let sources = context.sources()?;
    let target = context.folder().join(&arguments.out_dir);
    let map = context.map();
    let outcome = platformc_driver::compile(&sources, &map, &context.options(&arguments.scope));
    let mut diagnostics = outcome.diagnostics;
    let verdict = deny.judge(&mut diagnostics);
    let Context { global, environment, out, err } = context;
    let stdout = if printed { Stdout::Taken } else { Stdout::Free };
    let failed = print(diagnostics, &map, global, environment, stdout, (out, err))?;
    if failed {
        return Ok(exit_of(verdict));
    }
    let build = outcome.value;
    if printed {
        print_objects(&build, &arguments.only, out)?;
        return Ok(0);
    }
    let shown = arguments.out_dir.display();
    let people = global.message_format == MessageFormat::Text;
    let (mut changed, mut count) = (Vec::new(), 0);
    for output in &build.outputs {
        let folder = target.join(&output.environment);
        let mut store = DiskStore::new(&folder);
        claim(&mut store, &folder);
        if arguments.verify {
            let paths = store
                .verify(&output.files)
                .map_err(|error| cannot("read", &arguments.out_dir, &error))?;
            changed.extend(paths.iter().map(|path| format!("{}/{path}", output.environment)));
        } else {
            count += output.files.len();
            store
                .commit(&output.files)
                .map_err(|error| cannot("write", &arguments.out_dir, &error))?;
        }
    }
    let summary = &build.summary;
    if arguments.verify {
        for path in &changed {
            writeln!(out, "{path}").into_diagnostic()?;
        }
    }
    if people {
        match (arguments.verify, changed.len()) {
            (false, _) => writeln!(err, "built {summary}: {count} files in {shown}"),
            (true, 0) => writeln!(err, "verified {summary}: {shown} is up to date"),
            (true, 1) => writeln!(err, "1 file of {shown} is not what would be written"),
            (true, n) => writeln!(err, "{n} files of {shown} are not what would be written"),
        }
        .into_diagnostic()?;
    }
    Ok(exit(!changed.is_empty()))
}

/// Options that make no sense together.
fn check_options(arguments: &BuildArguments, printed: bool) -> Result<(), Report> {
    let message = match (printed, arguments.verify, arguments.only.is_empty()) {
        (true, true, _) => "--verify compares files, and `-o -` writes none",
        (false, _, false) => "--only says what is printed, which needs `-o -`",
        _ => return Ok(()),
    };
    Err(Report::new(Fault::new(message)))
}

/// Prints objects as one stream of YAML documents, in the order of their files.
fn print_objects(build: &Build, only: &[String], out: &mut dyn Write) -> Result<(), Report> {
    let only: Vec<&str> = only.iter().map(|path| path.trim_matches('/')).collect();
    let files = build.outputs.iter().flat_map(|output| {
        let objects = output.files.iter().filter(|(path, _)| path.ends_with(".yaml"));
        objects.map(|(path, bytes)| (&*output.environment, path.as_str(), bytes))
    });
    let below = |path: &str, folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // An object that is missing here would be removed from a cluster.
    for folder in &only {
        if !files.clone().any(|(_, path, _)| below(path, folder)) {
            let folders = files.clone().filter_map(|(_, path, _)| Some(path.rsplit_once('/')?.0));
            let help = match nearest(folder, folders).first() {
                Some(near) => format!("did you mean {near}?"),
                None => "an object lies in kubernetes/CLUSTER/APP".to_owned(),
            };
            let message = format!("the output holds no object in {folder}");
            return Err(Report::new(Fault::new(message).help(help)));
        }
    }
    for (environment, path, bytes) in files {
        if only.is_empty() || only.iter().any(|folder| below(path, folder)) {
            writeln!(out, "---\n# Source: {environment}/{path}").into_diagnostic()?;
            out.write_all(bytes).into_diagnostic()?;
        }
    }
    Ok(())
}

/// In a fresh checkout the store's own list is missing: what an earlier build wrote is then known
/// from the unit records that travel with the output.
fn claim(store: &mut DiskStore, folder: &Path) {
    let Ok(sources) = DiskSources::new(folder) else { return };
    if sources.list(STATE_FOLDER).is_ok() {
        return;
    }
    for entry in sources.list("units").unwrap_or_default() {
        // A record that cannot be read claims nothing; its files then stay.
        let Ok(record) = sources.read(&entry.path) else { continue };
        for (path, sha256) in platformc_driver::claims(&entry.path, &record) {
            store.claim(path, sha256);
        }
    }
}

fn cannot(verb: &str, folder: &Path, error: &StoreError) -> Report {
    let message = format!("cannot {verb} {}: {error}", folder.display());
    Report::new(Fault::new(message).help("the output is as it was before"))
}
