import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../agent/clock.ts'
import { compose } from '../../agent/compose.ts'
import { checkConfig } from '../../agent/config.ts'
import { openLog } from '../../agent/log.ts'
import type { Mutation } from '../../agent/till/requests.ts'
import type { Till } from './load.ts'
import { completionOf, saleOf } from './requests.ts'

/**
 * Sells in process, without HTTP, through the agent's own use cases: a journal as long as asked, with real documents,
 * signatures and chain. The shop is there already.
 */
const { values } = parseArgs({
  options: { folder: { type: 'string', default: '' }, sales: { type: 'string' }, tills: { type: 'string' } },
})
const folder = values.folder
const sales = Number(values.sales)
const tills = JSON.parse(values.tills ?? '[]') as readonly Till[]

const CLIENTS_PER_TILL = 2

const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
const config = checkConfig('bench', { version: 1, state: join(folder, 'state'), listen: { port: 0 }, devices }, folder)
const log = openLog('error', { write: (line) => process.stderr.write(line) })
const agent = await compose(config, { clock: systemClock, random: (length) => randomBytes(length), log })
// Connects the device; nobody calls.
await agent.listen()
const { operations, merchants } = agent.application
const [merchant] = merchants.list({ kind: 'platform', keyId: '' }, undefined, { limit: 1, cursor: undefined }).data
const merchantId = String(merchant?.['id'])

function mutation(scope: string, ifMatch?: number): Mutation {
  const idempotency = {
    scope: `${merchantId}:${scope}`,
    key: randomUUID(),
    print: randomBytes(32).toString('base64url'),
  }
  const caller = { kind: 'platform' as const, keyId: '' }
  return { caller, merchantId, idempotency, ifMatch, organization: undefined, requestId: randomUUID() }
}

let begun = 0
async function sellAlong(till: Till): Promise<void> {
  while (begun++ < sales) {
    const created = await operations.create(mutation('/v1/operations'), saleOf(till.register))
    const { id } = JSON.parse(created.body) as { id: string }
    const answer = await operations.complete(mutation('/v1/operations/{id}/complete', 1), id, completionOf(id))
    if (answer.status !== 200) throw new Error(`complete was answered ${answer.status}: ${answer.body}`)
  }
}

const clients = Array.from({ length: CLIENTS_PER_TILL }, () => tills).flat()
await Promise.all(clients.map(sellAlong))
await agent.stop()
