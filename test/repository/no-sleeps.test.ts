import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'

/** A pause of real time: the promise of a timer, in both spellings, and the command of the shell. */
const PAUSES = [
  /import \{[^}]*\bsetTimeout\b[^}]*\} from 'node:timers\/promises'/,
  /new Promise(<\w+>)?\(\(?\w*\)? ?=> ?\{?\s*setTimeout\(/,
  /setTimeout\((\(\) => )?resolve\b/,
  /\bsleep 0?\.?\d/,
]

const LOOKS = 'looks at another process, a device or a server until it has changed: no event reports it'
const KILLS = 'kills or signals another process at a moment of real time'
const HOLDS = 'holds a file or a port while another process waits for it: no event reports that it waits'
const SLOW = 'simulates a service or a work that is slow'
const NOTHING = 'proves that nothing happens within the pause'

/** A pause in any other file is a sleep: wait for an event, or move a clock by hand (`manual-clock.ts`). */
const REASONS: Readonly<Record<string, string>> = {
  'base/names.test.ts': SLOW,
  'booted-systemd.ts': LOOKS,
  'cli/broken-off.test.ts': SLOW,
  'cli/conformance/tills/naive-till.ts': SLOW,
  'cli/conformance/tills/shift.ts': LOOKS,
  'contracts/printer-faults.ts': LOOKS,
  'contracts/tse-blips.ts': LOOKS,
  'contracts/tse-faults.ts': LOOKS,
  'crash/alert-disk.test.ts': LOOKS,
  'crash/authority-kills.test.ts': LOOKS,
  'crash/deletion-kills.test.ts': LOOKS,
  'crash/http-line.ts': LOOKS,
  'crash/kill-run.ts': KILLS,
  'crash/reading-kills.test.ts': LOOKS,
  'crash/replayed-course.ts': LOOKS,
  'crash/signals.test.ts': KILLS,
  'crash/slow-disk.test.ts': LOOKS,
  'crash/till-life-kills.test.ts': LOOKS,
  'drivers/links/serial.test.ts': HOLDS,
  'e2e/bench.ts': LOOKS,
  'e2e/italy/faults.ts': LOOKS,
  'e2e/italy/killed-shop.ts': LOOKS,
  'e2e/sync/kill.test.ts': LOOKS,
  'e2e/sync/witnesses.test.ts': SLOW,
  'journal/log-watch.test.ts': LOOKS,
  'package/on-box.ts': LOOKS,
  'page/browser.ts': LOOKS,
  'process/refused-children.ts': NOTHING,
  'receiver/servers/pgbouncer.ts': LOOKS,
  'receiver/sqlite-maker.ts': HOLDS,
  'sync/kills.ts': KILLS,
  'sync/servers/fault-proxy.ts': SLOW,
  'sync/servers/postgres.ts': LOOKS,
  'systemd/machine.test.ts': SLOW,
  'systemd/shop-in-unit.ts': LOOKS,
  'systemd/unit-clock.test.ts': LOOKS,
  'systemd/unit-devices.test.ts': LOOKS,
  'systemd/unit-journal.test.ts': LOOKS,
  'tls/one-authority.test.ts': HOLDS,
}

function hasPause(text: string): boolean {
  return PAUSES.some((pause) => pause.test(text))
}

test('no test sleeps: a pause of real time has its reason', () => {
  const own = 'repository/no-sleeps.test.ts'
  const files = globSync('**/*.{ts,sh,cjs}', { cwd: join(ROOT, 'test') }).filter((file) => file !== own)
  expect(files.length).toBeGreaterThan(700)
  const pausing = files.filter((file) => hasPause(readFileSync(join(ROOT, 'test', file), 'utf8')))
  expect(pausing.sort()).toEqual(Object.keys(REASONS).sort())
})

test('no test waits for a process or an event without a limit', () => {
  const bare = /import \{[^}]*\b(once|spawnSync|execFileSync|execSync)\b[^}]*\} from 'node:(events|child_process)'/
  const files = globSync('**/*.ts', { cwd: join(ROOT, 'test') })
  expect(files.filter((file) => bare.test(readFileSync(join(ROOT, 'test', file), 'utf8')))).toEqual(['waits.ts'])
})

test('every spelling of a pause is found, and a limit is not one', () => {
  const pauses = [
    "import { setTimeout as delay } from 'node:timers/promises'",
    "import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'",
    'await new Promise((resolve) => setTimeout(resolve, 80))',
    'await new Promise<void>((resolve) => {\n  setTimeout(resolve, 80)\n})',
    "socket.on('error', () => setTimeout(() => resolve(false), 25))",
    'until test -S socket; do sleep 0.1; done',
  ]
  expect(pauses.filter((text) => !hasPause(text))).toEqual([])
  const limits = [
    "import { setImmediate as turn } from 'node:timers/promises'",
    "const timer = setTimeout(() => reject(new Error('late')), LIMIT_MS)",
    'await clock.sleep(20)',
    'socket.setTimeout(LIMIT_MS, () => socket.destroy())',
  ]
  expect(limits.filter(hasPause)).toEqual([])
})
