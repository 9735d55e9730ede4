import { parseArgs } from 'node:util'
import { isFamily } from '../e2e/italy/printer-beside.ts'
import { AustrianCourse } from './austrian-course.ts'
import { ItalianCourse } from './italian-course.ts'
import { KillRun } from './kill-run.ts'

// node test/crash/kill-loop.ts --kills 1000 --seed 7 [--law rksv|rt] [--printer rch|custom|epson]
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    law: { type: 'string', default: 'tse' },
    printer: { type: 'string', default: 'rch' },
  },
})
if (!isFamily(values.printer)) throw new Error(`${values.printer} is not a family of printers`)
await using italian = values.law === 'rt' ? await ItalianCourse.open(values.printer) : undefined
const course = values.law === 'rksv' ? new AustrianCourse() : italian
const { kills, broken, answers, readyMs, bareMs } = await new KillRun(Number(values.seed), course).run(
  Number(values.kills),
)
for (const text of broken) console.log(`✖ ${text}`)
function of(times: readonly number[], share: number): string {
  return (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(0)
}
console.log(`${kills} kills with seed ${values.seed}, ${answers} answers, ${broken.length} broken invariants`)
console.log(
  `restart to ready: p50 ${of(readyMs, 0.5)} ms, p99 ${of(readyMs, 0.99)} ms, max ${of(readyMs, 1)} ms; a Node with its libraries: p50 ${of(bareMs, 0.5)} ms`,
)
process.exitCode = broken.length === 0 ? 0 : 1
