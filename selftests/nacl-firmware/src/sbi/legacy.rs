// SPDX-License-Identifier: GPL-2.0

//! The console of the legacy extensions, for early consoles. Nothing else of them is there.

use super::Outcome;
use crate::console;
use crate::hart::Hart;
use sbi_spec::legacy;

pub(super) const PUTCHAR: usize = legacy::LEGACY_CONSOLE_PUTCHAR;
pub(super) const GETCHAR: usize = legacy::LEGACY_CONSOLE_GETCHAR;

pub(super) fn put(hart: &mut Hart, _: usize) -> Outcome {
    console::put(hart.x[10] as u8);
    Outcome::Legacy(0)
}

pub(super) fn get(_: &mut Hart, _: usize) -> Outcome {
    Outcome::Legacy(console::get().map_or(u64::MAX, u64::from))
}
