// SPDX-License-Identifier: EUPL-1.2
// Debian's Abseil is not built for ThreadSanitizer, so its locks are invisible to it and every access they
// guard would be reported. The linker puts these functions in front of Abseil's (--wrap, in
// cmake/Project.cmake) and they tell ThreadSanitizer what the lock did. Linked into the tests of the tsan
// preset only.
#include <cstdint>

// Abseil's names as the linker knows them: methods of absl::Mutex and absl::Notification.
#define SEINPOST_LOCK _ZN4absl7debian35Mutex4LockEv
#define SEINPOST_UNLOCK _ZN4absl7debian35Mutex6UnlockEv
#define SEINPOST_AWAIT _ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE
#define SEINPOST_AWAIT_TIMEOUT _ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE
#define SEINPOST_NOTIFY _ZN4absl7debian312Notification6NotifyEv
#define SEINPOST_WAIT _ZNK4absl7debian312Notification19WaitForNotificationEv
#define SEINPOST_PASTE(a, b) a##b
#define SEINPOST_JOIN(a, b) SEINPOST_PASTE(a, b)
#define REAL(name) SEINPOST_JOIN(__real_, name)
#define WRAP(name) __attribute__((no_sanitize("thread"))) SEINPOST_JOIN(__wrap_, name)

extern "C" {

void __tsan_acquire(void* address);
void __tsan_release(void* address);

struct AbslDuration {
  int64_t high;
  uint32_t low;
};

void REAL(SEINPOST_LOCK)(void* mutex);
void WRAP(SEINPOST_LOCK)(void* mutex) {
  REAL(SEINPOST_LOCK)(mutex);
  __tsan_acquire(mutex);
}

void REAL(SEINPOST_UNLOCK)(void* mutex);
void WRAP(SEINPOST_UNLOCK)(void* mutex) {
  __tsan_release(mutex);
  REAL(SEINPOST_UNLOCK)(mutex);
}

void REAL(SEINPOST_AWAIT)(void* mutex, const void* condition);
void WRAP(SEINPOST_AWAIT)(void* mutex, const void* condition) {
  __tsan_release(mutex);
  REAL(SEINPOST_AWAIT)(mutex, condition);
  __tsan_acquire(mutex);
}

bool REAL(SEINPOST_AWAIT_TIMEOUT)(void* mutex, const void* condition, AbslDuration timeout);
bool WRAP(SEINPOST_AWAIT_TIMEOUT)(void* mutex, const void* condition, AbslDuration timeout) {
  __tsan_release(mutex);
  const bool held = REAL(SEINPOST_AWAIT_TIMEOUT)(mutex, condition, timeout);
  __tsan_acquire(mutex);
  return held;
}

void REAL(SEINPOST_NOTIFY)(void* notification);
void WRAP(SEINPOST_NOTIFY)(void* notification) {
  __tsan_release(notification);
  REAL(SEINPOST_NOTIFY)(notification);
}

void REAL(SEINPOST_WAIT)(const void* notification);
void WRAP(SEINPOST_WAIT)(const void* notification) {
  REAL(SEINPOST_WAIT)(notification);
  __tsan_acquire(const_cast<void*>(notification));
}

}  // extern "C"
