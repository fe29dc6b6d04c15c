//! String and bytes literals, with and without interpolations.

use std::sync::Arc;

use platformc_source::Span;

use super::Parser;
use crate::ast::{Expr, ExprKind, Interpolation, InterpolationPart};
use crate::literal::{Decoder, Fault, Quotes, split_indent};
use crate::token::{Kind, Token};

/// A piece of an interpolated literal: where its content lies, and the expression after it.
type Piece = (u32, u32, Option<Expr>);

impl Parser<'_> {
    /// The value of a [`Kind::String`] token.
    pub(super) fn literal(&mut self, token: Token) -> ExprKind {
        let text = self.slice(token);
        let quotes = Quotes::of(text);
        let close = text.len().saturating_sub(quotes.close_len()).max(quotes.open_len);
        let content = text.get(quotes.open_len..close).unwrap_or("");
        let plain = Decoder { quotes, indent: "", line_start: false, last: true };
        if plain.is_plain(content) {
            return if quotes.bytes() {
                ExprKind::Bytes(Arc::from(content.as_bytes()))
            } else {
                ExprKind::String(self.names.get(content))
            };
        }
        let mut out = Vec::with_capacity(content.len());
        let mut faults = Vec::new();
        if quotes.multi {
            let (body, indent) = split_indent(content);
            let decoder = Decoder { quotes, indent: &indent, line_start: true, last: true };
            decoder.decode(body, &mut out, &mut faults);
        } else {
            plain.decode(content, &mut out, &mut faults);
        }
        self.literal_faults(token.start + u32::try_from(quotes.open_len).unwrap_or(0), faults);
        if quotes.bytes() {
            ExprKind::Bytes(Arc::from(out))
        } else {
            ExprKind::String(self.text_of(&out))
        }
    }

    fn text_of(&mut self, bytes: &[u8]) -> Arc<str> {
        self.names.get(&String::from_utf8_lossy(bytes))
    }

    fn literal_faults(&mut self, base: u32, faults: Vec<Fault>) {
        for fault in faults {
            let start = base as usize + fault.at;
            let span = Span::new(self.file, start, start + fault.len);
            let diagnostic = self.diagnostic(span, fault.message);
            self.report(diagnostic);
        }
    }

    /// A literal with interpolations; the current token is [`Kind::StringStart`].
    pub(super) fn interpolation(&mut self) -> Expr {
        let start = self.start();
        if let Some(expr) = self.nested(Self::interpolation_inner) {
            return expr;
        }
        let mut bad = self.too_deep();
        bad.span = self.span_from(start);
        bad
    }

    fn interpolation_inner(&mut self) -> Expr {
        let first = self.bump();
        let quotes = Quotes::of(self.slice(first));
        let opener = u32::try_from(quotes.hashes).unwrap_or(0) + 2;
        let start = first.start + u32::try_from(quotes.open_len).unwrap_or(0);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut content = (start, first.end.saturating_sub(opener).max(start));
        self.open[0] += 1;
        let complete = loop {
            let expr = self.expr();
            pieces.push((content.0, content.1, Some(expr)));
            if self.kind() == Kind::Newline {
                self.bump();
            }
            if !matches!(self.kind(), Kind::StringMid | Kind::StringEnd | Kind::BadStringEnd) {
                self.expected("`)` to end the interpolation");
                self.skip_to_string_end();
            }
            let token = self.token();
            match token.kind {
                Kind::StringMid => {
                    self.bump();
                    content = (token.start + 1, token.end.saturating_sub(opener));
                }
                Kind::StringEnd => {
                    self.bump();
                    let close = u32::try_from(quotes.close_len()).unwrap_or(0);
                    content = (token.start + 1, token.end.saturating_sub(close));
                    pieces.push((content.0, content.1, None));
                    break true;
                }
                Kind::BadStringEnd => {
                    self.bump();
                    break false;
                }
                _ => break false,
            }
        };
        self.open[0] -= 1;
        let span = self.span_from(first.start);
        if !complete {
            return Expr { kind: ExprKind::Bad, span };
        }
        let parts = self.interpolation_parts(quotes, pieces);
        let kind = ExprKind::Interpolation(Interpolation { parts, bytes: quotes.bytes() });
        Expr { kind, span }
    }

    /// Skips to the next part of the string around the current token.
    fn skip_to_string_end(&mut self) {
        let mut nested = 0usize;
        loop {
            match self.kind() {
                Kind::Eof => return,
                Kind::StringStart => nested += 1,
                Kind::StringEnd | Kind::BadStringEnd if nested > 0 => nested -= 1,
                Kind::StringMid | Kind::StringEnd | Kind::BadStringEnd if nested == 0 => return,
                _ => {}
            }
            self.bump();
        }
    }

    fn interpolation_parts(
        &mut self,
        quotes: Quotes,
        pieces: Vec<Piece>,
    ) -> Vec<InterpolationPart> {
        let text = self.text;
        let slice = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or("");
        let tail = pieces.last().map_or("", |(from, to, _)| slice(*from, *to));
        let (last_body, indent) = if quotes.multi { split_indent(tail) } else { (tail, "".into()) };
        let count = pieces.len();
        let mut parts = Vec::with_capacity(2 * count);
        let mut out = Vec::new();
        for (index, (from, to, expr)) in pieces.into_iter().enumerate() {
            let last = index + 1 == count;
            let body = if last { last_body } else { slice(from, to) };
            let decoder = Decoder { quotes, indent: &indent, line_start: index == 0, last };
            let mut faults = Vec::new();
            out.clear();
            decoder.decode(body, &mut out, &mut faults);
            self.literal_faults(from, faults);
            if !out.is_empty() {
                let shared = if quotes.bytes() { bytes_as_text(&out) } else { self.text_of(&out) };
                parts.push(InterpolationPart::Text(shared));
            }
            parts.extend(expr.map(InterpolationPart::Expr));
        }
        parts
    }
}

/// The text part of interpolated bytes. Bytes that are no UTF-8 cannot be held by the tree's text
/// and become U+FFFD.
fn bytes_as_text(bytes: &[u8]) -> Arc<str> {
    Arc::from(String::from_utf8_lossy(bytes))
}
