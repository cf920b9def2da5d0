// SPDX-License-Identifier: GPL-2.0

//! Ties the SBI's numbers, which `sbi` states by itself, to those of the kernel's headers.

use kernel::bindings;

use crate::sbi::extension_registers;
use crate::sbi::Base;
use crate::sbi::Dbcn;
use crate::sbi::Experimental;
use crate::sbi::Extension;
use crate::sbi::Feature;
use crate::sbi::FirmwareEvent;
use crate::sbi::Fwft;
use crate::sbi::HartState;
use crate::sbi::Hsm;
use crate::sbi::Ipi;
use crate::sbi::Kind;
use crate::sbi::Mpxy;
use crate::sbi::Pmu;
use crate::sbi::Rfence;
use crate::sbi::SbiError;
use crate::sbi::Srst;
use crate::sbi::Sta;
use crate::sbi::StealTimeArea;
use crate::sbi::Susp;
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
    Susp::FIRST_ID => sbi_ext_id_SBI_EXT_SUSP,
    Susp::SYSTEM_SUSPEND => sbi_ext_susp_fid_SBI_EXT_SUSP_SYSTEM_SUSPEND,
    Susp::SUSPEND_TO_RAM => sbi_ext_susp_sleep_type_SBI_SUSP_SLEEP_TYPE_SUSPEND_TO_RAM,
    extension_registers::COUNT => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_MAX,
    extension_registers::Subtype::SINGLE => KVM_REG_RISCV_SBI_SINGLE,
    extension_registers::Subtype::MULTI_ENABLE => KVM_REG_RISCV_SBI_MULTI_EN,
    extension_registers::Subtype::MULTI_DISABLE => KVM_REG_RISCV_SBI_MULTI_DIS,
    Experimental::FIRST_ID => sbi_ext_id_SBI_EXT_EXPERIMENTAL_START,
    Experimental::LAST_ID => sbi_ext_id_SBI_EXT_EXPERIMENTAL_END,
    Vendor::FIRST_ID => sbi_ext_id_SBI_EXT_VENDOR_START,
    Vendor::LAST_ID => sbi_ext_id_SBI_EXT_VENDOR_END,
    Sta::FIRST_ID => sbi_ext_id_SBI_EXT_STA,
    Sta::SET_SHMEM => sbi_ext_sta_fid_SBI_EXT_STA_STEAL_TIME_SET_SHMEM,
    Fwft::FIRST_ID => sbi_ext_id_SBI_EXT_FWFT,
    Fwft::SET => SBI_EXT_FWFT_SET,
    Fwft::GET => SBI_EXT_FWFT_GET,
    Feature::FIRST_DEFINED => sbi_fwft_feature_t_SBI_FWFT_MISALIGNED_EXC_DELEG,
    Feature::LAST_DEFINED => sbi_fwft_feature_t_SBI_FWFT_POINTER_MASKING_PMLEN,
    Feature::MisalignedDelegation.id() => sbi_fwft_feature_t_SBI_FWFT_MISALIGNED_EXC_DELEG,
    Feature::PointerMasking.id() => sbi_fwft_feature_t_SBI_FWFT_POINTER_MASKING_PMLEN,
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
    Pmu::FIRST_ID => sbi_ext_id_SBI_EXT_PMU,
    Pmu::NUM_COUNTERS => sbi_ext_pmu_fid_SBI_EXT_PMU_NUM_COUNTERS,
    Pmu::COUNTER_GET_INFO => sbi_ext_pmu_fid_SBI_EXT_PMU_COUNTER_GET_INFO,
    Pmu::COUNTER_CONFIG_MATCHING => sbi_ext_pmu_fid_SBI_EXT_PMU_COUNTER_CFG_MATCH,
    Pmu::COUNTER_START => sbi_ext_pmu_fid_SBI_EXT_PMU_COUNTER_START,
    Pmu::COUNTER_STOP => sbi_ext_pmu_fid_SBI_EXT_PMU_COUNTER_STOP,
    Pmu::COUNTER_FW_READ => sbi_ext_pmu_fid_SBI_EXT_PMU_COUNTER_FW_READ,
    Pmu::COUNTER_FW_READ_HI => sbi_ext_pmu_fid_SBI_EXT_PMU_COUNTER_FW_READ_HI,
    Pmu::SNAPSHOT_SET_SHMEM => sbi_ext_pmu_fid_SBI_EXT_PMU_SNAPSHOT_SET_SHMEM,
    Pmu::EVENT_GET_INFO => sbi_ext_pmu_fid_SBI_EXT_PMU_EVENT_GET_INFO,
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
    SbiError::Denied as isize => SBI_ERR_DENIED,
    SbiError::InvalidAddress as isize => SBI_ERR_INVALID_ADDRESS,
    SbiError::AlreadyAvailable as isize => SBI_ERR_ALREADY_AVAILABLE,
    SbiError::AlreadyStarted as isize => SBI_ERR_ALREADY_STARTED,
    SbiError::AlreadyStopped as isize => SBI_ERR_ALREADY_STOPPED,
    SbiError::NoShmem as isize => SBI_ERR_NO_SHMEM,
    SbiError::DeniedLocked as isize => SBI_ERR_DENIED_LOCKED,
    SbiError::NotSupported as isize => SBI_ERR_NOT_SUPPORTED,
    SbiError::InvalidParam as isize => SBI_ERR_INVALID_PARAM,
    PAGE_SHIFT => PAGE_SHIFT,
}

/// The guest's steal time, `struct sbi_sta_struct`, and its registers, `struct kvm_riscv_sbi_sta`.
const _: () = {
    use core::mem::offset_of;
    type Shared = bindings::sbi_sta_struct;
    type Registers = bindings::kvm_riscv_sbi_sta;
    const WORD: usize = size_of::<usize>();
    assert!(StealTimeArea::SIZE == size_of::<Shared>());
    assert!(StealTimeArea::SEQUENCE == offset_of!(Shared, sequence));
    assert!(StealTimeArea::STEAL == offset_of!(Shared, steal));
    assert!(Sta::SHMEM_LO == offset_of!(Registers, shmem_lo) / WORD);
    assert!(Sta::SHMEM_HI == offset_of!(Registers, shmem_hi) / WORD);
    assert!(Sta::REGISTERS == size_of::<Registers>() / WORD);
};

/// Asserts that state registers have the subtype by which user space knows them.
macro_rules! same_subtype {
    ($($ours:ident => $theirs:ident,)*) => {
        $(const _: () = assert!(matches!(
            $ours::STATE_SUBTYPE,
            Some(subtype) if subtype == bindings::$theirs as usize
        ));)*
    };
}

same_subtype! {
    Sta => KVM_REG_RISCV_SBI_STA,
    Fwft => KVM_REG_RISCV_SBI_FWFT,
}

/// Asserts that extensions have the numbers by which user space knows them.
macro_rules! same_index {
    ($($kind:ident => $theirs:ident,)*) => {
        $(const _: () = assert!(matches!(
            Kind::$kind.index(),
            Some(index) if index == bindings::$theirs as usize
        ));)*
    };
}

same_index! {
    Legacy => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_V01,
    Time => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_TIME,
    Ipi => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_IPI,
    Rfence => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_RFENCE,
    Srst => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_SRST,
    Hsm => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_HSM,
    Pmu => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_PMU,
    Experimental => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_EXPERIMENTAL,
    Vendor => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_VENDOR,
    Dbcn => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_DBCN,
    Sta => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_STA,
    Susp => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_SUSP,
    Fwft => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_FWFT,
    Mpxy => KVM_RISCV_SBI_EXT_ID_KVM_RISCV_SBI_EXT_MPXY,
}

/// The legacy extensions, whose numbers C has only if it has them.
#[cfg(CONFIG_RISCV_SBI_V01)]
mod legacy {
    use kernel::bindings;

    use crate::sbi::Legacy;

    same! {
        Legacy::SET_TIMER => sbi_ext_id_SBI_EXT_0_1_SET_TIMER,
        Legacy::CONSOLE_PUTCHAR => sbi_ext_id_SBI_EXT_0_1_CONSOLE_PUTCHAR,
        Legacy::CONSOLE_GETCHAR => sbi_ext_id_SBI_EXT_0_1_CONSOLE_GETCHAR,
        Legacy::CLEAR_IPI => sbi_ext_id_SBI_EXT_0_1_CLEAR_IPI,
        Legacy::SEND_IPI => sbi_ext_id_SBI_EXT_0_1_SEND_IPI,
        Legacy::REMOTE_FENCE_I => sbi_ext_id_SBI_EXT_0_1_REMOTE_FENCE_I,
        Legacy::REMOTE_SFENCE_VMA_ASID => sbi_ext_id_SBI_EXT_0_1_REMOTE_SFENCE_VMA_ASID,
        Legacy::SHUTDOWN => sbi_ext_id_SBI_EXT_0_1_SHUTDOWN,
    }
}
