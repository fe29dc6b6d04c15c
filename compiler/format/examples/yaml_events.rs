//! Reads YAML from standard input and prints what was understood, with places, and the findings.

use std::io::Read;

use platformc_format::yaml;
use platformc_source::{FileId, Span};
use platformc_value::{Data, Value};

#[allow(clippy::print_stdout, reason = "it is what the program does")]
fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let outcome = yaml::read(FileId(0), &text);
    for document in &outcome.value {
        println!("document {}..{}", document.span.start, document.span.end);
        print(&document.value, 1, &text);
    }
    for diagnostic in &outcome.diagnostics {
        let place = diagnostic.primary.span;
        println!("{} {} {}", diagnostic.code.id(), show(place, &text), diagnostic.message);
    }
    Ok(())
}

fn show(span: Span, text: &str) -> String {
    let words = text.get(span.start as usize..span.end as usize).unwrap_or("?");
    format!("{}..{} {words:?}", span.start, span.end)
}

#[allow(clippy::print_stdout, reason = "it is what the program does")]
fn print(value: &Value, depth: usize, text: &str) {
    let lead = "  ".repeat(depth);
    let place = show(value.origin.span, text);
    match &value.data {
        Data::List(items) => {
            println!("{lead}list {place}");
            items.iter().for_each(|item| print(item, depth + 1, text));
        }
        Data::Map(map) => {
            println!("{lead}map {place}");
            for entry in map {
                println!("{lead}- {:?} {}", &*entry.key, show(entry.key_origin.span, text));
                print(&entry.value, depth + 1, text);
            }
        }
        Data::Number(number) => println!("{lead}{number} {place}"),
        Data::String(string) => println!("{lead}{string:?} {place}"),
        Data::Bool(b) => println!("{lead}{b} {place}"),
        Data::Bytes(bytes) => println!("{lead}{} bytes {place}", bytes.len()),
        Data::Null => println!("{lead}null {place}"),
    }
}
