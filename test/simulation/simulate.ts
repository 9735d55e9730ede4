import { parseArgs } from 'node:util'
import { simulate } from './world.ts'

// node test/simulation/simulate.ts --seed 7 --ops 60 [--seeds 1000] [--busy] [--trace]
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    ops: { type: 'string', default: '60' },
    busy: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const started = performance.now()
let failed = 0
let lives = 0
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const report = await simulate({ seed, ops: Number(values.ops), busy: values.busy })
  lives += report.lives
  if (report.failures.length > 0) failed += 1
  if (report.failures.length > 0 || values.trace) {
    console.log(`seed ${seed}, ops ${values.ops}: ${report.failures.length} failures, hash ${report.hash}`)
    for (const line of report.trace) console.log(`  ${line}`)
    for (const failure of report.failures) console.log(`  ✖ ${failure}`)
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(1)
console.log(`${values.seeds} seeds from ${first}, ${lives} lives of the agent, ${failed} failed, ${seconds} s`)
process.exitCode = failed === 0 ? 0 : 1
