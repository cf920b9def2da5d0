// SPDX-License-Identifier: GPL-2.0

//! The harts that a call names (SBI v3.0, "Binary Encoding", hart masks).

use core::convert::Infallible;

use super::SbiError;
use crate::kvm::Vcpu;
use crate::kvm::Vm;

/// `hart_mask` and `hart_mask_base` of a call.
///
/// Bit `n` of the mask names the hart with id `base + n`; a base of all ones names every hart and
/// the mask is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HartMask {
    /// `hart_mask`.
    pub(crate) mask: usize,
    /// `hart_mask_base`.
    pub(crate) base: usize,
}

impl HartMask {
    /// Every hart.
    pub(crate) const ALL: Self = Self {
        mask: 0,
        base: usize::MAX,
    };

    /// Visits each vCPU that is named, once, and says whether every hart that is named exists.
    ///
    /// Those that do are visited all the same, as C's send_ipi does. An error of `visit` ends the
    /// walk.
    ///
    /// vCPUs may have been created in any order and with any ids. In the usual case id and index
    /// are the same and only the mask's bits are walked; what is not found so is looked for in one
    /// walk over all vCPUs.
    pub(crate) fn visit<E>(
        self,
        vm: &Vm,
        mut visit: impl FnMut(&Vcpu) -> Result<(), E>,
    ) -> Result<bool, E> {
        if self.names_all() {
            for vcpu in vm.vcpus() {
                visit(vcpu)?;
            }
            return Ok(true);
        }

        let mut missing = self.mask;
        let mut rest = self.mask & low_bits(vm.online_vcpus().saturating_sub(self.base));
        while rest != 0 {
            let bit = rest.trailing_zeros();
            rest &= rest - 1;
            // No overflow: the sum is below the number of vCPUs.
            let id = self.base.wrapping_add(bit as usize);
            if let Some(vcpu) = vm.vcpu(id).filter(|vcpu| vcpu.id() == id) {
                visit(vcpu)?;
                missing &= !(1 << bit);
            }
        }

        if missing != 0 {
            for vcpu in vm.vcpus() {
                let bit = self.bit_of(vcpu.id()) & missing;
                if bit != 0 {
                    visit(vcpu)?;
                    missing &= !bit;
                    if missing == 0 {
                        break;
                    }
                }
            }
        }

        Ok(missing == 0)
    }

    /// Does something with each vCPU that is named, as [`HartMask::visit`].
    ///
    /// [`SbiError::InvalidParam`] if a hart that is named does not exist.
    pub(crate) fn for_each(self, vm: &Vm, mut act: impl FnMut(&Vcpu)) -> Result<(), SbiError> {
        let Ok(exist) = self.visit(vm, |vcpu| {
            act(vcpu);
            Ok::<_, Infallible>(())
        });
        valid(exist)
    }

    /// Whether every hart is named and the mask does not count.
    fn names_all(self) -> bool {
        self.base == usize::MAX
    }

    /// The bit of the mask that stands for the hart `id`, or 0 if there is none.
    fn bit_of(self, id: usize) -> usize {
        match id.checked_sub(self.base) {
            Some(bit) if bit < usize::BITS as usize => 1 << bit,
            _ => 0,
        }
    }
}

/// [`SbiError::InvalidParam`] unless every hart that a mask names exists.
pub(crate) fn valid(exist: bool) -> Result<(), SbiError> {
    if exist {
        Ok(())
    } else {
        Err(SbiError::InvalidParam)
    }
}

/// A mask of the `count` lowest bits, all of them from XLEN up.
fn low_bits(count: usize) -> usize {
    if count < usize::BITS as usize {
        (1 << count) - 1
    } else {
        usize::MAX
    }
}
