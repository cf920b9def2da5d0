// SPDX-License-Identifier: GPL-2.0

//! Strict: what the supervisor writes is as the specification wants it.
//!
//! Each check counts what it finds, and prints the first few.

use super::shmem::Shmem;
use super::KNOBS;
use crate::console::say;
use crate::counters;
use crate::hart::Hart;
use nacl::counting::Counter;
use nacl::hfence::Entry;
use nacl::knobs::Knob;
use nacl::shmem;

/// An HFENCE entry that is going to be processed.
pub(super) fn hfence(hart: &Hart, index: usize, entry: &Entry) {
    if !KNOBS.is(Knob::Strict) {
        return;
    }
    let Some(fault) = entry.fault() else { return };
    if counters::violation(hart.id, Counter::HfenceFault) {
        say!(
            "VIOLATION: hart {}: HFENCE entry {index} {:#018x} {:#x} {:#x} {:#x}: {fault}",
            hart.id,
            entry.config,
            entry.page_number,
            entry.reserved,
            entry.page_count,
        );
    }
}

/// What SYNC_SRET reads: the reserved x0, and the autoswap flags.
pub(super) fn sret_context(hart: &Hart, shmem: &Shmem) {
    if !KNOBS.is(Knob::Strict) {
        return;
    }
    let slot = shmem.get(shmem::SRET);
    if slot != 0 && counters::violation(hart.id, Counter::SretFault) {
        say!(
            "VIOLATION: hart {}: the reserved word 0 of the SRET context is {slot:#x}",
            hart.id
        );
    }
    let flags = shmem.get(shmem::AUTOSWAP_FLAGS);
    if flags & !shmem::AUTOSWAP_FLAG_HSTATUS != 0
        && counters::violation(hart.id, Counter::AutoswapFault)
    {
        say!(
            "VIOLATION: hart {}: reserved bits of Autoswap_Flags: {flags:#x}",
            hart.id
        );
    }
}

/// After all CSRs have been synchronized: a dirty bit that is left is of no CSR.
pub(super) fn no_dirty_bit_is_left(hart: &Hart, shmem: &Shmem) {
    if !KNOBS.is(Knob::Strict) {
        return;
    }
    for offset in (shmem::DIRTY..shmem::CSRS).step_by(8) {
        let dirty = shmem.get(offset);
        if dirty != 0 {
            shmem.set(offset, 0);
            if counters::violation(hart.id, Counter::CsrFault) {
                say!(
                    "VIOLATION: hart {}: dirty bits of no CSR: {dirty:#x} at {offset:#x}",
                    hart.id
                );
            }
        }
    }
}
