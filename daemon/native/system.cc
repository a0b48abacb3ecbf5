// SPDX-License-Identifier: Apache-2.0
// What Node does not offer: clocks, interfaces of this network namespace and their offloads, file locks, sd_notify.
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/membarrier.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <limits>
#include <memory>

#include "addon.h"
#include "errors.h"

namespace idsd {
namespace {

double Microseconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec / 1000);
}

// Readings of the clocks that lie within this count as one moment, microseconds.
constexpr double kOneMomentUs = 20;
// A busy machine may take the CPU away each time: the closest readings count then.
constexpr int kClockTries = 20;

// clocks() -> { monotonicUs, bootUs, wallUs } of one moment: what is counted from one clock is told by another
Napi::Value Clocks(const Napi::CallbackInfo& info) {
  double monotonic = 0, boot = 0, wall = 0;
  double apart = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kClockTries && apart > kOneMomentUs; i++) {
    const double before = Microseconds(CLOCK_MONOTONIC);
    const double boot_now = Microseconds(CLOCK_BOOTTIME);
    const double wall_now = Microseconds(CLOCK_REALTIME);
    const double took = Microseconds(CLOCK_MONOTONIC) - before;
    if (took >= apart) continue;
    monotonic = before;
    boot = boot_now;
    wall = wall_now;
    apart = took;
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("monotonicUs", monotonic);
  result.Set("bootUs", boot);
  result.Set("wallUs", wall);
  return result;
}

// interfaces() -> { name, index, hardwareType (ARPHRD_*), mtu, up }[] of this network namespace
Napi::Value Interfaces(const Napi::CallbackInfo& info) {
  Napi::Array result = Napi::Array::New(info.Env());
  std::unique_ptr<struct if_nameindex, void (*)(struct if_nameindex*)> list(if_nameindex(), if_freenameindex);
  if (!list) throw KernelError(info.Env(), "if_nameindex", errno);
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw KernelError(info.Env(), "socket", errno);
  for (const struct if_nameindex* entry = list.get(); entry->if_index != 0; entry++) {
    ifreq request = {};
    strncpy(request.ifr_name, entry->if_name, IFNAMSIZ - 1);
    Napi::Object item = Napi::Object::New(info.Env());
    item.Set("name", entry->if_name);
    item.Set("index", entry->if_index);
    item.Set("hardwareType", ioctl(fd, SIOCGIFHWADDR, &request) == 0 ? request.ifr_hwaddr.sa_family : 0xffff);
    item.Set("mtu", ioctl(fd, SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : 0);
    item.Set("up", ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0);
    result.Set(result.Length(), item);
  }
  close(fd);
  return result;
}

// offloads(name) -> {driver, lro, rxVlan}, each undefined where the interface does not tell
Napi::Value Offloads(const Napi::CallbackInfo& info) {
  const std::string name = Text(info, 0, "name");
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw KernelError(info.Env(), "socket", errno);
  ifreq request = {};
  strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  Napi::Object result = Napi::Object::New(info.Env());
  ethtool_drvinfo driver = {};
  driver.cmd = ETHTOOL_GDRVINFO;
  request.ifr_data = reinterpret_cast<char*>(&driver);
  if (ioctl(fd, SIOCETHTOOL, &request) == 0) result.Set("driver", driver.driver);
  ethtool_value flags = {};
  flags.cmd = ETHTOOL_GFLAGS;
  request.ifr_data = reinterpret_cast<char*>(&flags);
  if (ioctl(fd, SIOCETHTOOL, &request) == 0) {
    result.Set("lro", (flags.data & ETH_FLAG_LRO) != 0);
    result.Set("rxVlan", (flags.data & ETH_FLAG_RXVLAN) != 0);
  }
  close(fd);
  return result;
}

// isSynchronised() -> whether something keeps the wall clock: its error as the kernel knows it stays below 16 s, which
// it grows to when nobody corrects it
Napi::Value IsSynchronised(const Napi::CallbackInfo& info) {
  timex state = {};
  if (adjtimex(&state) < 0) throw KernelError(info.Env(), "adjtimex", errno);
  return Napi::Boolean::New(info.Env(), state.maxerror < 16000000);
}

// lockFile(path) -> fd | undefined when another process holds it. The kernel frees it when this process ends.
Napi::Value LockFile(const Napi::CallbackInfo& info) {
  const std::string path = Text(info, 0, "path");
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) throw KernelError(info.Env(), "open " + path, errno);
  // Whoever can open it can lock it.
  fchmod(fd, 0600);
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return Napi::Number::New(info.Env(), fd);
  const int error = errno;
  close(fd);
  if (error == EWOULDBLOCK) return info.Env().Undefined();
  throw KernelError(info.Env(), "lock " + path, error);
}

// sdNotify(state): tells systemd, when it asked (NOTIFY_SOCKET); -> whether it was told
Napi::Value SdNotify(const Napi::CallbackInfo& info) {
  const std::string state = Text(info, 0, "state");
  const char* path = getenv("NOTIFY_SOCKET");
  sockaddr_un address = {};
  if (path == nullptr || strlen(path) >= sizeof(address.sun_path)) return Napi::Boolean::New(info.Env(), false);
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path, strlen(path));
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw KernelError(info.Env(), "socket", errno);
  const socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + strlen(path));
  const ssize_t sent = sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), length);
  close(fd);
  return Napi::Boolean::New(info.Env(), sent >= 0);
}

// raiseMemlock(): BPF memory counted against the limit on kernels before 5.11
Napi::Value RaiseMemlock(const Napi::CallbackInfo& info) {
  const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  return Napi::Boolean::New(info.Env(), setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0);
}

// waitForPrograms() -> whether every CPU is done with the packets it had in hand: this barrier is an RCU grace period
Napi::Value WaitForPrograms(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0);
}

}  // namespace

void InitSystem(Napi::Env env, Napi::Object exports) {
  exports.Set("clocks", Napi::Function::New(env, Clocks));
  exports.Set("interfaces", Napi::Function::New(env, Interfaces));
  exports.Set("offloads", Napi::Function::New(env, Offloads));
  exports.Set("isSynchronised", Napi::Function::New(env, IsSynchronised));
  exports.Set("lockFile", Napi::Function::New(env, LockFile));
  exports.Set("sdNotify", Napi::Function::New(env, SdNotify));
  exports.Set("raiseMemlock", Napi::Function::New(env, RaiseMemlock));
  exports.Set("waitForPrograms", Napi::Function::New(env, WaitForPrograms));
}

}  // namespace idsd
