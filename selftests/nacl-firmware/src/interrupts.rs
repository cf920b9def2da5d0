// SPDX-License-Identifier: GPL-2.0

//! The M-level interrupts: mail from other harts, and the timer where there is no Sstc.

use crate::counters;
use crate::csr;
use crate::csr::ip;
use crate::hart::Hart;
use crate::mailbox;
use nacl::counting::Counter;

const SOFTWARE: u64 = 3;
const TIMER: u64 = 7;

/// Handle the interrupt of this cause; false where there is no such.
pub(crate) fn handle(hart: &Hart, cause: u64) -> bool {
    match cause {
        SOFTWARE => {
            counters::count(hart.id, Counter::Software);
            mailbox::read(hart.id);
        }
        TIMER => {
            counters::count(hart.id, Counter::Timer);
            csr::clear::<{ csr::MIE }>(ip::MTIP);
            csr::set::<{ csr::MIP }>(ip::STIP);
        }
        _ => return false,
    }
    true
}
