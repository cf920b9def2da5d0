// SPDX-License-Identifier: GPL-2.0

//! What all SBI extensions have in common: dispatch, lifecycle, registers; and those extensions that
//! are no more than that. The models are written from Linux 7.2's `vcpu_sbi.c`, the specification
//! and the ledger.

mod complete_call;
mod dispatch;
mod extension_registers;
mod legacy;
mod legacy_faults;
mod lifecycle;
mod registry;
mod state_registers;
mod susp;

use std::rc::Rc;

use super::exit::state::some_state;
use super::exit::state::State;
use crate::exit::Next;
use crate::kvm::Code;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Vm;
use crate::sbi::handle_call;
use crate::sbi::lifecycle::init;
use crate::sbi::pmu;
use crate::sbi::ExtensionState;
use crate::sbi::Kind;

/// Registers.
const A0: u32 = 10;
const A1: u32 = 11;

/// What ends the handling of a call that the guest goes on after.
const ENTER_GUEST: Result<Next, Errno> = Ok(Next::EnterGuest);

/// What ends the handling of a call that user space has to see.
const EXIT: Result<Next, Errno> = Ok(Next::ExitToUserSpace);

/// SBI errors, as registers.
const FAILED: usize = usize::MAX;
const NOT_SUPPORTED: usize = usize::MAX - 1;
const INVALID_PARAM: usize = usize::MAX - 2;
const DENIED: usize = usize::MAX - 3;
const INVALID_ADDRESS: usize = usize::MAX - 4;

/// Where there is memory.
const MEMORY: usize = 0x8020_0000;

/// All states of an extension.
const STATES: [ExtensionState; 4] = [
    ExtensionState::Uninitialized,
    ExtensionState::Unavailable,
    ExtensionState::Enabled,
    ExtensionState::Disabled,
];

/// A row of `sbi_ext[]`.
#[derive(Clone, Copy, Debug)]
struct Row {
    kind: Kind,
    first: usize,
    last: usize,
    /// `ext_idx`, if it is one that can be disabled.
    index: Option<usize>,
    /// `default_disabled`.
    is_off: bool,
}

const fn row(kind: Kind, id: usize, index: usize, is_off: bool) -> Row {
    range(kind, id, id, Some(index), is_off)
}

const fn range(kind: Kind, first: usize, last: usize, index: Option<usize>, is_off: bool) -> Row {
    Row {
        kind,
        first,
        last,
        index,
        is_off,
    }
}

/// `sbi_ext[]`, in its order; the indices are those of `<uapi/asm/kvm.h>`.
const TABLE: [Row; 15] = [
    range(Kind::Legacy, 0, 8, Some(0), false),
    range(Kind::Base, 0x10, 0x10, None, false),
    row(Kind::Time, 0x5449_4D45, 1, false),
    row(Kind::Ipi, 0x73_5049, 2, false),
    row(Kind::Rfence, 0x5246_4E43, 3, false),
    row(Kind::Srst, 0x5352_5354, 4, false),
    row(Kind::Hsm, 0x48_534D, 5, false),
    row(Kind::Pmu, 0x50_4D55, 6, false),
    row(Kind::Dbcn, 0x4442_434E, 9, true),
    row(Kind::Susp, 0x5355_5350, 11, true),
    row(Kind::Sta, 0x53_5441, 10, false),
    row(Kind::Fwft, 0x4657_4654, 12, false),
    row(Kind::Mpxy, 0x4D50_5859, 13, true),
    range(Kind::Experimental, 0x0800_0000, 0x08FF_FFFF, Some(7), false),
    range(Kind::Vendor, 0x0900_0000, 0x09FF_FFFF, Some(8), false),
];

/// How many counters a vCPU has: of the hardware, of time, which is left out, of the firmware.
const COUNTERS: usize = 5 + 1 + 22;

/// The first vCPU, as it is made on a host that has performance counters or none.
fn new_vcpu(vm: &Rc<Vm>, has_counters: bool) -> LoadedVcpu {
    let vcpu = LoadedVcpu::first_of(vm);
    vcpu.fake_pmu.host.set(has_counters.then_some((5, 47)));
    pmu::lifecycle::init(&vcpu);
    init(&vcpu);
    vcpu
}

/// A VM whose first vCPU makes calls; all of its extensions are enabled.
struct Guest {
    vm: Rc<Vm>,
    vcpu: LoadedVcpu,
    run: Run,
}

impl Guest {
    fn new(ids: &[usize]) -> Self {
        let vm = Vm::with_ids(ids);
        let vcpu = new_vcpu(&vm, true);
        some_state().put_into(&vcpu);
        for &kind in Kind::ALL {
            vcpu.set_extension_state(kind, ExtensionState::Enabled);
        }
        // What is known of the guest's page tables is up to date.
        vcpu.code.set(Code::Bits(0));
        Self {
            vm,
            vcpu,
            run: Run::default(),
        }
    }

    fn state(&self) -> State {
        State::of(&self.vcpu)
    }

    /// The guest's registers at an ecall: all others have some number.
    fn prepare(&self, id: usize, function: usize, arguments: [usize; 6]) -> State {
        let registers = (A0..).zip(arguments).chain([(16, function), (17, id)]);
        for (number, value) in registers {
            self.vcpu.x[number as usize].set(value);
        }
        self.state()
    }

    /// Makes a call. Returns the registers before it, too.
    fn call(
        &self,
        id: usize,
        function: usize,
        arguments: [usize; 6],
    ) -> (State, Result<Next, Errno>) {
        let before = self.prepare(id, function, arguments);
        (before, handle_call(&self.vcpu, &self.run))
    }

    /// Enters the guest, which makes the same call, until it does something else, or fifty times.
    fn call_until_done(&self) -> (usize, Result<Next, Errno>) {
        let before = self.state();
        for calls in 1..50 {
            let result = handle_call(&self.vcpu, &self.run);
            if result != ENTER_GUEST || self.state() != before {
                return (calls, result);
            }
            self.vm.enter_guests();
        }
        panic!("the guest makes the call for ever");
    }

    /// Nothing was done for the guest or to it, and user space was told nothing.
    fn assert_nothing_happened(&self, what: &str) {
        assert_eq!(self.vcpu.deadline.get(), None, "{what}");
        assert_eq!(self.vcpu.waits.get(), 0, "{what}");
        assert_eq!(self.vm.sleep_requests.get(), 0, "{what}");
        assert!(self.vm.requests.borrow().is_empty(), "{what}");
        for vcpu in self.vm.vcpus() {
            assert_eq!(vcpu.interrupts.get(), 0, "{what}");
            assert!(vcpu.fences.borrow().is_empty(), "{what}");
            assert!(vcpu.firmware_events.borrow().is_empty(), "{what}");
            assert_eq!(vcpu.reset.get(), None, "{what}");
            assert!(!vcpu.stopped.get(), "{what}");
        }
        assert_eq!(self.run.forwarded.get(), 0, "{what}");
        assert_eq!(self.run.system_event.get(), None, "{what}");
        assert_eq!(
            self.run.exit_reason.get(),
            crate::kvm::ExitReason::Untouched,
            "{what}"
        );
    }
}

/// After a call that has returned these two values.
fn returned(before: State, error: usize, value: usize) -> State {
    before
        .with_register(A0, error)
        .with_register(A1, value)
        .past(4)
}

/// After a legacy call.
fn returned_legacy(before: State, value: usize) -> State {
    before.with_register(A0, value).past(4)
}
