// Every fault at every frame of every operation of an RCH printer: node scripts/rt-fault-matrix.ts [OPERATION…]
import { allCases, runCases } from '../test/drivers/rt-rch/fault-matrix.ts'

const chosen = process.argv.slice(2)
const cases = allCases().filter(({ operation }) => chosen.length === 0 || chosen.includes(operation))
const failures = await runCases(cases, {
  line: 'tcp',
  parallel: 24,
  progress: (done) => {
    if (done % 250 === 0) console.log(`${done} of ${cases.length}`)
  },
})
for (const failure of failures) console.log(`✖ ${failure}`)
console.log(`${cases.length - failures.length} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
