// SPDX-License-Identifier: GPL-2.0

//! The exit path. What a trap does to a guest is compared with models that are written from the
//! privileged specification, the C and the ledger; they share nothing with `rust/exit`.

mod csr;
mod dispatch;
mod emulation_fuzz;
mod guest_instruction;
mod guest_page_fault;
mod pending;
mod racing_vmm;
mod redirect;
pub(super) mod state;
mod unprivileged_read;
mod virtual_instruction;

use std::rc::Rc;

use self::state::State;
use crate::exit::handle_exit;
use crate::exit::Next;
use crate::exit::Trap;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::Vm;

/// hstatus.SPV: the trap came from a guest.
const SPV: usize = 1 << 7;

/// sstatus.SPP: the guest was in VS-mode.
const SPP: usize = 1 << 8;

/// Exception codes.
const INSTRUCTION_ACCESS_FAULT: usize = 1;
const ILLEGAL_INSTRUCTION: usize = 2;
const LOAD_ACCESS_FAULT: usize = 5;
const STORE_ACCESS_FAULT: usize = 7;
const INSTRUCTION_PAGE_FAULT: usize = 12;
const LOAD_PAGE_FAULT: usize = 13;
const INSTRUCTION_GUEST_PAGE_FAULT: usize = 20;
const LOAD_GUEST_PAGE_FAULT: usize = 21;
const VIRTUAL_INSTRUCTION: usize = 22;
const STORE_GUEST_PAGE_FAULT: usize = 23;

/// What ends the handling of a trap that the guest goes on after.
const ENTER_GUEST: Result<Next, Errno> = Ok(Next::EnterGuest);

/// What ends the handling of a trap that user space has to see.
const EXIT: Result<Next, Errno> = Ok(Next::ExitToUserSpace);

/// A guest and its VMM.
struct Machine {
    vm: Rc<Vm>,
    vcpu: LoadedVcpu,
    run: Run,
}

impl Machine {
    /// One vCPU that has trapped in this state.
    fn new(state: &State) -> Self {
        let vm = Vm::with_ids(&[0]);
        let vcpu = LoadedVcpu::first_of(&vm);
        state.put_into(&vcpu);
        Self {
            vm,
            vcpu,
            run: Run::default(),
        }
    }

    fn handle_exit(&self, trap: &Trap) -> Result<Next, Errno> {
        match handle_exit(&self.vcpu, &self.run, trap).to_c() {
            0 => Ok(Next::ExitToUserSpace),
            1 => Ok(Next::EnterGuest),
            errno => Err(Errno(errno)),
        }
    }

    fn state(&self) -> State {
        State::of(&self.vcpu)
    }
}
