// SPDX-License-Identifier: GPL-2.0

//! Every trap into M-mode.

use crate::console::stop;
use crate::csr;
use crate::csr::status;
use crate::entry::BOUNCE;
use crate::hart::Hart;
use crate::interrupts;
use crate::nacl;
use crate::redirect;
use crate::sbi;

const INTERRUPT: u64 = 1 << 63;
const FETCH_ACCESS: u64 = 1;
const ECALL_FROM_S: u64 = 9;

/// Called by `entry`, with the frame of what was interrupted; it is left as it is then.
pub(crate) extern "C" fn trap(hart: &mut Hart) {
    nacl::direct::begin();
    handle(hart);
    nacl::direct::end(hart);
}

fn handle(hart: &mut Hart) {
    let cause = csr::read::<{ csr::MCAUSE }>();
    let mstatus = csr::read::<{ csr::MSTATUS }>();
    if mstatus & status::MPP == status::MPP {
        stop!(
            "hart {}: trap in M-mode: mcause {cause:#x} mepc {:#x} mtval {:#x}",
            hart.id,
            csr::read::<{ csr::MEPC }>(),
            csr::read::<{ csr::MTVAL }>(),
        );
    }
    if cause & INTERRUPT != 0 {
        if !interrupts::handle(hart, cause & !INTERRUPT) {
            stop!(
                "hart {}: there is no interrupt {:#x}",
                hart.id,
                cause & !INTERRUPT
            );
        }
        return;
    }
    let from_hs = mstatus & (status::MPP | status::MPV) == status::MPP_S;
    match cause {
        ECALL_FROM_S => sbi::call(hart),
        FETCH_ACCESS if from_hs && hart.nacl.guest.is_some() && at_bounce() => {
            nacl::exit::exit(hart)
        }
        nacl::direct::CAUSE if nacl::direct::emulate(hart) => {}
        _ => redirect::to_supervisor(hart, cause, mstatus),
    }
}

/// Whether the fetch was where a trap vector that is set to the bounce leads.
fn at_bounce() -> bool {
    csr::read::<{ csr::MEPC }>() == BOUNCE
}
