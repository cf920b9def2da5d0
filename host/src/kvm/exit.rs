// SPDX-License-Identifier: GPL-2.0

//! Parts of the exit path that are C in the kernel.

use super::Errno;
use super::LoadedVcpu;
use crate::exit::Trap;

/// The CPU that every vCPU was last on.
pub(crate) const LAST_EXIT_CPU: u32 = 5;

impl LoadedVcpu {
    pub(crate) fn last_exit_cpu(&self) -> u32 {
        LAST_EXIT_CPU
    }

    pub(crate) fn is_runnable(&self) -> bool {
        self.runnable.get()
    }

    pub(crate) fn halt(&self) {
        self.might_sleep();
        self.waits.set(self.waits.get() + 1);
    }

    pub(crate) fn yield_to_others(&self) {
        self.might_sleep();
        self.yields.set(self.yields.get() + 1);
    }

    pub(crate) fn report_exit_error(&self, errno: Errno, trap: &Trap) {
        self.reported_errors.borrow_mut().push((errno, *trap));
    }
}
