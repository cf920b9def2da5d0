// SPDX-License-Identifier: GPL-2.0

//! Ties the SBI's numbers, which `sbi` states by itself, to those of the kernel's headers.

use kernel::bindings;

use crate::sbi::Base;
use crate::sbi::Dbcn;
use crate::sbi::Experimental;
use crate::sbi::Extension;
use crate::sbi::FirmwareEvent;
use crate::sbi::HartState;
use crate::sbi::Hsm;
use crate::sbi::Ipi;
use crate::sbi::Mpxy;
use crate::sbi::Rfence;
use crate::sbi::SbiError;
use crate::sbi::Srst;
use crate::sbi::Time;
use crate::sbi::Vendor;
use crate::sbi::PAGE_SHIFT;

same! {
    Time::FIRST_ID => sbi_ext_id_SBI_EXT_TIME,
    Ipi::FIRST_ID => sbi_ext_id_SBI_EXT_IPI,
    Rfence::FIRST_ID => sbi_ext_id_SBI_EXT_RFENCE,
    Srst::FIRST_ID => sbi_ext_id_SBI_EXT_SRST,
    Time::SET_TIMER => sbi_ext_time_fid_SBI_EXT_TIME_SET_TIMER,
    Ipi::SEND_IPI => sbi_ext_ipi_fid_SBI_EXT_IPI_SEND_IPI,
    Rfence::REMOTE_FENCE_I => sbi_ext_rfence_fid_SBI_EXT_RFENCE_REMOTE_FENCE_I,
    Rfence::REMOTE_SFENCE_VMA => sbi_ext_rfence_fid_SBI_EXT_RFENCE_REMOTE_SFENCE_VMA,
    Rfence::REMOTE_SFENCE_VMA_ASID => sbi_ext_rfence_fid_SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID,
    Srst::SYSTEM_RESET => sbi_ext_srst_fid_SBI_EXT_SRST_RESET,
    Srst::SHUTDOWN => sbi_srst_reset_type_SBI_SRST_RESET_TYPE_SHUTDOWN,
    Srst::COLD_REBOOT => sbi_srst_reset_type_SBI_SRST_RESET_TYPE_COLD_REBOOT,
    Srst::WARM_REBOOT => sbi_srst_reset_type_SBI_SRST_RESET_TYPE_WARM_REBOOT,
    Srst::NO_REASON => sbi_srst_reset_reason_SBI_SRST_RESET_REASON_NONE,
    Srst::SYSTEM_FAILURE => sbi_srst_reset_reason_SBI_SRST_RESET_REASON_SYS_FAILURE,
    Base::FIRST_ID => sbi_ext_id_SBI_EXT_BASE,
    Base::GET_SPEC_VERSION => sbi_ext_base_fid_SBI_EXT_BASE_GET_SPEC_VERSION,
    Base::GET_IMPL_ID => sbi_ext_base_fid_SBI_EXT_BASE_GET_IMP_ID,
    Base::GET_IMPL_VERSION => sbi_ext_base_fid_SBI_EXT_BASE_GET_IMP_VERSION,
    Base::PROBE_EXTENSION => sbi_ext_base_fid_SBI_EXT_BASE_PROBE_EXT,
    Base::GET_MVENDORID => sbi_ext_base_fid_SBI_EXT_BASE_GET_MVENDORID,
    Base::GET_MARCHID => sbi_ext_base_fid_SBI_EXT_BASE_GET_MARCHID,
    Base::GET_MIMPID => sbi_ext_base_fid_SBI_EXT_BASE_GET_MIMPID,
    Base::IMPL_ID => KVM_SBI_IMPID,
    Base::SPEC_VERSION >> bindings::SBI_SPEC_VERSION_MAJOR_SHIFT => KVM_SBI_VERSION_MAJOR,
    Base::SPEC_VERSION & 0xFF_FFFF => KVM_SBI_VERSION_MINOR,
    Experimental::FIRST_ID => sbi_ext_id_SBI_EXT_EXPERIMENTAL_START,
    Experimental::LAST_ID => sbi_ext_id_SBI_EXT_EXPERIMENTAL_END,
    Vendor::FIRST_ID => sbi_ext_id_SBI_EXT_VENDOR_START,
    Vendor::LAST_ID => sbi_ext_id_SBI_EXT_VENDOR_END,
    Dbcn::FIRST_ID => sbi_ext_id_SBI_EXT_DBCN,
    Mpxy::FIRST_ID => sbi_ext_id_SBI_EXT_MPXY,
    Hsm::FIRST_ID => sbi_ext_id_SBI_EXT_HSM,
    Hsm::HART_START => sbi_ext_hsm_fid_SBI_EXT_HSM_HART_START,
    Hsm::HART_STOP => sbi_ext_hsm_fid_SBI_EXT_HSM_HART_STOP,
    Hsm::HART_GET_STATUS => sbi_ext_hsm_fid_SBI_EXT_HSM_HART_STATUS,
    Hsm::HART_SUSPEND => sbi_ext_hsm_fid_SBI_EXT_HSM_HART_SUSPEND,
    Hsm::RETENTIVE => SBI_HSM_SUSPEND_RET_DEFAULT,
    Hsm::NON_RETENTIVE => SBI_HSM_SUSPEND_NON_RET_DEFAULT,
    HartState::Started => sbi_hsm_hart_state_SBI_HSM_STATE_STARTED,
    HartState::Stopped => sbi_hsm_hart_state_SBI_HSM_STATE_STOPPED,
    HartState::Suspended => sbi_hsm_hart_state_SBI_HSM_STATE_SUSPENDED,
    FirmwareEvent::MisalignedLoad => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_MISALIGNED_LOAD,
    FirmwareEvent::MisalignedStore => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_MISALIGNED_STORE,
    FirmwareEvent::AccessLoad => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_ACCESS_LOAD,
    FirmwareEvent::AccessStore => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_ACCESS_STORE,
    FirmwareEvent::IllegalInstruction => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_ILLEGAL_INSN,
    FirmwareEvent::SetTimer => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_SET_TIMER,
    FirmwareEvent::IpiSent => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_IPI_SENT,
    FirmwareEvent::IpiReceived => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_IPI_RCVD,
    FirmwareEvent::FenceISent => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_FENCE_I_SENT,
    FirmwareEvent::HfenceVvmaSent => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_HFENCE_VVMA_SENT,
    FirmwareEvent::HfenceVvmaAsidSent =>
        sbi_pmu_fw_generic_events_t_SBI_PMU_FW_HFENCE_VVMA_ASID_SENT,
    SbiError::Failed as isize => SBI_ERR_FAILURE,
    SbiError::InvalidAddress as isize => SBI_ERR_INVALID_ADDRESS,
    SbiError::AlreadyAvailable as isize => SBI_ERR_ALREADY_AVAILABLE,
    SbiError::NotSupported as isize => SBI_ERR_NOT_SUPPORTED,
    SbiError::InvalidParam as isize => SBI_ERR_INVALID_PARAM,
    PAGE_SHIFT => PAGE_SHIFT,
}

/// `count_firmware_event()` indexes an array with the code.
#[cfg(CONFIG_RISCV_PMU_SBI)]
const _: () = assert!((FirmwareEvent::HfenceVvmaAsidSent as u32) < bindings::RISCV_KVM_MAX_FW_CTRS);
