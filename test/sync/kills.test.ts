// @module-tag heavy
import { expect, test } from 'vitest'
import { killRounds } from './kills.ts'
import { startPostgres } from './servers/postgres.ts'

test('any process killed at any time, the receiver on SQLite ends with the journal, hash for hash', async () => {
  const { stored, expected } = await killRounds({ rounds: 12, seed: 3 })
  expect(stored).toEqual(expected)
})

test('any process and PostgreSQL killed at any time, the receiver on PostgreSQL ends with the journal', async () => {
  const postgres = await startPostgres()
  try {
    const { stored, expected } = await killRounds({ rounds: 12, seed: 4, postgres })
    expect(stored).toEqual(expected)
  } finally {
    await postgres.stop()
  }
})
