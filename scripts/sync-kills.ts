import { parseArgs } from 'node:util'
import { KillRun } from '../test/crash/kill-run.ts'
import { ReplayedCourse } from '../test/crash/replayed-course.ts'

// node scripts/sync-kills.ts --kills 1000 --seed 1
// Tills sell while agent, receiver and PostgreSQL are killed at random, so many times in all; then receiver and journal
// are compared, hash for hash, and every promise of the agent is checked. About a second for each kill.
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
})
// Of ten kills four are of the agent, three of the receiver, three of PostgreSQL.
const agentKills = Math.ceil(Number(values.kills) * 0.4)
const run = await ReplayedCourse.open()
try {
  const { kills, broken, answers } = await new KillRun(Number(values.seed), run).run(agentKills)
  for (const text of broken) console.log(`✖ ${text}`)
  const { receiver, postgres } = run.kills
  console.log(
    `${kills} kills of the agent, ${receiver} of the receiver, ${postgres} of PostgreSQL, seed ${values.seed}`,
  )
  console.log(`${answers} answers; receiver and journal are ${broken.length === 0 ? 'equal' : 'NOT PROVEN EQUAL'}`)
  process.exitCode = broken.length === 0 ? 0 : 1
} finally {
  await run.close()
}
