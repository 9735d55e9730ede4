import { parseArgs } from 'node:util'
import { afterRushSection } from './after-rush.ts'
import { againstSection } from './against.ts'
import { floorRows, measureFloors } from './floors.ts'
import { memorySection } from './memory.ts'
import { proofSection } from './proof.ts'
import type { Row } from './report.ts'
import { printHeads, printRows } from './report.ts'
import { saleSection } from './sale.ts'
import { startSection } from './start.ts'
import { strangersSection } from './strangers.ts'
import { makeTempFolder } from './temp-folder.ts'

const USUAL = 'sale,sale-at,memory,start'

/**
 * `npm run bench [-- --only sale,sale-at,memory,start,strangers,proof,after-rush] [--rounds 5] [--sales 10000]
 * [--operations 200000] [--json] [--proof 4000] [--rush 40000] [--rush-seconds 60] [--against COMMIT] [--law tse|rksv|rt]`
 *
 * Measures the agent as users start it, compared with the floor of the same minute: the parts alone, and a minimal
 * agent that does the least a sale needs. It prints each section as soon as it is measured, and exits 1 if a target is
 * missed or a section fails. `strangers`, `proof` and `after-rush` run only by their names; `proof` has goals for 40,000
 * sales. With `--against` it measures only a sale under `--law` or `--only after-rush`, and the agent of that commit in the same run. A
 * journal of 1,000,000 operations takes 9 GB and is made in about five minutes, once; it is kept in node_modules/.cache.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    sales: { type: 'string', default: '10000' },
    operations: { type: 'string', default: '200000' },
    proof: { type: 'string', default: '4000' },
    rush: { type: 'string', default: '40000' },
    'rush-seconds': { type: 'string', default: '60' },
    against: { type: 'string' },
    law: { type: 'string', default: 'tse' },
    json: { type: 'boolean', default: false },
  },
})
const { against = '' } = values
const wanted = new Set((values.only ?? (against === '' ? USUAL : 'against')).split(','))
const rounds = Number(values.rounds)
const law = (['tse', 'rksv', 'rt'] as const).find((known) => known === values.law)
if (law === undefined) throw new Error('--law knows tse, rksv, rt')

const folder = await makeTempFolder()
try {
  const floors = await measureFloors(await folder.make('floors'))
  const sections: readonly [string, () => Promise<Row[]>][] = [
    ['sale', () => saleSection(folder, floors, rounds)],
    ['sale-at', () => saleSection(folder, floors, rounds, 'rksv')],
    ['strangers', () => strangersSection(folder)],
    ['proof', () => proofSection(folder, Number(values.proof))],
    ['memory', () => memorySection(folder, Number(values.sales), Math.min(3, rounds))],
    ['start', () => startSection(folder, Number(values.operations), rounds)],
    ['against', () => againstSection(folder, { commit: against, rounds, law })],
    [
      'after-rush',
      () => afterRushSection(folder, { sales: Number(values.rush), seconds: Number(values['rush-seconds']), against }),
    ],
  ]
  const unknown = [...wanted].filter((name) => !sections.some(([known]) => known === name))
  if (unknown.length > 0) throw new Error(`--only knows ${sections.map(([name]) => name).join(', ')}`)
  const rows: Row[] = []
  const failed: string[] = []
  const add = (measured: readonly Row[]): void => {
    rows.push(...measured)
    if (!values.json) printRows(measured)
  }
  if (!values.json) printHeads()
  add(floorRows(floors))
  for (const [name, measure] of sections) {
    if (!wanted.has(name)) continue
    try {
      add(await measure())
    } catch (error) {
      failed.push(name)
      console.error(`\n✖ ${name}:`, error)
    }
  }
  if (values.json) console.log(JSON.stringify(rows, undefined, 2))
  if (failed.length > 0) console.error(`\nnot measured: ${failed.join(', ')}`)
  process.exitCode = failed.length > 0 || rows.some((row) => row.met === false) ? 1 : 0
} finally {
  await folder.remove()
}
