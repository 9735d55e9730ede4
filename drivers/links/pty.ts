import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import { rename, rm, symlink } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { ServedLine } from './served-line.ts'

/** From the package bsdutils, which is essential on Debian. */
const PROGRAM = '/usr/bin/script'
const START_MS = 5000
/** Keeps the node open while no other process does, and ends soon after the process that serves the line was killed. */
const holder = [
  'stty raw -echo && echo "ready $(tty)"',
  'read -r _ _ _ owner _ < /proc/$PPID/stat',
  'while kill -0 "$owner"; do sleep 5; done',
].join('; ')
const ANNOUNCEMENT = /ready (\/dev\/[\w/]+)\r?\n/

export type PtyLine = ServedLine & {
  path: string
  /** Points a stable name at the node until the line ends; without effect on an ended line. */
  nameAs(link: string): Promise<void>
}

/**
 * The device's end of a pseudo-terminal. Node cannot create one; `script` (bsdutils, on every Debian) can, and forwards
 * its bytes through a pipe. Ending it acts like pulling the cable: the other end hangs up and the node disappears.
 */
export async function openPty(clock: Clock): Promise<PtyLine> {
  const child = spawn(PROGRAM, ['-q', '-e', '-c', holder, '/dev/null'], {
    // In its own process group, so that Ctrl-C or a closed terminal does not end it.
    detached: true,
    env: { SHELL: '/bin/sh', PATH: '/usr/bin:/bin', TERM: 'dumb' },
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.stdin.on('error', () => undefined)
  const path = await announced(child, clock)
  let listener: (bytes: Buffer) => void = () => undefined
  let isOver = false
  let naming: Promise<string | undefined> = Promise.resolve(undefined)
  child.stdout.on('data', (bytes: Buffer) => listener(bytes))
  return {
    path,
    write: (bytes) => {
      if (child.stdin.writable) child.stdin.write(bytes)
    },
    listen: (receive) => {
      listener = receive
    },
    onEnd: (act) => {
      child.once('close', act)
    },
    nameAs: async (link) => {
      if (isOver) return
      const linking = linkTo(path, link)
      naming = linking.then(
        () => link,
        () => undefined,
      )
      await linking
    },
    end: async () => {
      isOver = true
      const link = await naming
      if (link !== undefined) await unlink(link)
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Points a stable name at the node, as udev does; replaces an existing name atomically. */
export async function linkTo(path: string, link: string): Promise<void> {
  const fresh = `${link}.new`
  await rm(fresh, { force: true })
  await symlink(path, fresh)
  await rename(fresh, link)
}

/** The name is removed before the node, whose number another device may get at once. */
export async function unlink(link: string): Promise<void> {
  await rm(link, { force: true })
}

function announced(child: ChildProcessWithoutNullStreams, clock: Clock): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (cause: string) => {
      cancel()
      child.kill('SIGKILL')
      reject(new DeviceError('unavailable', 'none', `no pseudo-terminal: ${cause}`))
    }
    const cancel = clock.after(START_MS, () => fail(`${PROGRAM} does not answer`))
    child.once('error', (error) => fail(`${PROGRAM} (package bsdutils) could not be run: ${error.message}`))
    const onEnd = () => fail(`${PROGRAM} ended`)
    child.once('close', onEnd)
    const hear = (bytes: Buffer) => {
      output += bytes.toString('latin1').slice(0, 256)
      const path = ANNOUNCEMENT.exec(output)?.[1]
      if (path === undefined) return
      cancel()
      child.off('close', onEnd)
      child.stdout.off('data', hear)
      resolve(path)
    }
    child.stdout.on('data', hear)
  })
}
