// Every fault at every frame of sale, reso, annullo, Z and slips, through HTTP, agent and journal, on a simulated RCH printer:
// node scripts/rt-agent-matrix.ts [OPERATION…]
import { allCases, runCases } from '../test/e2e/rt-faults.ts'
import { endMatrix } from './matrix-end.ts'

const chosen = process.argv.slice(2)
const cases = allCases().filter(({ operation }) => chosen.length === 0 || chosen.includes(operation))
const failures = await runCases(cases, 5, (done) => {
  if (done % 100 === 0) console.log(`${done} of ${cases.length}`)
})
endMatrix(cases.length, failures)
