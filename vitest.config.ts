import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'
import { PlainReporter } from './scripts/plain-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A process each: native modules, signals and working directories are real in these tests.
    pool: 'forks',
    // One more than the two cores of a small machine: a third of the tests' time is waiting, for deadlines and processes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for comes late on a machine that is busy elsewhere, and is no failure.
    expect: { poll: { timeout: 60_000 } },
    allowOnly: false,
    reporters: [new PlainReporter()],
  },
})
