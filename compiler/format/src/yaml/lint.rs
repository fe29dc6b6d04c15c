//! The words of the reader's findings on values. Invariant: each names a way out.

use platformc_source::{Diagnostic, Edit, Fix, Span, codes};
use platformc_value::Data;

use super::scalar::Plain;
use super::text::quoted;

/// A plain scalar that YAML 1.1 and 1.2 read differently.
pub(super) fn ambiguous(text: &str, plain: &Plain, span: Span, key: bool) -> Diagnostic {
    let (reading, clear) = match plain {
        Plain::Bool(b) => (format!("the boolean {b}"), Some(b.to_string())),
        Plain::Number(number) => {
            let number = super::text::number(number);
            (format!("the number {number}"), Some(number))
        }
        _ => ("text".to_owned(), None),
    };
    let part = if key { "the key " } else { "" };
    let mut diagnostic = Diagnostic::new(
        codes::YAML_AMBIGUOUS,
        span,
        format!("YAML readers disagree on {part}`{text}`; it is read as {reading}"),
    )
    .note("it is read as kubectl reads it; YAML 1.1 and YAML 1.2 have different rules for it");
    let replacement = |text: String, title: String| Fix { title, edits: vec![Edit { span, text }] };
    let quote = replacement(quoted(text), format!("quote it, to mean the text {}", quoted(text)));
    if let Some(clear) = clear
        && !key
    {
        let title = format!("write `{clear}`, to mean {reading}");
        diagnostic.fixes.push(replacement(clear, title));
    }
    diagnostic.fixes.push(quote);
    diagnostic
}

/// `.inf` and `.nan`.
pub(super) fn not_finite(text: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::YAML_NOT_FINITE,
        span,
        format!("`{text}` is not a finite number, which JSON and Kubernetes do not have"),
    )
    .replace(span, quoted(text), "quote it, to mean text")
}

/// The JSON key of a scalar key; `None` if it has none.
pub(super) fn key_text(data: &Data, authored: &str) -> Option<String> {
    match data {
        Data::Bool(b) => Some(b.to_string()),
        Data::Number(number) if number.is_int() => Some(number.to_string()),
        // A decimal has no negative zero, and its key has.
        Data::Number(number) if number.is_zero() && authored.starts_with('-') => {
            Some("-0".to_owned())
        }
        Data::Number(number) => Some(float_key(number.to_f64() as f32)),
        Data::String(text) => Some(text.to_string()),
        Data::Null | Data::Bytes(_) | Data::List(_) | Data::Map(_) => None,
    }
}

/// The key that Kubernetes makes of a float: the shortest text that reads back as the same 32-bit
/// float, with an exponent of two digits below 1e-4 and from 1e+06 on.
fn float_key(float: f32) -> String {
    if float == 0.0 {
        return "0".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let shortest = format!("{float:e}");
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return shortest };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    format!("{float}")
}

/// Whether the JSON key is not what the author wrote, quotes aside.
pub(super) fn key_changes(data: &Data, authored: &str, key: &str) -> bool {
    !matches!(data, Data::String(_)) && authored != key
}

/// A key that is not text and whose JSON key reads differently.
pub(super) fn converted_key(authored: &str, key: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::YAML_AMBIGUOUS,
        span,
        format!("the key `{authored}` is not text and becomes {}", quoted(key)),
    )
    .replace(span, quoted(authored), "quote it, to keep it as it is written")
}

/// A collection or null as a key; `template` if it stands right behind another `{`.
pub(super) fn bad_key(data: &Data, authored: &str, template: bool, span: Span) -> Diagnostic {
    if matches!(data, Data::Map(_)) && template {
        // `{{ name }}`: a template that YAML takes for a map within a map.
        let outer = Span { start: span.start.saturating_sub(1), end: span.end + 1, ..span };
        return Diagnostic::new(
            codes::YAML_TEMPLATE,
            outer,
            format!("`{{{authored}}}` is read as a map in a map, not as a template"),
        )
        .replace(outer, format!("\"{{{authored}}}\""), "quote it, to mean a template");
    }
    let kind = match data {
        Data::Null => "null",
        Data::Bytes(_) => "binary",
        Data::List(_) => "a list",
        _ => "a map",
    };
    Diagnostic::new(codes::YAML_KEY, span, format!("a key must be text, and this one is {kind}"))
        .note("the entry is left out; write a name, in quotes if need be")
}

/// A second merge key in a map.
pub(super) fn second_merge(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::YAML_DUPLICATE_KEY, span, "the merge key `<<` is there twice")
        .primary_label("again here")
        .label(first, "first here")
        .note("one merge key takes several maps: `<<: [*a, *b]`, the earlier ones win")
}

/// A merge of something else than maps.
pub(super) fn bad_merge(span: Span) -> Diagnostic {
    Diagnostic::new(codes::YAML_MERGE, span, "a merge key takes a map or a list of maps")
        .note("write an alias of a map (`<<: *base`) or quote the key to mean the text \"<<\"")
}

/// A merge that replaces an entry above it.
pub(super) fn merge_replaces(key: &str, written: Span, merge: Span) -> Diagnostic {
    Diagnostic::new(
        codes::YAML_AMBIGUOUS,
        merge,
        format!("the merge replaces the key `{key}` that stands above it"),
    )
    .label(written, "replaced here")
    .note("kubectl reads it so, other readers keep the key; put `<<` first, then the key wins")
}
