// SPDX-License-Identifier: GPL-2.0

//! CSRs that other parts of KVM emulate.

use super::Errno;
use super::LoadedVcpu;
use crate::exit::CsrEmulation;

/// A CSR access that was handed to the emulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CsrCall {
    pub(crate) csr: usize,
    pub(crate) value: usize,
    pub(crate) mask: usize,
}

impl LoadedVcpu {
    pub(crate) fn access_sireg(&self, value: usize, mask: usize) -> Result<CsrEmulation, Errno> {
        self.access(0x151, value, mask)
    }

    pub(crate) fn access_stopei(&self, value: usize, mask: usize) -> Result<CsrEmulation, Errno> {
        self.access(0x15C, value, mask)
    }

    fn access(&self, csr: usize, value: usize, mask: usize) -> Result<CsrEmulation, Errno> {
        self.might_sleep();
        let call = CsrCall { csr, value, mask };
        self.csr_calls.borrow_mut().push(call);
        self.csr_emulation.get()
    }

    pub(crate) fn has_zkr(&self) -> bool {
        self.has_zkr.get()
    }

    pub(crate) fn scounteren(&self) -> usize {
        self.scounteren.get()
    }
}
