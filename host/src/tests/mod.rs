// SPDX-License-Identifier: GPL-2.0

//! Tests of the policy against models that are written from the specification, not from the code.

mod base;
mod constants;
mod exit;
mod fence_range;
mod forward;
mod fwft;
mod hart_mask;
mod hsm;
mod ipi;
mod isa;
mod nacl;
mod pmu;
mod rfence;
mod sbi_core;
mod srst;
mod sta;
mod time;

use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::sbi::Call;
use crate::sbi::Extension;
use crate::sbi::Outcome;
use crate::sbi::SbiError;

const INVALID_PARAM: Outcome = Outcome::Return(Err(SbiError::InvalidParam));

/// A call of `function` with these arguments.
fn call(function: usize, args: [usize; 5]) -> Call {
    let [a0, a1, a2, a3, a4] = args;
    Call {
        a0,
        a1,
        a2,
        a3,
        a4,
        function,
    }
}

/// Makes a call that must not touch the run structure.
fn answer<E: Extension>(
    vcpu: &LoadedVcpu,
    function: usize,
    args: [usize; 5],
) -> Result<Outcome, Errno> {
    let run = Run::default();
    let outcome = E::handle(&call(function, args), vcpu, &run);
    assert_eq!(run.system_event.get(), None);
    assert_eq!(run.forwarded.get(), 0);
    outcome
}

/// Function ids that no extension of this project has.
const UNKNOWN_FUNCTIONS: [usize; 5] = [7, 100, 1 << 32, usize::MAX, 1 << 63];
