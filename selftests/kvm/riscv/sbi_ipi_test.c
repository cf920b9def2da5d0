// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI IPI extension (SBI v3.0, chapter 7).
 */
#include <pthread.h>

#include "firmware_event.h"
#include "sbi_call.h"

#define MAX_VCPUS	1024

static struct kvm_vcpu *vcpus[MAX_VCPUS];
static unsigned int nr_vcpus;

static void create(const u32 ids[], unsigned int count)
{
	nr_vcpus = count;
	sbi_vm_create(vcpus, ids, count);
}

/* What the specification says: bit i of the mask names the hart base + i. */
static bool named(unsigned long mask, unsigned long base, u32 id)
{
	if (base == ALL_HARTS)
		return true;
	return id >= base && id - base < 64 && mask >> (id - base) & 1;
}

static bool exists(unsigned long id)
{
	unsigned int i;

	for (i = 0; i < nr_vcpus; i++) {
		if (vcpus[i]->id == id)
			return true;
	}
	return false;
}

static long wanted_error(unsigned long mask, unsigned long base)
{
	unsigned int bit;

	if (base == ALL_HARTS)
		return SBI_SUCCESS;

	for (bit = 0; bit < 64; bit++) {
		if (!(mask >> bit & 1))
			continue;
		/* A sum that does not fit 64 bits names no hart. */
		if (base + bit < base || !exists(base + bit))
			return SBI_ERR_INVALID_PARAM;
	}
	return SBI_SUCCESS;
}

/* One call: its answer, and who got an IPI and who did not. */
static void expect_ipi(unsigned long mask, unsigned long base)
{
	unsigned int i;

	sbi_expect_call(vcpus[0], wanted_error(mask, base),
			SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, mask, base);

	for (i = 0; i < nr_vcpus; i++) {
		unsigned long wanted = named(mask, base, vcpus[i]->id) ? BIT(IRQ_S_SOFT) : 0;
		unsigned long pending = sbi_pending(vcpus[i]);

		sbi_expect(pending == wanted,
			   "send_ipi(0x%lx, 0x%lx): hart %u has interrupts 0x%lx pending, wanted 0x%lx",
			   mask, base, vcpus[i]->id, pending, wanted);
		if (pending)
			sbi_clear_pending(vcpus[i]);
	}
}

static void mask_and_base(void)
{
	static const u32 ids[] = { 0, 1, 2, 3, 40, 63, 64, 100 };
	unsigned long mask, base;

	create(ids, ARRAY_SIZE(ids));
	for (mask = 0; mask < 16; mask++)
		expect_ipi(mask, 0);
	for (base = 0; base < 4; base++)
		expect_ipi(1, base);
	expect_ipi(BIT(63) | BIT(40) | 1, 0);
	expect_ipi(BIT(63) | BIT(62) | BIT(39), 1);
	expect_ipi(BIT(60) | BIT(36), 40);
	expect_ipi(BIT(36) | 1, 64);
	expect_ipi(1, 100);
	expect_ipi(BIT(63), 37);
}

static void base_of_all_ones(void)
{
	static const u32 ids[] = { 0, 1, 64, 130 };

	create(ids, ARRAY_SIZE(ids));
	expect_ipi(0, ALL_HARTS);
	expect_ipi(1, ALL_HARTS);
	expect_ipi(BIT(63), ALL_HARTS);
	expect_ipi(-1UL, ALL_HARTS);
}

static void empty_mask(void)
{
	static const u32 ids[] = { 0, 1, 64 };
	static const unsigned long bases[] = {
		0, 1, 2, 63, 64, 65, 1023, 1024, LONG_MAX, 1UL << 63, -64UL, -2UL,
	};
	unsigned int i;

	create(ids, ARRAY_SIZE(ids));
	for (i = 0; i < ARRAY_SIZE(bases); i++)
		expect_ipi(0, bases[i]);
}

static void absent_harts(void)
{
	static const u32 ids[] = { 0, 1, 5, 70 };

	create(ids, ARRAY_SIZE(ids));
	expect_ipi(BIT(2), 0);
	expect_ipi(BIT(0) | BIT(2), 0);
	expect_ipi(BIT(1) | BIT(3) | BIT(5), 0);
	expect_ipi(-1UL, 0);
	expect_ipi(-1UL, 1);
	expect_ipi(-1UL, 7);
	expect_ipi(BIT(0) | BIT(1), 70);
	expect_ipi(1, 71);
}

static void far_bases(void)
{
	static const u32 ids[] = { 0, 1, 63, 64 };

	create(ids, ARRAY_SIZE(ids));
	/* A bit that would name hart 0 or 1 if the sum wrapped at 2^64. */
	expect_ipi(BIT(2), -2UL);
	expect_ipi(BIT(3), -2UL);
	expect_ipi(1, -2UL);
	expect_ipi(BIT(63), -63UL);
	expect_ipi(BIT(63), -62UL);
	expect_ipi(-1UL, -63UL);
	expect_ipi(-1UL, -64UL);
	/* ... and at 2^32, 2^31 or 2^16. */
	expect_ipi(3, 1UL << 32);
	expect_ipi(3, 1UL << 31);
	expect_ipi(3, 1UL << 16);
	expect_ipi(3, 1UL << 63);
	expect_ipi(BIT(1), 0xffffffff);
	/* Bit 63 and the hart next to it. */
	expect_ipi(BIT(63), 0);
	expect_ipi(BIT(63), 1);
	expect_ipi(BIT(63), 2);
	expect_ipi(1, 65);
}

static void any_order(void)
{
	static const u32 ids[] = { 0, 100, 1 };

	create(ids, ARRAY_SIZE(ids));
	expect_ipi(BIT(1), 0);
	expect_ipi(BIT(0) | BIT(1), 0);
	expect_ipi(BIT(0), 1);
	expect_ipi(BIT(0), 100);
}

static void descending_order(void)
{
	static const u32 ids[] = { 300, 200, 199, 64, 63, 2, 1, 0 };

	create(ids, ARRAY_SIZE(ids));
	expect_ipi(BIT(0) | BIT(1) | BIT(2), 0);
	expect_ipi(BIT(63), 0);
	expect_ipi(BIT(63), 1);
	expect_ipi(BIT(0) | BIT(1), 199);
	expect_ipi(1, 300);
}

/* All vCPUs that KVM allows; only the first one runs. */
static void create_all(bool descending)
{
	unsigned int count = kvm_check_cap(KVM_CAP_MAX_VCPUS), i;
	struct kvm_vm *vm;

	if (count > MAX_VCPUS)
		count = MAX_VCPUS;

	kvm_set_files_rlimit(count);
	vm = vm_create(1);
	vm_init_vector_tables(vm);
	for (i = 0; i < count; i++) {
		u32 id = descending ? count - 1 - i : i;

		vcpus[i] = i ? __vm_vcpu_add(vm, id) : vm_vcpu_add(vm, id, NULL);
	}
	sbi_vcpu_prepare(vcpus[0]);
	nr_vcpus = count;
}

static void expect_edges(void)
{
	static const unsigned long masks[] = { 1, BIT(63), BIT(63) | 1, -1UL };
	unsigned long top = nr_vcpus - 1;
	const unsigned long bases[] = {
		0, 1, 63, 64, 65, top - 64, top - 63, top - 62, top - 1, top, top + 1, ALL_HARTS,
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (j = 0; j < ARRAY_SIZE(masks); j++)
			expect_ipi(masks[j], bases[i]);
	}
}

static void all_vcpus_ascending(void)
{
	create_all(false);
	expect_edges();
}

static void all_vcpus_descending(void)
{
	create_all(true);
	expect_edges();
}

static void highest_id(void)
{
	/* Without the capability for ids, it is that for the number of vCPUs. */
	u32 highest = (kvm_check_cap(KVM_CAP_MAX_VCPU_ID) ?:
		       kvm_check_cap(KVM_CAP_MAX_VCPUS)) - 1;
	const u32 ids[] = { 0, highest - 64, highest };

	create(ids, ARRAY_SIZE(ids));
	expect_ipi(1, highest);
	expect_ipi(BIT(63), highest - 63);
	expect_ipi(BIT(0) | BIT(63), highest - 64);
	expect_ipi(BIT(0) | BIT(1), highest);
	expect_ipi(1, highest + 1UL);
}

static void unknown_functions(void)
{
	static const u32 ids[] = { 0, 1 };
	unsigned int i;

	create(ids, ARRAY_SIZE(ids));
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_IPI, 1,
				     (const unsigned long[6]) { 3, 0 });
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_IPI, 1,
				     (const unsigned long[6]) { 0, ALL_HARTS });
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		sbi_expect(!sbi_pending(vcpus[i]), "hart %u got an interrupt", ids[i]);
}

/* Pending again after it was taken: an IPI is no one-time thing. */
static void ipi_again(void)
{
	static const u32 ids[] = { 0, 1 };
	unsigned int i;

	create(ids, ARRAY_SIZE(ids));
	for (i = 0; i < 5; i++) {
		expect_ipi(BIT(1), 0);
		expect_ipi(BIT(0), 0);
	}

	/* Two before it is taken are one. */
	sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 2, 0);
	expect_ipi(BIT(1), 0);
	sbi_expect(!sbi_pending(vcpus[1]), "hart 1 got an IPI of its own accord");
}

static void firmware_counters(void)
{
	static const u32 ids[] = { 0, 1, 2 };
	unsigned long sent, received[3];
	unsigned int i;

	create(ids, ARRAY_SIZE(ids));
	firmware_events_or_skip(vcpus[0]);
	sent = firmware_event_count(vcpus[0], SBI_PMU_FW_IPI_SENT);
	for (i = 0; i < 3; i++)
		received[i] = firmware_event_count(vcpus[i], SBI_PMU_FW_IPI_RCVD);

	/* Sent: each call once, also the one that names an absent hart. */
	expect_ipi(BIT(1), 0);
	expect_ipi(BIT(1) | BIT(2), 0);
	expect_ipi(0, 0);
	expect_ipi(0, ALL_HARTS);
	expect_ipi(BIT(2) | BIT(3), 0);
	/* None for a function that there is not. */
	sbi_expect_call(vcpus[0], SBI_ERR_NOT_SUPPORTED, SBI_EXT_IPI, 1, 7, 0);

	sbi_expect(firmware_event_read(vcpus[0], sent) == 5, "IPI_SENT is %lu, wanted 5",
		   firmware_event_read(vcpus[0], sent));
	for (i = 0; i < 3; i++) {
		static const unsigned long wanted[] = { 1, 3, 3 };
		unsigned long count = firmware_event_read(vcpus[i], received[i]);

		sbi_expect(count == wanted[i], "IPI_RCVD of hart %u is %lu, wanted %lu",
			   i, count, wanted[i]);
	}
}

static void statistics(void)
{
	static const u32 ids[] = { 0, 1 };

	create(ids, ARRAY_SIZE(ids));
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI,
				 (const unsigned long[6]) { 2, 0 });
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI,
				 (const unsigned long[6]) { 4, 0 });
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_IPI, 1, (const unsigned long[6]) { 2, 0 });
}

/*
 * Guests that talk to each other: a letter in the receiver's box, an IPI, and
 * sleep until the answer, which comes with an IPI too. One that is lost leaves
 * its sender asleep, and the case runs out of time.
 */
#define TALKERS		8
#define ROUNDS		25

static u64 letters[TALKERS][TALKERS];
static u64 answers[TALKERS][TALKERS];
static u64 bad_answers, other_interrupts;
static u32 talker_ids[TALKERS];
static u32 talkers;

static unsigned int me(void)
{
	unsigned int i, id = guest_get_vcpuid();

	for (i = 0; i < talkers; i++) {
		if (talker_ids[i] == id)
			return i;
	}
	return 0;
}

/* Alternately by mask and by base. */
static void ipi_to(unsigned int to, u64 round)
{
	unsigned long id = talker_ids[to], base = round & 1 ? id : id & ~63UL;

	if (!guest_sbi_call(SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1UL << (id - base), base).error)
		return;

	/* No use to go on: everyone wakes and stops. */
	__atomic_add_fetch(&bad_answers, 1, __ATOMIC_SEQ_CST);
	guest_sbi_call(SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0, ALL_HARTS);
}

static void talker_interrupt(struct pt_regs *regs)
{
	unsigned int i, self = me();
	u64 round;

	if (regs->cause != (CAUSE_IRQ_FLAG | IRQ_S_SOFT))
		__atomic_add_fetch(&other_interrupts, 1, __ATOMIC_RELAXED);

	csr_clear(CSR_SIP, BIT(IRQ_S_SOFT));

	for (i = 0; i < talkers; i++) {
		round = __atomic_load_n(&letters[self][i], __ATOMIC_SEQ_CST);
		if (answers[self][i] == round)
			continue;
		__atomic_store_n(&answers[self][i], round, __ATOMIC_SEQ_CST);
		ipi_to(i, round);
	}
}

static bool given_up(void)
{
	return __atomic_load_n(&bad_answers, __ATOMIC_SEQ_CST);
}

static bool all_are_done(void)
{
	unsigned int i, j;

	if (given_up())
		return true;

	for (i = 0; i < talkers; i++) {
		for (j = 0; j < talkers; j++) {
			if (i != j && __atomic_load_n(&answers[i][j], __ATOMIC_SEQ_CST) != ROUNDS)
				return false;
		}
	}
	return true;
}

/* Sleep with interrupts disabled: one that is pending wakes, and is taken then. */
static void sleep_once(void)
{
	asm volatile("wfi" ::: "memory");
	local_irq_enable();
	local_irq_disable();
}

static void talker(void)
{
	unsigned int to, self = me();
	u64 round;

	csr_set(CSR_SIE, BIT(IRQ_S_SOFT));

	for (round = 1; round <= ROUNDS; round++) {
		for (to = 0; to < talkers; to++) {
			if (to == self)
				continue;
			__atomic_store_n(&letters[to][self], round, __ATOMIC_SEQ_CST);
			ipi_to(to, round);
			while (__atomic_load_n(&answers[to][self], __ATOMIC_SEQ_CST) != round &&
			       !given_up())
				sleep_once();
		}
	}

	/* The last one wakes those who sleep. */
	while (!all_are_done())
		sleep_once();
	guest_sbi_call(SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0, ALL_HARTS);

	guest_stop();
}

static void *run_talker(void *vcpu)
{
	sbi_run_on(vcpu);
	return NULL;
}

static void talk(const u32 ids[], unsigned int count)
{
	pthread_t threads[TALKERS];
	struct kvm_vm *vm;
	unsigned int i;

	nr_vcpus = count;
	talkers = count;
	memcpy(talker_ids, ids, count * sizeof(*ids));
	vm = sbi_vm_create(vcpus, ids, count);
	vm_install_interrupt_handler(vm, talker_interrupt);
	sync_global_to_guest(vm, talkers);
	sync_global_to_guest(vm, talker_ids);

	for (i = 0; i < count; i++) {
		vcpu_arch_set_entry_point(vcpus[i], talker);
		pthread_create(&threads[i], NULL, run_talker, vcpus[i]);
	}
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);

	sync_global_from_guest(vm, bad_answers);
	sync_global_from_guest(vm, other_interrupts);
	sbi_expect(!bad_answers, "%lu calls of send_ipi failed", bad_answers);
	sbi_expect(!other_interrupts, "%lu interrupts were no IPI", other_interrupts);
}

/* To a guest that runs, one after the other: no other IPI stands in for one that is lost. */
#define SINGLES		50

static u64 taken;

static void single_interrupt(struct pt_regs *regs)
{
	csr_clear(CSR_SIP, BIT(IRQ_S_SOFT));
	__atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
}

static void take_singles(void)
{
	csr_set(CSR_SIE, BIT(IRQ_S_SOFT));
	local_irq_enable();
	while (__atomic_load_n(&taken, __ATOMIC_SEQ_CST) < SINGLES)
		;
	local_irq_disable();
	guest_stop();
}

static void to_a_running_guest(void)
{
	static const u32 ids[] = { 0, 1 };
	struct kvm_vm *vm = sbi_vm_create(vcpus, ids, 2);
	pthread_t receiver;
	u64 *seen, i;

	vm_install_interrupt_handler(vm, single_interrupt);
	seen = addr_gva2hva(vm, (gva_t)&taken);
	vcpu_arch_set_entry_point(vcpus[1], take_singles);
	pthread_create(&receiver, NULL, run_talker, vcpus[1]);

	for (i = 1; i <= SINGLES; i++) {
		time_t start = time(NULL);

		sbi_expect_call(vcpus[0], SBI_SUCCESS, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 2, 0);
		while (__atomic_load_n(seen, __ATOMIC_SEQ_CST) < i) {
			if (!sbi_expect(time(NULL) - start < 10, "IPI %lu was not taken", i))
				return;
			usleep(100);
		}
	}
	pthread_join(receiver, NULL);
}

static void two_talk(void)
{
	static const u32 ids[] = { 0, 1 };

	talk(ids, ARRAY_SIZE(ids));
}

static void many_talk(void)
{
	static const u32 ids[TALKERS] = { 0, 1, 2, 3, 62, 63, 64, 700 };

	talk(ids, ARRAY_SIZE(ids));
}

static void many_talk_any_order(void)
{
	static const u32 ids[TALKERS] = { 0, 700, 1, 64, 2, 63, 3, 62 };

	talk(ids, ARRAY_SIZE(ids));
}

static const struct sbi_case cases[] = {
	{ "each hart that mask and base name gets an IPI, and no other", mask_and_base,
	  .conforms = REQUIREMENTS("IPI.send_ipi.SUCCESS", "ABI.hart_mask.bits",
				   "ABI.hart_mask.base") },
	{ "a base of -1 is all harts, whatever the mask", base_of_all_ones,
	  .conforms = REQUIREMENTS("ABI.hart_mask.all") },
	{ "an empty mask is SUCCESS and no IPI", empty_mask,
	  .conforms = REQUIREMENTS("IPI.send_ipi.SUCCESS", "ABI.hart_mask.base") },
	{ "a hart that does not exist is INVALID_PARAM, and the others that are named get theirs",
	  absent_harts,
	  .conforms = REQUIREMENTS("IPI.send_ipi.INVALID_PARAM", "ABI.hart_mask.INVALID_PARAM") },
	{ "bits at or past XLEN, and hart ids that wrap, name no hart", far_bases,
	  .conforms = REQUIREMENTS("ABI.hart_mask.XLEN", "IPI.send_ipi.INVALID_PARAM") },
	{ "[I1] a vCPU created after one with a higher id gets its IPI", any_order,
	  .conforms = REQUIREMENTS("IPI.send_ipi.SUCCESS") },
	{ "[I1] vCPUs created with descending ids get their IPIs", descending_order,
	  .conforms = REQUIREMENTS("IPI.send_ipi.SUCCESS") },
	{ "1,024 vCPUs with ascending ids: masks and bases at the edges",
	  all_vcpus_ascending, 180,
	  .conforms = REQUIREMENTS("ABI.hart_mask.bits") },
	{ "[I1] 1,024 vCPUs with descending ids: masks and bases at the edges",
	  all_vcpus_descending, 180 },
	{ "the highest vCPU id that KVM allows", highest_id },
	{ "an unknown function is NOT_SUPPORTED and no IPI", unknown_functions,
	  .conforms = REQUIREMENTS("IPI.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "an IPI comes each time, and once", ipi_again,
	  .conforms = REQUIREMENTS("IPI.send_ipi.interrupt") },
	{ "two vCPUs wake each other with IPIs, none lost", two_talk, 30,
	  .conforms = REQUIREMENTS("IPI.send_ipi.interrupt") },
	{ "many vCPUs send each other IPIs at once, none lost", many_talk, 120 },
	{ "a vCPU that runs takes each of many IPIs", to_a_running_guest },
	{ "[I1] many vCPUs, created in any order, send each other IPIs at once, none lost",
	  many_talk_any_order, 120 },
	{ "IPI_SENT and IPI_RCVD count", firmware_counters,
	  .conforms = REQUIREMENTS("PMU.FW_IPI") },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
