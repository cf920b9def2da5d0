// SPDX-License-Identifier: GPL-2.0
/*
 * MMIO that the kernel handles: eventfds, and a device of KVM's own. User space
 * has what they leave.
 *
 * What Linux 7.2.12 does instead with the C is said at each case that has an id.
 */
#include "mmio_guest.h"
#include "sbi_call.h"

static struct step_guest guest;

/* What a load finds in user space. */
#define VALUE			0x8182838485868788

static u64 exits_to_user(void)
{
	return sbi_stat(guest.vcpu, "mmio_exit_user");
}

static u64 exits_in_kernel(void)
{
	return sbi_stat(guest.vcpu, "mmio_exit_kernel");
}

static void statistics(void)
{
	static const char * const names[] = { "lw", "sw", "c.ldsp", "c.sdsp" };
	unsigned int i;

	mmio_create(&guest);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct mmio_access access = {
			.instruction = memory_instruction(names[i]),
			.x = 12,
			.base = mmio_base(memory_instruction(names[i]), 12),
			.gva = mmio_gva(PAGE_MMIO),
			.value = VALUE,
		};
		u64 user = exits_to_user(), kernel = exits_in_kernel();

		mmio_expect_access(&guest, &access);
		sbi_expect(exits_to_user() == user + 1 && exits_in_kernel() == kernel,
			   "%s: mmio_exit_user went up by %lu, mmio_exit_kernel by %lu; wanted 1, 0",
			   names[i], exits_to_user() - user, exits_in_kernel() - kernel);
	}
}

static int add_eventfd(gpa_t gpa, u32 bytes, u32 flags, u64 match)
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = gpa,
		.len = bytes,
		.fd = eventfd(0, EFD_NONBLOCK),
		.flags = flags,
		.datamatch = match,
	};

	TEST_ASSERT(ioeventfd.fd >= 0, "eventfd failed");
	vm_ioctl(guest.vm, KVM_IOEVENTFD, &ioeventfd);
	return ioeventfd.fd;
}

static u64 signals(int fd)
{
	u64 count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* A store that the kernel takes: it signals @fd, and is no exit. */
static void expect_signal(const struct mmio_access *access, unsigned long x, int fd)
{
	const char *what = mmio_name(access);
	u64 user = exits_to_user(), kernel = exits_in_kernel(), count;
	enum step_end end;

	step_patterns(&guest);
	guest.x[access->base] = access->gva - access->offset;
	guest.x[access->x] = x;
	end = step(&guest, encode(access->instruction, access->x, access->base, access->offset));
	if (!sbi_expect(end == STEP_DONE, "%s: %s; wanted none", what, step_ended(&guest, end)))
		return;
	step_expect_registers(&guest, what, 0, 0);
	step_patterns(&guest);

	count = signals(fd);
	sbi_expect(count == 1, "%s: %lu signals, wanted 1", what, count);
	sbi_expect(exits_to_user() == user && exits_in_kernel() == kernel + 1,
		   "%s: mmio_exit_user went up by %lu, mmio_exit_kernel by %lu; wanted 0, 1", what,
		   exits_to_user() - user, exits_in_kernel() - kernel);
}

/* One that the kernel leaves to user space. */
static void expect_no_signal(const struct mmio_access *access, unsigned long x, int fd)
{
	u64 user = exits_to_user(), kernel = exits_in_kernel(), count;

	step_patterns(&guest);
	guest.x[access->x] = x;
	mmio_expect_access(&guest, access);
	step_patterns(&guest);

	count = signals(fd);
	sbi_expect(!count, "%s: %lu signals, wanted none", mmio_name(access), count);
	sbi_expect(exits_to_user() == user + 1 && exits_in_kernel() == kernel,
		   "%s: mmio_exit_user went up by %lu, mmio_exit_kernel by %lu; wanted 1, 0",
		   mmio_name(access), exits_to_user() - user, exits_in_kernel() - kernel);
}

static void eventfds(u32 flags)
{
	static const char * const names[] = { "sb", "sh", "sw", "sd", "c.sw", "c.sdsp" };
	const u64 match = 0x8182838485868788;
	unsigned int i;

	mmio_create(&guest);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct mmio_access access = {
			.instruction = memory_instruction(names[i]),
			.x = 12,
			.base = mmio_base(memory_instruction(names[i]), 12),
			.offset = 8,
			.gva = mmio_gva(PAGE_MMIO) + 64 * i,
		}, other = access;
		const unsigned int bytes = access.instruction->bytes;
		int fd = add_eventfd(mmio_gpa(access.gva), bytes, flags,
				     stored(access.instruction, match));

		expect_signal(&access, match, fd);
		if (flags & KVM_IOEVENTFD_FLAG_DATAMATCH) {
			/* Only as many bytes as are stored are compared. */
			if (bytes < 8)
				expect_signal(&access, match ^ 1UL << 8 * bytes, fd);
			expect_no_signal(&access, match ^ 1UL << (8 * bytes - 1), fd);
			expect_no_signal(&access, match ^ 1, fd);
		} else {
			expect_signal(&access, ~match, fd);
		}

		/* Another address, another width, a load. */
		other.gva += 8;
		expect_no_signal(&other, match, fd);
		other.gva = access.gva;
		other.instruction = memory_instruction(bytes == 1 ? "sh" : "sb");
		expect_no_signal(&other, match, fd);
		other.instruction = memory_instruction("ld");
		other.value = VALUE;
		expect_no_signal(&other, match, fd);
		close(fd);
	}
}

static void eventfds_for_any(void)
{
	eventfds(0);
}

static void eventfds_with_datamatch(void)
{
	eventfds(KVM_IOEVENTFD_FLAG_DATAMATCH);
}

static void eventfds_without_htinst(void)
{
	mmio_without_htinst();
	eventfds(KVM_IOEVENTFD_FLAG_DATAMATCH);
	htinst_expect_changed();
}

/* KVM's APLIC, which answers in the kernel: its register domaincfg. */
#define APLIC_GVA		mmio_gva(PAGE_MMIO)
#define READ_ONLY_BITS		0x80000004
#define INTERRUPT_ENABLE	0x100
#define IMSIC_GPA		(MMIO_HOLE + (1UL << 24))

static void set(int device, u32 group, u64 attribute, u64 value)
{
	kvm_device_attr_set(device, group, attribute, &value);
}

static void create_aplic_or_skip(void)
{
	int device;

	mmio_create(&guest);
	device = __kvm_create_device(guest.vm, KVM_DEV_TYPE_RISCV_AIA);
	if (device < 0)
		sbi_skip("KVM has no AIA for its guests on this host");

	set(device, KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_MODE,
	    KVM_DEV_RISCV_AIA_MODE_EMUL);
	set(device, KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_SRCS, 32);
	set(device, KVM_DEV_RISCV_AIA_GRP_ADDR, KVM_DEV_RISCV_AIA_ADDR_APLIC,
	    mmio_gpa(APLIC_GVA));
	set(device, KVM_DEV_RISCV_AIA_GRP_ADDR, KVM_DEV_RISCV_AIA_ADDR_IMSIC(0), IMSIC_GPA);
	kvm_device_attr_set(device, KVM_DEV_RISCV_AIA_GRP_CTRL, KVM_DEV_RISCV_AIA_CTRL_INIT, NULL);
}

/* An access that is no exit. It changes x@x, if it is a load. */
static bool expect_in_kernel(const char *name, unsigned int x, gva_t gva, unsigned long value)
{
	struct mmio_access access = {
		.instruction = memory_instruction(name),
		.x = x,
		.base = mmio_base(memory_instruction(name), x),
		.offset = 4,
	};
	const char *what = mmio_name(&access);
	u64 user = exits_to_user(), kernel = exits_in_kernel();
	enum step_end end;

	guest.x[access.base] = gva - access.offset;
	end = step(&guest, encode(access.instruction, x, access.base, access.offset));
	if (!sbi_expect(end == STEP_DONE, "%s: %s; wanted none", what, step_ended(&guest, end)))
		return false;
	sbi_expect(exits_to_user() == user && exits_in_kernel() == kernel + 1,
		   "%s: mmio_exit_user went up by %lu, mmio_exit_kernel by %lu; wanted 0, 1", what,
		   exits_to_user() - user, exits_in_kernel() - kernel);
	return step_expect_registers(&guest, what, access.instruction->store ? 0 : x, value);
}

static void device_in_the_kernel(void)
{
	static const char * const load_names[] = { "lw", "lwu", "c.lw", "c.lwsp" };
	static const char * const store_names[] = { "sw", "c.sw", "c.swsp" };
	struct mmio_access wide = {
		.instruction = memory_instruction("ld"),
		.x = 9,
		.base = 10,
		.gva = APLIC_GVA,
		.value = VALUE,
	};
	unsigned int i, j;

	create_aplic_or_skip();
	for (i = 0; i < ARRAY_SIZE(store_names); i++) {
		for (j = 0; j < 2; j++) {
			u32 answer = READ_ONLY_BITS | (j ? INTERRUPT_ENABLE : 0);
			unsigned int k;

			step_patterns(&guest);
			guest.x[12] = j ? INTERRUPT_ENABLE : 0;
			expect_in_kernel(store_names[i], 12, APLIC_GVA, 0);
			for (k = 0; k < ARRAY_SIZE(load_names); k++) {
				unsigned long value = loaded(memory_instruction(load_names[k]),
							     answer);

				step_patterns(&guest);
				expect_in_kernel(load_names[k], 13, APLIC_GVA, value);
				if (load_names[k][0] != 'c') {
					expect_in_kernel(load_names[k], 31, APLIC_GVA, value);
					expect_in_kernel(load_names[k], 10, APLIC_GVA, value);
				}
			}
		}
	}

	/* It knows words only. */
	step_patterns(&guest);
	mmio_expect_access(&guest, &wide);
}

static void device_in_the_kernel_without_htinst(void)
{
	mmio_without_htinst();
	device_in_the_kernel();
	htinst_expect_changed();
}

/* C: the load puts what it found in x0, from where it is stored. */
static void zero_stays_zero_in_the_kernel(void)
{
	struct mmio_access store = {
		.instruction = memory_instruction("sd"),
		.base = 10,
		.gva = MMIO_PAGES,
	};

	create_aplic_or_skip();
	*step_pte(guest.vm, store.gva, 0) = (mmio_gpa(store.gva) >> 12) << PGTBL_PTE_ADDR_SHIFT |
					    PGTBL_PTE_PERM_MASK | PGTBL_PTE_VALID_MASK;
	if (expect_in_kernel("lw", 0, APLIC_GVA, 0)) {
		step_patterns(&guest);
		mmio_expect_access(&guest, &store);
	}
}

static const struct sbi_case cases[] = {
	{ "[X5] x0 is stored as 0 after a load of a device in the kernel into it",
	  zero_stays_zero_in_the_kernel },
	{ "an access by user space counts as mmio_exit_user", statistics },
	{ "an eventfd for any value takes stores of its address and width", eventfds_for_any },
	{ "an eventfd for one value takes only that", eventfds_with_datamatch },
	{ "an eventfd for one value takes only that, htinst 0", eventfds_without_htinst },
	{ "loads and stores of a device in the kernel", device_in_the_kernel },
	{ "loads and stores of a device in the kernel, htinst 0",
	  device_in_the_kernel_without_htinst },
};

int main(void)
{
	htinst_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
