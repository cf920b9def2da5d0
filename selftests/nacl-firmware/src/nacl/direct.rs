// SPDX-License-Identifier: GPL-2.0

//! `count-csrs`: what the supervisor does directly with the hypervisor extension, each of which
//! would be a trap for an L0 in HS-mode, is one here.
//!
//! While the supervisor runs, misa has no H, so that its CSRs and instructions are illegal and come
//! here: counted, and emulated or let through. It has H in M-mode, which needs it, and in guests.
//! QEMU lets misa be written with `x-misa-w=true`; each time costs it all that it has translated, so
//! this is slow, and no way to measure time.

use super::csrs;
use super::KNOBS;
use crate::console::stop;
use crate::counters;
use crate::csr;
use crate::csr::status;
use crate::hart::Hart;
use crate::sbi::rfence;
use core::arch::asm;
use core::sync::atomic::Ordering::Relaxed;
use nacl::counting::Counter;
use nacl::direct::Instruction;
use nacl::knobs::Knob;

const H: u64 = 1 << (b'h' - b'a');
/// Illegal instruction.
pub(crate) const CAUSE: u64 = 2;

/// Whether accesses are counted; it has to be said at boot.
fn counting() -> bool {
    KNOBS.is(Knob::CountCsrs)
}

/// A hart starts: illegal instructions are to come here.
pub(crate) fn prepare() {
    if !counting() {
        return;
    }
    if counters::HARTS.load(Relaxed) > 1 {
        stop!("count-csrs counts on one hart only: with more, QEMU loses C when misa is written");
    }
    csr::clear::<{ csr::MEDELEG }>(1 << CAUSE);
    set(csr::read::<{ csr::MISA }>() & !H);
    if csr::read::<{ csr::MISA }>() & H != 0 {
        stop!("count-csrs needs a misa that can be written: -cpu ...,x-misa-w=true");
    }
    set(csr::read::<{ csr::MISA }>() | H);
}

/// M-mode begins.
pub(crate) fn begin() {
    if counting() {
        set(csr::read::<{ csr::MISA }>() | H);
    }
}

/// M-mode ends: with the supervisor, the extension goes as well.
pub(crate) fn end(hart: &mut Hart) {
    let lent = core::mem::take(&mut hart.nacl.lent);
    if counting() && hart.nacl.guest.is_none() && !lent {
        set(csr::read::<{ csr::MISA }>() & !H);
    }
}

/// Write misa. QEMU drops C where the next instruction is not aligned to 4 bytes.
fn set(value: u64) {
    // SAFETY: M-mode does not use the H extension but for its CSRs and fences, while it has it.
    unsafe { asm!(".balign 4", "csrw misa, {}", in(reg) value, options(nostack)) };
}

/// An illegal instruction of the supervisor. Says whether it was one of those that are counted.
pub(crate) fn emulate(hart: &mut Hart) -> bool {
    let from_hs = status::MPP_S;
    if !counting() || csr::read::<{ csr::MSTATUS }>() & (status::MPP | status::MPV) != from_hs {
        return false;
    }
    match Instruction::decode(csr::read::<{ csr::MTVAL }>()) {
        Some(Instruction::Csr(access)) => {
            counters::count(hart.id, Counter::CsrAccess);
            let Some(csr) = csrs::find_by_number(access.number) else {
                // One that is not in the table, because it cannot always be read.
                hart.nacl.lent = true;
                return true;
            };
            let operand = if access.immediate {
                access.source as u64
            } else if access.source == 0 {
                0
            } else {
                hart.x[access.source]
            };
            let old = csr.access(access.written(operand));
            if access.destination != 0 {
                hart.x[access.destination] = old;
            }
        }
        Some(Instruction::Fence { gvma }) => {
            counters::count(hart.id, Counter::FenceInstruction);
            if gvma {
                rfence::hfence_gvma();
            } else {
                rfence::hfence_vvma();
            }
        }
        Some(Instruction::LoadOrStore) => {
            // It is made again, with the extension; the next trap into M-mode takes that away.
            counters::count(hart.id, Counter::GuestAccess);
            hart.nacl.lent = true;
            return true;
        }
        None => return false,
    }
    csr::write::<{ csr::MEPC }>(csr::read::<{ csr::MEPC }>() + 4);
    true
}
