// SPDX-License-Identifier: Apache-2.0
// Tables of imported lists: built and swapped off the main thread, because a million ranges take a part of a second and
// the kernel waits for its packets in hand at each swap.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "addon.h"
#include "errors.h"
#include "list_table.h"

namespace idsd {
namespace {

// Memory of a map while it is written or read.
class Mapping {
 public:
  Mapping(int fd, size_t length, int protection, off_t offset) : length_(length) {
    memory_ = mmap(nullptr, length, protection, MAP_SHARED, fd, offset);
  }
  ~Mapping() {
    if (IsGood()) munmap(memory_, length_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  bool IsGood() const { return memory_ != MAP_FAILED; }
  uint8_t* Data() const { return static_cast<uint8_t*>(memory_); }

 private:
  void* memory_;
  size_t length_;
};

size_t PageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

size_t WholePages(size_t bytes) { return (bytes + PageBytes() - 1) / PageBytes() * PageBytes(); }

uint32_t StripesOfThisMachine() {
  constexpr uint32_t kMost = 64;
  uint32_t stripes = 1;
  while (stripes < kMost && stripes < static_cast<uint32_t>(libbpf_num_possible_cpus())) stripes *= 2;
  return stripes;
}

class TableBuild : public Napi::AsyncWorker {
 public:
  TableBuild(Napi::Env env, std::vector<ListSource> lists, std::vector<Napi::ObjectReference> held)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        lists_(std::move(lists)),
        held_(std::move(held)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      const ListTable table(lists_, StripesOfThisMachine());
      header_ = table.Header();
      Create(table);
    } catch (const ListFault& fault) {
      Fail("lay lists over each other", fault.Error(), fault.what());
    } catch (const std::bad_alloc&) {
      Fail("lay lists over each other", ENOMEM, "");
    }
  }

  void OnOK() override {
    if (error_ != 0) {
      deferred_.Reject(KernelError(Env(), operation_, error_, detail_).Value());
      return;
    }
    Napi::Object result = Napi::Object::New(Env());
    result.Set("fd", fd_);
    result.Set("bytes", static_cast<double>(header_.lines) * LISTED_LINE);
    result.Set("groups", header_.group_count - 1);
    result.Set("ranges4", header_.ranges4);
    result.Set("ranges6", header_.ranges6);
    deferred_.Resolve(result);
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  void Fail(const char* operation, int error, const std::string& detail) {
    operation_ = operation;
    error_ = error;
    detail_ = detail;
  }

  void Create(const ListTable& table) {
    LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE | BPF_F_INNER_MAP);
    fd_ = bpf_map_create(BPF_MAP_TYPE_ARRAY, "listed_table", sizeof(__u32), LISTED_LINE, table.Lines(), &opts);
    if (fd_ < 0) return Fail("create map listed_table", errno, std::to_string(table.Lines()) + " lines");
    const Mapping mapping(fd_, WholePages(size_t{table.Lines()} * LISTED_LINE), PROT_READ | PROT_WRITE, 0);
    if (mapping.IsGood()) return table.Write(mapping.Data());
    Fail("mmap of map listed_table", errno, "");
    close(fd_);
  }

  Napi::Promise::Deferred deferred_;
  std::vector<ListSource> lists_;
  // What `lists_` points into.
  std::vector<Napi::ObjectReference> held_;
  listed_header header_ = {};
  std::string operation_;
  std::string detail_;
  int error_ = 0;
  int fd_ = -1;
};

// { unit, cost, burstNs } as in struct limiter; a bucket without a cost where there is none.
limiter ReadLimiter(const Napi::Value& value) {
  limiter bucket = {};
  if (!value.IsObject()) return bucket;
  const Napi::Object words = value.As<Napi::Object>();
  bucket.unit = words.Get("unit").ToNumber().Uint32Value();
  bucket.cost = static_cast<uint64_t>(words.Get("cost").ToNumber().DoubleValue());
  bucket.burst_ns = static_cast<uint64_t>(words.Get("burstNs").ToNumber().DoubleValue());
  return bucket;
}

// ranges4: Uint32Array, ranges6: Uint8Array. They are held until the build is done.
ListSource ReadSource(const Napi::Object& list, std::vector<Napi::ObjectReference>* held) {
  Napi::Env env = list.Env();
  const Napi::Value ranges4 = list.Get("ranges4"), ranges6 = list.Get("ranges6");
  if (!ranges4.IsTypedArray() || ranges4.As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array ||
      ranges4.As<Napi::TypedArray>().ElementLength() % 2 != 0) {
    throw Napi::TypeError::New(env, "ranges4: pairs in a Uint32Array are needed");
  }
  if (!ranges6.IsTypedArray() || ranges6.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array ||
      ranges6.As<Napi::TypedArray>().ByteLength() % 32 != 0) {
    throw Napi::TypeError::New(env, "ranges6: 32 bytes for each range in a Uint8Array are needed");
  }
  const Napi::Uint32Array four = ranges4.As<Napi::Uint32Array>();
  const Napi::Uint8Array six = ranges6.As<Napi::Uint8Array>();
  held->push_back(Napi::Persistent(four.As<Napi::Object>()));
  held->push_back(Napi::Persistent(six.As<Napi::Object>()));
  return {four.Data(),
          four.ElementLength() / 2,
          six.Data(),
          six.ByteLength() / 32,
          static_cast<uint64_t>(list.Get("expiresBootUs").ToNumber().DoubleValue()) * 1000,
          list.Get("decision").ToNumber().Uint32Value(),
          static_cast<uint8_t>(list.Get("action").ToNumber().Uint32Value()),
          ReadLimiter(list.Get("limiter"))};
}

// buildListTable({ ranges4, ranges6, expiresBootUs, decision, action, limiter? }[])
//   -> Promise of { fd, bytes, groups, ranges4, ranges6 }
Napi::Value BuildListTable(const Napi::CallbackInfo& info) {
  if (!info[0].IsArray()) throw Napi::TypeError::New(info.Env(), "lists: an array is needed");
  const Napi::Array items = info[0].As<Napi::Array>();
  std::vector<ListSource> lists;
  std::vector<Napi::ObjectReference> held;
  for (uint32_t i = 0; i < items.Length(); i++) {
    const Napi::Value item = items[i];
    if (!item.IsObject()) throw Napi::TypeError::New(info.Env(), "lists: objects are needed");
    lists.push_back(ReadSource(item.As<Napi::Object>(), &held));
  }
  auto* build = new TableBuild(info.Env(), std::move(lists), std::move(held));
  Napi::Promise promise = build->Promise();
  build->Queue();
  return promise;
}

// Each update returns when no program looks at what was there before.
class InnerSwap : public Napi::AsyncWorker {
 public:
  InnerSwap(Napi::Env env, int outer_fd, std::vector<uint32_t> slots, int fd)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        outer_fd_(outer_fd),
        slots_(std::move(slots)),
        fd_(fd) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    for (const uint32_t slot : slots_) {
      const int err =
          fd_ < 0 ? bpf_map_delete_elem(outer_fd_, &slot) : bpf_map_update_elem(outer_fd_, &slot, &fd_, BPF_ANY);
      if (err == 0 || (fd_ < 0 && errno == ENOENT)) continue;
      error_ = errno;
      return;
    }
  }

  void OnOK() override {
    if (error_ != 0) {
      deferred_.Reject(KernelError(Env(), "swap inner map", error_).Value());
    } else {
      deferred_.Resolve(Env().Undefined());
    }
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  int outer_fd_;
  std::vector<uint32_t> slots_;
  int fd_;
  int error_ = 0;
};

// swapInner(outerFd, slots, fd) -> Promise; below 0 the slots become empty
Napi::Value SwapInner(const Napi::CallbackInfo& info) {
  const int outer_fd = Int(info, 0, "outerFd");
  if (!info[1].IsArray()) throw Napi::TypeError::New(info.Env(), "slots: an array is needed");
  const Napi::Array numbers = info[1].As<Napi::Array>();
  std::vector<uint32_t> slots;
  for (uint32_t i = 0; i < numbers.Length(); i++) slots.push_back(Napi::Value(numbers[i]).ToNumber().Uint32Value());
  auto* swap = new InnerSwap(info.Env(), outer_fd, std::move(slots), Int(info, 2, "fd"));
  Napi::Promise promise = swap->Promise();
  swap->Queue();
  return promise;
}

// readLines(fd, first, count) -> bytes of so many lines of a table
Napi::Value ReadLines(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  const size_t first = static_cast<uint32_t>(Int(info, 1, "first")), count = static_cast<uint32_t>(Int(info, 2, "count"));
  bpf_map_info map = {};
  uint32_t size = sizeof(map);
  if (bpf_obj_get_info_by_fd(fd, &map, &size) != 0) throw KernelError(info.Env(), "BPF_OBJ_GET_INFO_BY_FD", errno);
  if (map.value_size != LISTED_LINE || first + count > map.max_entries) {
    throw Napi::RangeError::New(info.Env(), "the table has no such lines");
  }
  Napi::Uint8Array lines = Napi::Uint8Array::New(info.Env(), count * LISTED_LINE);
  if (count == 0) return lines;
  const size_t from = first * LISTED_LINE / PageBytes() * PageBytes();
  const size_t end = (first + count) * LISTED_LINE;
  const Mapping mapping(fd, WholePages(end - from), PROT_READ, static_cast<off_t>(from));
  if (!mapping.IsGood()) throw KernelError(info.Env(), std::string("mmap of map ") + map.name, errno);
  memcpy(lines.Data(), mapping.Data() + (first * LISTED_LINE - from), count * LISTED_LINE);
  return lines;
}

// openInner(outerFd, slot) -> fd of the map in a slot | undefined
Napi::Value OpenInner(const Napi::CallbackInfo& info) {
  const int outer_fd = Int(info, 0, "outerFd");
  const uint32_t slot = static_cast<uint32_t>(Int(info, 1, "slot"));
  uint32_t id = 0;
  if (bpf_map_lookup_elem(outer_fd, &slot, &id) != 0) {
    if (errno == ENOENT) return info.Env().Undefined();
    throw KernelError(info.Env(), "look up inner map", errno);
  }
  const int fd = bpf_map_get_fd_by_id(id);
  if (fd >= 0) return Napi::Number::New(info.Env(), fd);
  if (errno == ENOENT) return info.Env().Undefined();
  throw KernelError(info.Env(), "BPF_MAP_GET_FD_BY_ID", errno);
}

}  // namespace

void InitLists(Napi::Env env, Napi::Object exports) {
  exports.Set("buildListTable", Napi::Function::New(env, BuildListTable));
  exports.Set("openInner", Napi::Function::New(env, OpenInner));
  exports.Set("readLines", Napi::Function::New(env, ReadLines));
  exports.Set("swapInner", Napi::Function::New(env, SwapInner));
}

}  // namespace idsd
