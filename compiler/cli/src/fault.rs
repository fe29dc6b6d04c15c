//! Faults of the tool itself: wrong usage, a folder that is not there, a disk that is full, a bug.
//!
//! Invariant: a fault is never reported as a diagnostic of the input, and always exits with 2.

use std::any::Any;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, Report, ThemeStyles};

/// The exit code of faults.
pub const EXIT: u8 = 2;

static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// A fault with a way out.
#[derive(Debug)]
pub struct Fault {
    message: String,
    help: Option<String>,
}

impl Fault {
    /// A fault, said in one line.
    pub fn new(message: impl Into<String>) -> Fault {
        Fault { message: message.into(), help: None }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Diagnostic for Fault {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }
}

/// Writes a report; returns the exit code.
pub fn report(err: &mut dyn Write, report: &Report, color: bool) -> u8 {
    let mut theme = GraphicalTheme::unicode_nocolor();
    if color {
        theme.styles = ThemeStyles::ansi();
    }
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
    let mut text = String::new();
    if handler.render_report(&mut text, report.as_ref()).is_err() {
        text = report.to_string();
    }
    // With standard error gone there is nobody left to tell.
    let _ = writeln!(err, "{}", text.trim_end());
    let _ = err.flush();
    EXIT
}

/// Writes a fault that has no more to it than its message.
pub fn report_plain(err: &mut dyn Write, message: &str) -> u8 {
    report(err, &Report::new(Fault::new(message)), false)
}

/// A panic hook that keeps the place of the first panic for [`report_panic`].
pub fn remember(info: &PanicHookInfo<'_>) {
    let mut place = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
    if place.is_none() {
        *place = info.location().map(ToString::to_string);
    }
}

/// Reports a caught panic.
pub fn report_panic(err: &mut dyn Write, panic: &(dyn Any + Send)) -> u8 {
    let words = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let place = place.map(|place| format!(" at {place}")).unwrap_or_default();
    let fault = Fault::new(format!("internal fault{place}: {words}"))
        .help("this is a bug of platformc, not of your input; nothing was written");
    report(err, &Report::new(fault), false)
}
