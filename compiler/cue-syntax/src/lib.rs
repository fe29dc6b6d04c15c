//! Lexer, parser, syntax tree and formatter of CUE
