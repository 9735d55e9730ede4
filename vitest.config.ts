import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { configDefaults, defineConfig } from 'vitest/config'
import { ChosenFirst } from './scripts/tests/chosen-first.ts'
import { CostReporter } from './scripts/tests/cost-reporter.ts'
import { IS_MEASURING } from './scripts/tests/costs.ts'
import { PlainReporter } from './scripts/tests/plain-reporter.ts'
import { Watchdog } from './scripts/tests/watchdog.ts'
import { WAIT_LIMIT_MS } from './test/waits.ts'

const WORKED_CORES_MOST = 8
const ALL = 'test/**/*.test.ts'

/**
 * These tests get their own process, because they use something that a process has once: the token store in its
 * environment, the file system below SQLite, its memory, its open files, its children. All others share a few processes,
 * because loading the agent took 0.8 s of CPU time a file (measured). `test/shared-process.ts` detects tests that belong here.
 */
const OF_THEIR_OWN = [
  'attacks/austrian-chain-signed-again',
  'attacks/exchanged-tokens',
  'attacks/own-office',
  'backup/ahead',
  'base/lifetime',
  'card-pkcs11/*',
  'child/run',
  'crash/austrian-kills',
  'crash/load',
  'drivers/interrupted-exports',
  'drivers/native/*',
  'e2e/austria/card',
  'e2e/austria/mute-card',
  'e2e/austria/sent-duties',
  'e2e/austria/year',
  'e2e/certification',
  'e2e/germany/vendor-steps',
  'e2e/secrets',
  'http/limits',
  'journal/custody',
  'journal/faulty-disk',
  'journal/log-index',
  'journal/log-watch',
  'process/*',
  'receipts/drawing',
  'simulation/*',
  'state/register-keys',
  'sync/faults',
  'tse-pkcs11/*',
].map((name) => `test/**/${name}.test.ts`)

function newSpaceOf(mb: number): string[] {
  return [`--min-semi-space-size=${mb}`, `--max-semi-space-size=${mb}`]
}

// Commands answer in the language of the locale.
Object.assign(env, { LANG: 'C', LC_ALL: 'C' })

export default defineConfig({
  test: {
    // These tests use native modules, signals and working directories, which threads share.
    pool: 'forks',
    // Node loads and caches the modules as in the daemon: 10 % less CPU time than through vite (measured).
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Three more than the cores: the tests wait for deadlines, processes and services for nearly half of their time. Each
    // worker takes up to 400 MB.
    maxWorkers: Math.min(availableParallelism(), WORKED_CORES_MOST) + 3,
    sequence: { sequencer: ChosenFirst },
    // None: the watchdog ends what hangs, and each wait has a limit that names what did not happen (`test/waits.ts`).
    testTimeout: 0,
    hookTimeout: 0,
    tags: [
      { name: 'heavy', description: 'takes long, and rotates' },
      { name: 'smoke', description: 'a heavy test that every run has' },
    ],
    expect: { poll: { timeout: WAIT_LIMIT_MS } },
    allowOnly: false,
    setupFiles: [
      join(import.meta.dirname, 'test/answers.ts'),
      join(import.meta.dirname, 'test/tasks-here.ts'),
      join(import.meta.dirname, 'test/lasting-disk.cjs'),
      join(import.meta.dirname, 'test/running-tests.ts'),
      ...(IS_MEASURING ? [join(import.meta.dirname, 'test/measured-tests.ts')] : []),
    ],
    globalSetup: join(import.meta.dirname, 'test/run-folder.ts'),
    reporters: [new Watchdog(), new PlainReporter(), ...(IS_MEASURING ? [new CostReporter()] : [])],
    // Two tests of one file would be measured together.
    ...(IS_MEASURING && { maxConcurrency: 1 }),
    projects: [
      {
        extends: true,
        test: {
          name: 'own',
          // New objects live long while modules load: a small new space would copy them repeatedly (4 % of CPU time, measured).
          execArgv: newSpaceOf(16),
          include: OF_THEIR_OWN,
        },
      },
      {
        extends: true,
        test: {
          name: 'shared',
          // Several agents live in one process: 6 % less CPU time than with 16 MB (measured).
          execArgv: newSpaceOf(32),
          include: [ALL],
          exclude: [...configDefaults.exclude, ...OF_THEIR_OWN],
          isolate: false,
          setupFiles: [join(import.meta.dirname, 'test/shared-process.ts')],
        },
      },
    ],
  },
})
