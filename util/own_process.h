// SPDX-License-Identifier: EUPL-1.2
// What a program that holds keys settles about its own process. Linux.
#ifndef SEINPOST_UTIL_OWN_PROCESS_H_
#define SEINPOST_UTIL_OWN_PROCESS_H_

namespace seinpost {

// First thing in main(), before any file is opened and before the first thread: a program that was started
// without standard streams would otherwise get their numbers for its own files, and print into them. Those
// that are closed lead to /dev/null, the wrong way round: reading and writing go on failing, as on a closed
// one. Ends the process with code 1 when that cannot be done.
void OccupyStandardStreams();

// No core file, and no reading of this process's memory by others of the same user (RLIMIT_CORE,
// PR_SET_DUMPABLE): what is not in locked memory stays out of files too. Children inherit the first, not the
// second.
void ForbidCoreDumps();

}  // namespace seinpost

#endif  // SEINPOST_UTIL_OWN_PROCESS_H_
