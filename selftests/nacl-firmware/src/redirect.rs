// SPDX-License-Identifier: GPL-2.0

//! Traps that came to M-mode but are the supervisor's: given to it as the hardware would have.
//!
//! Only fetch access faults are not delegated (the bounce is one), so this is rare. From V=1 they
//! go to VS-mode where hedeleg says so. In a guest that SYNC_SRET entered, stvec leads to the
//! bounce as usual.

use crate::counters;
use crate::csr;
use crate::csr::hstatus;
use crate::csr::status;
use crate::hart::Hart;
use nacl::counting::Counter;

/// Give S-mode, or VS-mode, the trap that came here.
pub(crate) fn to_supervisor(hart: &Hart, cause: u64, mstatus: u64) {
    counters::count(hart.id, Counter::Redirected);
    let from_v = mstatus & status::MPV != 0;
    let from_s = mstatus & status::MPP == status::MPP_S;
    let epc = csr::read::<{ csr::MEPC }>();
    let tval = csr::read::<{ csr::MTVAL }>();
    let to_vs = from_v && csr::read::<{ csr::HEDELEG }>() >> cause & 1 != 0;
    let mut after = mstatus & !(status::MPP | status::MPV | status::MPELP) | status::MPP_S;
    if to_vs {
        csr::write::<{ csr::VSEPC }>(epc);
        csr::write::<{ csr::VSCAUSE }>(cause);
        csr::write::<{ csr::VSTVAL }>(tval);
        csr::write::<{ csr::VSSTATUS }>(trapped(csr::read::<{ csr::VSSTATUS }>(), from_s));
        csr::write::<{ csr::MEPC }>(csr::read::<{ csr::VSTVEC }>() & !3);
        after |= status::MPV;
    } else {
        csr::write::<{ csr::SEPC }>(epc);
        csr::write::<{ csr::SCAUSE }>(cause);
        csr::write::<{ csr::STVAL }>(tval);
        csr::write::<{ csr::HTVAL }>(csr::read::<{ csr::MTVAL2 }>());
        csr::write::<{ csr::HTINST }>(csr::read::<{ csr::MTINST }>());
        let mut host = csr::read::<{ csr::HSTATUS }>() & !(hstatus::SPV | hstatus::GVA);
        if from_v {
            host &= !hstatus::SPVP;
            host |= hstatus::SPV | if from_s { hstatus::SPVP } else { 0 };
        }
        if mstatus & status::GVA != 0 {
            host |= hstatus::GVA;
        }
        csr::write::<{ csr::HSTATUS }>(host);
        after = trapped(after, from_s);
        csr::write::<{ csr::MEPC }>(csr::read::<{ csr::STVEC }>() & !3);
    }
    csr::write::<{ csr::MSTATUS }>(after);
}

/// sstatus, or vsstatus, after a trap.
fn trapped(before: u64, from_s: bool) -> u64 {
    let mut after = before & !(status::SIE | status::SPIE | status::SPP);
    if before & status::SIE != 0 {
        after |= status::SPIE;
    }
    if from_s {
        after |= status::SPP;
    }
    after
}
