// SPDX-License-Identifier: GPL-2.0

//! Reads of the guest's memory through its page tables.

use super::LoadedVcpu;
use crate::exit::Trap;

/// What reading the guest's memory comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The hart has other page tables than the guest's.
    OutOfDate,
    Fault(Trap),
    Bits(u32),
}

pub(crate) struct GuestMemory<'a>(&'a LoadedVcpu);

impl LoadedVcpu {
    pub(crate) fn guest_memory(&self) -> GuestMemory<'_> {
        self.interrupts_off.set(self.interrupts_off.get() + 1);
        GuestMemory(self)
    }
}

impl GuestMemory<'_> {
    pub(crate) fn is_where_the_guest_was(&self) -> bool {
        self.0.code.get() != Code::OutOfDate
    }

    pub(crate) fn has_requests(&self) -> bool {
        self.0.vm().has_request(self.0.id())
    }

    pub(crate) fn has_current_vmid(&self) -> bool {
        !self.0.has_old_vmid.get()
    }

    pub(crate) fn sync(&self) -> bool {
        !self.0.sync_fails.get()
    }

    fn read(&self, address: usize) -> Result<u32, Trap> {
        self.0.guest_reads.borrow_mut().push(address);
        match self.0.code.get() {
            Code::Bits(bits) => Ok(bits),
            Code::Fault(trap) => Err(trap),
            Code::OutOfDate => Ok(0),
        }
    }

    pub(crate) fn read_instruction(&self, address: usize) -> Result<u32, Trap> {
        let bits = self.read(address)?;
        Ok(if bits & 3 == 3 { bits } else { bits & 0xFFFF })
    }

    pub(crate) fn read_word(&self, address: usize) -> Result<usize, Trap> {
        let word = self.0.words.borrow().get(&address).copied();
        match (word, self.read(address)) {
            (Some(word), _) => word,
            (None, bits) => bits.map(|bits| bits as usize),
        }
    }
}

impl Drop for GuestMemory<'_> {
    fn drop(&mut self) {
        self.0.interrupts_off.set(self.0.interrupts_off.get() - 1);
    }
}
