// Every fault at every frame of every operation of a printer: node scripts/rt-fault-matrix.ts [rch|custom|early|epson|page] [OPERATION…]
import { allCases, midnightOf, runCases } from '../test/contracts/printer-faults.ts'
import { customMatrix, EARLY, earlyMatrix, openCustomBench } from '../test/drivers/rt-custom/bench.ts'
import { epsonMatrix, openEpsonBench } from '../test/drivers/rt-epson/bench.ts'
import { openRchBench, rchMatrix } from '../test/drivers/rt-rch/bench.ts'
import { openPageBench, pageMatrix } from '../test/drivers/rt-rch/page/bench.ts'
import { endMatrix } from './matrix-end.ts'

const FAMILIES = {
  rch: { matrix: rchMatrix, open: () => openRchBench({ line: 'tcp' }) },
  custom: { matrix: customMatrix, open: () => openCustomBench('tcp') },
  early: { matrix: earlyMatrix, open: () => openCustomBench('tcp', [], EARLY) },
  // The RCH driver with the printer of the tests alone, byte by byte and with chatter next to its frames.
  page: { matrix: pageMatrix, open: () => openPageBench('tcp', { pieces: 'bytes', chatter: true }) },
  epson: { matrix: epsonMatrix, open: openEpsonBench },
}

const [name = 'rch', ...chosen] = process.argv.slice(2)
const family = FAMILIES[name as keyof typeof FAMILIES]
if (family === undefined) throw new Error(`${name} is not one of ${Object.keys(FAMILIES).join(', ')}`)
const closing = ['rch', 'custom', 'early'].includes(name) ? allCases(midnightOf(family.matrix)) : []
const cases = [...allCases(family.matrix), ...closing].filter(
  ({ operation }) => chosen.length === 0 || chosen.includes(operation),
)
const failures = await runCases(cases, {
  open: family.open,
  parallel: 24,
  progress: (done) => {
    if (done % 250 === 0) console.log(`${done} of ${cases.length}`)
  },
})
endMatrix(cases.length, failures)
