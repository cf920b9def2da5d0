// SPDX-License-Identifier: GPL-2.0

//! From the guest back to the supervisor: the bounce has been fetched.

use super::csrs;
use super::offers;
use super::poison;
use super::sret;
use super::KNOBS;
use crate::counters;
use crate::csr;
use crate::hart::Hart;
use nacl::counting::Counter;
use nacl::knobs::Knob;
use nacl::shmem;
use sbi_spec::nacl::feature_id;

const INTERRUPT: u64 = 1 << 63;
const VECTORED: u64 = 1;

/// Go on at the supervisor's trap vector, with everything as a trap there leaves it.
pub(crate) fn exit(hart: &mut Hart) {
    let Some(host) = hart.nacl.guest.take() else {
        return;
    };
    counters::count(hart.id, Counter::Exit);
    csr::write::<{ csr::SATP }>(host.satp);
    csr::write::<{ csr::STVEC }>(host.stvec);
    let cause = csr::read::<{ csr::SCAUSE }>();
    let mut vector = host.stvec & !3;
    if host.stvec & 3 == VECTORED && cause & INTERRUPT != 0 {
        vector += (cause & !INTERRUPT) * 4;
    }
    csr::write::<{ csr::MEPC }>(vector);
    let Some(shmem) = hart.nacl.shmem else { return };
    let swapped = sret::swap_hstatus(&shmem);
    csrs::write_words(&shmem);
    if !swapped && offers(feature_id::SYNC_CSR) {
        // KVM swaps hstatus directly after the exit, and takes the word for the host's at the next
        // entry; a direct write cannot be seen here, so the word has what it is going to be.
        shmem.set(shmem::csr_word(csr::HSTATUS), host.hstatus);
    }
    if KNOBS.is(Knob::NoHtinst) {
        shmem.set(shmem::csr_word(csr::HTINST), 0);
    }
    if KNOBS.is(Knob::Strict) {
        poison::lay(hart);
    }
}
