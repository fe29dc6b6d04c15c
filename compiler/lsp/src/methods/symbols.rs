//! `textDocument/documentSymbol`. Invariant: a selection lies inside its range.

use platformc_ide::{Symbol, SymbolKind};
use serde_json::{Value, json};

use super::OfDocument;
use crate::dispatch::{Refusal, Server, parameters};
use crate::position::Lines;

pub(crate) fn answer(server: &Server, params: Value) -> Result<Value, Refusal> {
    let of: OfDocument = parameters(params)?;
    let document = server.document(&of.text_document.uri)?;
    let lines = Lines::new(&document.text, server.abilities.encoding);
    let symbols = platformc_ide::symbols(&document.path, &document.text);
    Ok(symbols.iter().map(|symbol| show(symbol, &lines)).collect())
}

fn show(symbol: &Symbol, lines: &Lines<'_>) -> Value {
    // The numbers of the protocol: Module, Class, Object, Array, Property.
    let kind = match symbol.kind {
        SymbolKind::Document => 2,
        SymbolKind::Named => 5,
        SymbolKind::Struct => 19,
        SymbolKind::List => 18,
        SymbolKind::Scalar => 7,
    };
    let children: Vec<Value> = symbol.children.iter().map(|child| show(child, lines)).collect();
    json!({
        "name": symbol.name,
        "detail": symbol.detail,
        "kind": kind,
        "range": lines.range(&symbol.span),
        "selectionRange": lines.range(&symbol.selection),
        "children": children,
    })
}
