import { fileStore } from '../../../clients/typescript/src/file-store.ts'
import { cash, line } from '../../../clients/typescript/src/goods.ts'
import { Till } from '../../../clients/typescript/src/till.ts'
import { pointed } from './crash-points.ts'

// node killed-till.ts FOLDER POINT: sells one basket with FISKAL_EDGE_URL and FISKAL_EDGE_REGISTER_KEY, and kills itself
// at the point of that number; 0 is none. Prints what it recovered, and the outcome.
const [, , folder = '', point = '0'] = process.argv
const BUNS = line({ sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' })

let isArmed = false
let passed = 0
const parts = pointed(fileStore(folder), fetch, () => {
  if (isArmed && ++passed === Number(point)) process.kill(process.pid, 'SIGKILL')
})
const till = await Till.open(parts)
const open = till.recovered.flatMap(({ outcome }) => (outcome.outcome === 'done' ? [outcome.value] : []))
for (const operation of open) {
  if (operation.status === 'open') await till.complete(operation, { payments: [cash('4.50')] })
}
isArmed = true
if (open.length === 0) await till.sell({ lines: [BUNS], payments: [cash('4.50')] })
console.log(JSON.stringify({ recovered: open.length, pending: till.pending().length }))
await till.close()
