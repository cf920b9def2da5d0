// SPDX-License-Identifier: GPL-2.0

//! The Base extension (SBI v3.0, "Base Extension").

use super::dispatch;
use super::forward;
use super::registry::has_extension;
use super::Call;
use super::Extension;
use super::Outcome;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::LINUX_VERSION_CODE;

/// What the SBI implementation is and has, as `kvm_sbi_ext_base_handler()`.
pub(crate) struct Base;

impl Base {
    /// FID 0.
    pub(crate) const GET_SPEC_VERSION: usize = 0;
    /// FID 1.
    pub(crate) const GET_IMPL_ID: usize = 1;
    /// FID 2.
    pub(crate) const GET_IMPL_VERSION: usize = 2;
    /// FID 3.
    pub(crate) const PROBE_EXTENSION: usize = 3;
    /// FID 4.
    pub(crate) const GET_MVENDORID: usize = 4;
    /// FID 5.
    pub(crate) const GET_MARCHID: usize = 5;
    /// FID 6.
    pub(crate) const GET_MIMPID: usize = 6;

    /// The version of the specification that is followed: major number from bit 24, minor below.
    pub(crate) const SPEC_VERSION: usize = 3 << 24;
    /// KVM's number in the specification's list of implementations.
    pub(crate) const IMPL_ID: usize = 3;
}

impl Extension for Base {
    const FIRST_ID: usize = 0x10;

    #[inline]
    fn handle(call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        let value = match call.function {
            Self::GET_SPEC_VERSION => Self::SPEC_VERSION,
            Self::GET_IMPL_ID => Self::IMPL_ID,
            Self::GET_IMPL_VERSION => LINUX_VERSION_CODE,
            Self::PROBE_EXTENSION => return Ok(probe(vcpu, run, call.a0)),
            Self::GET_MVENDORID => vcpu.mvendorid(),
            Self::GET_MARCHID => vcpu.marchid(),
            Self::GET_MIMPID => vcpu.mimpid(),
            _ => return Ok(Outcome::NOT_SUPPORTED),
        };
        Ok(Outcome::Return(Ok(value)))
    }
}

/// Says whether the guest has the extension `id`: 0 or 1.
///
/// Which of the experimental and vendor extensions there are only user space knows, unless it has
/// disabled the range. If it has nothing to say, there are none.
#[inline(never)]
fn probe(vcpu: &LoadedVcpu, run: &Run, id: usize) -> Outcome {
    let is_there = has_extension(vcpu, id);
    if is_there && forward::is_for_user_space_to_know(id) {
        let exit = dispatch::forward(vcpu, run);
        run.answer_sbi_call(0, 0);
        return exit;
    }
    Outcome::Return(Ok(is_there.into()))
}
