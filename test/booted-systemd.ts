import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Ran } from './cli/command.ts'
import { perform } from './perform.ts'
import { BUILD_LIMIT_MS, looked, spawnSync, within } from './waits.ts'

const SCRIPT = join(import.meta.dirname, 'booted-systemd.sh')
const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--ipc', '--uts', '--net', '--fork']
/** Commands of all machines compile the program once; the service has its own cache, as in a shop. */
const COMPILED = join(tmpdir(), 'compiled')
const ENVIRONMENT = [
  ...['env', '-i', 'HOME=/root', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
  `NODE_COMPILE_CACHE=${COMPILED}`,
]
/** Its own control group: several files ask at the same time, and each shell has the pid 1. */
const PROBE_GROUP = `/mnt/c/probe-${randomUUID()}`
const PROBE = `mount -t tmpfs p /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w o /mnt/r && mkdir /mnt/c && mount -t cgroup2 c /mnt/c && mkdir ${PROBE_GROUP} && rmdir ${PROBE_GROUP} && test -x /lib/systemd/systemd`
// A command line computes for half a second each time: other tests want that time.
const LOOK_MS = 500

/** A separate Debian under systemd: this machine's files, users and programs; every change is removed with it. */
export type Machine = {
  /** Its root folder, as this machine sees it. */
  readonly root: string
  readonly cgroup: string
  /** Runs a script on it, as root. */
  sh(script: string): Promise<Ran>
  run(command: readonly string[], input?: Buffer): Promise<Ran & { bytes: Buffer }>
  /** Repeats a script until it exits with 0, because its condition comes true on its own. Returns its output. */
  until(script: string): Promise<string>
  close(): Promise<void>
}

/** Why this machine cannot boot a systemd for a test; undefined if it can. */
export function whyNoSystemd(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may boot a systemd in namespaces'
  const { status, stderr } = spawnSync('unshare', [...NAMESPACES, '--cgroup', 'sh', '-c', PROBE], {
    encoding: 'utf8',
  })
  return status === 0 ? undefined : `no systemd can be booted in namespaces here: ${stderr.trim()}`
}

/** Any end of this process ends the machine. Rejects if it does not boot. */
export async function bootSystemd(): Promise<Machine> {
  mkdirSync(COMPILED, { recursive: true })
  // Commands become the user of the service, too.
  chmodSync(COMPILED, 0o1777)
  const cgroup = `fiskal-edge-test-${randomUUID()}`
  const args = ['--pdeathsig', 'KILL', 'unshare', ...NAMESPACES, '--kill-child=KILL', 'sh', SCRIPT, cgroup]
  const shell = spawn('setpriv', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => shell.once('close', resolve))
  let complaints = ''
  shell.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const close = async (pid: string): Promise<void> => {
    process.kill(Number(pid), 'SIGKILL')
    await within(`the end of the machine ${cgroup}`, ended)
    removeCgroup(cgroup)
  }
  try {
    const pid = await firstProcess(shell.pid ?? 0)
    const machine = machineOf(pid, cgroup, () => close(pid))
    await machine.sh('timeout 60 systemctl is-system-running --wait || true')
    return machine
  } catch (error) {
    shell.kill('SIGKILL')
    await within(`the end of the shell of ${cgroup}`, ended)
    removeCgroup(cgroup)
    throw new Error(`the machine did not boot: ${complaints}`, { cause: error })
  }
}

/**
 * One machine for the tests of this file, and its preparation before them. If none can be booted each test is skipped
 * and says why.
 */
export function machineOfThisFile(prepare: (machine: Machine) => Promise<void>): () => Machine {
  const whyNot = whyNoSystemd()
  let booted: Machine | undefined
  beforeAll(async () => {
    if (whyNot !== undefined) return
    booted = await bootSystemd()
    await prepare(booted)
  })
  beforeEach(({ skip }) => {
    if (whyNot !== undefined) skip(whyNot)
  })
  afterAll(async () => {
    await booted?.close()
  })
  return () => {
    if (booted === undefined) throw new Error('the machine of this file is not booted')
    return booted
  }
}

function machineOf(pid: string, cgroup: string, close: () => Promise<void>): Machine {
  const enter = ['-t', pid, '-m', '-p', '-i', '-u', '-C', '-n', ...ENVIRONMENT]
  const run = (command: readonly string[], input?: Buffer) =>
    perform('nsenter', [...enter, ...command], { input, timeout: BUILD_LIMIT_MS })
  const sh = (script: string): Promise<Ran> => run(['sh', '-eu'], Buffer.from(script))
  const until = async (script: string): Promise<string> => {
    let last: Ran = { code: null, out: '', err: '' }
    const look = async (): Promise<Ran | false> => {
      last = await sh(script)
      return last.code === 0 && last
    }
    const ran = await looked(look, { everyMs: LOOK_MS, limitMs: BUILD_LIMIT_MS })
    if (ran === undefined) throw new Error(`still waiting for: ${script}\n${last.out}${last.err}`)
    return ran.out
  }
  return { root: `/proc/${pid}/root`, cgroup, sh, run, until, close }
}

/** The process of the machine that is its first one, once it listens to systemctl. */
async function firstProcess(parent: number): Promise<string> {
  const first = await looked(() => {
    const child = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim()
    return child !== '' && existsSync(`/proc/${child}/root/run/systemd/private`) && isSystemd(child) && child
  })
  if (first === undefined) throw new Error('systemd does not listen')
  return first
}

/** Before, it is the script, whose root is this machine's. */
function isSystemd(pid: string): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'systemd'
}

function removeCgroup(name: string): void {
  const script = `mount -t cgroup2 c /mnt && find /mnt/${name} -depth -type d -exec rmdir {} +`
  spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script])
}
