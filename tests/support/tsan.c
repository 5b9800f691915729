/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Criterion under the thread sanitizer. Criterion shares memory with its
 * workers at random addresses that mincore() reports as free. The sanitizer has
 * reserved most of them (Criterion issue 274). These functions move the
 * addresses to a range that the sanitizer leaves to the program:
 * 0x5600'0000'0000 to 0x5680'0000'0000 on x86-64. tests/launch turns off
 * address randomisation, which could put the program there.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FREE_BASE 0x560000000000ULL
#define FREE_MASK 0x7fffff0000ULL /* within 512 GiB */

#define EXPORTED __attribute__((visibility("default")))

static void *moved(void *address)
{
	return (void *)(FREE_BASE | ((uintptr_t)address & FREE_MASK));
}

/* Replacements of libc functions, and the function of the sanitizer. */
EXPORTED int moved_mincore(void *address, size_t size,
			   unsigned char *ret) __asm__("mincore");
EXPORTED void *moved_mmap(void *address, size_t size, int protection, int flags,
			  int fd, off_t offset) __asm__("mmap64");
void *tsan_mmap(void *address, size_t size, int protection, int flags, int fd,
		off_t offset) __asm__("__interceptor_mmap64");

int moved_mincore(void *address, size_t size, unsigned char *ret)
{
	return (int)syscall(SYS_mincore, moved(address), size, ret);
}

void *moved_mmap(void *address, size_t size, int protection, int flags, int fd,
		 off_t offset)
{
	if (fd >= 0 && flags == (MAP_FIXED | MAP_SHARED))
		address = moved(address);
	return tsan_mmap(address, size, protection, flags, fd, offset);
}
