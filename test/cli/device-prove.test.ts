import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireLock } from '../../agent/journal/disk/lock.ts'
import { DieboldSimulator } from '../../drivers/tse-diebold/simulator.ts'
import { makeDriver, pinsOf } from '../contracts/vendor-tses.ts'
import { patientClock } from '../patient-clock.ts'
import { readRecording } from '../recorded/recording-text.ts'
import { bothOf } from '../recorded/shows.ts'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import type { Ran } from './command.ts'
import { BIN, fiskalEdge, ownConfig, removedLater } from './command.ts'

/** Runs it at a terminal, where a person types that. */
async function atTerminal(typed: string, ...args: readonly string[]): Promise<Ran> {
  const child = spawn('/usr/bin/script', ['-qec', [process.execPath, BIN, ...args].join(' '), '/dev/null'])
  const ended = once(child, 'close')
  let out = ''
  let isAsked = false
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString()
    if (out.includes('if it is meant: ') && !isAsked) child.stdin.write(`${typed}\n`)
    isAsked = out.includes('if it is meant: ')
  })
  const [code] = await ended
  return { code: code as number, out, err: '' }
}

async function diebold(folder: string) {
  const unit = new DieboldSimulator({ directory: join(folder, 'unit'), clock: patientClock })
  return {
    unit,
    device: { id: 'tse-1', driver: 'tse-diebold', tcp: { host: '127.0.0.1', port: await unit.serveTcp(0) } },
  }
}

function newFolder(): string {
  return removedLater(mkdtempSync(join(tmpdir(), 'prove-')))
}

test('device prove records a TSE that it only asks, and what it wrote plays as that TSE', heavy(), async () => {
  const folder = newFolder()
  const { unit, device } = await diebold(folder)
  const out = join(folder, 'out')
  const command = ['device', 'prove', 'tse-1', '--out', out, '--config', ownConfig([device])]
  const refused = await fiskalEdge(...command)
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining('not_confirmed: No other program shows here'),
  ])
  expect(existsSync(out)).toBe(false)
  const ran = await atTerminal('closed', ...command)
  expect([ran.code, ran.out]).toEqual([0, expect.stringContaining(`Written: ${join(out, 'recording.txt')}`)])
  const text = readFileSync(join(out, 'recording.txt'), 'utf8')
  expect(text).not.toContain(folder)
  const [recorded, played] = await bothOf(text, device)
  expect(played).toEqual(recorded)
  await unit.pullOut()
})

test('device prove --test-unit signs for a separate client, and its file has no PIN', heavy(), async () => {
  const folder = newFolder()
  const { unit, device } = await diebold(folder)
  const pins = { adminPinFile: join(folder, 'admin'), timeAdminPinFile: join(folder, 'time') }
  writeFileSync(pins.adminPinFile, '12345')
  writeFileSync(pins.timeAdminPinFile, '54321')
  const till = await makeDriver(
    { ...device, timeouts: { replyMs: 1500, longMs: 20_000 } },
    pinsOf('tse-diebold'),
    join(folder, 'till'),
  )
  await till.open()
  await till.initialise()
  await till.close()
  const config = ownConfig([{ ...device, ...pins }])
  const out = join(folder, 'out')
  const ran = await atTerminal('closed', 'device', 'prove', 'tse-1', '--test-unit', '--out', out, '--config', config)
  expect(ran).toMatchObject({ code: 0 })
  const text = readFileSync(join(out, 'recording.txt'), 'utf8')
  expect(text).toContain('level: test unit')
  expect(text).toContain('#   the same signature')
  expect(text).not.toMatch(/[^0-9](12345|54321)[^0-9]/)
  expect(readRecording(text).lines.at(-1)).toBeDefined()
  await unit.pullOut()
})

test('device prove refuses what would disturb a shop, and leaves no folder', heavy(), async () => {
  const folder = newFolder()
  const path = join(folder, 'tty')
  const unit = new DieboldSimulator({ directory: join(folder, 'unit'), clock: patientClock })
  await unit.servePty(path)
  const config = ownConfig([
    { id: 'tse-0', driver: 'tse-simulator' },
    { id: 'tse-1', driver: 'tse-diebold', serial: { path } },
    { id: 'tse-2', driver: 'tse-cryptovision', path: folder },
  ])
  const out = join(folder, 'out')
  const prove = (id: string, to = out) => fiskalEdge('device', 'prove', id, '--out', to, '--config', config)
  const full = join(folder, 'full')
  mkdirSync(full)
  writeFileSync(join(full, 'other'), '')
  const drive = openSync(join(folder, 'TSE-IO.bin'), 'w')
  const refusals = [
    await prove('tse-9'),
    await prove('tse-0'),
    await prove('tse-1', full),
    await prove('tse-1'),
    await prove('tse-2'),
  ]
  closeSync(drive)
  expect(refusals.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1])
  expect(refusals.map(({ err }) => err)).toEqual([
    expect.stringContaining('usage: the configuration has no device tse-9'),
    expect.stringContaining('tse-simulator is not recorded'),
    expect.stringContaining('is not an empty folder'),
    // The other end of this line is a process, too.
    expect.stringMatching(/port_in_use: .* is used by process \d+ \(script\)/),
    expect.stringMatching(new RegExp(`port_in_use: .*TSE-IO\\.bin is used by process ${process.pid} `)),
  ])
  const state = join(dirname(config), 'state')
  mkdirSync(state, { recursive: true })
  const lock = acquireLock(state)
  expect((await prove('tse-1')).err).toContain(`state_locked: ${state} is in use by process ${process.pid}`)
  lock.release()
  expect([existsSync(out), readdirSync(full)]).toEqual([false, ['other']])
  await unit.pullOut()
})
