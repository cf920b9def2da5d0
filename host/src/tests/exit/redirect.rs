// SPDX-License-Identifier: GPL-2.0

//! Traps that are raised in the guest.

use proptest::prelude::*;

use super::state::some_state;
use super::state::states;
use super::Machine;
use crate::exit::redirect;
use crate::exit::Trap;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    /// Any state, any trap. `State::after_exception_at()` is the model.
    #[test]
    fn redirect_is_a_trap_into_vs_mode(before in states(), trap in any::<[usize; 5]>()) {
        let [sepc, scause, stval, htval, htinst] = trap;
        let machine = Machine::new(&before);
        redirect(&machine.vcpu, &Trap { sepc, scause, stval, htval, htinst });
        prop_assert_eq!(machine.state(), before.after_exception_at(sepc, scause, stval));
    }
}

/// X4.
#[test]
fn exceptions_go_to_base_in_every_mode_of_vstvec() {
    for mode in 0..4 {
        let mut before = some_state();
        before.vstvec = 0x8040_0000 | mode;
        let machine = Machine::new(&before);
        redirect(&machine.vcpu, &Trap::default());
        assert_eq!(machine.state().pc, 0x8040_0000);
    }
}

/// N1: between two sessions the thread may move to a CPU with another VM's CSRs.
#[test]
fn all_csrs_are_accessed_in_one_session() {
    let machine = Machine::new(&some_state());
    redirect(&machine.vcpu, &Trap::default());
    assert_eq!(machine.vcpu.vs_csrs.sessions.get(), 1);
}
