//! `textDocument/completion`. Invariant: items keep the order in which they are offered.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent,
    MarkupKind, TextEdit,
};
use platformc_ide::{Item, ItemKind};
use serde_json::{Value, json};

use super::asked;
use crate::dispatch::{Refusal, Server};
use crate::position::Lines;

pub(crate) fn answer(server: &Server, params: Value) -> Result<Value, Refusal> {
    let Some(asked) = asked(server, params)? else { return Ok(json!([])) };
    let items = asked.ask(platformc_ide::completion).into_iter().enumerate();
    let items: Vec<CompletionItem> =
        items.map(|(index, found)| item(index, found, &asked.lines)).collect();
    Ok(json!(items))
}

fn item(index: usize, found: Item, lines: &Lines<'_>) -> CompletionItem {
    let value = Some(found.documentation).filter(|text| !text.is_empty());
    let documentation = value.map(|value| {
        Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
    });
    CompletionItem {
        kind: Some(match found.kind {
            ItemKind::Field => CompletionItemKind::FIELD,
            ItemKind::Type => CompletionItemKind::CLASS,
            ItemKind::Value => CompletionItemKind::VALUE,
            ItemKind::Name => CompletionItemKind::REFERENCE,
        }),
        detail: (!found.detail.is_empty()).then_some(found.detail),
        documentation,
        sort_text: Some(format!("{index:05}")),
        // Clients filter by the word that is replaced, which begins with a blank behind a colon.
        filter_text: Some(found.label.clone()),
        label: found.label,
        text_edit: Some(CompletionTextEdit::Edit(TextEdit {
            range: lines.range(&found.span),
            new_text: found.insert,
        })),
        ..CompletionItem::default()
    }
}
