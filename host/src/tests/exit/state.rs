// SPDX-License-Identifier: GPL-2.0

//! What a guest can see of its hart, and what a trap makes of it.

use proptest::prelude::*;

use super::SPP;
use super::SPV;
use crate::kvm::LoadedVcpu;

/// The registers of a guest, and those that say how it is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tests) struct State {
    /// x1 to x31; what is in the place of x0 is nothing that the guest can see.
    pub(in crate::tests) x: [usize; 32],
    pub(in crate::tests) pc: usize,
    pub(in crate::tests) sstatus: usize,
    pub(in crate::tests) hstatus: usize,
    pub(in crate::tests) vsstatus: usize,
    pub(in crate::tests) vscause: usize,
    pub(in crate::tests) vstval: usize,
    pub(in crate::tests) vsepc: usize,
    pub(in crate::tests) vstvec: usize,
}

impl State {
    pub(in crate::tests) fn of(vcpu: &LoadedVcpu) -> Self {
        Self {
            x: std::array::from_fn(|number| vcpu.x[number].get()),
            pc: vcpu.sepc.get(),
            sstatus: vcpu.sstatus.get(),
            hstatus: vcpu.hstatus.get(),
            vsstatus: vcpu.vs_csrs.vsstatus.get(),
            vscause: vcpu.vs_csrs.vscause.get(),
            vstval: vcpu.vs_csrs.vstval.get(),
            vsepc: vcpu.vs_csrs.vsepc.get(),
            vstvec: vcpu.vs_csrs.vstvec.get(),
        }
    }

    pub(in crate::tests) fn put_into(&self, vcpu: &LoadedVcpu) {
        for (slot, value) in vcpu.x.iter().zip(self.x) {
            slot.set(value);
        }
        vcpu.sepc.set(self.pc);
        vcpu.sstatus.set(self.sstatus);
        vcpu.hstatus.set(self.hstatus);
        vcpu.vs_csrs.vsstatus.set(self.vsstatus);
        vcpu.vs_csrs.vscause.set(self.vscause);
        vcpu.vs_csrs.vstval.set(self.vstval);
        vcpu.vs_csrs.vsepc.set(self.vsepc);
        vcpu.vs_csrs.vstvec.set(self.vstvec);
    }

    /// What the guest reads from a register.
    pub(in crate::tests) fn register(&self, number: u32) -> usize {
        match number {
            0 => 0,
            _ => self.x[number as usize],
        }
    }

    /// After the guest's instruction has written a register.
    pub(in crate::tests) fn with_register(mut self, number: u32, value: usize) -> Self {
        if number != 0 {
            self.x[number as usize] = value;
        }
        self
    }

    /// After an instruction of `length` bytes.
    pub(in crate::tests) fn past(mut self, length: usize) -> Self {
        self.pc = self.pc.wrapping_add(length);
        self
    }

    pub(in crate::tests) fn is_in_supervisor_mode(&self) -> bool {
        self.sstatus & SPP != 0
    }

    pub(in crate::tests) fn in_mode(mut self, supervisor: bool) -> Self {
        self.sstatus = if supervisor {
            self.sstatus | SPP
        } else {
            self.sstatus & !SPP
        };
        self
    }

    /// After an exception was taken to VS-mode from the guest's pc.
    pub(in crate::tests) fn after_exception(self, cause: usize, stval: usize) -> Self {
        let pc = self.pc;
        self.after_exception_at(pc, cause, stval)
    }

    /// After an exception was taken to VS-mode (privileged specification, "Trap Entry" and the text
    /// on sstatus and stvec): SPP is the mode it came from, SPIE gets SIE, SIE is cleared; vsepc,
    /// vscause and vstval are written; pc is BASE, whatever the mode of vstvec. Nothing else
    /// changes. That the guest goes on in VS-mode is SPP of HS-mode's sstatus.
    pub(in crate::tests) fn after_exception_at(
        self,
        sepc: usize,
        cause: usize,
        stval: usize,
    ) -> Self {
        let bit_of = |word: usize, bit: u32| (word >> bit) & 1;
        let vsstatus = (0..64).fold(0, |status, bit| {
            let value = match bit {
                1 => 0,
                5 => bit_of(self.vsstatus, 1),
                8 => bit_of(self.sstatus, 8),
                _ => bit_of(self.vsstatus, bit),
            };
            status | (value << bit)
        });
        Self {
            pc: self.vstvec / 4 * 4,
            sstatus: self.sstatus | (1 << 8),
            vsstatus,
            vscause: cause,
            vstval: stval,
            vsepc: sepc,
            ..self
        }
    }
}

prop_compose! {
    /// A guest that has trapped, in either mode.
    pub(in crate::tests) fn states()(
        x in any::<[usize; 32]>(),
        pc in any::<usize>(),
        statuses in any::<[usize; 3]>(),
        csrs in any::<[usize; 4]>(),
    ) -> State {
        let [sstatus, hstatus, vsstatus] = statuses;
        let [vscause, vstval, vsepc, vstvec] = csrs;
        let hstatus = hstatus | SPV;
        State { x, pc: pc & !1, sstatus, hstatus, vsstatus, vscause, vstval, vsepc, vstvec }
    }
}

/// A guest with a different number in each place.
pub(in crate::tests) fn some_state() -> State {
    State {
        x: std::array::from_fn(|number| 0x1111 * (number + 1)),
        pc: 0x8020_0040,
        sstatus: 0x20 | SPP,
        hstatus: 0x2_0000_0100 | SPV,
        vsstatus: 0x8000_0002_0000_6022,
        vscause: 0x30,
        vstval: 0x31,
        vsepc: 0x32,
        vstvec: 0x8040_0000,
    }
}
