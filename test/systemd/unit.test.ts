import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, removedLater } from '../cli/command.ts'
import { spawnSync } from '../waits.ts'

const UNIT = join(ROOT, 'systemd', 'fiskal-edge.service')
/** In tenths. */
const EXPOSURE_LIMIT = 20

function analyze(...args: string[]): { code: number | null; text: string } {
  const ran = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  return { code: ran.status, text: `${ran.stdout}${ran.stderr}` }
}

test('the exposure of the unit is 2.0 at most', () => {
  const { code, text } = analyze('security', '--offline=yes', `--threshold=${EXPOSURE_LIMIT}`, UNIT)
  expect(text).toContain('Overall exposure level')
  expect(code, text).toBe(0)
})

test('systemd accepts every word of the unit', () => {
  const { text } = analyze('verify', '--man=no', UNIT)
  // The program is not installed on the machine of this test: the only thing that may be missing.
  expect(text.split('\n').filter((line) => line !== '' && !line.includes('is not executable'))).toEqual([])
})

test('the unit that hands a file over is exposed to 0.6 at most, and systemd accepts every word of it', () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'secret-')))
  const [path, service] = ['path', 'service'].map((kind) => {
    const instance = join(folder, `fiskal-edge-secret@etc-tse.pin.${kind}`)
    copyFileSync(join(ROOT, 'systemd', `fiskal-edge-secret@.${kind}`), instance)
    return instance
  })
  const { code, text } = analyze('security', '--offline=yes', '--threshold=6', String(service))
  expect(code, text).toBe(0)
  expect(analyze('verify', '--man=no', String(path), String(service)).text).toBe('')
})

test('the agent exits before the service manager kills it, and is killed after three missed watchdog pings', () => {
  const unit = readFileSync(UNIT, 'utf8')
  const seconds = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(unit)?.[1])
  const main = readFileSync(join(ROOT, 'base', 'stop-signals.ts'), 'utf8')
  const limitMs = Number(/STOP_LIMIT_MS = ([\d_]+)/.exec(main)?.[1]?.replaceAll('_', ''))
  expect(seconds('TimeoutStopSec') * 1000).toBeGreaterThan(limitMs)
  expect(seconds('WatchdogSec')).toBe(30)
})

test('the unit never stops restarting, and shows the agent which process holds its journal', () => {
  const unit = readFileSync(UNIT, 'utf8')
  expect(unit).toMatch(/^StartLimitIntervalSec=0$/m)
  expect(unit).toMatch(/^TimeoutStartSec=60$/m)
  expect(unit).toMatch(/^ProcSubset=all$/m)
})

test('a stop signals only the agent: its processes end with it, once their work is done', () => {
  expect(readFileSync(UNIT, 'utf8')).toMatch(/^KillMode=mixed$/m)
})

test('rules for devices name known makers only, and each of them', () => {
  const rules = readFileSync(join(ROOT, 'systemd', '60-fiskal-edge.rules'), 'utf8')
  const labels = [...rules.matchAll(/^LABEL="(\w+)"/gm)].map(([, label]) => label)
  const jumps = [...rules.matchAll(/GOTO="(\w+)"/g)].map(([, label]) => label)
  expect(new Set(jumps)).toEqual(new Set(labels))
})
