// Every fault of the simulated tax office at every operation, with an end of the process at every step of the desk: node
// scripts/authority-fault-matrix.ts [FAULT…]
import { brokenBy, FAULTS, KILLS, OPERATIONS } from '../test/till/duty-faults.ts'
import { endMatrix } from './matrix-end.ts'

const chosen = process.argv.slice(2)
const unknown = chosen.find((name) => !FAULTS.some((fault) => fault.startsWith(name)))
if (unknown !== undefined) throw new Error(`${unknown} is not one of ${FAULTS.join(', ')}`)
const faults = FAULTS.filter((fault) => chosen.length === 0 || chosen.some((name) => fault.startsWith(name)))
const cases = faults.flatMap((name) =>
  OPERATIONS.flatMap((operation) => KILLS.map((kill) => ({ fault: `${name}@${operation}`, kill }))),
)
const failures: string[] = []
for (const [at, one] of cases.entries()) {
  const { fault, kill } = one
  const broken = await brokenBy(one)
  if (broken.length > 0) failures.push(`${fault}, end at ${kill.point} ${kill.hits}: ${broken.join('; ')}`)
  if (at % 250 === 249) console.log(`${at + 1} of ${cases.length}`)
}
endMatrix(cases.length, failures)
