// SPDX-License-Identifier: Apache-2.0
// Programs and links by file descriptor: attach, update, pin, test-run.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#include "addon.h"
#include "errors.h"

namespace idsd {
namespace {

// linux/bpf.h of Debian 12 is older than TCX.
constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);
constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);

bool IsIngress(const Napi::CallbackInfo& info, size_t index) {
  return Text(info, index, "direction") == "ingress";
}

// attachXdp(programFd, ifindex, mode: 'native' | 'generic') -> link fd
Napi::Value AttachXdp(const Napi::CallbackInfo& info) {
  LIBBPF_OPTS(bpf_link_create_opts, opts);
  opts.flags = Text(info, 2, "mode") == "generic" ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
  const int fd = bpf_link_create(Int(info, 0, "programFd"), Int(info, 1, "ifindex"), BPF_XDP, &opts);
  if (fd < 0) throw KernelError(info.Env(), "attach XDP", errno);
  return Napi::Number::New(info.Env(), fd);
}

// attachTcx(programFd, ifindex, direction: 'ingress' | 'egress') -> link fd (kernel 6.6)
Napi::Value AttachTcx(const Napi::CallbackInfo& info) {
  const auto hook = IsIngress(info, 2) ? kTcxIngress : kTcxEgress;
  const int fd = bpf_link_create(Int(info, 0, "programFd"), Int(info, 1, "ifindex"), hook, nullptr);
  if (fd < 0) throw KernelError(info.Env(), "attach TCX " + Text(info, 2, "direction"), errno);
  return Napi::Number::New(info.Env(), fd);
}

// Handle and priority of our clsact filter: replaced in place by the next start.
constexpr uint32_t kFilterHandle = 1;
constexpr uint32_t kFilterPriority = 0x1d5d;

// attachClsact(programFd, ifindex, direction): filter below kernel 6.6; has no link and stays until detachClsact.
Napi::Value AttachClsact(const Napi::CallbackInfo& info) {
  LIBBPF_OPTS(bpf_tc_hook, hook);
  hook.ifindex = Int(info, 1, "ifindex");
  hook.attach_point = IsIngress(info, 2) ? BPF_TC_INGRESS : BPF_TC_EGRESS;
  int err = bpf_tc_hook_create(&hook);
  if (err != 0 && err != -EEXIST) throw KernelError(info.Env(), "create clsact", err);
  LIBBPF_OPTS(bpf_tc_opts, opts);
  opts.prog_fd = Int(info, 0, "programFd");
  opts.handle = kFilterHandle;
  opts.priority = kFilterPriority;
  opts.flags = BPF_TC_F_REPLACE;
  err = bpf_tc_attach(&hook, &opts);
  if (err != 0) throw KernelError(info.Env(), "attach clsact " + Text(info, 2, "direction"), err);
  return info.Env().Undefined();
}

// detachClsact(ifindex) -> whether a filter of ours was there, in either direction
Napi::Value DetachClsact(const Napi::CallbackInfo& info) {
  bool was_there = false;
  for (const auto point : {BPF_TC_INGRESS, BPF_TC_EGRESS}) {
    LIBBPF_OPTS(bpf_tc_hook, hook);
    hook.ifindex = Int(info, 0, "ifindex");
    hook.attach_point = point;
    LIBBPF_OPTS(bpf_tc_opts, opts);
    opts.handle = kFilterHandle;
    opts.priority = kFilterPriority;
    if (bpf_tc_detach(&hook, &opts) == 0) was_there = true;
  }
  return Napi::Boolean::New(info.Env(), was_there);
}

// linkUpdate(linkFd, programFd): put another program behind a link, with no packet in between.
Napi::Value LinkUpdate(const Napi::CallbackInfo& info) {
  if (bpf_link_update(Int(info, 0, "linkFd"), Int(info, 1, "programFd"), nullptr) != 0) {
    throw KernelError(info.Env(), "update link", errno);
  }
  return info.Env().Undefined();
}

// linkInfo(linkFd) -> { type, id, programId, ifindex }; ifindex 0 when the interface is gone.
Napi::Value LinkInfo(const Napi::CallbackInfo& info) {
  bpf_link_info link = {};
  uint32_t size = sizeof(link);
  if (bpf_obj_get_info_by_fd(Int(info, 0, "linkFd"), &link, &size) != 0) {
    throw KernelError(info.Env(), "BPF_OBJ_GET_INFO_BY_FD", errno);
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("type", link.type);
  result.Set("id", link.id);
  result.Set("programId", link.prog_id);
  result.Set("ifindex", link.xdp.ifindex);  // tcx.ifindex stands at the same place
  return result;
}

// xdpQuery(ifindex) -> { mode: 'none'|'native'|'generic'|'offload'|'multi', programId }
Napi::Value XdpQuery(const Napi::CallbackInfo& info) {
  LIBBPF_OPTS(bpf_xdp_query_opts, opts);
  const int err = bpf_xdp_query(Int(info, 0, "ifindex"), 0, &opts);
  if (err != 0) throw KernelError(info.Env(), "query XDP", err);
  const char* mode = "none";
  if (opts.attach_mode == XDP_ATTACHED_DRV) mode = "native";
  if (opts.attach_mode == XDP_ATTACHED_SKB) mode = "generic";
  if (opts.attach_mode == XDP_ATTACHED_HW) mode = "offload";
  if (opts.attach_mode == XDP_ATTACHED_MULTI) mode = "multi";
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("mode", mode);
  result.Set("programId", opts.prog_id ? opts.prog_id : opts.drv_prog_id);
  return result;
}

// programName(programId) -> name | undefined
Napi::Value ProgramName(const Napi::CallbackInfo& info) {
  const int fd = bpf_prog_get_fd_by_id(static_cast<uint32_t>(Int(info, 0, "programId")));
  if (fd < 0) return info.Env().Undefined();
  bpf_prog_info program = {};
  uint32_t size = sizeof(program);
  const int err = bpf_obj_get_info_by_fd(fd, &program, &size);
  close(fd);
  if (err != 0) return info.Env().Undefined();
  return Napi::String::New(info.Env(), program.name);
}

Napi::Value Pin(const Napi::CallbackInfo& info) {
  const std::string path = Text(info, 1, "path");
  if (bpf_obj_pin(Int(info, 0, "fd"), path.c_str()) != 0) throw KernelError(info.Env(), "pin " + path, errno);
  return info.Env().Undefined();
}

// openPinned(path) -> fd | undefined
Napi::Value OpenPinned(const Napi::CallbackInfo& info) {
  const std::string path = Text(info, 0, "path");
  const int fd = bpf_obj_get(path.c_str());
  if (fd >= 0) return Napi::Number::New(info.Env(), fd);
  if (errno == ENOENT) return info.Env().Undefined();
  throw KernelError(info.Env(), "open " + path, errno);
}

Napi::Value CloseFd(const Napi::CallbackInfo& info) {
  close(Int(info, 0, "fd"));
  return info.Env().Undefined();
}

double ThreadCpuNs() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// testRun(programFd, data | undefined, context | undefined, repeat, flags?)
//   -> { result, durationNs, cpuNs, data, context }
Napi::Value TestRun(const Napi::CallbackInfo& info) {
  LIBBPF_OPTS(bpf_test_run_opts, opts);
  std::vector<uint8_t> out, context;
  if (info[1].IsTypedArray()) {
    Napi::Uint8Array data = Bytes(info, 1, "data");
    out.resize(data.ByteLength() + 512);
    opts.data_in = data.Data();
    opts.data_size_in = static_cast<uint32_t>(data.ByteLength());
    opts.data_out = out.data();
    opts.data_size_out = static_cast<uint32_t>(out.size());
  }
  if (info[2].IsTypedArray()) {
    Napi::Uint8Array bytes = Bytes(info, 2, "context");
    context.assign(bytes.Data(), bytes.Data() + bytes.ByteLength());
    // A SEC("syscall") program writes its context in place.
    opts.ctx_in = context.data();
    opts.ctx_size_in = static_cast<uint32_t>(context.size());
  }
  opts.repeat = Int(info, 3, "repeat");
  if (info[4].IsNumber()) opts.flags = static_cast<uint32_t>(Int(info, 4, "flags"));
  const int program = Int(info, 0, "programFd");
  const double before = ThreadCpuNs();
  const int err = bpf_prog_test_run_opts(program, &opts);
  const double cpu_ns = ThreadCpuNs() - before;
  if (err != 0) throw KernelError(info.Env(), "BPF_PROG_TEST_RUN", errno);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("result", static_cast<int32_t>(opts.retval));
  result.Set("durationNs", opts.duration);
  result.Set("cpuNs", cpu_ns);
  if (info[1].IsTypedArray()) {
    Napi::Uint8Array data = Napi::Uint8Array::New(info.Env(), opts.data_size_out);
    memcpy(data.Data(), out.data(), opts.data_size_out);
    result.Set("data", data);
  }
  if (!context.empty()) {
    Napi::Uint8Array bytes = Napi::Uint8Array::New(info.Env(), context.size());
    memcpy(bytes.Data(), context.data(), context.size());
    result.Set("context", bytes);
  }
  return result;
}

// One run of a SEC("syscall") program off the main thread: a sweep of a million flows takes a fifth of a second.
class SyscallRun : public Napi::AsyncWorker {
 public:
  SyscallRun(Napi::Env env, int program_fd, std::vector<uint8_t> context)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        program_fd_(program_fd),
        context_(std::move(context)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    LIBBPF_OPTS(bpf_test_run_opts, opts);
    opts.ctx_in = context_.data();
    opts.ctx_size_in = static_cast<uint32_t>(context_.size());
    if (bpf_prog_test_run_opts(program_fd_, &opts) != 0) error_ = errno;
  }

  void OnOK() override {
    if (error_ != 0) {
      deferred_.Reject(KernelError(Env(), "BPF_PROG_TEST_RUN", error_).Value());
      return;
    }
    Napi::Uint8Array bytes = Napi::Uint8Array::New(Env(), context_.size());
    memcpy(bytes.Data(), context_.data(), context_.size());
    deferred_.Resolve(bytes);
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  int program_fd_;
  std::vector<uint8_t> context_;
  int error_ = 0;
};

// runAside(programFd, context) -> Promise of the context as the program left it
Napi::Value RunAside(const Napi::CallbackInfo& info) {
  Napi::Uint8Array bytes = Bytes(info, 1, "context");
  auto* run = new SyscallRun(info.Env(), Int(info, 0, "programFd"),
                             std::vector<uint8_t>(bytes.Data(), bytes.Data() + bytes.ByteLength()));
  Napi::Promise promise = run->Promise();
  run->Queue();
  return promise;
}

}  // namespace

void InitPrograms(Napi::Env env, Napi::Object exports) {
  exports.Set("attachXdp", Napi::Function::New(env, AttachXdp));
  exports.Set("attachTcx", Napi::Function::New(env, AttachTcx));
  exports.Set("attachClsact", Napi::Function::New(env, AttachClsact));
  exports.Set("detachClsact", Napi::Function::New(env, DetachClsact));
  exports.Set("linkUpdate", Napi::Function::New(env, LinkUpdate));
  exports.Set("linkInfo", Napi::Function::New(env, LinkInfo));
  exports.Set("xdpQuery", Napi::Function::New(env, XdpQuery));
  exports.Set("programName", Napi::Function::New(env, ProgramName));
  exports.Set("pin", Napi::Function::New(env, Pin));
  exports.Set("openPinned", Napi::Function::New(env, OpenPinned));
  exports.Set("closeFd", Napi::Function::New(env, CloseFd));
  exports.Set("runAside", Napi::Function::New(env, RunAside));
  exports.Set("testRun", Napi::Function::New(env, TestRun));
}

}  // namespace idsd
