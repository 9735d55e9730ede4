import { fstatSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { LOG_FIELDS, openLog, prioritisedLines, readableLines } from '../base/log.ts'
import { isSystemJournal, standardError } from '../base/standard-error.ts'
import { SYNC_LOG_FIELDS } from '../sync/protocol/log.ts'
import { ManualClock } from './manual-clock.ts'

function lines(write: (log: ReturnType<typeof openLog>) => void): string[] {
  const written: string[] = []
  write(openLog('info', { write: (line) => written.push(line) }))
  return written
}

test('a field that is not listed is left out', () => {
  const [line = ''] = lines((log) =>
    // @ts-expect-error: the compiler refuses it first
    log.info({ request_id: 'r', customer: 'Frau Muster', body: { name: 'x' }, status: 200 }, 'request'),
  )
  expect(JSON.parse(line)).toMatchObject({ request_id: 'r', status: 200, msg: 'request' })
  expect(line).not.toMatch(/Muster|body|customer/)
})

test('keys are redacted in every place', () => {
  const key = 'ofk_platform_01JABC_d2hhdGV2ZXI-x'
  const error = Object.assign(new Error(`refused ${key}`), { code: 'unauthorized' })
  const written = lines((log) =>
    log.error({ error, url: `http://x/?k=${key}`, code: key }, `Authorization: Bearer ${key}`),
  ).join('')
  expect(written).not.toContain('d2hhdGV2ZXI')
  expect(written).toContain('[redacted]')
  expect(JSON.parse(written)).toMatchObject({ error: { name: 'Error', code: 'unauthorized' } })
})

test('objects do not slip in through a listed field', () => {
  const [line = ''] = lines((log) => log.warn({ path: { name: 'Frau Muster' } }, 'x'))
  expect(line).not.toContain('Muster')
})

test('text of a device or a receiver cannot steer a terminal', () => {
  const written: string[] = []
  const log = openLog(
    'info',
    readableLines((text) => written.push(text)),
  )
  log.info({ message: 'title \u001b]0;owned\u0007 and \u009b2J' }, 'said\n20:14:55 info  all is well')
  expect(written.join('')).toMatch(
    / said\\u000a20:14:55 info {2}all is well message=title \\u001b\]0;owned\\u0007 and \\u009b2J\n$/,
  )
})

test("systemd's journal gets the priority of each line, and warnings are not held back", () => {
  const written: string[] = []
  const flush = vi.fn()
  const log = openLog('info', prioritisedLines({ write: (line) => written.push(line), flush }))
  log.info({}, 'ready')
  expect(flush).not.toHaveBeenCalled()
  log.warn({}, 'the message says "level":"info"')
  log.error({}, 'the end')
  expect(flush).toHaveBeenCalledTimes(2)
  expect(written.map((line) => line.slice(0, 3))).toEqual(['<6>', '<4>', '<3>'])
  for (const line of written) expect(JSON.parse(line.slice(3))).toMatchObject({ msg: expect.any(String) })
})

test("standard error is systemd's journal if the environment names this very file", async () => {
  const fd = openSync(join(await mkdtemp(join(tmpdir(), 'log-')), 'journal'), 'a')
  const { dev, ino } = fstatSync(fd)
  expect(isSystemJournal(`${dev}:${ino}`, fd)).toBe(true)
  // The descriptor that a child of the service, or a command in its shell, has inherited.
  expect(isSystemJournal(`${dev}:${ino + 1}`, fd)).toBe(false)
  expect(isSystemJournal(undefined, fd)).toBe(false)
})

test('a terminal gets one readable line each', () => {
  const written: string[] = []
  openLog(
    'info',
    readableLines((text) => written.push(text)),
  ).info({ url: 'http://127.0.0.1:7070', pid: 7 }, 'ready')
  expect(written).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d info {2}ready url=http:\/\/127\.0\.0\.1:7070 pid=7\n$/),
  ])
})

test('every field that may be written is on the page that explains the log', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'agent', 'watch', 'README.md'), 'utf8')
  const table = page.split('\n| fields | of |\n')[1] ?? ''
  const named = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''))
  expect(named.sort()).toEqual([...LOG_FIELDS].sort())
})

test('messages of sync and receiver are written', () => {
  expect(SYNC_LOG_FIELDS.filter((name) => !LOG_FIELDS.has(name))).toEqual([])
})

/** A log into a file, as a process has it on standard error. */
async function backgroundLog() {
  const clock = new ManualClock()
  const path = join(await mkdtemp(join(tmpdir(), 'log-')), 'log')
  const destination = standardError(clock, openSync(path, 'a'))
  const written = () => readFileSync(path, 'utf8')
  return { clock, destination, written, log: openLog('info', destination) }
}

test('lines are gathered for a moment', async () => {
  const { clock, log, written } = await backgroundLog()
  log.info({}, 'first')
  log.info({}, 'second')
  expect(written()).toBe('')
  await clock.advance(100)
  await expect.poll(written).toContain('second')
  log.info({}, 'third')
  await clock.advance(100)
  await expect.poll(written).toContain('third')
})

test.each(['warn', 'error'] as const)('a line of the level %s waits for no others', async (level) => {
  const { log, written } = await backgroundLog()
  log.info({}, 'before')
  log[level]({}, 'here')
  await expect.poll(written).toContain('here')
  expect(written()).toMatch(/before.*\n.*here/)
})

test('the buffered lines are written as the process ends', async () => {
  const { log, written, destination } = await backgroundLog()
  log.info({}, 'last words')
  destination.flushSync()
  expect(written()).toContain('last words')
})

test('a log without space is abandoned: neither error nor exit depends on it', async () => {
  const clock = new ManualClock()
  const destination = standardError(clock, openSync('/dev/full', 'a'))
  const log = openLog('info', destination)
  log.error({}, 'first')
  log.info({}, 'x'.repeat(5000))
  await clock.advance(100)
  log.info({}, 'last words')
  destination.flushSync()
})
