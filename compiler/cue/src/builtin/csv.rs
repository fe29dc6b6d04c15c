//! Package `encoding/csv`: rows of fields as RFC 4180 has them.
//!
//! The reference refuses stray quotes and rows of unequal length; readers in use for CSV in
//! general take both, which is why there is one here.

use platformc_value::Value;

use super::args::{
    CallError, CallResult, any, bytes, fail, items, list, literal, room, space, text,
};
use super::{PackageInfo, functions};

/// `encoding/csv`: lists of rows as text, and back.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "encoding/csv",
    constants: &[],
    functions: functions! { "encoding/csv";
        Decode(Bytes) -> List = Pure(decode);
        Encode(Any) -> String = Pure(encode);
    },
};

/// The rows as lines; fields that are no text are written as JSON.
fn encode(args: &[Value]) -> CallResult {
    any(args, 0)?;
    let mut out = String::new();
    for row in list(args, 0)? {
        let Some(fields) = row.as_list() else {
            return fail!("cannot use value {} (type {}) as list", literal(row), row.kind_name());
        };
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match field.as_str() {
                Some(text) => push(&mut out, text),
                None => push(&mut out, &super::json::marshal(field)?),
            }
            space(out.len())?;
        }
        out.push('\n');
    }
    text(out)
}

fn push(out: &mut String, field: &str) {
    let quotes = field == "\\."
        || field.contains([',', '"', '\n', '\r'])
        || field.starts_with(char::is_whitespace);
    if !quotes {
        out.push_str(field);
        return;
    }
    out.push('"');
    out.push_str(&field.replace('"', "\"\""));
    out.push('"');
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn wrong<T>(&self, why: &str) -> Result<T, CallError> {
        fail!("parse error on line {}, column {}: {why}", self.line, self.column)
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
        self.column += bytes;
    }

    /// The length of a line break, or of the end of the text, that stands next.
    fn line_end(&self) -> Option<usize> {
        match self.rest.as_bytes() {
            [] => Some(0),
            [b'\n', ..] => Some(1),
            [b'\r', b'\n', ..] => Some(2),
            [b'\r'] => Some(1),
            _ => None,
        }
    }

    fn end_line(&mut self, bytes: usize) {
        self.advance(bytes);
        self.line += 1;
        self.column = 1;
    }

    /// Reads one field; whether the row goes on behind it.
    fn field(&mut self) -> Result<(String, bool), CallError> {
        let mut field = String::new();
        if self.rest.starts_with('"') {
            self.quoted(&mut field)?;
        } else {
            let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
            let mut plain = &self.rest[..end];
            if !self.rest[end..].starts_with(',') {
                plain = plain.strip_suffix('\r').unwrap_or(plain);
            }
            if let Some(at) = plain.find('"') {
                self.column += at;
                return self.wrong("bare \" in non-quoted-field");
            }
            field.push_str(plain);
            self.advance(plain.len());
        }
        if self.rest.starts_with(',') {
            self.advance(1);
            return Ok((field, true));
        }
        let end = self.line_end().unwrap_or(0);
        self.end_line(end);
        Ok((field, false))
    }

    fn quoted(&mut self, field: &mut String) -> Result<(), CallError> {
        self.advance(1);
        loop {
            let Some(at) = self.rest.find(['"', '\n']) else {
                self.advance(self.rest.len());
                return self.wrong("extraneous or missing \" in quoted-field");
            };
            if self.rest[at..].starts_with('\n') {
                // A break is one character, however it is written.
                let line = &self.rest[..at];
                field.push_str(line.strip_suffix('\r').unwrap_or(line));
                field.push('\n');
                self.end_line(at + 1);
                continue;
            }
            field.push_str(&self.rest[..at]);
            self.advance(at + 1);
            if self.rest.starts_with('"') {
                field.push('"');
                self.advance(1);
                continue;
            }
            if self.rest.starts_with(',') || self.line_end().is_some() {
                return Ok(());
            }
            self.column -= 1;
            return self.wrong("extraneous or missing \" in quoted-field");
        }
    }
}

/// The rows of lines; empty lines do not count.
fn decode(args: &[Value]) -> CallResult {
    let source = String::from_utf8_lossy(bytes(args, 0)?);
    let mut reader = Reader { rest: &source, line: 1, column: 1 };
    let mut rows = Vec::new();
    let mut width = None;
    let mut count = 0;
    while !reader.rest.is_empty() {
        if let Some(end) = reader.line_end().filter(|end| *end > 0) {
            reader.end_line(end);
            continue;
        }
        let line = reader.line;
        let mut row = Vec::new();
        loop {
            let (field, more) = reader.field()?;
            count += 1;
            room(count)?;
            row.push(Value::string(field));
            if !more {
                break;
            }
        }
        if *width.get_or_insert(row.len()) != row.len() {
            return fail!("record on line {line}: wrong number of fields");
        }
        rows.push(Value::list(row));
    }
    items(rows)
}
