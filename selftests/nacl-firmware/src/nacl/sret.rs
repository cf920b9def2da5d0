// SPDX-License-Identifier: GPL-2.0

//! SYNC_SRET: into the guest, by the bounce.
//!
//! All traps of the guest that are the supervisor's are taken by the hardware, so that its CSRs are
//! right; but stvec leads to memory that S-mode cannot fetch from, and the fault comes here: see
//! `exit`.

use super::csrs;
use super::error;
use super::hfence;
use super::judge;
use super::offers;
use super::poison;
use super::shmem::Shmem;
use super::strict;
use super::works;
use super::Host;
use super::ALL;
use super::KNOBS;
use crate::counters;
use crate::csr;
use crate::csr::hstatus;
use crate::csr::status;
use crate::entry::BOUNCE;
use crate::hart::Hart;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use nacl::counting::Counter;
use nacl::knobs::Knob;
use nacl::shmem;
use sbi_spec::binary::SbiRet;
use sbi_spec::nacl::feature_id;

/// Calls on all harts.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// The call; without an error, the frame and the registers are those of the guest.
pub(super) fn sync_sret(hart: &mut Hart) -> Result<(), SbiRet> {
    if !works(feature_id::SYNC_SRET) {
        return Err(SbiRet::not_supported());
    }
    let Some(shmem) = hart.nacl.shmem else {
        return Err(SbiRet::no_shmem());
    };
    if is_to_fail() {
        return Err(error(Knob::SretError).unwrap_or(SbiRet::failed()));
    }
    let host_hstatus = csr::read::<{ csr::HSTATUS }>();
    poison::lift(hart);
    strict::sret_context(hart, &shmem);
    if offers(feature_id::SYNC_CSR) {
        csrs::sync(hart, ALL);
    }
    if offers(feature_id::SYNC_HFENCE) {
        hfence::sync(hart, ALL);
    }
    if swap_hstatus(&shmem) {
        counters::count(hart.id, Counter::Autoswap);
    }
    for number in 1..32 {
        hart.x[number] = shmem.get(shmem::SRET + number * 8);
    }
    if sret() {
        judge::entered(hart);
        counters::count(hart.id, Counter::Entry);
        hart.nacl.guest = Some(Host {
            satp: csr::swap::<{ csr::SATP }>(0),
            stvec: csr::swap::<{ csr::STVEC }>(BOUNCE),
            hstatus: host_hstatus,
        });
    }
    Ok(())
}

/// Whether this call is one that the knobs let fail.
fn is_to_fail() -> bool {
    let number = CALLS.fetch_add(1, Relaxed) + 1;
    let every = KNOBS.get(Knob::SretFailEvery);
    KNOBS.count_down(Knob::SretFailAt) || (every != 0 && number % every == 0)
}

/// Swap hstatus with the word of the autoswap context, where the supervisor asks for it.
pub(super) fn swap_hstatus(shmem: &Shmem) -> bool {
    let wanted = offers(feature_id::AUTOSWAP_CSR)
        && shmem.get(shmem::AUTOSWAP_FLAGS) & shmem::AUTOSWAP_FLAG_HSTATUS != 0;
    if wanted {
        let theirs = shmem.get(shmem::AUTOSWAP_HSTATUS);
        shmem.set(
            shmem::AUTOSWAP_HSTATUS,
            csr::swap::<{ csr::HSTATUS }>(theirs),
        );
    }
    wanted
}

/// What an SRET in HS-mode does, to happen with our MRET. Says whether V goes on.
fn sret() -> bool {
    let host = csr::read::<{ csr::HSTATUS }>();
    let virtualized = host & hstatus::SPV != 0;
    let before = csr::read::<{ csr::MSTATUS }>();
    let mut after = before & !(status::MPP | status::MPV | status::MPELP);
    after &= !(status::SIE | status::SPP | status::SPELP | status::SDT);
    after |= status::SPIE | status::MPIE;
    if before & status::SPIE != 0 {
        after |= status::SIE;
    }
    if before & status::SPP != 0 {
        after |= status::MPP_S;
    }
    if before & status::SPELP != 0 {
        after |= status::MPELP;
    }
    if virtualized {
        after |= status::MPV;
    }
    csr::write::<{ csr::MSTATUS }>(after);
    csr::write::<{ csr::HSTATUS }>(host & !hstatus::SPV);
    csr::write::<{ csr::MEPC }>(csr::read::<{ csr::SEPC }>());
    virtualized
}
