//! Damage: a text of the corpus, changed in one to eight places.

/// A generator of numbers that is the same everywhere (xorshift with a multiplication).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }
}

const PIECES: [&str; 72] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "\\",
    "\\(",
    "\\u",
    ":",
    ",",
    ".",
    "...",
    "|",
    "&",
    "*",
    "=",
    "!=",
    "<",
    ">=",
    "=~",
    "?",
    "!",
    "#",
    "@",
    "_",
    "_|_",
    "-",
    "+",
    "/",
    "\n",
    "\n\n",
    "\t",
    " ",
    "  ",
    "\r\n",
    "\u{feff}",
    "\u{2028}",
    "\u{e9}",
    "\u{1f600}",
    "\u{0}",
    "\u{7f}",
    "0",
    "1",
    "-1",
    "1e9",
    "0x",
    "0b1",
    "1_0",
    "1Ki",
    ".5",
    "null",
    "true",
    "int",
    "string",
    "for x in ",
    "if ",
    "let y = ",
    "import ",
    "package ",
    "\"\"\"\n",
    "- ",
    "---\n",
    "&a ",
    "*a",
    "<<: ",
    "? ",
    "!!str ",
    "| 2\n",
    "%YAML",
];

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A piece of a text between two characters.
fn piece<'t>(text: &'t str, random: &mut Random, longest: usize) -> &'t str {
    let start = boundary(text, random.below(text.len() + 1));
    let end = boundary(text, (start + random.below(longest)).min(text.len()));
    &text[start..end.max(start)]
}

/// The text of a run.
pub(crate) fn text(seeds: &[String], random: &mut Random, run: usize) -> String {
    if let Some(seed) = seeds.get(run) {
        return seed.clone();
    }
    let mut text = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        let at = boundary(&text, random.below(text.len() + 1));
        let end = boundary(&text, (at + random.below(24)).min(text.len())).max(at);
        match random.below(8) {
            0 => text.replace_range(at..end, ""),
            1 | 2 => text.insert_str(at, PIECES[random.below(PIECES.len())]),
            3 => text.replace_range(at..end, PIECES[random.below(PIECES.len())]),
            4 => {
                let other = &seeds[random.below(seeds.len())];
                let part = piece(other, random, 200).to_owned();
                text.insert_str(at, &part);
            }
            5 => {
                let part = piece(&text, random, 60).to_owned();
                text.insert_str(at, &part);
            }
            6 => {
                let part = piece(&text, random, 12).to_owned();
                let count = 1 + random.below(40);
                text.insert_str(at, &part.repeat(count));
            }
            _ => {
                // A line takes the place of another.
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                let (from, to) = (random.below(lines.len()), random.below(lines.len()));
                if let (Some(line), true) = (lines.get(from), to < lines.len()) {
                    let mut moved: Vec<&str> = lines.clone();
                    moved.insert(to, line);
                    text = moved.concat();
                }
            }
        }
        if text.len() > 60_000 {
            let cut = boundary(&text, 60_000);
            text.truncate(cut);
        }
    }
    text
}
