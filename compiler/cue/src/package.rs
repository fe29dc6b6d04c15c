//! Compiled packages. Invariant: a package is immutable and shared by threads; evaluating it
//! happens in a [`crate::Unit`] and leaves no trace here.

use std::sync::Arc;

use platformc_cue_syntax::ast;
use platformc_source::{Diagnostic, Outcome};

use crate::compile::Compiler;
use crate::ir::Expr;
use crate::label::Label;

/// A compiled package.
#[derive(Debug, Default)]
pub struct Package {
    /// Import path, or the name of the package clause; empty for none.
    pub(crate) name: Arc<str>,
    /// One struct literal a file; together they are the conjuncts of the package's value.
    pub(crate) files: Vec<Expr>,
    /// Expressions compiled in the package's scope, after the files.
    pub(crate) expressions: Vec<Expr>,
    /// Fields given from outside.
    pub(crate) inputs: Vec<Label>,
}

/// Finds a package by its import path.
pub type Imports<'a> = dyn Fn(&str) -> Option<Arc<Package>> + 'a;

/// What compiling needs to know beside the text.
#[derive(Clone, Copy, Default)]
pub struct CompileOptions<'a> {
    /// The import path of the package, for the identity of its hidden fields.
    pub path: &'a str,
    /// Top-level fields that are given from outside and may be referred to though no file
    /// declares them.
    pub inputs: &'a [&'a str],
    /// Finds packages outside the standard library by import path.
    pub imports: Option<&'a Imports<'a>>,
}

impl Package {
    /// Compiles the files of one package, and `expressions` in the scope of the first file.
    ///
    /// Names that cannot be resolved and imports that are not known are diagnostics; evaluating
    /// their expressions is an error, the rest of the package is usable.
    #[must_use]
    pub fn compile(
        files: &[&ast::File],
        expressions: &[&ast::Expr],
        options: CompileOptions<'_>,
    ) -> Outcome<Package> {
        let name: Arc<str> = if options.path.is_empty() {
            files
                .iter()
                .find_map(|file| file.package.as_ref())
                .filter(|package| &*package.name != "_")
                .map_or_else(|| Arc::from(""), |package| package.name.clone())
        } else {
            Arc::from(options.path)
        };
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let mut compiled = Vec::with_capacity(files.len());
        let mut extra = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let mut compiler = Compiler::new(&name, options, files, index);
            compiled.push(compiler.file(file));
            if index == 0 {
                extra = expressions.iter().map(|expr| compiler.in_file(file, expr)).collect();
            }
            diagnostics.append(&mut compiler.diagnostics);
        }
        let inputs = options.inputs.iter().map(|name| Label::identifier(name, "")).collect();
        let package = Package { name, files: compiled, expressions: extra, inputs };
        Outcome::new(package, diagnostics)
    }

    /// How many expressions were compiled beside the files.
    #[must_use]
    pub fn expression_count(&self) -> usize {
        self.expressions.len()
    }
}
