/* Lets one call of a process that has to do with files below a folder fail: the one that is chosen by its number.
 *
 * LD_PRELOAD; FAULTS_FOLDER is the folder. `faults_arm` begins to count; what fails does so with the error that a full
 * disk, a bad sector or another process's lock has, and does nothing. `faults_trace` gives which calls there were, a
 * line each: `f` or `l` for files or locks, the call's name, the file's. While a file FAULTS_READ_ONLY exists everything
 * fails that would write, as on a disk that the system has made read-only after an error.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { FILES = 1, LOCKS = 2 };

static atomic_int seen, wanted, code, kinds, fired;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static char *trace;
static size_t length, room;

void faults_arm(int number, int error, int of) {
    seen = 0; fired = 0; wanted = number; code = error; kinds = of;
    pthread_mutex_lock(&writing);
    length = 0;
    if (trace) trace[0] = 0;
    pthread_mutex_unlock(&writing);
}
const char *faults_trace(void) { return trace ? trace : ""; }
int faults_seen(void) { return seen; }
int faults_fired(void) { return fired; }

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int below(const char *path) {
    const char *folder = getenv("FAULTS_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static void note(int kind, const char *call, const char *path) {
    pthread_mutex_lock(&writing);
    if (room - length < 4400) {
        char *more = realloc(trace, room + (1 << 20));
        if (more) { trace = more; room += 1 << 20; }
    }
    if (room - length >= 4400)
        length += snprintf(trace + length, 4400, "%c %s %s\n", kind == FILES ? 'f' : 'l', call, path);
    pthread_mutex_unlock(&writing);
}

/* Whether a call has to do with a file below the folder; it is noted if it has. */
static int at_path(int kind, const char *call, const char *path) {
    int here = below(path);
    if (here && kinds && !wanted) note(kind, call, path);
    return here;
}

static int at_fd(int kind, const char *call, int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    return at_path(kind, call, path);
}

static int read_only(void) {
    const char *flag = getenv("FAULTS_READ_ONLY");
    return flag && access(flag, F_OK) == 0;
}

static int fails(int kind, int here) {
    if (kind == FILES && here && read_only()) { errno = EROFS; return 1; }
    if (!(kinds & kind) || !here) return 0;
    if (atomic_fetch_add(&seen, 1) + 1 != wanted) return 0;
    fired = 1;
    errno = code;
    return 1;
}

#define WATCHED (kinds || read_only())
#define FD(fd) (WATCHED && at_fd(FILES, __func__, fd))
#define PATH(path) (WATCHED && at_path(FILES, __func__, path))
#define MODE \
    mode_t mode = 0; va_list more; va_start(more, flags); \
    if (flags & (O_CREAT | O_TMPFILE)) mode = va_arg(more, mode_t); va_end(more)

int open(const char *path, int flags, ...) {
    REAL(open); MODE;
    return fails(FILES, (flags & O_CREAT) && PATH(path)) ? -1 : real(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    REAL(open64); MODE;
    return fails(FILES, (flags & O_CREAT) && PATH(path)) ? -1 : real(path, flags, mode);
}
ssize_t write(int fd, const void *data, size_t size) {
    REAL(write); return fails(FILES, FD(fd)) ? -1 : real(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite); return fails(FILES, FD(fd)) ? -1 : real(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64); return fails(FILES, FD(fd)) ? -1 : real(fd, data, size, at);
}
int fsync(int fd) { REAL(fsync); return fails(FILES, FD(fd)) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return fails(FILES, FD(fd)) ? -1 : real(fd); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); return fails(FILES, FD(fd)) ? -1 : real(fd, size); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); return fails(FILES, FD(fd)) ? -1 : real(fd, size); }
int rename(const char *one, const char *two) {
    REAL(rename); return fails(FILES, PATH(two)) ? -1 : real(one, two);
}
int mkdir(const char *path, mode_t mode) { REAL(mkdir); return fails(FILES, PATH(path)) ? -1 : real(path, mode); }
int unlink(const char *path) { REAL(unlink); return fails(FILES, PATH(path)) ? -1 : real(path); }
int fcntl64(int fd, int what, ...) {
    REAL(fcntl64);
    va_list more; va_start(more, what); void *given = va_arg(more, void *); va_end(more);
    int lock = what == F_SETLK || what == F_SETLKW, taken = lock && ((struct flock *)given)->l_type != F_UNLCK;
    int here = kinds && lock && at_fd(LOCKS, taken ? "lock" : "unlock", fd);
    return fails(LOCKS, taken && here) ? -1 : real(fd, what, given);
}
