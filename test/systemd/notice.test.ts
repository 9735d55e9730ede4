import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLog } from '../../agent/log.ts'
import type { ServiceNotice } from '../../agent/process/service-notice.ts'
import { serviceNotice, tellUntilHeard } from '../../agent/process/service-notice.ts'
import { ownConfig, ownTill, ROOT, removedLater, startDaemon } from '../cli/command.ts'
import { ManualClock } from '../manual-clock.ts'

const BIN = join(ROOT, 'bin', 'fiskal-edge.cjs')

/** The service manager's end of the line: a datagram socket whose words are kept. */
async function listener(): Promise<{ path: string; heard: () => string; hear: (words: string) => Promise<void> }> {
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
  const hear = (words: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!heard.includes(words)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { path, heard: () => heard, hear }
}

test('the daemon tells its service manager when it is ready, gives signs of life, and says when it stops', async () => {
  const { path, heard, hear } = await listener()
  const env = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' }
  const daemon = await startDaemon(process.execPath, [BIN, 'run', '--config', ownTill()], env)
  await hear('WATCHDOG=1')
  expect(heard()).toContain('READY=1')
  expect(heard()).toContain('STATUS=ready; tse-1 ready')
  daemon.child.kill('SIGTERM')
  await hear('STOPPING=1')
  expect((await daemon.ended).code).toBe(0)
})

test('a daemon that cannot start tells why', async () => {
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

test('a word that the manager waits for is told again, as it is then, until it is heard, and no longer than a start may take', async () => {
  const clock = new ManualClock()
  const told: string[] = []
  const heardAt = (tries: number): ServiceNotice => ({
    isHeard: true,
    tell: async (word = '') => told.push(word) >= tries,
  })
  const warned: string[] = []
  const log = openLog('warn', { write: (line) => void warned.push(line) })
  const tell = (tries: number) =>
    tellUntilHeard(heardAt(tries), () => [`READY=${told.length}`], { clock, signal: AbortSignal.any([]), log })
  const heard = tell(3)
  await clock.advance(2000)
  await heard
  expect(told).toEqual(['READY=0', 'READY=1', 'READY=2'])
  expect(warned).toEqual([])
  const lost = tell(Number.POSITIVE_INFINITY)
  await clock.advance(120_000)
  await lost
  expect(told).toHaveLength(3 + 61)
  expect(warned).toEqual([expect.stringContaining('the service manager does not hear that the agent is ready')])
})

test('a word that nobody hears is no failure', async () => {
  expect(await serviceNotice(undefined).tell('READY=1')).toBe(false)
  expect(await serviceNotice(join(tmpdir(), 'no-such-socket')).tell('READY=1')).toBe(false)
  expect(await serviceNotice('/run/any', 'no-such-command').tell('READY=1')).toBe(false)
})
