//! Braces that are never closed, found by indentation.
//!
//! Invariant: where braces balance nothing is done. Where they do not, this only says before which
//! token an open `{` was probably meant to end; the parser reports it and keeps the declarations
//! that follow as siblings.

use std::collections::HashMap;

use crate::token::{Kind, Token};

/// An open bracket.
struct Open {
    kind: Kind,
    index: usize,
    /// The white space before the line it stands on.
    indent: usize,
    /// Whether its content begins on a later line.
    block: bool,
}

/// For openers of unclosed braces, by token index: the token before which they end.
pub(super) fn missing_braces(text: &str, tokens: &[Token]) -> HashMap<usize, usize> {
    let mut found = HashMap::new();
    let mut surplus = 0isize;
    for token in tokens {
        match token.kind {
            Kind::LBrace => surplus += 1,
            Kind::RBrace => surplus -= 1,
            _ => {}
        }
    }
    if surplus <= 0 {
        return found;
    }
    let mut open: Vec<Open> = Vec::new();
    let mut indent = 0;
    let mut last_end = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Newline {
            continue;
        }
        let gap = text.get(last_end as usize..token.start as usize).unwrap_or("");
        let first = gap.contains('\n') || index == 0;
        last_end = token.end;
        if first {
            indent = gap.len() - gap.rfind('\n').map_or(0, |at| at + 1);
            if token.kind != Kind::Eof {
                close_by_indent(&mut open, &mut found, token.kind, index, indent, &mut surplus);
            }
        }
        if surplus == 0 {
            return found;
        }
        match token.kind {
            Kind::LBrace | Kind::LBracket | Kind::LParen | Kind::StringStart => {
                let next = tokens[index + 1..].iter().find(|next| next.kind != Kind::Newline);
                let block = next.is_some_and(|next| {
                    text.get(token.end as usize..next.start as usize)
                        .is_some_and(|gap| gap.contains('\n'))
                });
                open.push(Open { kind: token.kind, index, indent, block });
            }
            Kind::RBrace | Kind::RBracket | Kind::RParen | Kind::StringEnd | Kind::BadStringEnd => {
                let matches = open.last().is_some_and(|open| {
                    matches!(
                        (open.kind, token.kind),
                        (Kind::LBrace, Kind::RBrace)
                            | (Kind::LBracket, Kind::RBracket)
                            | (Kind::LParen, Kind::RParen)
                            | (Kind::StringStart, Kind::StringEnd | Kind::BadStringEnd)
                    )
                });
                if matches {
                    open.pop();
                }
            }
            _ => {}
        }
    }
    found
}

/// Ends blocks that the line beginning with token `index` stands outside of.
fn close_by_indent(
    open: &mut Vec<Open>,
    found: &mut HashMap<usize, usize>,
    kind: Kind,
    index: usize,
    indent: usize,
    surplus: &mut isize,
) {
    while *surplus > 0
        && let Some(top) = open.last()
        && top.kind == Kind::LBrace
        && top.block
    {
        let outside = match kind {
            // A `}` farther left than the block's line closes a block around it.
            Kind::RBrace => indent < top.indent,
            Kind::RBracket | Kind::RParen => false,
            _ => indent <= top.indent,
        };
        if !outside {
            return;
        }
        found.insert(top.index, index);
        open.pop();
        *surplus -= 1;
    }
}
