//! The evaluator of a thread.
//!
//! Invariant: it never sees the disk. All its files are in memory, below a root that no disk can
//! have, because its name holds a NUL; what it is asked to import was put there before. It runs,
//! and is dropped, on a stack of its own that is large enough for whatever the scan of the tokens
//! and the limits of evaluation let through.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use nickel_lang_core::cache::{CacheHub, InputFormat, SourcePath};
use nickel_lang_core::error::NullReporter;
use nickel_lang_core::eval::VmContext;
use nickel_lang_core::files::FileId as NickelFile;
use nickel_lang_core::identifier::Ident;
use nickel_lang_core::package::PackageMap;
use nickel_lang_core::position::{PosIdx, RawSpan, TermPos};
use platformc_source::{FileId, Span};

use crate::fuel::{Exhausted, Fuel};
use crate::scan::Format;
use crate::session::{LibraryFile, Loader, Session};

/// Address space for the stack of an evaluation; only what is used takes memory.
const STACK: usize = 512 << 20;
/// An evaluator is renewed after so many bytes of text, each of which costs it some sixty.
const RENEW_BYTES: usize = 1 << 20;
/// An evaluator is renewed after so many evaluations.
const RENEW_RUNS: usize = 2_000;

/// The evaluator's context.
pub(crate) type Vm = VmContext<CacheHub, Fuel>;

/// What stands behind a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// A file of the workspace, or a value handed in.
    User(Span),
    /// The library that ships with the compiler.
    Library(Span),
    /// The language's own library, or nothing.
    Nowhere,
}

/// A file of this session that the evaluator has.
#[derive(Clone, Copy)]
pub(crate) enum Known {
    /// Ready to be imported.
    Ready(NickelFile),
    /// Not to be evaluated; why was reported.
    Broken,
}

pub(crate) struct Engine {
    pub(crate) vm: Vm,
    pub(crate) session: Session,
    /// Below it lie the files of the session.
    root: PathBuf,
    serial: usize,
    pub(crate) files: BTreeMap<(String, Format), Known>,
    ours: BTreeMap<NickelFile, FileId>,
    library: BTreeMap<NickelFile, LibraryFile>,
    /// Files of the caller that values handed in come from.
    foreign: BTreeMap<FileId, NickelFile>,
    bytes: usize,
    runs: usize,
}

impl Engine {
    fn new(session: &Session) -> Engine {
        let mut engine = Engine {
            vm: VmContext::new(CacheHub::new(), std::io::sink(), NullReporter {}),
            session: session.clone(),
            root: PathBuf::new(),
            serial: 0,
            files: BTreeMap::new(),
            ours: BTreeMap::new(),
            library: BTreeMap::new(),
            foreign: BTreeMap::new(),
            bytes: 0,
            runs: 0,
        };
        engine.enter(session);
        engine
    }

    /// Begins a session: none of the files of another one can be reached any more.
    pub(crate) fn enter(&mut self, session: &Session) {
        self.session = session.clone();
        self.serial += 1;
        self.root = PathBuf::from(format!("/\0{}", self.serial));
        self.files.clear();
        self.ours.clear();
        self.library.clear();
        self.foreign.clear();
        let folder = self.root.join("library");
        for file in self.session.library() {
            let path = SourcePath::Path(folder.join(file.path), InputFormat::Nickel);
            let id = self.vm.import_resolver.sources.add_string(path, file.text.to_owned());
            self.library.insert(id, *file);
        }
        self.vm.import_resolver.sources.set_package_map(PackageMap {
            top_level: std::iter::once((Ident::from("platform"), folder)).collect(),
            packages: std::collections::HashMap::new(),
        });
    }

    /// Adds a file of the workspace.
    pub(crate) fn add(
        &mut self,
        path: &str,
        format: Format,
        file: FileId,
        text: &Arc<str>,
    ) -> NickelFile {
        let format = match format {
            Format::Nickel => InputFormat::Nickel,
            Format::Yaml => InputFormat::Yaml,
            Format::Json => InputFormat::Json,
            Format::Toml => InputFormat::Toml,
            Format::Text => InputFormat::Text,
        };
        self.bytes += text.len();
        let path = SourcePath::Path(self.root.join("workspace").join(path), format);
        let id = self.vm.import_resolver.sources.add_string(path, text.to_string());
        self.ours.insert(id, file);
        id
    }

    /// The evaluator's place for a place of the caller.
    pub(crate) fn place_of(&mut self, span: Span) -> PosIdx {
        if span.is_none() {
            return PosIdx::NONE;
        }
        let id = match self.foreign.get(&span.file) {
            Some(id) => *id,
            None => {
                let id = self.vm.import_resolver.sources.files.add("value", "");
                self.foreign.insert(span.file, id);
                self.ours.insert(id, span.file);
                id
            }
        };
        let span = RawSpan::from_range(id, span.start as usize..span.end as usize);
        self.vm.pos_table.push(TermPos::Original(span))
    }

    /// The caller's place for a place of the evaluator.
    pub(crate) fn place(&self, span: RawSpan, loader: &dyn Loader) -> Place {
        let (start, end) = (span.start.to_usize(), span.end.to_usize());
        if let Some(file) = self.ours.get(&span.src_id) {
            return Place::User(Span::new(*file, start, end));
        }
        match self.library.get(&span.src_id) {
            Some(file) => {
                Place::Library(Span::new(self.session.embedded(file, loader), start, end))
            }
            None => Place::Nowhere,
        }
    }

    /// The place in a file of the workspace, if it is one.
    pub(crate) fn user(&self, position: TermPos) -> Option<Span> {
        let span = position.into_opt()?;
        let file = self.ours.get(&span.src_id)?;
        Some(Span::new(*file, span.start.to_usize(), span.end.to_usize()))
    }

    fn is_worn(&self) -> bool {
        self.bytes > RENEW_BYTES || self.runs > RENEW_RUNS
    }
}

/// Keeps the evaluator of a thread; what it holds may nest deeper than the thread's own stack.
struct Keeper(RefCell<Option<Engine>>);

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(engine) = self.0.get_mut().take() {
            stacker::grow(STACK, || drop(engine));
        }
    }
}

thread_local! {
    static ENGINE: Keeper = const { Keeper(RefCell::new(None)) };
}

/// How an evaluation ended before its end.
pub(crate) enum Stopped {
    /// A limit was reached.
    Exhausted,
    /// The evaluator itself failed.
    Fault,
}

/// Runs `work` with the evaluator of this thread, in a session.
pub(crate) fn with_engine<R>(
    session: &Session,
    work: impl FnOnce(&mut Engine) -> R,
) -> Result<R, Stopped> {
    stacker::grow(STACK, || {
        let kept = ENGINE.try_with(|keeper| keeper.0.borrow_mut().take()).ok().flatten();
        let run = AssertUnwindSafe(|| {
            let mut engine = kept.unwrap_or_else(|| Engine::new(session));
            if !engine.session.is(session) {
                engine.enter(session);
            }
            engine.vm.cache.refill();
            engine.runs += 1;
            let result = work(&mut engine);
            (engine, result)
        });
        match catch_unwind(run) {
            Ok((engine, result)) => {
                // What a runaway computation left behind is not kept.
                if !engine.is_worn() && !engine.vm.cache.is_exhausted() {
                    let _ = ENGINE.try_with(|keeper| keeper.0.borrow_mut().replace(engine));
                }
                Ok(result)
            }
            Err(payload) if payload.is::<Exhausted>() => Err(Stopped::Exhausted),
            Err(_) => Err(Stopped::Fault),
        }
    })
}
