import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { FileStore } from '../../drivers/se-api/file-store.ts'
import { parseLogMessage } from '../../drivers/tr03151/log-message.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { AnswerLog, Held, Members } from './answer-log.ts'
import { checkOpenOrders } from './open-orders.ts'

export type InvariantOptions = {
  /** State directory of an agent that is not running. */
  state: string
  /** The TSE whose memory is compared; undefined if no device keeps its signatures. */
  device: string | undefined
  answers: AnswerLog
  /** True if the device could be asked since: no act may be open. */
  settled: boolean
  /** SQLite's own check and the rebuild of the projections too. */
  thorough?: boolean
}

type Watched = InvariantOptions & { device: string }
type Event = {
  seq: number
  kind: string
  op: string
  at: string
  boot: string
  mono: string
  body: string
  hash: Buffer
  parsed: Members
}
type Signed = { counter: number; processData: string; signature: string }
type DeviceTransaction = { starts: number; finishes: Signed[] }

/**
 * The broken invariants, in words; empty when all hold. Reads journal, device memory and the clients' answers, nothing
 * else.
 */
export async function brokenInvariants(options: InvariantOptions): Promise<string[]> {
  const broken: string[] = [...options.answers.violations]
  const report = await verifyJournal(options.state, {
    file: options.thorough === true,
    projections: options.thorough === true,
  })
  for (const finding of report.findings) broken.push(`journal verify: ${finding.part} ${finding.seq}: ${finding.what}`)
  const events = readEvents(options.state, broken)
  checkNumbers(events, broken)
  checkClaims(events, broken)
  checkAnswers(events, options.answers.held, broken)
  checkIntents(events, options.settled, broken)
  checkOpenOrders(events, broken)
  if (options.device === undefined) return broken
  const watched = { ...options, device: options.device }
  const device = await readDevice(watched, broken)
  checkStarts(events, device, watched, broken)
  checkFinishes(ofDevice(events, options.device), device, broken)
  return broken
}

/** The journal by separate code: a chain from genesis without a gap (SHA-256 over the members as stored). */
function readEvents(state: string, broken: string[]): Event[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    const rows = db.prepare<[], Omit<Event, 'parsed'>>('SELECT * FROM event ORDER BY seq').all()
    let chain: Buffer = Buffer.alloc(0)
    let base = 0
    let previous: Buffer = Buffer.alloc(32)
    for (const [index, row] of rows.entries()) {
      // Each epoch is a separate chain, which its first event names.
      if (row.kind === 'journal.opened') {
        const { facts } = JSON.parse(row.body) as { facts: { chain_id: string } }
        chain = Buffer.from(facts.chain_id.replaceAll('-', ''), 'hex')
        base = index
        previous = Buffer.alloc(32)
      }
      const sha = createHash('sha256')
        .update('ea/1')
        .update(chain)
        .update(u64(index + 1 - base))
        .update(previous)
      for (const member of [row.kind, row.op, row.at, row.boot, row.mono, row.body]) {
        const bytes = Buffer.from(member, 'utf8')
        sha.update(u32(bytes.length)).update(bytes)
      }
      if (row.seq !== index + 1) broken.push(`event ${index + 1} is missing`)
      if (!sha.digest().equals(row.hash)) broken.push(`the hash of event ${row.seq} is wrong`)
      previous = row.hash
    }
    return rows.map((row) => ({ ...row, parsed: JSON.parse(row.body) as Members }))
  } finally {
    db.close()
  }
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** The simulator's own files, without the simulator: transaction number → signed log. */
async function readDevice({ state, device }: Watched, broken: string[]): Promise<Map<number, DeviceTransaction>> {
  const store = new FileStore({ directory: join(state, 'devices', device, 'memory') })
  await store.load()
  const transactions = new Map<number, DeviceTransaction>()
  let counter = 0
  for await (const log of store.logs(1)) {
    counter += 1
    if (log.counter !== counter) broken.push(`signature counter ${log.counter} follows ${counter - 1}`)
    if (log.transaction === undefined) continue
    const entry = transactions.get(log.transaction) ?? { starts: 0, finishes: [] }
    transactions.set(log.transaction, entry)
    const { processData, signature } = parseLogMessage(log.message)
    if (log.operation === 'Start') entry.starts += 1
    else {
      const text = Buffer.from(processData).toString('utf8')
      entry.finishes.push({ counter, processData: text, signature: Buffer.from(signature).toString('base64') })
    }
  }
  await store.close()
  return transactions
}

/** No number twice, and none skipped: receipts of each register, Z of each register. */
function checkNumbers(events: readonly Event[], broken: string[]): void {
  const receipts = new Map<string, number>()
  const zs = new Map<string, number>()
  const next = (numbers: Map<string, number>, register: string, number: number, what: string): void => {
    const expected = (numbers.get(register) ?? 0) + 1
    if (number !== expected) broken.push(`${what} of ${register} is ${number}, must be ${expected}`)
    numbers.set(register, number)
  }
  for (const { seq, parsed } of events) {
    const receipt = parsed['receipt'] as { register: string; number: number } | undefined
    if (receipt !== undefined) next(receipts, receipt.register, receipt.number, `the receipt of event ${seq}`)
    const session = parsed['session'] as { register: string; own?: Members } | undefined
    const z = session?.own?.['z_number']
    if (session !== undefined && typeof z === 'number') next(zs, session.register, z, `the Z of event ${seq}`)
  }
}

/** A key is claimed once and answered at most once. */
function checkClaims(events: readonly Event[], broken: string[]): void {
  const claims = new Set<string>()
  const claimOf = new Map<number, string>()
  const answered = new Set<number>()
  for (const { seq, parsed } of events) {
    const claim = parsed['claim'] as { id: string } | undefined
    if (claim !== undefined && claims.has(claim.id)) broken.push(`event ${seq} claims a key that was claimed before`)
    if (claim !== undefined) claims.add(claim.id)
    if (claim !== undefined) claimOf.set(seq, claim.id)
    // A request that its device refused leaves the key free.
    claims.delete(claimOf.get(Number(parsed['release'])) ?? '')
    const answer = parsed['answer'] as { to?: number } | undefined
    if (answer === undefined) continue
    const root = answer.to ?? seq
    if (answered.has(root)) broken.push(`event ${root} was answered again by ${seq}`)
    answered.add(root)
  }
}

/** An answer to a client is the resource as it was after one of its events. */
function checkAnswers(events: readonly Event[], held: readonly Held[], broken: string[]): void {
  const bodies = new Map<string, Set<string>>()
  const documents = new Map<string, { set: Members; own: Members }>()
  for (const { op, parsed } of events) {
    if (op === '' || (parsed['set'] ?? parsed['own']) === undefined) continue
    const before = documents.get(op)
    const set = { ...before?.set, ...(parsed['set'] as Members | undefined) }
    const own = { ...before?.own, ...(parsed['own'] as Members | undefined) }
    documents.set(op, { set, own })
    bodies.set(op, (bodies.get(op) ?? new Set()).add(digest(sorted(shown(set, own)))))
  }
  for (const { key, path, body } of held) {
    const id = String((JSON.parse(body) as Members)['id'])
    if (bodies.get(id)?.has(digest(body)) !== true)
      broken.push(`the answer to ${path} ${key} is not in the journal: ${body}`)
  }
}

/** A run of hours holds millions of bodies. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function shown(set: Members, own: Members): Members {
  const pending = own['pending'] as { shown: Members } | null | undefined
  return { ...set, ...(pending != null && { pending_changes: pending.shown }) }
}

/** JSON with sorted members and no blanks (RFC 8785 for the values that a till sends). */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(',')}}`
}

type Act = { device: string; name: string; client?: string; transaction?: number; process_data?: string }

function actOf(event: Event): Act | undefined {
  return event.parsed['act'] as Act | undefined
}

/** An outcome closes an intent that was open, once; nothing is open when the device could be asked. */
function checkIntents(events: readonly Event[], settled: boolean, broken: string[]): void {
  const open = new Set<number>()
  for (const event of events) {
    const ref = event.parsed['ref'] as number | undefined
    if (ref !== undefined && !open.delete(ref)) broken.push(`event ${event.seq} concludes ${ref}, which is not open`)
    if (actOf(event) !== undefined) open.add(event.seq)
  }
  if (settled && open.size > 0) broken.push(`intents ${[...open].join(', ')} are still open`)
}

/** The device started only the transactions that one operation wanted, once. */
function checkStarts(
  events: readonly Event[],
  device: ReadonlyMap<number, DeviceTransaction>,
  options: Watched,
  broken: string[],
): void {
  const owners = ownersOf(events, options.device, broken)
  let unknown = 0
  for (const [number, { starts }] of device) {
    if (starts !== 1) broken.push(`transaction ${number} was started ${starts} times`)
    if (!owners.has(number)) unknown += 1
  }
  const allowed = options.settled ? 0 : openStarts(events)
  if (unknown > allowed) broken.push(`${unknown} transactions of the device belong to no operation`)
  for (const [number, op] of owners)
    if (!device.has(number)) broken.push(`transaction ${number} of ${op} is not in the device`)
}

/** Transaction number → operation, as the journal has it. */
function ownersOf(events: readonly Event[], device: string, broken: string[]): Map<number, string> {
  const owners = new Map<number, string>()
  const started = new Set<string>()
  for (const { seq, op, parsed } of events) {
    const transaction = parsed['transaction'] as { device: string; number: number; state: string } | undefined
    if (transaction?.state !== 'open' || transaction.device !== device) continue
    if (owners.has(transaction.number)) broken.push(`transaction ${transaction.number} was journalled twice (${seq})`)
    if (started.has(op)) broken.push(`${op} was started again by event ${seq}`)
    owners.set(transaction.number, op)
    started.add(op)
  }
  return owners
}

/** How many starts may have happened without the journal knowing. */
function openStarts(events: readonly Event[]): number {
  const concluded = new Set(events.flatMap((event) => (event.parsed['ref'] as number | undefined) ?? []))
  return events.filter((event) => actOf(event)?.name === 'start' && !concluded.has(event.seq)).length
}

/** Each finish of the device is requested by exactly one intent, and matches the journal. */
function checkFinishes(
  events: readonly Event[],
  device: ReadonlyMap<number, DeviceTransaction>,
  broken: string[],
): void {
  const outcomes = new Map<number, Event>()
  for (const event of events) {
    const ref = event.parsed['ref'] as number | undefined
    if (ref !== undefined) outcomes.set(ref, event)
  }
  const intents = new Map<number, Event[]>()
  for (const event of events) {
    const act = actOf(event)
    if (act?.name === 'finish')
      intents.set(Number(act.transaction), [...(intents.get(Number(act.transaction)) ?? []), event])
  }
  for (const [number, { finishes }] of device) {
    if (finishes.length > 1) broken.push(`transaction ${number} was finished ${finishes.length} times`)
    const [finish] = finishes
    const live = (intents.get(number) ?? []).filter((intent) => !isRefused(outcomes.get(intent.seq)))
    const fitting = live.filter((intent) => actOf(intent)?.process_data === finish?.processData)
    if (finish !== undefined && fitting.length !== 1)
      broken.push(`${fitting.length} intents stand for the end of transaction ${number}: ${finish.processData}`)
  }
  for (const [ref, outcome] of outcomes) compareSigned(events[ref - 1], outcome, device, broken)
}

/** The acts of one device and what became of them; the others keep their place in the list. */
function ofDevice(events: readonly Event[], device: string): Event[] {
  return events.map((event) => {
    const act = actOf(event)
    return act === undefined || act.device === device
      ? event
      : { ...event, parsed: { ...event.parsed, act: undefined } }
  })
}

/** True if the outcome states that the device did not do it. */
function isRefused(outcome: Event | undefined): boolean {
  if (outcome === undefined) return false
  return (outcome.parsed['transaction'] as { state: string } | undefined)?.state !== 'closed'
}

function compareSigned(
  intent: Event | undefined,
  outcome: Event,
  device: ReadonlyMap<number, DeviceTransaction>,
  broken: string[],
): void {
  const act = intent && actOf(intent)
  if (act?.name !== 'finish') return
  const [finish] = device.get(Number(act.transaction))?.finishes ?? []
  const set = outcome.parsed['set'] as Members | undefined
  const information = set?.['fiscal_information'] as { end_event: Members } | undefined
  const closed = !isRefused(outcome)
  if (closed && finish === undefined) broken.push(`event ${outcome.seq} says that ${act.transaction} is finished`)
  if (information === undefined || finish === undefined) return
  const { transaction_counter, signature, process_data } = information.end_event
  if (transaction_counter !== finish.counter || signature !== finish.signature || process_data !== finish.processData)
    broken.push(`event ${outcome.seq} tells another end of transaction ${act.transaction} than the device`)
}
