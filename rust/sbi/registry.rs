// SPDX-License-Identifier: GPL-2.0

//! Which extensions there are.

use super::Base;
use super::Call;
use super::Dbcn;
use super::Experimental;
use super::Extension;
use super::ExtensionState;
use super::Fwft;
use super::Hsm;
use super::Ipi;
use super::Legacy;
use super::Mpxy;
use super::Outcome;
use super::Pmu;
use super::Rfence;
use super::Srst;
use super::Sta;
use super::Susp;
use super::Time;
use super::Vendor;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Makes [`Kind`] of the list of extensions.
macro_rules! extensions {
    ($($name:ident: $index:expr,)*) => {
        /// An extension as a value: for what is done to all, or to one that user space names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind {
            $(#[doc = concat!("[`", stringify!($name), "`].")] $name,)*
        }

        impl Kind {
            /// All, in the order in which they are initialised.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// The number in `enum KVM_RISCV_SBI_EXT_ID`. `None`: it is always enabled, and user
            /// space does not know it.
            pub(crate) const fn index(self) -> Option<usize> {
                match self {
                    $(Self::$name => $index,)*
                }
            }

            /// The extension that answers the id `id`, any register of a guest.
            #[inline]
            pub(crate) fn of_id(id: usize) -> Option<Self> {
                match id {
                    $(<$name as Extension>::FIRST_ID..=<$name as Extension>::LAST_ID
                        if <$name as Extension>::IS_BUILT => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The extension with this number in `enum KVM_RISCV_SBI_EXT_ID`.
            #[inline]
            pub(crate) fn of_index(index: usize) -> Option<Self> {
                // A table for the compiler.
                match index {
                    $(_ if Self::$name.index() == Some(index) => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The extension whose state registers have this subtype.
            #[inline]
            pub(super) fn of_state_subtype(subtype: usize) -> Option<Self> {
                match subtype {
                    $(_ if <$name as Extension>::STATE_SUBTYPE == Some(subtype) => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Calls `action` with each, in the order of [`ALL`](Self::ALL). There is no loop: of each
            /// the compiler knows which it is.
            #[inline(always)]
            pub(super) fn for_each(mut action: impl FnMut(Self)) {
                $(action(Self::$name);)*
            }

            /// [`Extension::DEFAULT_STATE`].
            pub(super) fn default_state(self) -> ExtensionState {
                match self {
                    $(Self::$name => <$name as Extension>::DEFAULT_STATE,)*
                }
            }

            /// [`Extension::STATE_SUBTYPE`].
            pub(super) fn state_subtype(self) -> Option<usize> {
                match self {
                    $(Self::$name => <$name as Extension>::STATE_SUBTYPE,)*
                }
            }

            /// [`Extension::is_available()`].
            pub(super) fn is_available(self, vcpu: &HeldVcpu) -> bool {
                match self {
                    $(Self::$name => <$name as Extension>::is_available(vcpu),)*
                }
            }

            /// [`Extension::init()`].
            pub(super) fn init(self, vcpu: &HeldVcpu) -> Result<(), Errno> {
                match self {
                    $(Self::$name => <$name as Extension>::init(vcpu),)*
                }
            }

            /// [`Extension::reset()`].
            pub(super) fn reset(self, vcpu: &HeldVcpu) {
                match self {
                    $(Self::$name => <$name as Extension>::reset(vcpu),)*
                }
            }

            /// [`Extension::state_register_count()`].
            pub(super) fn state_register_count(self, vcpu: &HeldVcpu) -> usize {
                match self {
                    $(Self::$name => <$name as Extension>::state_register_count(vcpu),)*
                }
            }

            /// [`Extension::state_register()`].
            pub(super) fn state_register(self, vcpu: &HeldVcpu, index: usize) -> Option<usize> {
                match self {
                    $(Self::$name => <$name as Extension>::state_register(vcpu, index),)*
                }
            }

            /// [`Extension::get_state()`].
            pub(super) fn get_state(self, vcpu: &HeldVcpu, number: usize) -> Result<usize, Errno> {
                match self {
                    $(Self::$name => <$name as Extension>::get_state(vcpu, number),)*
                }
            }

            /// [`Extension::set_state()`].
            pub(super) fn set_state(
                self,
                vcpu: &HeldVcpu,
                number: usize,
                value: usize,
            ) -> Result<(), Errno> {
                match self {
                    $(Self::$name => <$name as Extension>::set_state(vcpu, number, value),)*
                }
            }

            /// [`Extension::handle()`].
            #[inline]
            pub(super) fn handle(
                self,
                call: &Call,
                vcpu: &LoadedVcpu,
                run: &Run,
            ) -> Result<Outcome, Errno> {
                match self {
                    $(Self::$name => <$name as Extension>::handle(call, vcpu, run),)*
                }
            }
        }
    };
}

extensions! {
    Legacy: Some(0),
    Base: None,
    Time: Some(1),
    Ipi: Some(2),
    Rfence: Some(3),
    Srst: Some(4),
    Hsm: Some(5),
    Pmu: Some(6),
    Dbcn: Some(9),
    Susp: Some(11),
    Sta: Some(10),
    Fwft: Some(12),
    Mpxy: Some(13),
    Experimental: Some(7),
    Vendor: Some(8),
}

impl Kind {
    /// Whether the vCPU's guest has the extension, as `kvm_vcpu_sbi_find_ext()`.
    #[inline]
    pub(crate) fn is_enabled(self, vcpu: &HeldVcpu) -> bool {
        match self.index() {
            None => true,
            Some(_) => vcpu.extension_state(self) == ExtensionState::Enabled,
        }
    }
}

/// Whether the guest has the extension with this id, any register of a guest.
pub(crate) fn has_extension(vcpu: &HeldVcpu, id: usize) -> bool {
    Kind::of_id(id).is_some_and(|kind| kind.is_enabled(vcpu))
}
