// SPDX-License-Identifier: GPL-2.0

//! Hart state management: start, stop, status, suspend.

use super::Outcome;
use crate::counters;
use crate::csr;
use crate::csr::ip;
use crate::hart::Hart;
use crate::hart::MAX_HARTS;
use crate::mailbox;
use crate::start;
use core::arch::asm;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::AcqRel;
use core::sync::atomic::Ordering::Acquire;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::Ordering::Release;
use sbi_spec::binary::SbiRet;
use sbi_spec::hsm;
use sbi_spec::hsm::hart_state;
use sbi_spec::hsm::suspend_type;

/// What others see of a hart, and where it is to start.
struct State {
    state: AtomicUsize,
    /// `address` and `opaque` are set.
    go: AtomicBool,
    address: AtomicU64,
    opaque: AtomicU64,
}

static STATES: [State; MAX_HARTS] = [const {
    State {
        state: AtomicUsize::new(hart_state::STOPPED),
        go: AtomicBool::new(false),
        address: AtomicU64::new(0),
        opaque: AtomicU64::new(0),
    }
}; MAX_HARTS];

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    Outcome::Return(match function {
        hsm::HART_START => start_other(hart.x[10], hart.x[11], hart.x[12]),
        hsm::HART_STOP => {
            stop(hart);
            return Outcome::Elsewhere;
        }
        hsm::HART_GET_STATUS => match state_of(hart.x[10]) {
            Some(other) => SbiRet::success(other.state.load(Acquire)),
            None => SbiRet::invalid_param(),
        },
        hsm::HART_SUSPEND => return suspend(hart),
        _ => SbiRet::not_supported(),
    })
}

/// The first hart runs from the beginning.
pub(crate) fn first(id: usize) {
    STATES[id].state.store(hart_state::STARTED, Release);
}

/// Wait to be started; then the frame and the registers are those of a start.
pub(crate) fn wait(hart: &mut Hart) {
    let state = &STATES[hart.id];
    while !state.go.swap(false, AcqRel) {
        wait_for_interrupt();
        mailbox::read(hart.id);
    }
    csr::clear::<{ csr::MIP }>(ip::SSIP | ip::STIP);
    start::enter(
        hart,
        state.address.load(Relaxed),
        state.opaque.load(Relaxed),
    );
    state.state.store(hart_state::STARTED, Release);
}

fn state_of(id: u64) -> Option<&'static State> {
    let id = usize::try_from(id)
        .ok()
        .filter(|id| *id < counters::HARTS.load(Relaxed))?;
    STATES.get(id)
}

fn start_other(id: u64, address: u64, opaque: u64) -> SbiRet {
    let Some(other) = state_of(id) else {
        return SbiRet::invalid_param();
    };
    if !crate::nacl::shmem::is_memory(address, 4) {
        return SbiRet::invalid_address();
    }
    match other.state.compare_exchange(
        hart_state::STOPPED,
        hart_state::START_PENDING,
        AcqRel,
        Acquire,
    ) {
        Ok(_) => {}
        Err(hart_state::STARTED) => return SbiRet::already_available(),
        Err(_) => return SbiRet::failed(),
    }
    other.address.store(address, Relaxed);
    other.opaque.store(opaque, Relaxed);
    other.go.store(true, Release);
    mailbox::wake(id as usize);
    SbiRet::success(0)
}

fn stop(hart: &mut Hart) {
    crate::nacl::forget(hart);
    csr::clear::<{ csr::MIE }>(ip::MTIP);
    STATES[hart.id].state.store(hart_state::STOPPED, Release);
    hart.locked = 0;
    start::registers();
    super::pmu::reset(hart);
    wait(hart);
}

/// Both default types: sleep until an interrupt, go on behind the call or at an address.
fn suspend(hart: &mut Hart) -> Outcome {
    let kind = hart.x[10] as u32;
    let (address, opaque) = (hart.x[11], hart.x[12]);
    let retentive = kind == suspend_type::RETENTIVE;
    if !retentive && kind != suspend_type::NON_RETENTIVE {
        // Ranges of the platform, which has none, and reserved numbers.
        return Outcome::Return(SbiRet::invalid_param());
    }
    if !retentive && !crate::nacl::shmem::is_memory(address, 4) {
        return Outcome::Return(SbiRet::invalid_address());
    }
    let state = &STATES[hart.id].state;
    state.store(hart_state::SUSPENDED, Release);
    wait_for_interrupt();
    state.store(hart_state::STARTED, Release);
    if retentive {
        return Outcome::Return(SbiRet::success(0));
    }
    start::enter(hart, address, opaque);
    Outcome::Elsewhere
}

fn wait_for_interrupt() {
    // SAFETY: it goes on once an interrupt that mie has is pending.
    unsafe { asm!("wfi") };
}
