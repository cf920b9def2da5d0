// SPDX-License-Identifier: GPL-2.0

//! The counters of all harts, and the table of them at shutdown.

use crate::console::say;
use crate::hart::MAX_HARTS;
use crate::nacl::csrs;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use nacl::counting::Counter;
use nacl::counting::Counters;
use nacl::counting::NAMES;

static COUNTERS: [Counters; MAX_HARTS] = [const { Counters::new() }; MAX_HARTS];
/// How many harts there are to show.
pub(crate) static HARTS: AtomicUsize = AtomicUsize::new(1);

/// How many lines of one violation a hart prints before it only counts.
const LINES: u64 = 8;

/// The counters of a hart.
pub(crate) fn of(hart: usize) -> Option<&'static Counters> {
    COUNTERS.get(hart)
}

/// Count one on a hart.
pub(crate) fn count(hart: usize, counter: Counter) {
    COUNTERS[hart].add(counter);
}

/// Count a violation, and say whether it is to be printed.
pub(crate) fn violation(hart: usize, counter: Counter) -> bool {
    COUNTERS[hart].add(counter) <= LINES
}

/// Print all that is not zero, a column for each hart.
pub(crate) fn table() {
    let harts = HARTS.load(Relaxed);
    let head = Row {
        cells: |hart| Cell::Hart(hart),
        harts,
    };
    say!("{:<40}{head}", "counter");
    for (number, name) in NAMES.iter().enumerate() {
        let get = |hart: usize| COUNTERS[hart].get(number).unwrap_or(0);
        if (0..harts).any(|hart| get(hart) != 0) {
            let row = Row {
                cells: |hart| Cell::Count(get(hart)),
                harts,
            };
            say!("{name:<40}{row}");
        }
    }
    for (csr, count) in csrs::used_directly() {
        say!("direct accesses of CSR {csr:#05x}, all harts {count:>11}");
    }
}

enum Cell {
    Hart(usize),
    Count(u64),
}

struct Row<F: Fn(usize) -> Cell> {
    cells: F,
    harts: usize,
}

impl<F: Fn(usize) -> Cell> core::fmt::Display for Row<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for hart in 0..self.harts {
            match (self.cells)(hart) {
                Cell::Hart(hart) => write!(f, "      hart {hart}")?,
                Cell::Count(count) => write!(f, " {count:>11}")?,
            }
        }
        Ok(())
    }
}
