//! `platformc hook`: checks before every commit, without any other tool.

use clap::Parser;
use miette::{IntoDiagnostic, Report};
use platformc_host::{HookError, HookPlace, hook_place, remove_hook, write_hook};

use super::Context;
use crate::args::{Arguments, HookCommand};
use crate::fault::Fault;

const SCRIPT: &str = include_str!("hook/pre-commit.sh");
const NAME: &str = "pre-commit";

pub(super) fn run(command: &HookCommand, context: &mut Context<'_>) -> Result<u8, Report> {
    let place = hook_place(&context.folder(), NAME).map_err(|error| fault(&error))?;
    let shown = place.file.display();
    let said = match command {
        HookCommand::Install(install) => {
            check_options(&install.check)?;
            match write_hook(&place, &script(&place, &install.check))
                .map_err(|error| fault(&error))?
            {
                true => format!("wrote {shown}"),
                false => format!("{shown} is up to date"),
            }
        }
        HookCommand::Uninstall => match remove_hook(&place).map_err(|error| fault(&error))? {
            true => format!("removed {shown}"),
            false => format!("there is no {shown}"),
        },
    };
    writeln!(context.err, "{said}").into_diagnostic()?;
    Ok(0)
}

/// Options that `check` would refuse are better refused now than at every commit.
fn check_options(options: &[String]) -> Result<(), Report> {
    let words = ["platformc", "check"].into_iter().chain(options.iter().map(String::as_str));
    match Arguments::try_parse_from(words) {
        Ok(_) => Ok(()),
        Err(error) => {
            let text = error.render().to_string();
            let line = text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
            let help = "after -- stand options of `platformc check`, such as --env prod";
            Err(Report::new(Fault::new(line).help(help)))
        }
    }
}

fn script(place: &HookPlace, options: &[String]) -> String {
    let options: Vec<String> = match options {
        [] => vec!["--env".to_owned(), "all".to_owned()],
        options => options.iter().map(|option| quoted(option)).collect(),
    };
    // The folder comes last: nothing in it is taken for a place to fill.
    SCRIPT.replace("\r\n", "\n").replace("OPTIONS", &options.join(" ")).replacen(
        "FOLDER",
        &quoted(&place.folder),
        1,
    )
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '=');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn fault(error: &HookError) -> Report {
    let help = match error {
        HookError::Git(_) => "-C DIR names a folder inside a repository of git",
        HookError::Shared(_) => {
            "other repositories may use them too: call `platformc check` there yourself, or set \
             core.hooksPath for this repository"
        }
        HookError::Foreign(_) => {
            "it stays as it is: add `platformc check --env all` to it, or remove it first"
        }
        HookError::Changed(_) => {
            "it stays as it is: keep your changes elsewhere and remove it first"
        }
        HookError::Io(..) => "the hook is as it was",
    };
    Report::new(Fault::new(error.to_string()).help(help))
}
