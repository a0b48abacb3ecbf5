// SPDX-License-Identifier: Apache-2.0
// Many frames, each at its time, through one loaded program: one call here, one BPF_PROG_TEST_RUN a frame.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sched.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "addon.h"
#include "errors.h"

namespace idsd {
namespace {

// Stands before each frame, which is padded with zeros to a multiple of 8. Written by `extract --frames`.
struct FrameHeader {
  uint64_t time_us;
  uint32_t bytes;
  uint32_t zero;
};
static_assert(sizeof(FrameHeader) == 16, "layout of --frames");

// Holds the calling thread on one CPU while it lives. Flow ids count on each CPU by itself: on one, their order is the
// order in which flows began.
class OnCpu {
 public:
  OnCpu(Napi::Env env, int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    if (cpu < 0 || cpu >= CPU_SETSIZE) throw Napi::RangeError::New(env, "cpu: the number of a CPU is needed");
    CPU_SET(cpu, &one);
    if (sched_getaffinity(0, sizeof(before_), &before_) != 0) throw KernelError(env, "sched_getaffinity", errno);
    if (sched_setaffinity(0, sizeof(one), &one) != 0) throw KernelError(env, "sched_setaffinity", errno);
  }
  ~OnCpu() { sched_setaffinity(0, sizeof(before_), &before_); }
  OnCpu(const OnCpu&) = delete;
  OnCpu& operator=(const OnCpu&) = delete;

 private:
  cpu_set_t before_;
};

uint32_t Positive(const Napi::CallbackInfo& info, size_t index, const char* name) {
  const int32_t value = Int(info, index, name);
  if (value <= 0) throw Napi::RangeError::New(info.Env(), std::string(name) + ": a number above 0 is needed");
  return static_cast<uint32_t>(value);
}

// testRunMany(programFd, frames, clock, cpu, most, shortest, largest, expected)
//   -> { bytes, frames, short, expected, lastUs, firstOther, otherVerdict }
// Runs the whole frames at the beginning of `frames`, `most` at most. `clock` are the 8 bytes that the program reads its
// time from. A frame with less than `shortest` bytes is counted and not run; of one with more than `largest` the first
// `largest` bytes are run.
Napi::Value TestRunMany(const Napi::CallbackInfo& info) {
  const int program = Int(info, 0, "programFd");
  Napi::Uint8Array frames = Bytes(info, 1, "frames"), clock = Bytes(info, 2, "clock");
  const int cpu = Int(info, 3, "cpu");
  const uint32_t most = Positive(info, 4, "most");
  const uint32_t shortest = Positive(info, 5, "shortest"), largest = Positive(info, 6, "largest");
  const int32_t expected = Int(info, 7, "expected");
  if (clock.ByteLength() != sizeof(uint64_t) || reinterpret_cast<uintptr_t>(clock.Data()) % sizeof(uint64_t) != 0) {
    throw Napi::RangeError::New(info.Env(), "clock: 8 aligned bytes are needed");
  }
  uint64_t* now_us = reinterpret_cast<uint64_t*>(clock.Data());
  const uint8_t* data = frames.Data();
  const size_t size = frames.ByteLength();
  size_t at = 0;
  uint32_t count = 0, too_short = 0, as_expected = 0;
  int64_t first_other = -1;
  int32_t other_verdict = 0;
  FrameHeader header = {};
  double last_us = 0;
  LIBBPF_OPTS(bpf_test_run_opts, opts);
  OnCpu one(info.Env(), cpu);

  while (count < most && size - at >= sizeof(header)) {
    memcpy(&header, data + at, sizeof(header));
    const size_t whole = sizeof(header) + (static_cast<size_t>(header.bytes) + 7) / 8 * 8;
    if (whole > size - at) break;
    last_us = static_cast<double>(header.time_us);
    if (header.bytes < shortest) {
      too_short++;
    } else {
      __atomic_store_n(now_us, header.time_us, __ATOMIC_RELAXED);
      // What comes out is not asked for: a copy less.
      opts.data_in = data + at + sizeof(header);
      opts.data_size_in = header.bytes < largest ? header.bytes : largest;
      opts.data_size_out = 0;
      opts.repeat = 1;
      if (bpf_prog_test_run_opts(program, &opts) != 0) {
        throw KernelError(info.Env(), "BPF_PROG_TEST_RUN", errno,
                          "frame " + std::to_string(count) + " of " + std::to_string(header.bytes) + " bytes");
      }
      if (static_cast<int32_t>(opts.retval) == expected) {
        as_expected++;
      } else if (first_other < 0) {
        first_other = count;
        other_verdict = static_cast<int32_t>(opts.retval);
      }
    }
    count++;
    at += whole;
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("bytes", static_cast<double>(at));
  result.Set("frames", count);
  result.Set("short", too_short);
  result.Set("expected", as_expected);
  result.Set("lastUs", last_us);
  result.Set("firstOther", static_cast<double>(first_other));
  result.Set("otherVerdict", other_verdict);
  return result;
}

// cpu() -> the CPU that this thread runs on at the moment
Napi::Value Cpu(const Napi::CallbackInfo& info) {
  const int cpu = sched_getcpu();
  if (cpu < 0) throw KernelError(info.Env(), "sched_getcpu", errno);
  return Napi::Number::New(info.Env(), cpu);
}

}  // namespace

void InitFrames(Napi::Env env, Napi::Object exports) {
  exports.Set("cpu", Napi::Function::New(env, Cpu));
  exports.Set("testRunMany", Napi::Function::New(env, TestRunMany));
}

}  // namespace idsd
