// SPDX-License-Identifier: GPL-2.0
/*
 * Restores what vm_save_test has saved under another kvm module, lets it go on,
 * and saves it again: so it can come back to where it was.
 */
#include <dirent.h>

#include "hypervisor_csr.h"
#include "saved_vm.h"

/* Do this with each saved VM that the loaded module was not the last one to save. */
static void each(void (*body)(struct saved_vm *saved))
{
	DIR *folder = opendir(SAVED_VM_FOLDER);
	struct dirent *entry;
	unsigned int count = 0;

	saved_vm_host_or_skip();
	while (folder && (entry = readdir(folder))) {
		struct saved_vm *saved;
		char path[300];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), SAVED_VM_FOLDER "/%s", entry->d_name);
		saved = saved_vm_read(path);
		if (!saved || !strcmp(saved->chain[saved->saved - 1], saved_vm_this_module()))
			continue;
		ksft_print_msg("%s, saved %u times, begun under %s\n", entry->d_name, saved->saved,
			       saved->chain[0]);
		body(saved);
		count++;
	}
	if (!count)
		sbi_skip("nothing has been saved under another kvm module");
}

static void is_as_it_was(struct saved_vm *saved)
{
	struct kvm_vcpu *vcpus[SAVED_GUEST_VCPUS];
	struct kvm_vm *vm = saved_vm_restore(saved, vcpus);

	saved_vm_differences(saved_vm_take(vm, vcpus, saved->guest_gpa, saved), saved);
}

static void goes_on(struct saved_vm *saved)
{
	struct kvm_vcpu *vcpus[SAVED_GUEST_VCPUS];
	struct kvm_vm *vm = saved_vm_restore(saved, vcpus);
	char path[64];

	if (saved_vm_go_on(vm, vcpus, saved->guest_gpa))
		return;
	snprintf(path, sizeof(path), SAVED_VM_FOLDER "/%s.%u-%s", saved_vm_this_module(),
		 saved->saved + 1, saved->chain[0]);
	saved_vm_write(saved_vm_take(vm, vcpus, saved->guest_gpa, saved), path);
}

static void all_are_as_they_were(void)
{
	each(is_as_it_was);
}

static void all_go_on(void)
{
	each(goes_on);
}

static const struct sbi_case cases[] = {
	{ "a VM saved under the other module is as it was: registers, MP states, memory",
	  all_are_as_they_were },
	{ "a VM saved under the other module goes on, finds all as it was, and is saved again",
	  all_go_on },
};

int main(void)
{
	hypervisor_csr_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
