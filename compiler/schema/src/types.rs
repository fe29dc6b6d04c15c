//! The form in which types are written, one a line.
//!
//! Invariant: reading a type does not read the types it refers to, so that an object costs what it
//! leads to and no more. `schemas/README.md` describes the form.

/// A type of a catalog by its number.
pub type TypeId = u32;

/// What a value may be. `null` is allowed everywhere: to Kubernetes it means left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Anything.
    Any,
    /// Text.
    String,
    /// Text that is Base64.
    Bytes,
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// An integer, or text.
    IntOrString,
    /// A quantity: a number, or text such as `250m`.
    Quantity,
    /// One of these texts.
    OneOf(Vec<Box<str>>),
    /// A list.
    List {
        /// What tells its items apart.
        keys: Keys,
        /// Its items.
        item: Box<Type>,
    },
    /// A struct with any keys.
    Map(Box<Type>),
    /// A struct with these fields and no others, in the order of their names.
    Struct(Vec<Field>),
    /// Another type of the catalog.
    Ref(TypeId),
}

/// What tells the items of a list apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Nothing: items may be alike.
    None,
    /// The items themselves.
    Items,
    /// These fields of the items together.
    Fields(Vec<Box<str>>),
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Box<str>,
    /// Whether it must be there.
    pub required: bool,
    /// Its type.
    pub kind: Type,
}

/// Types nest this deep within one line at most.
pub(crate) const MAX_DEPTH: usize = 128;

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// Reads the type written in a line; `None` where it is none.
pub(crate) fn read(line: &str) -> Option<Type> {
    let mut reader = Reader { text: line, at: 0 };
    let found = reader.kind(0)?;
    (reader.at == line.len()).then_some(found)
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// The text up to one of `ends`, which stays.
    fn until(&mut self, ends: &[u8]) -> Option<&'t str> {
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().position(|byte| ends.contains(&byte))?;
        self.at += length;
        rest.get(..length)
    }

    fn kind(&mut self, depth: usize) -> Option<Type> {
        if depth > MAX_DEPTH {
            return None;
        }
        let first = self.peek()?;
        self.at += 1;
        Some(match first {
            b'a' => Type::Any,
            b's' => Type::String,
            b'y' => Type::Bytes,
            b'i' => Type::Int32,
            b'l' => Type::Int64,
            b'n' => Type::Number,
            b'b' => Type::Bool,
            b'x' => Type::IntOrString,
            b'q' => Type::Quantity,
            b'(' => {
                let names = self.until(b")")?;
                self.take(b')')?;
                Type::OneOf(names.split('|').map(Box::from).collect())
            }
            b'<' => Type::Map(Box::new(self.kind(depth + 1)?)),
            b'@' => {
                let rest = self.text.get(self.at..)?;
                let length = rest.bytes().take_while(u8::is_ascii_digit).count();
                self.at += length;
                Type::Ref(rest.get(..length)?.parse().ok()?)
            }
            b'[' => self.list(depth)?,
            b'{' => self.fields(depth)?,
            _ => return None,
        })
    }

    fn list(&mut self, depth: usize) -> Option<Type> {
        // Names of fields have no bracket; a type after them may start with one.
        let rest = self.text.get(self.at..)?;
        let end = rest
            .bytes()
            .position(|byte| matches!(byte, b'|' | b'{' | b'[' | b'<' | b'(' | b',' | b'}'));
        let keys = match end {
            Some(end) if rest.as_bytes().get(end) == Some(&b'|') => {
                self.at += end + 1;
                match rest.get(..end)? {
                    "*" => Keys::Items,
                    names => Keys::Fields(names.split('+').map(Box::from).collect()),
                }
            }
            _ => Keys::None,
        };
        Some(Type::List { keys, item: Box::new(self.kind(depth + 1)?) })
    }

    fn fields(&mut self, depth: usize) -> Option<Type> {
        let mut fields = Vec::new();
        if self.take(b'}').is_some() {
            return Some(Type::Struct(fields));
        }
        loop {
            let name = self.until(b"!:")?;
            let required = self.take(b'!').is_some();
            self.take(b':')?;
            let kind = self.kind(depth + 1)?;
            fields.push(Field { name: name.into(), required, kind });
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    break;
                }
                _ => return None,
            }
        }
        fields.is_sorted_by(|a, b| a.name < b.name).then_some(Type::Struct(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let text = "{a!:i,b:[name+port|@12,c:[*|s,d:<q,e:(x|y),f:[{g:x},h:[<a}";
        let Some(Type::Struct(fields)) = read(text) else { panic!("a struct") };
        let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e", "f", "h"]);
        assert!(fields[0].required && !fields[1].required);
        let Type::List { keys, item } = &fields[1].kind else { panic!("a list") };
        assert_eq!(keys, &Keys::Fields(vec!["name".into(), "port".into()]));
        assert_eq!(**item, Type::Ref(12));
        assert_eq!(fields[4].kind, Type::OneOf(vec!["x".into(), "y".into()]));
    }

    #[test]
    fn what_is_no_type_is_not_read() {
        let deep = "[".repeat(100_000);
        for text in ["", "z", "{a", "{a:i", "{a:i,", "{b:i,a:i}", "@", "ii", "(a", &deep, "[a|"] {
            assert_eq!(read(text), None, "{}", text.get(..20).unwrap_or(text));
        }
    }
}
