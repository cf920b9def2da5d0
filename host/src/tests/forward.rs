// SPDX-License-Identifier: GPL-2.0

//! The extensions that user space answers.

use super::call;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Vm;
use crate::sbi::Dbcn;
use crate::sbi::Experimental;
use crate::sbi::Extension;
use crate::sbi::ExtensionState;
use crate::sbi::Mpxy;
use crate::sbi::Outcome;
use crate::sbi::SbiError;
use crate::sbi::Vendor;

fn forwards_every_function<E: Extension>() {
    let vcpu = LoadedVcpu::first_of(&Vm::with_ids(&[0]));
    for function in [0, 1, 2, 1 << 32, usize::MAX] {
        let run = Run::default();
        let outcome = E::handle(&call(function, [1, 2, 3, 4, 5]), &vcpu, &run);
        assert_eq!(outcome, Ok(Outcome::Exit));
        assert_eq!(run.forwarded.get(), 1);
        assert_eq!(
            run.answer.get(),
            Some((SbiError::NotSupported.to_register(), 0))
        );
    }
}

#[test]
fn every_function_goes_to_user_space() {
    forwards_every_function::<Experimental>();
    forwards_every_function::<Vendor>();
    forwards_every_function::<Dbcn>();
    forwards_every_function::<Mpxy>();
}

#[test]
fn what_user_space_must_enable_is_disabled_at_first() {
    assert_eq!(Experimental::DEFAULT_STATE, ExtensionState::Enabled);
    assert_eq!(Vendor::DEFAULT_STATE, ExtensionState::Enabled);
    assert_eq!(Dbcn::DEFAULT_STATE, ExtensionState::Disabled);
    assert_eq!(Mpxy::DEFAULT_STATE, ExtensionState::Disabled);
}
