import { defineConfig } from 'vitest/config'
import { PlainReporter } from './scripts/plain-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A process each: native modules, signals and working directories are real in these tests.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: false,
    reporters: [new PlainReporter()],
  },
})
