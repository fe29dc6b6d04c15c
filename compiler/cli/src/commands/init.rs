//! `platformc init`: a small workspace that builds as it is.

use miette::{IntoDiagnostic, Report};

use super::Context;
use crate::args::InitArguments;
use crate::fault::Fault;

const FILES: [(&str, &str); 5] = [
    (".gitignore", include_str!("init/gitignore")),
    ("apps/hello.prod.yaml", include_str!("init/hello.prod.yaml")),
    ("apps/hello.yaml", include_str!("init/hello.yaml")),
    ("definitions/README.md", include_str!("init/definitions.md")),
    ("platform.toml", include_str!("init/platform.toml")),
];

pub(super) fn run(arguments: &InitArguments, context: &mut Context<'_>) -> Result<u8, Report> {
    let folder = context.folder().join(&arguments.directory);
    let shown = arguments.directory.display();
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.and_then(|name| platformc_driver::workspace_name(&name));
    let name = name.unwrap_or_else(|| "platform".to_owned());
    let files: Vec<(&str, String)> =
        FILES.iter().map(|(path, text)| (*path, text.replace("WORKSPACE", &name))).collect();
    platformc_host::write_new_folder(&folder, &files).map_err(|error| {
        let message = format!("cannot start a workspace in {shown}: {error}");
        Report::new(Fault::new(message).help("name a folder that is empty or does not exist"))
    })?;
    writeln!(context.err, "wrote {} files to {shown}", files.len()).into_diagnostic()?;
    writeln!(context.err, "next: platformc build -C {shown} --env dev").into_diagnostic()?;
    Ok(0)
}
