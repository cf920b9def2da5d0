// SPDX-License-Identifier: GPL-2.0

//! The Firmware Features extension.

use std::rc::Rc;

use proptest::prelude::*;

use super::answer;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::sbi::Extension;
use crate::sbi::Feature;
use crate::sbi::Field;
use crate::sbi::Fwft;
use crate::sbi::Outcome;
use crate::sbi::PointerMask;
use crate::sbi::SbiError;

const MISALIGNED: u32 = 0;
const PMLEN: u32 = 5;

/// What a host and a guest's ISA have.
#[derive(Clone, Copy, Debug)]
struct Hardware {
    delegates: bool,
    smnpm: bool,
    seven: bool,
    sixteen: bool,
}

fn hardware() -> impl Strategy<Value = Hardware> {
    any::<[bool; 4]>().prop_map(|[delegates, smnpm, seven, sixteen]| Hardware {
        delegates,
        smnpm,
        seven,
        sixteen,
    })
}

/// A new vCPU, as it is made and reset before its first run.
fn one_hart(hardware: Hardware) -> (Rc<Vm>, LoadedVcpu) {
    let vm = Vm::with_ids(&[0]);
    let vcpu = LoadedVcpu::first_of(&vm);
    vcpu.fwft.can_delegate.set(hardware.delegates);
    vcpu.fwft.has_smnpm.set(hardware.smnpm);
    vcpu.fwft.hardware.set((hardware.seven, hardware.sixteen));
    Fwft::init(&vcpu).unwrap();
    Fwft::reset(&vcpu);
    (vm, vcpu)
}

const ALL: Hardware = Hardware {
    delegates: true,
    smnpm: true,
    seven: true,
    sixteen: true,
};

/// A feature in the model.
#[derive(Clone, Copy, Debug)]
struct Modelled {
    there: bool,
    enabled: bool,
    locked: bool,
    value: usize,
}

/// The specification's tables for the two features that there can be, and the three registers of
/// each in the kernel's documentation of ONE_REG.
#[derive(Debug)]
struct Model {
    hardware: Hardware,
    misaligned: Modelled,
    pmlen: Modelled,
}

impl Model {
    fn new(hardware: Hardware) -> Self {
        let new = |there| Modelled {
            there,
            enabled: there,
            locked: false,
            value: 0,
        };
        Self {
            hardware,
            misaligned: new(hardware.delegates),
            pmlen: new(hardware.smnpm && (hardware.seven || hardware.sixteen)),
        }
    }

    fn is_valid(&self, id: u32, value: usize) -> bool {
        match (id, value) {
            (MISALIGNED, 0 | 1) | (PMLEN, 0) => true,
            (PMLEN, 7) => self.hardware.seven,
            (PMLEN, 16) => self.hardware.sixteen,
            _ => false,
        }
    }

    fn feature(&mut self, id: u32) -> Result<&mut Modelled, SbiError> {
        let feature = match id {
            MISALIGNED => &mut self.misaligned,
            PMLEN => &mut self.pmlen,
            1..=4 => return Err(SbiError::NotSupported),
            _ => return Err(SbiError::Denied),
        };
        if feature.there && feature.enabled {
            Ok(feature)
        } else {
            Err(SbiError::NotSupported)
        }
    }

    fn set(&mut self, id: usize, value: usize, flags: usize) -> Result<usize, SbiError> {
        let id = (id & 0xffff_ffff) as u32;
        let valid = self.is_valid(id, value);
        let feature = self.feature(id)?;
        if flags > 1 {
            Err(SbiError::InvalidParam)
        } else if feature.locked {
            Err(SbiError::DeniedLocked)
        } else if !valid {
            Err(SbiError::InvalidParam)
        } else {
            feature.value = value;
            feature.locked = flags == 1;
            Ok(0)
        }
    }

    fn get(&mut self, id: usize) -> Result<usize, SbiError> {
        Ok(self.feature((id & 0xffff_ffff) as u32)?.value)
    }

    fn register(&mut self, number: usize) -> Result<(u32, &mut Modelled), Errno> {
        let (id, feature) = match number {
            0..=2 => (MISALIGNED, &mut self.misaligned),
            3..=5 => (PMLEN, &mut self.pmlen),
            _ => return Err(Errno::ENOENT),
        };
        if feature.there {
            Ok((id, feature))
        } else {
            Err(Errno::ENOENT)
        }
    }

    fn read(&mut self, number: usize) -> Result<usize, Errno> {
        let (_, feature) = self.register(number)?;
        Ok(match number % 3 {
            0 => feature.enabled.into(),
            1 => feature.locked.into(),
            _ => feature.value,
        })
    }

    fn write(&mut self, number: usize, value: usize) -> Result<(), Errno> {
        let (id, _) = self.register(number)?;
        let valid = self.is_valid(id, value);
        let (_, feature) = self.register(number)?;
        match number % 3 {
            0 if value > 1 => return Err(Errno::EINVAL),
            0 => feature.enabled = value == 1,
            1 => feature.locked = value & 1 == 1,
            _ if valid => feature.value = value,
            _ => return Err(Errno::EINVAL),
        }
        Ok(())
    }

    fn reset(&mut self) {
        for feature in [&mut self.misaligned, &mut self.pmlen] {
            feature.locked = false;
            feature.value = 0;
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Set(usize, usize, usize),
    Get(usize),
    Read(usize),
    Write(usize, usize),
    Reset,
}

fn ids() -> impl Strategy<Value = usize> {
    prop_oneof![
        4 => Just(0),
        4 => Just(5),
        2 => 0..8usize,
        1 => Just((1 << 32) | 5),
        1 => any::<usize>(),
    ]
}

fn values() -> impl Strategy<Value = usize> {
    prop_oneof![
        3 => prop_oneof![Just(0), Just(1), Just(7), Just(16)],
        1 => 0..20usize,
        1 => any::<usize>(),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let flags = prop_oneof![6 => Just(0), 2 => Just(1), 1 => Just(2), 1 => any::<usize>()];
    prop_oneof![
        8 => (ids(), values(), flags).prop_map(|(id, value, flags)| Step::Set(id, value, flags)),
        4 => ids().prop_map(Step::Get),
        2 => (0..8usize).prop_map(Step::Read),
        4 => (0..8usize, values()).prop_map(|(number, value)| Step::Write(number, value)),
        1 => Just(Step::Reset),
    ]
}

/// The vCPU as user space and the guest see it, step by step beside the model.
fn walk(hardware: Hardware, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (_vm, vcpu) = one_hart(hardware);
    let mut model = Model::new(hardware);
    for step in steps {
        match step {
            Step::Set(id, value, flags) => {
                let before = vcpu.fwft.hart.get();
                let expected = model.set(id, value, flags);
                prop_assert_eq!(
                    answer::<Fwft>(&vcpu, Fwft::SET, [id, value, flags, 0, 0]),
                    Ok(Outcome::Return(expected))
                );
                // The hart has it at once; what failed, it does not know of.
                let hart = vcpu.fwft.hart.get();
                match (expected.is_ok(), id as u32) {
                    (true, MISALIGNED) => prop_assert_eq!(hart.delegates_misaligned, value == 1),
                    (true, _) => prop_assert_eq!(mask_length(hart.pointer_mask), value),
                    (false, _) => prop_assert_eq!(hart, before),
                }
            }
            Step::Get(id) => prop_assert_eq!(
                answer::<Fwft>(&vcpu, Fwft::GET, [id, 0, 0, 0, 0]),
                Ok(Outcome::Return(model.get(id)))
            ),
            Step::Read(number) => {
                prop_assert_eq!(Fwft::get_state(&vcpu, number), model.read(number));
            }
            Step::Write(number, value) => {
                vcpu.fwft.csrs_are_dirty.set(false);
                let expected = model.write(number, value);
                prop_assert_eq!(Fwft::set_state(&vcpu, number, value), expected);
                // The vCPU is not loaded: a value comes to the hart with the next load.
                let needs_load = expected.is_ok() && number % 3 == 2;
                prop_assert!(!needs_load || vcpu.fwft.csrs_are_dirty.get());
            }
            Step::Reset => {
                model.reset();
                Fwft::reset(&vcpu);
            }
        }
        let config = vcpu.fwft.config.get();
        prop_assert_eq!(config.delegates_misaligned, model.misaligned.value == 1);
        prop_assert_eq!(mask_length(config.pointer_mask), model.pmlen.value);
    }
    Ok(())
}

fn mask_length(mask: PointerMask) -> usize {
    match mask {
        PointerMask::None => 0,
        PointerMask::Seven => 7,
        PointerMask::Sixteen => 16,
    }
}

fn registers(vcpu: &LoadedVcpu) -> Vec<usize> {
    let count = Fwft::state_register_count(vcpu);
    assert_eq!(Fwft::state_register(vcpu, count), None);
    (0..count)
        .map(|index| Fwft::state_register(vcpu, index).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn a_random_walk_gives_what_the_model_says(
        hardware in hardware(), steps in prop::collection::vec(steps(), 1..60)
    ) {
        walk(hardware, steps)?;
    }

    /// Where everything is there, so that locks and values are met often.
    #[test]
    fn a_random_walk_with_all_features_gives_what_the_model_says(
        steps in prop::collection::vec(steps(), 1..60)
    ) {
        walk(ALL, steps)?;
    }

    #[test]
    fn the_registers_are_those_of_the_features_that_are_there(hardware in hardware()) {
        let (_vm, vcpu) = one_hart(hardware);
        let mut model = Model::new(hardware);
        let expected: Vec<_> = (0..6).filter(|&number| model.read(number).is_ok()).collect();
        prop_assert_eq!(registers(&vcpu), expected);
    }

    /// The ids of the table that KVM has not got, and those that are nobody's.
    #[test]
    fn reserved_features_are_denied(id in any::<u32>(), upper in any::<u32>(), value in any::<usize>()) {
        let (_vm, vcpu) = one_hart(ALL);
        prop_assume!(id != MISALIGNED && id != PMLEN);
        let error = if id < 6 { SbiError::NotSupported } else { SbiError::Denied };
        let register = (id as usize) | ((upper as usize) << 32);
        for (function, args) in [(Fwft::SET, [register, value, 0, 0, 0]), (Fwft::GET, [register, 0, 0, 0, 0])] {
            prop_assert_eq!(
                answer::<Fwft>(&vcpu, function, args),
                Ok(Outcome::Return(Err(error)))
            );
        }
    }

    /// A vCPU that user space has copied register by register behaves as the first.
    #[test]
    fn registers_restore(hardware in hardware(), steps_before in prop::collection::vec(steps(), 0..30)) {
        let (_vm, from) = one_hart(hardware);
        for step in steps_before {
            match step {
                Step::Set(id, value, flags) => {
                    let _ = answer::<Fwft>(&from, Fwft::SET, [id, value, flags, 0, 0]);
                }
                Step::Write(number, value) => {
                    let _ = Fwft::set_state(&from, number, value);
                }
                _ => {}
            }
        }
        let (_vm, to) = one_hart(hardware);
        for number in registers(&from) {
            let value = Fwft::get_state(&from, number).unwrap();
            prop_assert_eq!(Fwft::set_state(&to, number, value), Ok(()));
        }
        for number in 0..8 {
            prop_assert_eq!(Fwft::get_state(&to, number), Fwft::get_state(&from, number));
        }
        prop_assert_eq!(to.fwft.config.get(), from.fwft.config.get());
    }
}

/// `struct kvm_riscv_sbi_fwft`, in words.
#[test]
fn the_registers_have_their_numbers() {
    let of = |feature| [Field::Enable, Field::Flags, Field::Value].map(|field| field.of(feature));
    assert_eq!(of(Feature::MisalignedDelegation), [0, 1, 2]);
    assert_eq!(of(Feature::PointerMasking), [3, 4, 5]);
}

/// What was there when the vCPU was made and is no longer, because the VMM has taken Smnpm away.
#[test]
fn without_smnpm_there_is_no_pointer_masking() {
    let (_vm, vcpu) = one_hart(ALL);
    vcpu.fwft.has_smnpm.set(false);
    assert_eq!(
        answer::<Fwft>(&vcpu, Fwft::SET, [5, 7, 0, 0, 0]),
        Ok(Outcome::NOT_SUPPORTED)
    );
    assert_eq!(registers(&vcpu), [0, 1, 2]);
    assert_eq!(Fwft::get_state(&vcpu, 5), Err(Errno::ENOENT));
    assert_eq!(Fwft::set_state(&vcpu, 5, 0), Err(Errno::ENOENT));
}

/// And the other way round: it was not probed, so it does not come.
#[test]
fn with_smnpm_too_late_there_is_no_pointer_masking() {
    let (_vm, vcpu) = one_hart(Hardware {
        smnpm: false,
        ..ALL
    });
    vcpu.fwft.has_smnpm.set(true);
    assert_eq!(
        answer::<Fwft>(&vcpu, Fwft::GET, [5, 0, 0, 0, 0]),
        Ok(Outcome::NOT_SUPPORTED)
    );
    assert_eq!(registers(&vcpu), [0, 1, 2]);
}

#[test]
fn an_unknown_function_does_nothing() {
    let (_vm, vcpu) = one_hart(ALL);
    for function in UNKNOWN_FUNCTIONS.into_iter().chain([2]) {
        assert_eq!(
            answer::<Fwft>(&vcpu, function, [5, 7, 1, 0, 0]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert_eq!(Fwft::get_state(&vcpu, 4), Ok(0));
    assert_eq!(Fwft::get_state(&vcpu, 5), Ok(0));
}
