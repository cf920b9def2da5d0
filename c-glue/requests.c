// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to vCPUs: their numbers are statement expressions, which bindgen cannot evaluate.
 */

#include <linux/kvm_host.h>

#include "helpers.h"

void kvm_riscv_rs_request_sleep(struct kvm *kvm)
{
	kvm_make_all_cpus_request(kvm, KVM_REQ_SLEEP);
}
