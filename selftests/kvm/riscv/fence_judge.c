// SPDX-License-Identifier: GPL-2.0
/*
 * Arms the module that tells the NACL firmware of fences.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fence_judge.h"
#include "kvm_util.h"
#include "test_module.h"
#include "write_file.h"

#define PARAMETERS	TEST_MODULE_PARAMETERS("fence_judge")

static unsigned long wanted, lost;
/* What else is to be undone after a case. */
static void (*others)(void);

static void disarm(void)
{
	write_file(PARAMETERS "swallow", 0, "0");
	write_file(PARAMETERS "armed", 0, "0");
	write_file(PARAMETERS "hold", 0, "0");
	if (others)
		others();
}

void fence_judge_setup(void)
{
	others = sbi_after_case;
	sbi_after_case = disarm;
}

static unsigned long all_wanted(void)
{
	return nacl_counted("fence asked for", -1);
}

static unsigned long all_lost(void)
{
	return nacl_counted("VIOLATION fence not made before entry", -1);
}

void fence_judge_or_skip(bool hold)
{
	nacl_or_skip();
	test_module_or_skip("fence_judge");
	sbi_expect(write_file(PARAMETERS "hold", 0, hold ? "1" : "0"), "no fence can be held: %s",
		   strerror(errno));
	sbi_expect(write_file(PARAMETERS "armed", 0, "1"), "the firmware cannot be told of fences: %s",
		   strerror(errno));
	wanted = all_wanted();
	lost = all_lost();
}

void fence_judge_swallow(unsigned int each)
{
	sbi_expect(test_module_write_number(PARAMETERS "swallow", each),
		   "no fence can be swallowed: %s", strerror(errno));
}

unsigned long fence_judge_wanted(void)
{
	return all_wanted() - wanted;
}

unsigned long fence_judge_lost(void)
{
	return all_lost() - lost;
}

void fence_judge_expect_none_lost(void)
{
	unsigned long untold = 0;

	sbi_expect(test_module_read_number(PARAMETERS "untold", &untold) && !untold,
		   "the firmware did not hear of %lu fences", untold);
	sbi_expect(fence_judge_wanted(), "KVM wanted no fences");
	sbi_expect(!fence_judge_lost(), "%lu fences of %lu were not made before a guest was entered",
		   fence_judge_lost(), fence_judge_wanted());
}

unsigned int fence_judge_record(struct hfence_entry entries[], unsigned int max)
{
	FILE *file = fopen(PARAMETERS "record", "r");
	unsigned long words[4];
	unsigned int i = 0;

	if (!sbi_expect(file, "no record: %s", strerror(errno)))
		return 0;
	while (i < max && fscanf(file, "%lx %lx %lx %lx", &words[0], &words[1], &words[2],
				 &words[3]) == ARRAY_SIZE(words))
		entries[i++] = (struct hfence_entry) { words[0], words[1], words[2], words[3] };
	fclose(file);
	return i;
}
