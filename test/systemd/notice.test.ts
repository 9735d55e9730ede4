import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ServiceNotice } from '../../agent/process/service-notice.ts'
import { notifyUntilReceived, serviceNotice } from '../../agent/process/service-notice.ts'
import { openLog } from '../../base/log.ts'
import { ownConfig, ownTill, ROOT, removedLater, startDaemon } from '../cli/command.ts'
import type { OtherProgram } from '../journal/other-program.ts'
import { writingProgram } from '../journal/other-program.ts'
import { ManualClock } from '../manual-clock.ts'
import { heavy } from '../tags.ts'
import { once, within } from '../waits.ts'

const BIN = join(ROOT, 'bin', 'fiskal-edge.cjs')

/** The service manager's end of the line: a datagram socket whose words are kept. */
async function listener(): Promise<{
  path: string
  heard: () => string
  hear: (words: string, times?: number) => Promise<void>
}> {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'notify-')))
  const path = join(folder, 'socket')
  const socat = spawn('socat', ['-u', `UNIX-RECV:${path}`, '-'], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void socat.kill('SIGKILL'))
  let heard = ''
  const waiting = new Set<() => void>()
  socat.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text
    for (const wake of waiting) wake()
  })
  await new Promise<void>((resolve) => {
    const watcher = watch(folder, () => existsSync(path) && settle())
    const settle = (): void => {
      watcher.close()
      resolve()
    }
    if (existsSync(path)) settle()
  })
  const hear = (words: string, times = 1): Promise<void> => {
    const told = new Promise<void>((resolve) => {
      const look = (): void => {
        if (heard.split(words).length <= times) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
    return within(`${words}, ${times} times`, told)
  }
  return { path, heard: () => heard, hear }
}

test(
  'the daemon notifies its service manager when it is ready, pings its watchdog, and reports its stop',
  heavy(),
  async () => {
    const { path, heard, hear } = await listener()
    const env = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' }
    const daemon = await startDaemon(process.execPath, [BIN, 'run', '--config', ownTill()], env)
    await hear('WATCHDOG=1')
    expect(heard()).toContain('READY=1')
    expect(heard()).toContain('STATUS=ready; tse-1 ready')
    daemon.child.kill('SIGTERM')
    await hear('STOPPING=1')
    expect((await daemon.ended).code).toBe(0)
  },
)

test('signs of life continue while another program holds the journal', heavy(), async () => {
  const { path, heard, hear } = await listener()
  const env = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' }
  const config = ownTill()
  const daemon = await startDaemon(process.execPath, [BIN, 'run', '--config', config], env)
  await hear('WATCHDOG=1')
  const program = await writingProgram(join(dirname(config), 'state'))
  // Each waits five seconds for the lock.
  await hear('WATCHDOG=1', heard().split('WATCHDOG=1').length + 3)
  await program.says('ROLLBACK')
  daemon.child.kill('SIGTERM')
  const { code } = await daemon.ended
  expect([code, daemon.log()]).toEqual([0, expect.not.stringContaining('watchdog ping skipped')])
})

test('a daemon that cannot start reports why', heavy(), async () => {
  const { path, hear } = await listener()
  const file = ownConfig([], { state: '/dev/null/state' })
  const child = spawn(process.execPath, [BIN, 'run', '--config', file], {
    env: { ...process.env, NOTIFY_SOCKET: path },
    stdio: 'ignore',
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  await hear('STATUS=')
})

/**
 * A state whose agent was killed, so that a start has a log to recover, and another program that has its write lock.
 */
async function heldState(): Promise<{ config: string; program: OtherProgram }> {
  const config = ownTill()
  const first = await startDaemon(process.execPath, [BIN, 'run', '--config', config])
  first.child.kill('SIGKILL')
  await first.ended
  return { config, program: await writingProgram(join(dirname(config), 'state')) }
}

test(
  'a start that another program keeps from writing names it, has its time extended, and continues',
  heavy(),
  async () => {
    const { config, program } = await heldState()
    const { path, heard, hear } = await listener()
    const env = { ...process.env, NOTIFY_SOCKET: path }
    const starting = startDaemon(process.execPath, [BIN, 'run', '--config', config], env)
    await Promise.all([hear('EXTEND_TIMEOUT_USEC=60000000'), hear(`is held by process ${program.pid}`)])
    expect(heard()).not.toContain('READY=1')
    await program.says('ROLLBACK')
    const daemon = await starting
    await hear('READY=1')
    expect(daemon.log().match(/is held by process/g)).toHaveLength(1)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  },
)

test('a start by hand that waits for another program ends at once when it is stopped', heavy(), async () => {
  const { config, program } = await heldState()
  const child = spawn(process.execPath, [BIN, 'run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  let said = ''
  for await (const text of child.stderr) {
    said += String(text)
    if (said.includes('journal_held')) break
  }
  expect(said).toContain(`process ${program.pid}`)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('a notice for the manager is repeated until it is received, and no longer than a start may take', async () => {
  const clock = new ManualClock()
  const told: string[] = []
  const heardAt = (tries: number): ServiceNotice => ({
    isExpected: true,
    notify: async (word = '') => told.push(word) >= tries,
  })
  const warned: string[] = []
  const log = openLog('warn', { write: (line) => void warned.push(line) })
  const tell = (tries: number) =>
    notifyUntilReceived(heardAt(tries), () => [`READY=${told.length}`], { clock, signal: AbortSignal.any([]), log })
  const heard = tell(3)
  await clock.advance(2000)
  await heard
  expect(told).toEqual(['READY=0', 'READY=1', 'READY=2'])
  expect(warned).toEqual([])
  const lost = tell(Number.POSITIVE_INFINITY)
  await clock.advance(120_000)
  await lost
  expect(told).toHaveLength(3 + 61)
  expect(warned).toEqual([expect.stringContaining('the service manager did not receive the ready notification')])
})

test('a notice that is not received is not a failure', async () => {
  expect(await serviceNotice(undefined).notify('READY=1')).toBe(false)
  expect(await serviceNotice(join(tmpdir(), 'no-such-socket')).notify('READY=1')).toBe(false)
  expect(await serviceNotice('/run/any', 'no-such-command').notify('READY=1')).toBe(false)
})
