/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SBI calls that KVM hands to user space.
 */
#ifndef SELFTEST_KVM_USER_SPACE_CALL_H
#define SELFTEST_KVM_USER_SPACE_CALL_H

#include "sbi_call.h"

/*
 * One call that has to end KVM_RUN, with the call in the run structure as the
 * guest made it and the guest still at its ecall. The answer is up to the caller:
 * it is vcpu->run->riscv_sbi.ret, in which KVM has put a default.
 */
bool user_space_gets_args(struct kvm_vcpu *vcpu, unsigned long extension,
			  unsigned long function, const unsigned long args[6]);

#define user_space_gets(vcpu, extension, function, ...) \
	user_space_gets_args(vcpu, extension, function, \
			     (const unsigned long[6]) { __VA_ARGS__ })

/*
 * Back to the guest after that: it has to find @error and @value, every other
 * register as it was, and itself behind the ecall.
 */
bool guest_gets(struct kvm_vcpu *vcpu, long error, unsigned long value);

#endif /* SELFTEST_KVM_USER_SPACE_CALL_H */
