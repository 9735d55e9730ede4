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
  'cli/broken-off.test.ts': SLOW,
  'cli/conformance/tills/naive-till.ts': SLOW,
  'cli/conformance/tills/shift.ts': LOOKS,
  'contracts/printer-faults.ts': LOOKS,
  'contracts/tse-blips.ts': LOOKS,
  'contracts/tse-faults.ts': LOOKS,
  'crash/authority-kills.test.ts': LOOKS,
  'crash/deletion-kills.test.ts': LOOKS,
  'crash/http-line.ts': LOOKS,
  'crash/kill-run.ts': KILLS,
  'crash/reading-kills.test.ts': LOOKS,
  'crash/signals.test.ts': KILLS,
  'crash/slow-disk.test.ts': LOOKS,
  'drivers/links/serial.test.ts': HOLDS,
  'e2e/bench.ts': LOOKS,
  'e2e/sync/witnesses.test.ts': SLOW,
  'journal/log-watch.test.ts': LOOKS,
  'process/refused-children.ts': NOTHING,
  'receiver/servers/pgbouncer.ts': LOOKS,
  'receiver/sqlite-maker.ts': HOLDS,
  'sync/kills.ts': KILLS,
  'sync/servers/fault-proxy.ts': SLOW,
  'systemd/machine.test.ts': SLOW,
  'systemd/shop-in-unit.ts': LOOKS,
  'systemd/unit-clock.test.ts': LOOKS,
  'systemd/unit-devices.test.ts': LOOKS,
  'systemd/unit-journal.test.ts': LOOKS,
  'tls/one-authority.test.ts': HOLDS,
  'waits.ts': LOOKS,
}

/** Those of `waits.ts`, which a slow machine gets more of. */
const OURS = '(WAIT|BUILD|DEMO)_LIMIT_MS'

/** A limit of real time that detects a hang, in each spelling. */
const LIMITS = [
  new RegExp(`\\btimeout: (?!${OURS}|0\\b)\\w`),
  // The last argument of a test, a hook or a timer.
  new RegExp(`^ *\\},\\s+(?!${OURS})(\\d[\\d_]{3,}|\\w*(LIMIT|PATIENCE)\\w*),?\\s*\\)`, 'm'),
  new RegExp(`setTimeout\\(\\(\\) => reject\\(.*, (?!${OURS})\\w+\\)`),
  new RegExp(`(AbortSignal\\.timeout|\\w\\.setTimeout)\\((?!${OURS})`),
  // Of one second, unless they are told another.
  /\bvi\.wait(For|Until)\(/,
  /^(export )?const \w*(LIMIT|PATIENCE)\w*_MS = [\d_* ]+$/m,
  /expect\(.*(performance\.now|Date\.now|hrtime\.bigint)\(\) - \w+\).*\.toBeLessThan/,
]

const VIRTUAL = 'time of the simulation or of a clock that the test moves'
const ENDS = 'ends a request on purpose, as a till or a person does'

const LIMIT_REASONS: Readonly<Record<string, string>> = {
  'cli/conformance/tills/naive-till.ts': ENDS,
  'journal/held.test.ts': VIRTUAL,
  'laws/germany/dsfinvk/journal.test.ts': ENDS,
  'simulation/alert-line.ts': VIRTUAL,
  'simulation/technician.ts': VIRTUAL,
  'simulation/world.ts': VIRTUAL,
}

function hasLimit(text: string): boolean {
  return LIMITS.some((limit) => limit.test(text))
}

function hasPause(text: string): boolean {
  return PAUSES.some((pause) => pause.test(text))
}

/** The files of tests, other than this one, with something of that kind. */
function filesWith(hasSome: (text: string) => boolean): string[] {
  const own = 'repository/no-sleeps.test.ts'
  const files = globSync('**/*.{ts,sh,cjs}', { cwd: join(ROOT, 'test') }).filter((file) => file !== own)
  expect(files.length).toBeGreaterThan(700)
  return files.filter((file) => hasSome(readFileSync(join(ROOT, 'test', file), 'utf8'))).sort()
}

test('no test sleeps: a pause of real time has its reason', () => {
  expect(filesWith(hasPause)).toEqual(Object.keys(REASONS).sort())
})

test('a limit of real time is one of waits.ts, or has its reason', () => {
  const reasons = Object.keys(LIMIT_REASONS)
  expect(filesWith(hasLimit).filter((file) => file !== 'waits.ts')).toEqual(reasons.sort())
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

test('every spelling of a limit is found, and those of waits.ts are not', () => {
  const limits = [
    "test('a sale', { timeout: 90_000 }, async () => {",
    'await expect.poll(states, { interval: 100, timeout: PATIENCE_MS }).toEqual([])',
    '  expect(bench.lines).toEqual([])\n}, 240_000)',
    "test(\n  'a sale',\n  async () => {\n    await sold()\n  },\n  PATIENCE_MS,\n)",
    "const timer = setTimeout(() => reject(new Error('late')), 5000)",
    'const signal = AbortSignal.timeout(20_000)',
    'socket.setTimeout(ANSWER_MS, () => socket.destroy())',
    'await vi.waitFor(() => expect(told()).toHaveLength(8))',
    'const START_LIMIT_MS = 4 * 60_000',
    'expect(performance.now() - started).toBeLessThan(2000)',
    'expect(Number(process.hrtime.bigint() - startNs) / 1e6).toBeLessThan(2000)',
  ]
  expect(limits.filter((text) => !hasLimit(text))).toEqual([])
  const others = [
    'execFileSync(NPM, args, { timeout: BUILD_LIMIT_MS })',
    'const busy = new Database(path, { timeout: 0 })',
    '  await prepare()\n}, BUILD_LIMIT_MS)',
    "const timer = setTimeout(() => reject(new Error('late')), WAIT_LIMIT_MS)",
    'const timeouts = { replyMs: 1000, longMs: 20_000 }',
    'expect(turnedMs() - started).toBeLessThan(2000)',
  ]
  expect(others.filter(hasLimit)).toEqual([])
})
