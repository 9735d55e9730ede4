import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'
import { PlainReporter } from './scripts/plain-reporter.ts'

const WORKED_CORES_MOST = 8
const ALL = 'test/**/*.test.ts'

/**
 * Each in a process of its own, for what there is once in one: the token store that its environment names, the file system
 * below SQLite, its memory, its open files, its children. All others follow each other in a few processes: to load the
 * agent took 0.8 s of computing for each file (measured). What does not belong there `test/shared-process.ts` finds.
 */
const OF_THEIR_OWN = [
  'attacks/austrian-chain-signed-again',
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

export default defineConfig({
  test: {
    // Native modules, signals and working directories are real in these tests: no threads.
    pool: 'forks',
    // Loaded as the daemon loads them, and kept compiled: a tenth less computing than through vite (measured).
    // New things live long while modules load: a narrow heap copies them again and again (4 % of the computing, measured).
    execArgv: ['--min-semi-space-size=16', '--max-semi-space-size=16'],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Three more than cores: nearly half of the tests' time is waiting, for deadlines, processes and services. Each takes up to 400 MB.
    maxWorkers: Math.min(availableParallelism(), WORKED_CORES_MOST) + 3,
    sequence: { sequencer: LongestFirst },
    // For what hangs: on a machine with eight busy neighbours a core a test of twenty commands takes minutes, and is no failure.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    allowOnly: false,
    globalSetup: join(import.meta.dirname, 'test/run-folder.ts'),
    reporters: [new PlainReporter()],
    projects: [
      { extends: true, test: { name: 'own', include: OF_THEIR_OWN } },
      {
        extends: true,
        test: {
          name: 'shared',
          include: [ALL],
          exclude: [...configDefaults.exclude, ...OF_THEIR_OWN],
          isolate: false,
          setupFiles: [join(import.meta.dirname, 'test/shared-process.ts')],
        },
      },
    ],
  },
})
