// SPDX-License-Identifier: GPL-2.0

//! HFENCE entries: processed, then marked so.

use super::judge;
use super::shmem::Shmem;
use super::strict;
use super::ALL;
use super::KNOBS;
use crate::counters;
use crate::hart::Hart;
use crate::sbi::rfence;
use nacl::hfence::Entry;
use nacl::hfence::PENDING;
use nacl::knobs::Knob;
use nacl::shmem;

/// Synchronize one entry, or all.
pub(crate) fn sync(hart: &mut Hart, which: u64) {
    let Some(shmem) = hart.nacl.shmem else { return };
    let range = match which {
        ALL => 0..shmem::HFENCE_ENTRIES,
        one => one as usize..one as usize + 1,
    };
    let waiting = range.filter(|index| entry(&shmem, *index).pending());
    let limit = if KNOBS.is(Knob::HalfHfence) {
        waiting.clone().count().div_ceil(2)
    } else {
        usize::MAX
    };
    for index in waiting.take(limit) {
        let entry = entry(&shmem, index);
        strict::hfence(hart, index, &entry);
        process(hart, &entry);
        judge::processed(hart, &entry);
        if !KNOBS.is(Knob::NeverClear) {
            shmem.set(shmem::hfence_entry(index), entry.config & !PENDING);
        }
    }
}

fn entry(shmem: &Shmem, index: usize) -> Entry {
    let at = shmem::hfence_entry(index);
    // Config first: with Pending in it, the others are there.
    let config = shmem.get(at);
    Entry {
        config,
        page_number: shmem.get(at + 8),
        reserved: shmem.get(at + 16),
        page_count: shmem.get(at + 24),
    }
}

/// Make the fence, wider than asked: all addresses, and for GVMA all VMIDs.
fn process(hart: &Hart, entry: &Entry) {
    let Some(kind) = entry.kind() else { return };
    if let Some(counters) = counters::of(hart.id) {
        counters.add_hfence(kind as usize);
    }
    if kind.is_gvma() {
        rfence::hfence_gvma();
    } else {
        rfence::hfence_vvma_of(entry.vmid());
    }
}
