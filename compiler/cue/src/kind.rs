//! Sets of kinds, as bits. Invariant: a scalar, list or struct has exactly one bit.

use std::ops::{BitAnd, BitAndAssign, BitOr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Kinds(pub(crate) u16);

impl Kinds {
    pub(crate) const NONE: Kinds = Kinds(0);
    pub(crate) const NULL: Kinds = Kinds(1);
    pub(crate) const BOOL: Kinds = Kinds(2);
    pub(crate) const INT: Kinds = Kinds(4);
    pub(crate) const FLOAT: Kinds = Kinds(8);
    pub(crate) const NUMBER: Kinds = Kinds(12);
    pub(crate) const STRING: Kinds = Kinds(16);
    pub(crate) const BYTES: Kinds = Kinds(32);
    pub(crate) const LIST: Kinds = Kinds(64);
    pub(crate) const STRUCT: Kinds = Kinds(128);
    pub(crate) const ALL: Kinds = Kinds(255);

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn contains(self, other: Kinds) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the kinds in the set, as CUE lists types in messages: `int`, `(int|string)`.
    pub(crate) fn text(self) -> String {
        if self == Kinds::ALL {
            return "_".to_owned();
        }
        let names = self.type_names();
        match names.as_slice() {
            [] => "_|_".to_owned(),
            [one] => (*one).to_owned(),
            many => format!("({})", many.join("|")),
        }
    }

    /// The type names that make up the set, `number` for both kinds of number.
    pub(crate) fn type_names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        let mut add = |kinds: Kinds, name| {
            if self.contains(kinds) {
                names.push(name);
            }
        };
        add(Kinds::NULL, "null");
        add(Kinds::BOOL, "bool");
        if self.contains(Kinds::NUMBER) {
            add(Kinds::NUMBER, "number");
        } else {
            add(Kinds::INT, "int");
            add(Kinds::FLOAT, "float");
        }
        add(Kinds::STRING, "string");
        add(Kinds::BYTES, "bytes");
        add(Kinds::LIST, "list");
        add(Kinds::STRUCT, "struct");
        names
    }
}

impl BitAnd for Kinds {
    type Output = Kinds;
    fn bitand(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }
}

impl BitAndAssign for Kinds {
    fn bitand_assign(&mut self, other: Kinds) {
        self.0 &= other.0;
    }
}

impl BitOr for Kinds {
    type Output = Kinds;
    fn bitor(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }
}
