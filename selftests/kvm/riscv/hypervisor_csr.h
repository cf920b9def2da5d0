/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CSRs that a guest ran with, by the module selftests/csr/kvm_csr.c. The
 * case is skipped without /lib/kvm_csr.ko.
 */
#ifndef SELFTEST_KVM_HYPERVISOR_CSR_H
#define SELFTEST_KVM_HYPERVISOR_CSR_H

/* To be called once by the program, before its cases. */
void hypervisor_csr_setup(void);

/* From here on this thread stays on one CPU, where no other guest runs. */
void hypervisor_csr_or_skip(void);

/* What the guest ran with that was the last one on this CPU. */
unsigned long hypervisor_csr_hedeleg(void);
unsigned long hypervisor_csr_henvcfg(void);

/* To the end of the case, KVM finds that misaligned accesses can be delegated. */
void hypervisor_csr_delegate_misaligned(void);

#endif /* SELFTEST_KVM_HYPERVISOR_CSR_H */
