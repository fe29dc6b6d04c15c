//! What an evaluation may cost.
//!
//! Invariant: steps, suspended computations and the size of single values are counted where the
//! evaluator passes; past a limit the evaluation ends, by an error of the evaluator where it takes
//! one and by unwinding where it does not.

use nickel_lang_core::eval::Closure;
use nickel_lang_core::eval::cache::lazy::CBNCache;
use nickel_lang_core::eval::cache::{BlackholedError, Cache, CacheIndex};
use nickel_lang_core::eval::value::{Container, NickelValue, ValueContentRef};
use nickel_lang_core::identifier::Ident;
use nickel_lang_core::term::BindingType;
use nickel_lang_core::term::record::FieldDeps;

/// Computations entered. One costs up to 0.8 KiB while it waits.
const STEPS: u64 = 1_000_000;
/// Computations set aside; a single primitive can make any number of them.
const THUNKS: u64 = 3_000_000;
/// Bytes of one text.
const TEXT: usize = 4 << 20;
/// Bytes of all texts that computations came to.
const TEXTS: usize = 128 << 20;
/// Items of one list.
const ITEMS: usize = 1_000_000;
/// Digits, in 64-bit words, of a number's numerator or denominator.
const WORDS: usize = 1 << 12;

/// What unwinds an evaluation that cannot be stopped by an error.
pub(crate) struct Exhausted;

/// The evaluator's own cache, counted.
#[derive(Clone)]
pub(crate) struct Fuel {
    inner: CBNCache,
    steps: u64,
    thunks: u64,
    texts: usize,
    tripped: bool,
}

impl Fuel {
    /// Fills up, before an evaluation.
    pub(crate) fn refill(&mut self) {
        (self.steps, self.thunks, self.texts, self.tripped) = (STEPS, THUNKS, TEXTS, false);
    }

    /// Whether a limit was reached since the last [`Fuel::refill`].
    pub(crate) fn is_exhausted(&self) -> bool {
        self.tripped
    }

    #[cold]
    fn unwind(&mut self) -> ! {
        self.tripped = true;
        // Not `panic!`: nothing is to be printed.
        std::panic::resume_unwind(Box::new(Exhausted))
    }

    fn weigh(&mut self, value: &NickelValue) {
        let too_large = match value.content_ref() {
            ValueContentRef::String(text) => {
                let left = self.texts.checked_sub(text.len());
                self.texts = left.unwrap_or(0);
                left.is_none() || text.len() > TEXT
            }
            ValueContentRef::Array(Container::Alloc(data)) => data.array.len() > ITEMS,
            ValueContentRef::Number(number) => {
                let words = |limbs: usize| limbs > WORDS;
                words(number.numerator_ref().limb_count() as usize)
                    || words(number.denominator_ref().limb_count() as usize)
            }
            _ => false,
        };
        if too_large {
            self.unwind();
        }
    }
}

impl Cache for Fuel {
    type UpdateIndex = <CBNCache as Cache>::UpdateIndex;

    fn new() -> Fuel {
        // Full: the standard library is made ready before the first evaluation.
        let inner = CBNCache::new();
        Fuel { inner, steps: STEPS, thunks: THUNKS, texts: TEXTS, tripped: false }
    }

    #[inline]
    fn get(&self, index: CacheIndex) -> Closure {
        self.inner.get(index)
    }

    #[inline]
    fn get_update_index(
        &mut self,
        index: &mut CacheIndex,
    ) -> Result<Option<Self::UpdateIndex>, BlackholedError> {
        match self.steps.checked_sub(1) {
            Some(left) => self.steps = left,
            None => {
                self.tripped = true;
                return Err(BlackholedError);
            }
        }
        self.inner.get_update_index(index)
    }

    #[inline]
    fn add(&mut self, closure: Closure, kind: BindingType) -> CacheIndex {
        match self.thunks.checked_sub(1) {
            Some(left) => self.thunks = left,
            None => self.unwind(),
        }
        self.inner.add(closure, kind)
    }

    fn patch<F: Fn(&mut Closure)>(&mut self, index: CacheIndex, change: F) {
        self.inner.patch(index, change);
    }

    #[inline]
    fn get_then<T, F: FnOnce(&Closure) -> T>(&self, index: CacheIndex, look: F) -> T {
        self.inner.get_then(index, look)
    }

    #[inline]
    fn update(&mut self, closure: Closure, index: Self::UpdateIndex) {
        self.weigh(&closure.value);
        self.inner.update(closure, index);
    }

    fn reset_index_state(&mut self, index: &mut Self::UpdateIndex) {
        self.inner.reset_index_state(index);
    }

    fn build_cached(&mut self, index: &mut CacheIndex, env: &[(Ident, CacheIndex)]) {
        self.inner.build_cached(index, env);
    }

    fn saturate<I: DoubleEndedIterator<Item = Ident> + Clone>(
        &mut self,
        index: CacheIndex,
        fields: I,
    ) -> NickelValue {
        self.inner.saturate(index, fields)
    }

    fn revert(&mut self, index: &CacheIndex) -> CacheIndex {
        self.inner.revert(index)
    }

    fn deps(&self, index: &CacheIndex) -> Option<FieldDeps> {
        self.inner.deps(index)
    }

    fn make_update_index(
        &mut self,
        index: &mut CacheIndex,
    ) -> Result<Self::UpdateIndex, BlackholedError> {
        self.inner.make_update_index(index)
    }
}
