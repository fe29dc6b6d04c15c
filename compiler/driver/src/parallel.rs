//! Pure work on several threads.
//!
//! Invariant: the results stand in the order of the items, whatever thread did which when.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Applies `work` to every item on up to `jobs` threads (0 for as many as there are processors).
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let jobs = match jobs {
        0 => thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let jobs = jobs.min(items.len()).min(256);
    if jobs <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match items.get(at) {
                Some(item) => done.push((at, work(item))),
                None => break done,
            }
        }
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let threads: Vec<_> = (1..jobs).map(|_| scope.spawn(run)).collect();
        let mut results = run();
        for handle in threads {
            match handle.join() {
                Ok(part) => results.extend(part),
                // A fault of a thread is a fault of the run; the caller reports it once.
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_the_order_of_items() {
        let items: Vec<u32> = (0..1000).collect();
        for jobs in [0, 1, 2, 7] {
            let doubled = super::map(&items, jobs, |n| n * 2);
            assert!(doubled.iter().enumerate().all(|(at, n)| *n as usize == at * 2));
        }
    }
}
