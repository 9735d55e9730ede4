// Every fault at every frame of sale, gift, reso, annullo, Z and slips, through HTTP, agent and journal, on a simulator:
// node scripts/rt-agent-matrix.ts [rch|custom|epson] [OPERATION…]

import { allCases, runCases } from '../test/e2e/italy/faults.ts'
import { isFamily } from '../test/e2e/italy/printer-beside.ts'
import { endMatrix } from './matrix-end.ts'

const [name = 'rch', ...chosen] = process.argv.slice(2)
if (!isFamily(name)) throw new Error(`${name} is not a family of printers`)
const cases = allCases(name).filter(({ operation }) => chosen.length === 0 || chosen.includes(operation))
const failures = await runCases(cases, 5, (done) => {
  if (done % 100 === 0) console.log(`${done} of ${cases.length}`)
})
endMatrix(cases.length, failures)
