// SPDX-License-Identifier: GPL-2.0

//! Nested acceleration: the five functions, and what a hart keeps for them.

pub(crate) mod csrs;
pub(crate) mod direct;
pub(crate) mod exit;
pub(crate) mod hfence;
pub(crate) mod judge;
pub(crate) mod poison;
pub(crate) mod shmem;
pub(crate) mod sret;
pub(crate) mod strict;

use crate::counters;
use crate::hart::Hart;
use crate::sbi::Outcome;
use nacl::counting::Counter;
use nacl::knobs::Knob;
use nacl::knobs::Knobs;
use sbi_spec::binary::SbiRet;
use sbi_spec::nacl::feature_id;
use sbi_spec::nacl::EID_NACL;
use sbi_spec::nacl::PROBE_FEATURE;
use sbi_spec::nacl::SET_SHMEM;
use sbi_spec::nacl::SYNC_CSR;
use sbi_spec::nacl::SYNC_HFENCE;
use sbi_spec::nacl::SYNC_SRET;
use shmem::Shmem;

pub(crate) const EID: usize = EID_NACL;
/// All CSRs, or all HFENCE entries.
const ALL: u64 = u64::MAX;

/// What is offered, and how this firmware misbehaves.
pub(crate) static KNOBS: Knobs = Knobs::new();

/// What a hart keeps.
#[repr(C)]
pub(crate) struct Nacl {
    shmem: Option<Shmem>,
    /// The supervisor's registers, while a guest runs that SYNC_SRET entered.
    pub(crate) guest: Option<Host>,
    poison: poison::Poison,
    pub(crate) judge: judge::Judge,
    /// The supervisor has the hypervisor extension until the next trap, with `count-csrs`.
    lent: bool,
}

/// What the bounce hides, and the supervisor's hstatus.
pub(crate) struct Host {
    satp: u64,
    stvec: u64,
    hstatus: u64,
}

impl Nacl {
    pub(crate) const fn new() -> Self {
        Self {
            shmem: None,
            guest: None,
            poison: poison::Poison::new(),
            judge: judge::Judge::new(),
            lent: false,
        }
    }
}

/// Whether there is a NACL extension.
pub(crate) fn available() -> bool {
    !KNOBS.is(Knob::Off)
}

/// Whether a feature is offered.
fn offers(feature: usize) -> bool {
    KNOBS.get(Knob::Features) >> feature & 1 != 0
}

/// Whether the function of a feature does its work: also where the feature is only hidden.
fn works(feature: usize) -> bool {
    offers(feature) || !KNOBS.is(Knob::Refused)
}

/// A knob that has an error, if it has.
fn error(knob: Knob) -> Option<SbiRet> {
    match KNOBS.get(knob) {
        0 => None,
        error => Some(SbiRet {
            error: error as usize,
            value: 0,
        }),
    }
}

/// A call of the extension.
pub(crate) fn call(hart: &mut Hart, function: usize) -> Outcome {
    let counter = match function {
        PROBE_FEATURE => Counter::NaclProbe,
        SET_SHMEM => Counter::NaclShmem,
        SYNC_CSR => Counter::NaclCsr,
        SYNC_HFENCE => Counter::NaclHfence,
        SYNC_SRET => Counter::NaclSret,
        _ => Counter::OtherCall,
    };
    counters::count(hart.id, counter);
    let result = match function {
        PROBE_FEATURE => probe(hart.x[10]),
        SET_SHMEM => set_shmem(hart),
        SYNC_CSR => sync_csr(hart),
        SYNC_HFENCE => sync_hfence(hart),
        SYNC_SRET => match sret::sync_sret(hart) {
            Ok(()) => return Outcome::Elsewhere,
            Err(error) => error,
        },
        _ => SbiRet::not_supported(),
    };
    if result.is_err() {
        counters::count(hart.id, Counter::NaclError);
    }
    Outcome::Return(result)
}

fn probe(feature: u64) -> SbiRet {
    // The parameter is a uint32_t.
    let feature = feature as u32 as usize;
    error(Knob::ProbeError).unwrap_or_else(|| {
        SbiRet::success(usize::from(
            feature <= feature_id::AUTOSWAP_CSR && offers(feature),
        ))
    })
}

fn set_shmem(hart: &mut Hart) -> SbiRet {
    let (low, high, flags) = (hart.x[10], hart.x[11], hart.x[12]);
    if KNOBS.get(Knob::RefuseShmem) == hart.id as u64 {
        return SbiRet::failed();
    }
    if flags != 0 {
        return SbiRet::invalid_param();
    }
    if low == u64::MAX && high == u64::MAX {
        if KNOBS.is(Knob::RefuseDisable) {
            return SbiRet::failed();
        }
        forget(hart);
        return SbiRet::success(0);
    }
    if low % 4096 != 0 {
        return SbiRet::invalid_param();
    }
    let Some(shmem) = Shmem::at(low, high) else {
        return SbiRet::invalid_address();
    };
    poison::lift(hart);
    csrs::write_words(&shmem);
    hart.nacl.shmem = Some(shmem);
    SbiRet::success(0)
}

fn sync_csr(hart: &mut Hart) -> SbiRet {
    if !works(feature_id::SYNC_CSR) {
        return SbiRet::not_supported();
    }
    if let Some(error) = error(Knob::CsrError) {
        return error;
    }
    let which = hart.x[10];
    if which != ALL && !csrs::exists(which) {
        return SbiRet::invalid_param();
    }
    if hart.nacl.shmem.is_none() {
        return SbiRet::no_shmem();
    }
    let poisoned = poison::lift(hart);
    csrs::sync(hart, which);
    if poisoned {
        poison::lay(hart);
    }
    SbiRet::success(0)
}

fn sync_hfence(hart: &mut Hart) -> SbiRet {
    if !works(feature_id::SYNC_HFENCE) {
        return SbiRet::not_supported();
    }
    if let Some(error) = error(Knob::HfenceError) {
        return error;
    }
    let which = hart.x[10];
    if which != ALL && which >= ::nacl::shmem::HFENCE_ENTRIES as u64 {
        return SbiRet::invalid_param();
    }
    if hart.nacl.shmem.is_none() {
        return SbiRet::no_shmem();
    }
    hfence::sync(hart, which);
    SbiRet::success(0)
}

/// The supervisor gives up its shared memory, or this hart stops.
pub(crate) fn forget(hart: &mut Hart) {
    poison::lift(hart);
    hart.nacl.shmem = None;
}
