import { parseArgs } from 'node:util'
import { killRounds } from '../test/sync/kills.ts'
import { startPostgres } from '../test/sync/servers/postgres.ts'

// Kills receiver, PostgreSQL and replay so many times while events flow, then compares receiver and journal.
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
})

const postgres = await startPostgres()
try {
  const { stored, expected } = await killRounds({ rounds: Number(values.rounds), seed: Number(values.seed), postgres })
  const equal = stored.length === expected.length && stored.every((hash, index) => hash === expected[index])
  console.log(
    `${values.rounds} kills, seed ${values.seed}: ${stored.length} of ${expected.length} events, ${equal ? 'equal' : 'DIFFERENT'}`,
  )
  process.exitCode = equal ? 0 : 1
} finally {
  await postgres.stop()
}
