import { parseArgs } from 'node:util'
import { failEveryCall } from './disk-calls.ts'
import { CALLS } from './faulty-disk.ts'
import type { RunReport } from './world.ts'
import { SHOPS, simulate } from './world.ts'

// node test/simulation/simulate.ts --calls
// node test/simulation/simulate.ts --seed 7 --ops 60 [--shop tse|diebold|epson|rksv|rch|custom|fpmate] [--seeds 1000] [--busy] [--disk] [--alerts] [--emergency] [--trace] [--lines]
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    ops: { type: 'string', default: '60' },
    shop: { type: 'string', default: 'tse' },
    busy: { type: 'boolean', default: false },
    disk: { type: 'boolean', default: false },
    alerts: { type: 'boolean', default: false },
    emergency: { type: 'boolean', default: false },
    calls: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    lines: { type: 'boolean', default: false },
  },
})
async function simulateCalls(): Promise<void> {
  const calls = CALLS.read + CALLS.write + CALLS.sync + CALLS.truncate
  for (const on of [false, true]) {
    for (const write of ['eio', 'short', 'full'] as const) {
      const report = await failEveryCall({ calls, write, on })
      console.log(
        `${write} ${on ? 'from then on' : 'once'}, at each of ${report.calls} calls: ${report.broken.length} failures`,
      )
      for (const failure of report.broken) console.log(`  ✖ ${failure}`)
      if (report.broken.length > 0) process.exitCode = 1
    }
  }
}

function print(seed: number, { failures, trace, lines, hash }: RunReport): void {
  console.log(`seed ${seed}, ops ${values.ops}: ${failures.length} failures, hash ${hash}`)
  for (const line of values.lines ? lines : trace) console.log(`  ${line}`)
  for (const failure of failures) console.log(`  ✖ ${failure}`)
}

async function simulateSeeds(): Promise<void> {
  const first = Number(values.seed)
  const shop = SHOPS.find((name) => name === values.shop)
  if (shop === undefined) throw new Error(`a shop is one of ${SHOPS.join(', ')}`)
  const started = performance.now()
  let failed = 0
  let lives = 0
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    const report = await simulate({
      seed,
      ops: Number(values.ops),
      shop,
      busy: values.busy,
      disk: values.disk,
      alerts: values.alerts,
      emergency: values.emergency,
    })
    lives += report.lives
    if (report.failures.length > 0) failed += 1
    if (report.failures.length > 0 || values.trace || values.lines) print(seed, report)
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${values.seeds} seeds from ${first}, ${lives} lives of the agent, ${failed} failed, ${seconds} s`)
  process.exitCode = failed === 0 ? 0 : 1
}

if (values.calls) await simulateCalls()
else await simulateSeeds()
