/* A clock that runs on the CPU seconds of the process, preloaded into a measured process and nothing else.
 *
 * A budget in wall seconds is unfair on a machine that does other things as well. With this library every clock a
 * program asks for (Python's time.perf_counter, the time limit inside HiGHS or CP-SAT) advances by the CPU time that
 * the process has used, so that "40 seconds" means 40 CPU seconds for every method. Thread and process CPU clocks stay
 * as they are. The true wall clock stays readable as clock CLOCK_BOOTTIME.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long real(clockid_t id, struct timespec *out) { return syscall(SYS_clock_gettime, id, out); }

static int by_cpu(clockid_t id, struct timespec *out) {
  static struct timespec start[2];
  static int known[2];
  int which = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
  struct timespec cpu;
  if (!known[which]) {
    real(which ? CLOCK_REALTIME : CLOCK_MONOTONIC, &start[which]);
    known[which] = 1;
  }
  real(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  out->tv_sec = start[which].tv_sec + cpu.tv_sec;
  out->tv_nsec = start[which].tv_nsec + cpu.tv_nsec;
  if (out->tv_nsec >= 1000000000L) {
    out->tv_nsec -= 1000000000L;
    out->tv_sec += 1;
  }
  return 0;
}

int clock_gettime(clockid_t id, struct timespec *out) {
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
      return by_cpu(id, out);
    default:
      return (int)real(id, out);
  }
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  struct timespec now;
  (void)zone;
  by_cpu(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}
