import { defineConfig } from 'vitest/config'
import { PlainReporter } from './scripts/plain-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A process each: native modules, signals and working directories are real in these tests.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    allowOnly: false,
    reporters: [new PlainReporter()],
  },
})
