import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execFileSync } from '../waits.ts'

/** Names of the system calls of a set, those of the sets in it included. */
function callsOf(word: string): string[] {
  if (!word.startsWith('@')) return [word]
  const text = execFileSync('systemd-analyze', ['syscall-filter', word], { encoding: 'utf8' })
  const members = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
  return members.filter((line) => line !== '' && !line.startsWith('#')).flatMap(callsOf)
}

/** The calls that are left by `SystemCallFilter=` lines of a unit, the first of which allows (systemd.exec(5)). */
function allowedBy(lines: readonly string[]): ReadonlySet<string> {
  const allowed = new Set(callsOf('@default'))
  for (const line of lines) {
    const words = line.replace(/^~/, '').split(' ')
    for (const call of words.flatMap(callsOf)) {
      if (line.startsWith('~')) allowed.delete(call)
      else allowed.add(call)
    }
  }
  return allowed
}

/** Compiles a program that runs its arguments as the service manager would, as to system calls: others get EPERM. */
export function callFilter(folder: string, lines: readonly string[]): string {
  const rules = [...allowedBy(lines)].map((call) => `#ifdef SYS_${call}\n  allow(SYS_${call}),\n#endif`)
  const source = `#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#define allow(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
static struct sock_filter rules[] = {
  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
${rules.join('\n')}
  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};
int main(int count, char **words) {
  struct sock_fprog program = { sizeof rules / sizeof rules[0], rules };
  if (count < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 126;
  execv(words[1], words + 1);
  return 127;
}
`
  const [file, program] = [join(folder, 'filter.c'), join(folder, 'filter')]
  writeFileSync(file, source)
  execFileSync('cc', ['-o', program, file])
  return program
}
