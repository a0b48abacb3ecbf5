// SPDX-License-Identifier: Apache-2.0
// Who this process is to the kernel: users and groups by name, the peer of a socket, and giving up root in every thread.
#include <dirent.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "addon.h"
#include "errors.h"

namespace idsd {
namespace {

// glibc tells its threads with this signal that user or group changed (nptl/descr.h), and lets no thread block it. Node
// has a thread that blocks all others.
constexpr int kThreadSignal = 33;
constexpr size_t kMostGroups = 256;
constexpr int kWordBits = 32;

// What each thread is to become: set before the first signal is sent, only read by the handler.
struct Change {
  uid_t uid;
  gid_t gid;
  gid_t groups[kMostGroups];
  size_t group_count;
  uint64_t keep;
};
Change change;
std::atomic<int> answers;
std::atomic<int> first_error;

// Raw system calls: those of glibc signal all threads. Only what a signal handler may do.
int ChangeThisThread() {
  // Without CAP_SETPCAP the bounding set stays; nothing can be gained from it without new privileges.
  for (int cap = 0; cap <= 63 && syscall(SYS_prctl, PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
    syscall(SYS_prctl, PR_CAPBSET_DROP, cap, 0, 0, 0);
  }
  if (syscall(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return errno;
  if (syscall(SYS_setgroups, change.group_count, change.groups) != 0) return errno;
  if (syscall(SYS_setresgid, change.gid, change.gid, change.gid) != 0) return errno;
  if (syscall(SYS_setresuid, change.uid, change.uid, change.uid) != 0) return errno;
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return errno;
  for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    sets[i].permitted &= static_cast<uint32_t>(change.keep >> (i * kWordBits));
    sets[i].effective = sets[i].permitted;
    sets[i].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, sets) != 0) return errno;
  if (syscall(SYS_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return errno;
  if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return 0;
}

void OnSignal(int, siginfo_t*, void*) {
  const int before = errno;
  const int error = ChangeThisThread();
  int none = 0;
  if (error != 0) first_error.compare_exchange_strong(none, error);
  answers.fetch_add(1);
  errno = before;
}

// The kernel's sigaction begins with the handler; flags, restorer and mask stay those of glibc.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned char rest[56];
};

int Exchange(const KernelAction* next, KernelAction* before) {
  constexpr size_t kMaskBytes = 8;
  return static_cast<int>(syscall(SYS_rt_sigaction, kThreadSignal, next, before, kMaskBytes));
}

std::string ReadStatus(int tid) {
  const std::string path = "/proc/self/task/" + std::to_string(tid) + "/status";
  FILE* file = fopen(path.c_str(), "re");
  if (file == nullptr) return "";
  char text[8192];
  const size_t length = fread(text, 1, sizeof(text) - 1, file);
  fclose(file);
  return std::string(text, length);
}

uint64_t HexAfter(const std::string& status, const char* name) {
  const size_t at = status.find(name);
  return at == std::string::npos ? ~0ULL : strtoull(status.c_str() + at + strlen(name), nullptr, 16);
}

// By the kernel's own word. A thread that ended counts as changed.
bool IsChanged(int tid) {
  const std::string status = ReadStatus(tid);
  if (status.empty()) return true;
  unsigned real, effective, saved, files;
  const size_t at = status.find("\nUid:");
  if (at == std::string::npos) return false;
  if (sscanf(status.c_str() + at, "\nUid: %u %u %u %u", &real, &effective, &saved, &files) != 4) return false;
  const bool is_user = real == change.uid && effective == change.uid && saved == change.uid && files == change.uid;
  return is_user && (HexAfter(status, "\nCapPrm:") & ~change.keep) == 0 && HexAfter(status, "\nNoNewPrivs:") == 1;
}

std::vector<int> Threads() {
  std::vector<int> found;
  DIR* folder = opendir("/proc/self/task");
  if (folder == nullptr) return found;
  while (const dirent* entry = readdir(folder)) {
    const int tid = atoi(entry->d_name);
    if (tid > 0) found.push_back(tid);
  }
  closedir(folder);
  return found;
}

constexpr int kMostRounds = 20;
constexpr int kAnswerTries = 5000;
constexpr timespec kAnswerPause = {0, 1000000};

// Signals what is unchanged until two looks in a row find nothing: a thread that an unchanged one made is found then,
// and one that a changed one makes has no more than its maker. -> errno, 0 when done
int ChangeAllThreads() {
  const int self = static_cast<int>(syscall(SYS_gettid));
  const int own = ChangeThisThread();
  if (own != 0) return own;
  KernelAction before = {};
  if (Exchange(nullptr, &before) != 0) return errno;
  KernelAction ours = before;
  ours.handler = OnSignal;
  // The rest of the action is that of glibc's handler, which is there once there is a second thread.
  const bool has_handler = before.handler != nullptr && Exchange(&ours, nullptr) == 0;
  int clean_looks = 0;
  int error = 0;
  for (int round = 0; round < kMostRounds && clean_looks < 2 && error == 0; round++) {
    answers = 0;
    first_error = 0;
    int asked = 0;
    const std::vector<int> threads = Threads();
    for (const int tid : threads) {
      if (tid == self || IsChanged(tid)) continue;
      if (!has_handler) error = ENOSYS;
      else if (syscall(SYS_tgkill, getpid(), tid, kThreadSignal) == 0) asked++;
    }
    // A thread that ends before it takes the signal never answers: the next look decides.
    for (int i = 0; i < kAnswerTries && answers.load() < asked && first_error.load() == 0; i++) {
      if (i % 100 == 99 && Threads().size() < threads.size()) break;
      nanosleep(&kAnswerPause, nullptr);
    }
    if (first_error.load() != 0) error = first_error.load();
    else if (asked > 0 && answers.load() == 0) error = ETIMEDOUT;
    clean_looks = asked == 0 && !threads.empty() ? clean_looks + 1 : 0;
  }
  if (has_handler) Exchange(&before, nullptr);
  if (error == 0 && clean_looks < 2) return EAGAIN;
  return error;
}

uint32_t Id(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsNumber()) throw Napi::TypeError::New(info.Env(), std::string(name) + ": a number is needed");
  return info[index].As<Napi::Number>().Uint32Value();
}

std::vector<uint32_t> Ids(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsArray()) throw Napi::TypeError::New(info.Env(), std::string(name) + ": an array is needed");
  const Napi::Array list = info[index].As<Napi::Array>();
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < list.Length(); i++) found.push_back(list.Get(i).ToNumber().Uint32Value());
  return found;
}

// dropPrivileges(uid, gid, groups, capabilities): every thread becomes that user and keeps only these capabilities, as far
// as it has them; no new ones can be had, and nobody but root can look into the memory
void DropPrivileges(const Napi::CallbackInfo& info) {
  const std::vector<uint32_t> groups = Ids(info, 2, "groups");
  if (groups.size() > kMostGroups) throw KernelError(info.Env(), "setgroups", E2BIG);
  change = {};
  change.uid = Id(info, 0, "uid");
  change.gid = Id(info, 1, "gid");
  for (const uint32_t group : groups) change.groups[change.group_count++] = group;
  for (const uint32_t capability : Ids(info, 3, "capabilities")) change.keep |= 1ULL << (capability & 63);
  const int error = ChangeAllThreads();
  if (error != 0) throw KernelError(info.Env(), "drop privileges", error);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// setFileIds(uid, gid): whose right this thread opens and makes files by. 0 is root again, with root's capabilities.
void SetFileIds(const Napi::CallbackInfo& info) {
  const uint32_t uid = Id(info, 0, "uid");
  const uint32_t gid = Id(info, 1, "gid");
  // Both answer what was so before, also when they fail.
  setfsgid(gid);
  setfsuid(uid);
  constexpr uid_t kAsk = static_cast<uid_t>(-1);
  if (static_cast<uint32_t>(setfsuid(kAsk)) != uid || static_cast<uint32_t>(setfsgid(kAsk)) != gid) {
    throw KernelError(info.Env(), "setfsuid", EPERM);
  }
}

constexpr size_t kNameBytes = 65536;

// userByName(name) -> {uid, gid, groups} | undefined
Napi::Value UserByName(const Napi::CallbackInfo& info) {
  const std::string name = Text(info, 0, "name");
  std::vector<char> buffer(kNameBytes);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return info.Env().Undefined();
  }
  gid_t groups[kMostGroups];
  int count = kMostGroups;
  if (getgrouplist(name.c_str(), found->pw_gid, groups, &count) < 0) count = kMostGroups;
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("uid", found->pw_uid);
  result.Set("gid", found->pw_gid);
  Napi::Array list = Napi::Array::New(info.Env());
  for (int i = 0; i < count; i++) list.Set(list.Length(), groups[i]);
  result.Set("groups", list);
  return result;
}

// userName(uid) -> name | undefined
Napi::Value UserName(const Napi::CallbackInfo& info) {
  std::vector<char> buffer(kNameBytes);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwuid_r(Id(info, 0, "uid"), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return info.Env().Undefined();
  }
  return Napi::String::New(info.Env(), found->pw_name);
}

// groupByName(name) -> gid | undefined
Napi::Value GroupByName(const Napi::CallbackInfo& info) {
  const std::string name = Text(info, 0, "name");
  std::vector<char> buffer(kNameBytes);
  group entry = {};
  group* found = nullptr;
  if (getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return info.Env().Undefined();
  }
  return Napi::Number::New(info.Env(), found->gr_gid);
}

// peer(fd) -> {uid, groups} of who connected the unix socket | undefined
Napi::Value Peer(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  ucred peer = {};
  socklen_t length = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return info.Env().Undefined();
  Napi::Array list = Napi::Array::New(info.Env());
  list.Set(list.Length(), peer.gid);
  // The first call says how many there are.
  socklen_t bytes = 0;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, nullptr, &bytes) != 0 && errno == ERANGE) {
    std::vector<gid_t> groups(bytes / sizeof(gid_t));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) == 0) {
      for (size_t i = 0; i < bytes / sizeof(gid_t); i++) list.Set(list.Length(), groups[i]);
    }
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("uid", peer.uid);
  result.Set("groups", list);
  return result;
}

// setAcl(path, bytes): who may use a file besides owner and group, in the form of linux/posix_acl_xattr.h
void SetAcl(const Napi::CallbackInfo& info) {
  const std::string path = Text(info, 0, "path");
  const Napi::Uint8Array bytes = Bytes(info, 1, "bytes");
  if (lsetxattr(path.c_str(), "system.posix_acl_access", bytes.Data(), bytes.ByteLength(), 0) != 0) {
    throw KernelError(info.Env(), "set the access list of " + path, errno);
  }
}

}  // namespace

void InitPrivilege(Napi::Env env, Napi::Object exports) {
  exports.Set("dropPrivileges", Napi::Function::New(env, DropPrivileges));
  exports.Set("setFileIds", Napi::Function::New(env, SetFileIds));
  exports.Set("userByName", Napi::Function::New(env, UserByName));
  exports.Set("userName", Napi::Function::New(env, UserName));
  exports.Set("groupByName", Napi::Function::New(env, GroupByName));
  exports.Set("peer", Napi::Function::New(env, Peer));
  exports.Set("setAcl", Napi::Function::New(env, SetAcl));
}

}  // namespace idsd
