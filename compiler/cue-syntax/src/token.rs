//! Tokens.
//!
//! Invariant: tokens lie in the order of the text and do not overlap; the last one is always
//! [`Kind::Eof`], so that looking ahead never runs out.

/// The kind of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// The end of the text.
    Eof,
    /// A written `,`.
    Comma,
    /// A `,` that a line break stands for. Empty, at the end of the token before it.
    Newline,
    /// A name that is no keyword.
    Ident,
    /// `_`
    Underscore,
    /// `for`
    For,
    /// `if`
    If,
    /// `in`
    In,
    /// `let`
    Let,
    /// `try`
    Try,
    /// `else`
    Else,
    /// `fallback`
    Fallback,
    /// `otherwise`
    Otherwise,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// `_|_`
    Bottom,
    /// A number.
    Number,
    /// A whole string or bytes literal.
    String,
    /// From the opening quote to the first `\(`.
    StringStart,
    /// From a `)` to the next `\(`.
    StringMid,
    /// From the last `)` to the closing quote.
    StringEnd,
    /// A string or the end of one that lacks its closing quote; reported already.
    BadString,
    /// The missing end of an interpolated string; reported already. May be empty.
    BadStringEnd,
    /// `@key(body)`.
    Attribute,
    /// An attribute without its brackets; reported already.
    BadAttribute,
    /// `(`
    LParen,
    /// `)`
    RParen,
    /// `[`
    LBracket,
    /// `]`
    RBracket,
    /// `{`
    LBrace,
    /// `}`
    RBrace,
    /// `:`
    Colon,
    /// `?`
    Question,
    /// `!`
    Not,
    /// `~`
    Tilde,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `=`
    Assign,
    /// `|`
    Or,
    /// `&`
    And,
    /// `||`
    OrOr,
    /// `&&`
    AndAnd,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// Characters that begin no token; reported already.
    Illegal,
}

impl Kind {
    /// Whether it can be a name: an identifier or any keyword.
    pub(crate) fn is_name(self) -> bool {
        matches!(
            self,
            Kind::Ident
                | Kind::Underscore
                | Kind::For
                | Kind::If
                | Kind::In
                | Kind::Let
                | Kind::Try
                | Kind::Else
                | Kind::Fallback
                | Kind::Otherwise
                | Kind::True
                | Kind::False
                | Kind::Null
        )
    }

    /// Whether a line break after it ends the declaration.
    pub(crate) fn ends_line(self) -> bool {
        self.is_name()
            || matches!(
                self,
                Kind::Bottom
                    | Kind::Number
                    | Kind::String
                    | Kind::StringEnd
                    | Kind::BadString
                    | Kind::BadStringEnd
                    | Kind::Attribute
                    | Kind::BadAttribute
                    | Kind::RParen
                    | Kind::RBracket
                    | Kind::RBrace
                    | Kind::Question
                    | Kind::Ellipsis
            )
    }

    /// Whether the lexer has reported it already.
    pub(crate) fn is_reported(self) -> bool {
        matches!(self, Kind::Illegal | Kind::BadString | Kind::BadStringEnd | Kind::BadAttribute)
    }

    /// Whether an expression can begin with it.
    pub(crate) fn begins_expr(self) -> bool {
        self.is_name()
            || matches!(
                self,
                Kind::Bottom
                    | Kind::Number
                    | Kind::String
                    | Kind::StringStart
                    | Kind::BadString
                    | Kind::LParen
                    | Kind::LBracket
                    | Kind::LBrace
                    | Kind::Not
                    | Kind::Equal
                    | Kind::NotEqual
                    | Kind::Less
                    | Kind::LessEqual
                    | Kind::Greater
                    | Kind::GreaterEqual
                    | Kind::Match
                    | Kind::NotMatch
                    | Kind::Plus
                    | Kind::Minus
                    | Kind::Star
            )
    }

    /// How a message calls it.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Kind::Eof => "end of file",
            Kind::Comma => "`,`",
            Kind::Newline => "end of line",
            Kind::Ident => "identifier",
            Kind::Underscore => "`_`",
            Kind::For => "`for`",
            Kind::If => "`if`",
            Kind::In => "`in`",
            Kind::Let => "`let`",
            Kind::Try => "`try`",
            Kind::Else => "`else`",
            Kind::Fallback => "`fallback`",
            Kind::Otherwise => "`otherwise`",
            Kind::True => "`true`",
            Kind::False => "`false`",
            Kind::Null => "`null`",
            Kind::Bottom => "`_|_`",
            Kind::Number => "number",
            Kind::String | Kind::StringStart | Kind::BadString => "string",
            Kind::StringMid | Kind::StringEnd | Kind::BadStringEnd => "`)` of an interpolation",
            Kind::Attribute | Kind::BadAttribute => "attribute",
            Kind::LParen => "`(`",
            Kind::RParen => "`)`",
            Kind::LBracket => "`[`",
            Kind::RBracket => "`]`",
            Kind::LBrace => "`{`",
            Kind::RBrace => "`}`",
            Kind::Colon => "`:`",
            Kind::Question => "`?`",
            Kind::Not => "`!`",
            Kind::Tilde => "`~`",
            Kind::Dot => "`.`",
            Kind::Ellipsis => "`...`",
            Kind::Assign => "`=`",
            Kind::Or => "`|`",
            Kind::And => "`&`",
            Kind::OrOr => "`||`",
            Kind::AndAnd => "`&&`",
            Kind::Equal => "`==`",
            Kind::NotEqual => "`!=`",
            Kind::Less => "`<`",
            Kind::LessEqual => "`<=`",
            Kind::Greater => "`>`",
            Kind::GreaterEqual => "`>=`",
            Kind::Match => "`=~`",
            Kind::NotMatch => "`!~`",
            Kind::Plus => "`+`",
            Kind::Minus => "`-`",
            Kind::Star => "`*`",
            Kind::Slash => "`/`",
            Kind::Illegal => "illegal character",
        }
    }
}

/// A token: its kind and its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// First byte.
    pub(crate) start: u32,
    /// One past the last byte.
    pub(crate) end: u32,
}

/// One `//` comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawComment {
    /// The byte of the first `/`.
    pub(crate) start: u32,
    /// The end of the line, without `\r` and `\n`.
    pub(crate) end: u32,
    /// Whether nothing but white space stands before it on its line.
    pub(crate) own_line: bool,
}
