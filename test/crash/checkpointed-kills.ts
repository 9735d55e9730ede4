import { parseArgs } from 'node:util'
import { CheckpointedRun } from './checkpointed-run.ts'

// node test/crash/checkpointed-kills.ts --seconds 3600 --seed 7
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3600' }, seed: { type: 'string', default: '1' } },
})
const { broken, ...did } = await new CheckpointedRun(Number(values.seed)).run(Number(values.seconds))
for (const text of broken) console.log(`✖ ${text}`)
console.log(
  `${did.kills} kills with seed ${values.seed} in ${did.journals} journals, ${did.commits} commits, ${did.checkpoints} checkpoints, ` +
    `${did.snapshots} snapshots read, ${broken.length} broken promises`,
)
process.exitCode = broken.length === 0 ? 0 : 1
