// SPDX-License-Identifier: GPL-2.0

//! The SBI's numbers, against those of the `sbi-spec` crate.

use crate::sbi::Base;
use crate::sbi::Dbcn;
use crate::sbi::Extension;
use crate::sbi::ExtensionState;
use crate::sbi::FirmwareEvent;
use crate::sbi::Fwft;
use crate::sbi::HartState;
use crate::sbi::Hsm;
use crate::sbi::Ipi;
use crate::sbi::Mpxy;
use crate::sbi::Rfence;
use crate::sbi::SbiError;
use crate::sbi::Srst;
use crate::sbi::Sta;
use crate::sbi::Time;

fn is_only_id<E: Extension>(id: usize) {
    assert_eq!((E::FIRST_ID, E::LAST_ID), (id, id));
    assert_eq!(E::DEFAULT_STATE, ExtensionState::Enabled);
}

#[test]
fn extension_ids_are_those_of_sbi_spec() {
    is_only_id::<Base>(sbi_spec::base::EID_BASE);
    is_only_id::<Hsm>(sbi_spec::hsm::EID_HSM);
    is_only_id::<Time>(sbi_spec::time::EID_TIME);
    is_only_id::<Ipi>(sbi_spec::spi::EID_SPI);
    is_only_id::<Rfence>(sbi_spec::rfnc::EID_RFNC);
    is_only_id::<Srst>(sbi_spec::srst::EID_SRST);
    is_only_id::<Sta>(sbi_spec::sta::EID_STA);
    is_only_id::<Fwft>(sbi_spec::fwft::EID_FWFT);
}

#[test]
fn ids_of_forwarded_extensions_are_those_of_sbi_spec() {
    assert_eq!(Dbcn::FIRST_ID, sbi_spec::dbcn::EID_DBCN);
    assert_eq!(Mpxy::FIRST_ID, sbi_spec::mpxy::EID_MPXY);
}

#[test]
fn function_ids_are_those_of_sbi_spec() {
    use sbi_spec::rfnc;

    assert_eq!(Base::GET_SPEC_VERSION, sbi_spec::base::GET_SBI_SPEC_VERSION);
    assert_eq!(Base::GET_IMPL_ID, sbi_spec::base::GET_SBI_IMPL_ID);
    assert_eq!(Base::GET_IMPL_VERSION, sbi_spec::base::GET_SBI_IMPL_VERSION);
    assert_eq!(Base::PROBE_EXTENSION, sbi_spec::base::PROBE_EXTENSION);
    assert_eq!(Base::GET_MVENDORID, sbi_spec::base::GET_MVENDORID);
    assert_eq!(Base::GET_MARCHID, sbi_spec::base::GET_MARCHID);
    assert_eq!(Base::GET_MIMPID, sbi_spec::base::GET_MIMPID);
    assert_eq!(Base::IMPL_ID, sbi_spec::base::impl_id::KVM);
    assert_eq!(Hsm::HART_START, sbi_spec::hsm::HART_START);
    assert_eq!(Hsm::HART_STOP, sbi_spec::hsm::HART_STOP);
    assert_eq!(Hsm::HART_GET_STATUS, sbi_spec::hsm::HART_GET_STATUS);
    assert_eq!(Hsm::HART_SUSPEND, sbi_spec::hsm::HART_SUSPEND);
    assert_eq!(Time::SET_TIMER, sbi_spec::time::SET_TIMER);
    assert_eq!(Ipi::SEND_IPI, sbi_spec::spi::SEND_IPI);
    assert_eq!(Rfence::REMOTE_FENCE_I, rfnc::REMOTE_FENCE_I);
    assert_eq!(Rfence::REMOTE_SFENCE_VMA, rfnc::REMOTE_SFENCE_VMA);
    assert_eq!(Rfence::REMOTE_SFENCE_VMA_ASID, rfnc::REMOTE_SFENCE_VMA_ASID);
    assert_eq!(Srst::SYSTEM_RESET, sbi_spec::srst::SYSTEM_RESET);
    assert_eq!(Sta::SET_SHMEM, sbi_spec::sta::SET_SHMEM);
    assert_eq!(Fwft::SET, sbi_spec::fwft::SET);
    assert_eq!(Fwft::GET, sbi_spec::fwft::GET);
}

#[test]
fn reset_types_and_reasons_are_those_of_sbi_spec() {
    use sbi_spec::srst;

    assert_eq!(Srst::SHUTDOWN, srst::RESET_TYPE_SHUTDOWN);
    assert_eq!(Srst::COLD_REBOOT, srst::RESET_TYPE_COLD_REBOOT);
    assert_eq!(Srst::WARM_REBOOT, srst::RESET_TYPE_WARM_REBOOT);
    assert_eq!(Srst::NO_REASON, srst::RESET_REASON_NO_REASON);
    assert_eq!(Srst::SYSTEM_FAILURE, srst::RESET_REASON_SYSTEM_FAILURE);
}

// conforms: HSM.states
#[test]
fn hart_states_and_suspend_types_are_those_of_sbi_spec() {
    use sbi_spec::hsm;

    assert_eq!(HartState::Started as usize, hsm::hart_state::STARTED);
    assert_eq!(HartState::Stopped as usize, hsm::hart_state::STOPPED);
    assert_eq!(HartState::Suspended as usize, hsm::hart_state::SUSPENDED);
    assert_eq!(Hsm::RETENTIVE, hsm::suspend_type::RETENTIVE);
    assert_eq!(Hsm::NON_RETENTIVE, hsm::suspend_type::NON_RETENTIVE);
}

// conforms: ABI.error_codes
#[test]
fn errors_are_those_of_sbi_spec() {
    use sbi_spec::binary;

    let errors = [
        (SbiError::Failed, binary::RET_ERR_FAILED),
        (SbiError::NotSupported, binary::RET_ERR_NOT_SUPPORTED),
        (SbiError::InvalidParam, binary::RET_ERR_INVALID_PARAM),
        (SbiError::Denied, binary::RET_ERR_DENIED),
        (SbiError::InvalidAddress, binary::RET_ERR_INVALID_ADDRESS),
        (
            SbiError::AlreadyAvailable,
            binary::RET_ERR_ALREADY_AVAILABLE,
        ),
        (SbiError::AlreadyStarted, binary::RET_ERR_ALREADY_STARTED),
        (SbiError::AlreadyStopped, binary::RET_ERR_ALREADY_STOPPED),
        (SbiError::NoShmem, binary::RET_ERR_NO_SHMEM),
        (SbiError::DeniedLocked, binary::RET_ERR_DENIED_LOCKED),
    ];
    for (error, number) in errors {
        assert_eq!(error.to_register(), number);
    }
}

// conforms: PMU.event.numbers
#[test]
fn firmware_events_are_those_of_sbi_spec() {
    use sbi_spec::pmu::firmware_event as spec;

    assert_eq!(FirmwareEvent::SetTimer as usize, spec::SET_TIMER);
    assert_eq!(FirmwareEvent::IpiSent as usize, spec::IPI_SENT);
    assert_eq!(FirmwareEvent::IpiReceived as usize, spec::IPI_RECEIVED);
    assert_eq!(FirmwareEvent::FenceISent as usize, spec::FENCE_I_SENT);
    assert_eq!(
        FirmwareEvent::HfenceVvmaSent as usize,
        spec::HFENCE_VVMA_SENT
    );
    assert_eq!(
        FirmwareEvent::HfenceVvmaAsidSent as usize,
        spec::HFENCE_VVMA_ASID_SENT
    );
}
