// SPDX-License-Identifier: GPL-2.0

//! The extensions in the life of a vCPU.

use proptest::prelude::*;

use super::new_vcpu;
use super::Guest;
use super::STATES;
use super::TABLE;
use crate::exit::PendingCsrAccess;
use crate::exit::PendingMmio;
use crate::isa::Register;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::sbi::lifecycle;
use crate::sbi::Extension;
use crate::sbi::ExtensionState;
use crate::sbi::Fwft;
use crate::sbi::Kind;
use crate::sbi::Sta;

#[test]
fn a_new_vcpu_has_what_there_is_and_is_not_off_by_default() {
    let vm = Vm::with_ids(&[0]);
    for row in TABLE.iter().filter(|row| row.index.is_some()) {
        let before = LoadedVcpu::first_of(&vm).extension_state(row.kind);
        assert_eq!(before, ExtensionState::Uninitialized);
    }
    for has_counters in [true, false] {
        let vcpu = new_vcpu(&vm, has_counters);
        for row in &TABLE {
            let is_there = row.kind != Kind::Pmu || has_counters;
            let state = match (is_there, row.is_off) {
                (false, _) => ExtensionState::Unavailable,
                (true, true) => ExtensionState::Disabled,
                (true, false) => ExtensionState::Enabled,
            };
            assert_eq!(vcpu.extension_state(row.kind), state, "{:?}", row.kind);
        }
    }
}

/// FWFT's flags and STA's address, whether enabled or not.
fn remembered(guest: &Guest) -> (usize, usize) {
    (
        Fwft::get_state(&guest.vcpu, 1).unwrap(),
        Sta::get_state(&guest.vcpu, 0).unwrap(),
    )
}

proptest! {
    /// As `kvm_riscv_vcpu_sbi_reset()`, but for P2: only what is enabled forgets; FWFT does not when
    /// the hart resumes, and that once, and not if it begins somewhere else. Neither changes what
    /// is enabled.
    #[test]
    fn a_reset_is_forgetting(states in prop::array::uniform2(prop::sample::select(&STATES[..])), resumes in any::<bool>(), elsewhere in any::<bool>()) {
        let guest = Guest::new(&[0]);
        let [fwft, sta] = states;
        guest.vcpu.set_extension_state(Kind::Fwft, fwft);
        guest.vcpu.set_extension_state(Kind::Sta, sta);
        if resumes {
            guest.vcpu.request_resume(0x8000_0000, 0);
        }
        guest.vcpu.set_pc(0x8000_0000 + usize::from(elsewhere) * 4);
        for resumes in [resumes && !elsewhere, false] {
            prop_assert_eq!(Fwft::set_state(&guest.vcpu, 1, 1), Ok(()));
            prop_assert_eq!(Sta::set_state(&guest.vcpu, 0, 0x1000), Ok(()));
            lifecycle::reset(&guest.vcpu);
            let flags = usize::from(fwft != ExtensionState::Enabled || resumes);
            let address = if sta == ExtensionState::Enabled { usize::MAX } else { 0x1000 };
            prop_assert_eq!(remembered(&guest), (flags, address));
        }
        prop_assert_eq!(guest.vcpu.extension_state(Kind::Fwft), fwft);
        prop_assert_eq!(guest.vcpu.extension_state(Kind::Sta), sta);
    }
}

/// X11: the hart begins at its first instruction, though that be the one whose access was pending.
#[test]
fn a_reset_forgets_what_user_space_was_doing() {
    let guest = Guest::new(&[0]);
    let pc = guest.state().pc;
    guest.vcpu.set_pending_mmio(PendingMmio {
        pc,
        length: 4,
        destination: None,
    });
    let rd = Register::new(5);
    guest
        .vcpu
        .set_pending_csr_access(PendingCsrAccess { pc, rd });
    guest.vcpu.set_pending_sbi_call();
    lifecycle::reset(&guest.vcpu);
    assert_eq!(guest.vcpu.take_pending_mmio(), None);
    assert_eq!(guest.vcpu.take_pending_csr_access(), None);
    assert!(!guest.vcpu.take_pending_sbi_call());
}
