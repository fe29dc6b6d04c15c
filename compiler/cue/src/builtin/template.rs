//! Package `text/template`.
//!
//! `Execute` is refused: it runs programs in the template language of another language's library,
//! for which there is no well-kept reader. Strings with `\(…)` do the same in CUE.

use platformc_value::Value;

use super::args::{CallResult, fail, space, string, text};
use super::text::is_print;
use super::{PackageInfo, functions};

/// `text/template`: escapes for texts in HTML and JavaScript.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "text/template",
    constants: &[],
    functions: functions! { "text/template";
        Execute(String, Any) -> String = Pure(execute);
        HTMLEscape(String) -> String = Pure(html_escape);
        JSEscape(String) -> String = Pure(js_escape);
    },
};

fn execute(args: &[Value]) -> CallResult {
    string(args, 0)?;
    fail!("text/template.Execute is not supported; write the text as a string with interpolations")
}

fn mapped(source: &str, escape: fn(char) -> Option<String>) -> CallResult {
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        match escape(c) {
            Some(escape) => out.push_str(&escape),
            None => out.push(c),
        }
        space(out.len())?;
    }
    text(out)
}

/// The text with the characters escaped that HTML treats specially.
fn html_escape(args: &[Value]) -> CallResult {
    mapped(string(args, 0)?, |c| {
        let escape = match c {
            '\0' => "\u{fffd}",
            '"' => "&#34;",
            '\'' => "&#39;",
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => return None,
        };
        Some(escape.to_owned())
    })
}

/// The text with the characters escaped that end or change a literal of JavaScript.
fn js_escape(args: &[Value]) -> CallResult {
    mapped(string(args, 0)?, |c| match c {
        '\\' | '\'' | '"' => Some(format!("\\{c}")),
        '<' | '>' | '&' | '=' | '\0'..='\u{1f}' => Some(format!("\\u{:04X}", u32::from(c))),
        c if c.is_ascii() || is_print(c) => None,
        c => Some(format!("\\u{:04X}", u32::from(c))),
    })
}
