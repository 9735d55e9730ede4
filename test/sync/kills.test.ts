import { expect, test } from 'vitest'
import { killRounds } from './kills.ts'
import { startPostgres } from './servers/postgres.ts'

test('G-2: whoever is killed and whenever, the receiver on SQLite ends with the journal, hash for hash', async () => {
  const { stored, expected } = await killRounds({ rounds: 12, seed: 3 })
  expect(stored).toEqual(expected)
})

test('G-2: and so does the one on PostgreSQL, when PostgreSQL itself is killed too', async () => {
  const postgres = await startPostgres()
  try {
    const { stored, expected } = await killRounds({ rounds: 12, seed: 4, postgres })
    expect(stored).toEqual(expected)
  } finally {
    await postgres.stop()
  }
})
