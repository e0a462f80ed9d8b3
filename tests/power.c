/* Writes down what a process does to files below a folder, in order, so that a cut of power can be played afterwards.
 *
 * LD_PRELOAD; POWER_FOLDER is the folder, POWER_LOG the file of records. Each record is a line, with the content in hex. A
 * file is known by the inode it has when it is opened. What is only mapped (SQLite's -shm) is made anew after a crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int log_to(void) {
    static int log = -2;
    if (log == -2) {
        const char *path = getenv("POWER_LOG");
        log = path ? (int)syscall(257 /* openat */, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    }
    return log;
}

static const char *folder(void) { return getenv("POWER_FOLDER"); }

static int of_fd(int fd, char *path) {
    char link[64];
    if (log_to() < 0 || !folder()) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, 4095);
    if (size <= 0) return 0;
    path[size] = 0;
    return strncmp(path, folder(), strlen(folder())) == 0;
}

static void absolute(int at, const char *given, char *path) {
    char base[4096] = "";
    if (given[0] == '/') { snprintf(path, 4096, "%s", given); return; }
    if (at == AT_FDCWD) { if (!getcwd(base, sizeof base)) base[0] = 0; }
    else { char link[64]; snprintf(link, sizeof link, "/proc/self/fd/%d", at);
           ssize_t size = readlink(link, base, 4095); base[size > 0 ? size : 0] = 0; }
    snprintf(path, 4096, "%s/%s", base, given);
}

static int below(const char *path) {
    return log_to() >= 0 && folder() && strncmp(path, folder(), strlen(folder())) == 0;
}

static void record(const char *text) {
    ssize_t done = write(log_to(), text, strlen(text));
    (void)done;
}

static unsigned long long inode(int fd) {
    struct stat found;
    return fstat(fd, &found) ? 0 : (unsigned long long)found.st_ino;
}

static void content(int fd, const void *data, size_t size, off_t at) {
    char path[4096];
    if (!of_fd(fd, path)) return;
    char *text = malloc(size * 2 + 128);
    int start = sprintf(text, "write %llu %lld ", inode(fd), (long long)at);
    for (size_t place = 0; place < size; place++)
        sprintf(text + start + 2 * place, "%02x", ((const unsigned char *)data)[place]);
    strcpy(text + start + 2 * size, "\n");
    record(text);
    free(text);
}

static void about_fd(const char *what, int fd, long long number) {
    char path[4096], text[4400];
    if (!of_fd(fd, path)) return;
    struct stat found;
    if (fstat(fd, &found)) return;
    snprintf(text, sizeof text, "%s %llu %lld %s\n", S_ISDIR(found.st_mode) ? "syncdir" : what,
             (unsigned long long)found.st_ino, number, path);
    record(text);
}

static void opened(int fd, const char *path) {
    char text[4400];
    if (fd < 0 || !below(path)) return;
    struct stat found;
    if (fstat(fd, &found) || !S_ISREG(found.st_mode)) return;
    snprintf(text, sizeof text, "open %llu %lld %s\n", (unsigned long long)found.st_ino, (long long)found.st_size, path);
    record(text);
}

static void moved(const char *what, const char *one, const char *two) {
    char text[9000];
    if (!below(one) && !below(two)) return;
    snprintf(text, sizeof text, "%s %s\t%s\n", what, one, two);
    record(text);
}

#define LOCKED(call) pthread_mutex_lock(&turn); __typeof__(call) done = call; int error = errno
#define UNLOCKED errno = error; pthread_mutex_unlock(&turn); return done

#define OPEN(name, ...) \
    mode_t mode = 0; char path[4096]; va_list more; va_start(more, flags); \
    if (flags & (O_CREAT | O_TMPFILE)) mode = va_arg(more, mode_t); va_end(more)

int open(const char *given, int flags, ...) {
    REAL(open); OPEN(open);
    absolute(AT_FDCWD, given, path);
    LOCKED(real(given, flags, mode)); opened(done, path); UNLOCKED;
}
int open64(const char *given, int flags, ...) {
    REAL(open64); OPEN(open64);
    absolute(AT_FDCWD, given, path);
    LOCKED(real(given, flags, mode)); opened(done, path); UNLOCKED;
}
int openat(int at, const char *given, int flags, ...) {
    REAL(openat); OPEN(openat);
    absolute(at, given, path);
    LOCKED(real(at, given, flags, mode)); opened(done, path); UNLOCKED;
}
ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    char path[4096];
    if (fd == log_to() || !of_fd(fd, path)) return real(fd, data, size);
    struct stat found;
    int append = (fcntl(fd, F_GETFL) & O_APPEND) && !fstat(fd, &found);
    off_t at = append ? found.st_size : lseek(fd, 0, SEEK_CUR);
    LOCKED(real(fd, data, size)); if (done > 0) content(fd, data, (size_t)done, at); UNLOCKED;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    LOCKED(real(fd, data, size, at)); if (done > 0) content(fd, data, (size_t)done, at); UNLOCKED;
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    LOCKED(real(fd, data, size, at)); if (done > 0) content(fd, data, (size_t)done, at); UNLOCKED;
}
int fsync(int fd) { REAL(fsync); LOCKED(real(fd)); about_fd("sync", fd, 0); UNLOCKED; }
int fdatasync(int fd) { REAL(fdatasync); LOCKED(real(fd)); about_fd("sync", fd, 0); UNLOCKED; }
int ftruncate(int fd, off_t size) { REAL(ftruncate); LOCKED(real(fd, size)); about_fd("size", fd, size); UNLOCKED; }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); LOCKED(real(fd, size)); about_fd("size", fd, size); UNLOCKED; }
int rename(const char *one, const char *two) {
    REAL(rename);
    char from[4096], to[4096];
    absolute(AT_FDCWD, one, from); absolute(AT_FDCWD, two, to);
    LOCKED(real(one, two)); if (!done) moved("rename", from, to); UNLOCKED;
}
int renameat(int a, const char *one, int b, const char *two) {
    REAL(renameat);
    char from[4096], to[4096];
    absolute(a, one, from); absolute(b, two, to);
    LOCKED(real(a, one, b, two)); if (!done) moved("rename", from, to); UNLOCKED;
}
int unlink(const char *given) {
    REAL(unlink);
    char path[4096];
    absolute(AT_FDCWD, given, path);
    LOCKED(real(given)); if (!done) moved("unlink", path, ""); UNLOCKED;
}
int unlinkat(int at, const char *given, int flags) {
    REAL(unlinkat);
    char path[4096];
    absolute(at, given, path);
    LOCKED(real(at, given, flags)); if (!done) moved("unlink", path, ""); UNLOCKED;
}
int rmdir(const char *given) {
    REAL(rmdir);
    char path[4096];
    absolute(AT_FDCWD, given, path);
    LOCKED(real(given)); if (!done) moved("unlink", path, ""); UNLOCKED;
}
int mkdir(const char *given, mode_t mode) {
    REAL(mkdir);
    char path[4096];
    absolute(AT_FDCWD, given, path);
    LOCKED(real(given, mode)); if (!done) moved("mkdir", path, ""); UNLOCKED;
}
