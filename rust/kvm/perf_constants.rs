// SPDX-License-Identifier: GPL-2.0

//! Ties perf's numbers, which `sbi` states by itself, to those of the kernel's headers: the types of
//! events, the codes of hardware events less 1, and the parts of cache events.

use kernel::bindings;

use crate::sbi::PerfType;

same! {
    PerfType::Hardware => perf_type_id_PERF_TYPE_HARDWARE,
    PerfType::Cache => perf_type_id_PERF_TYPE_HW_CACHE,
    PerfType::Raw => perf_type_id_PERF_TYPE_RAW,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_CPU_CYCLES - 1 => perf_hw_id_PERF_COUNT_HW_CPU_CYCLES,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_INSTRUCTIONS - 1 => perf_hw_id_PERF_COUNT_HW_INSTRUCTIONS,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_CACHE_REFERENCES - 1 => perf_hw_id_PERF_COUNT_HW_CACHE_REFERENCES,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_CACHE_MISSES - 1 => perf_hw_id_PERF_COUNT_HW_CACHE_MISSES,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_BRANCH_INSTRUCTIONS - 1 => perf_hw_id_PERF_COUNT_HW_BRANCH_INSTRUCTIONS,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_BRANCH_MISSES - 1 => perf_hw_id_PERF_COUNT_HW_BRANCH_MISSES,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_BUS_CYCLES - 1 => perf_hw_id_PERF_COUNT_HW_BUS_CYCLES,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_STALLED_CYCLES_FRONTEND - 1 => perf_hw_id_PERF_COUNT_HW_STALLED_CYCLES_FRONTEND,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_STALLED_CYCLES_BACKEND - 1 => perf_hw_id_PERF_COUNT_HW_STALLED_CYCLES_BACKEND,
    bindings::sbi_pmu_hw_generic_events_t_SBI_PMU_HW_REF_CPU_CYCLES - 1 => perf_hw_id_PERF_COUNT_HW_REF_CPU_CYCLES,
    10 => perf_hw_id_PERF_COUNT_HW_MAX,
    7 => perf_hw_cache_id_PERF_COUNT_HW_CACHE_MAX,
    3 => perf_hw_cache_op_id_PERF_COUNT_HW_CACHE_OP_MAX,
    2 => perf_hw_cache_op_result_id_PERF_COUNT_HW_CACHE_RESULT_MAX,
}
