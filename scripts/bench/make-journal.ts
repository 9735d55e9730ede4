import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { EventBody, NewEvent } from '../../agent/journal/events.ts'
import { bodyOf } from '../../agent/journal/events.ts'
import { Journal } from '../../agent/journal/journal.ts'
import type { View } from '../../agent/journal/projections/view.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import { systemClock } from '../../base/clock.ts'
import { idMaker, uuid } from '../../base/ids.ts'

/**
 * Makes a journal long: repeats the last sale of each register, event by event, through the journal's own writer, with
 * new ids, claims and numbers. Chain, checkpoints and projections are real; the signatures are those of the first sale,
 * under transaction numbers and signature counters that count up.
 */
const { values } = parseArgs({
  options: { folder: { type: 'string', default: '' }, sales: { type: 'string' }, registers: { type: 'string' } },
})
const sales = Number(values.sales)
const registers = (values.registers ?? '').split(',')

const SALES_A_COMMIT = 16
const PAGE = 100_000

function random(length: number): Uint8Array {
  return randomBytes(length)
}
const state = openStateDirectory(join(values.folder, 'state'), random)
const journal = await Journal.open({
  directory: state.path,
  clock: systemClock,
  bootId: uuid(random, 4),
  signer: checkpointSigner(state.checkpointKey),
  agentId: 'bench',
  chainId: () => uuid(random, 7, systemClock.now()),
  onFatal: (error) => {
    throw error
  },
  fault: () => undefined,
  defer: (drain) => setImmediate(drain),
  refusal: () => undefined,
})
const newId = idMaker(systemClock.now, random)

type Template = { register: string; op: string; events: readonly { seq: number; kind: string; body: string }[] }

function templateOf(view: View, register: string): Template {
  const merchant = view.resource(register)?.merchant ?? ''
  const filter = { merchant, register, type: 'sale', status: 'completed' }
  const op = view.operations(filter, 0, PAGE).at(-1)?.id ?? ''
  return { register, op, events: view.eventsOf(op) }
}

/** The transaction of a sale; every sale signs twice. */
type Signed = { transaction: number; counter: number }

function lastSigned(events: Template['events']): Signed {
  const text = events.map(({ body }) => body).join()
  const transaction = Number(/"transaction_number":(\d+)/.exec(text)?.[1] ?? 0)
  return { transaction, counter: Number(/"transaction_counter":(\d+)/.exec(text)?.[1] ?? 0) }
}

function signedAs(text: string, { transaction, counter }: Signed): string {
  return text
    .replaceAll(/"(transaction|transaction_number)":\d+/g, `"$1":${transaction}`)
    .replaceAll(/"number":\d+,"state"/g, `"number":${transaction},"state"`)
    .replaceAll(/"transaction_counter":\d+/g, `"transaction_counter":${counter}`)
}

/** Copies the events of a sale, from `seq` on, with the number of the next receipt. */
function again({ op, register, events }: Template, seq: number, receiptNumber: number, signed: Signed): NewEvent[] {
  const moved = (old: number): number => seq + events.findIndex((event) => event.seq === old)
  const newOp = newId('op')
  return events.map(({ kind, body: text }): NewEvent => {
    const body = bodyOf({ body: signedAs(text.replaceAll(op, newOp), signed) })
    const changed: EventBody = {
      ...body,
      ...(body.index !== undefined && { set: { ...body.set, external_id: `${register}-${receiptNumber}` } }),
      ...(body.claim !== undefined && { claim: { ...body.claim, id: randomBytes(32).toString('base64url') } }),
      ...(body.answer?.to !== undefined && { answer: { ...body.answer, to: moved(body.answer.to) } }),
      ...(body.ref !== undefined && { ref: moved(body.ref) }),
      ...(body.root !== undefined && { root: moved(body.root) }),
      ...(body.receipt !== undefined && { receipt: { register, number: receiptNumber } }),
    }
    // As the agent wrote it.
    return { kind, op: newOp, body: changed } as NewEvent
  })
}

// After a slow sync the journal pauses on a timer that does not keep a process alive.
const alive = setInterval(() => undefined, 60_000)
// A crash costs only the time to make this journal again.
journal.read((db) => db.pragma('synchronous = OFF'))
const templates = registers.map((register) => templateOf(journal.view, register))
const lasts = templates.map(({ events }) => lastSigned(events))
const last = {
  transaction: Math.max(...lasts.map(({ transaction }) => transaction)),
  counter: Math.max(...lasts.map(({ counter }) => counter)),
}
for (let written = 0; written < sales; ) {
  const count = Math.min(SALES_A_COMMIT, sales - written, templates.length)
  const used = Array.from({ length: count }, (_, index) => templates[(written + index) % templates.length])
  await journal.commit('intent', (view, firstSeq) => {
    const events: NewEvent[] = []
    for (const template of used) {
      if (template === undefined) continue
      last.transaction += 1
      last.counter += 2
      events.push(...again(template, firstSeq + events.length, view.nextReceiptNumber(template.register), last))
    }
    return { events, result: undefined }
  })
  written += count
}
// One sync of everything, so that the first commits of the agent do not pay for it.
journal.read((db) => {
  db.pragma('synchronous = FULL')
  db.pragma('wal_checkpoint(TRUNCATE)')
})
const open = journal.view.openIntents().length
await journal.close()
clearInterval(alive)
if (open > 0) throw new Error(`${open} acts of the journal are open`)
