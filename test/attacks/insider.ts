import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ZERO_HASH } from '../../agent/journal/chain.ts'
import { chainAt, hashIn, readChains } from '../../agent/journal/chains.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { StoredEvent } from '../../agent/journal/events.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { readCheckpointKey } from '../../agent/state/state-directory.ts'
import type { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { withSqlite } from '../edited-states.ts'
import { verifyJournal } from '../verified-journal.ts'

/** The configuration of the bench's agent, for the commands. */
export async function configOf({ config: { state } }: Bench, more: object = {}): Promise<string> {
  const file = join(dirname(state), 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  await writeFile(file, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices, ...more }))
  return file
}

/** A till that sells rolls for cash. */
export async function tillOf(bench: Bench): Promise<(amount: string) => Promise<void>> {
  const register = await bench.till()
  return async (amount) => void (await sell(register, amount))
}

/** A day of two sales for cash, the second over 10.70 with receipt number 3; it is counted and closed. */
export async function soldDay(bench: Bench) {
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  const sale = await sell(register, '10.70')
  await counted(register, '63.70')
  await register.till.create(closing(register, '0.00'))
  return { register, sale, id: sale.id }
}

/** An event as the insider reads and writes it. */
export type Line = Omit<StoredEvent, 'hash' | 'body'> & { body: Body }
type Body = Record<string, unknown>

/** The rows of a closed journal. */
export function linesOf(state: string): Line[] {
  let lines: Line[] = []
  withSqlite(state, (db) => {
    const stored = db.prepare<[], StoredEvent>('SELECT * FROM event ORDER BY seq').all()
    lines = stored.map(({ hash: _, ...event }) => ({ ...event, body: JSON.parse(event.body) as Body }))
  })
  return lines
}

/**
 * Root's rewrite of a whole journal of one chain with the key next to it: other events, renumbered with all that names
 * them, every hash computed again, a checkpoint signed over the new head, the tables made from them.
 */
export async function rewriteEvents(state: string, change: (lines: Line[]) => Line[]): Promise<void> {
  const signer = checkpointSigner(readCheckpointKey(state))
  const lines = change(linesOf(state))
  withSqlite(state, (db) => {
    const [chain] = readChains(db)
    db.exec('DELETE FROM event; DELETE FROM checkpoint; DELETE FROM book_state')
    const insert = db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    let previous: Uint8Array = ZERO_HASH
    for (const { seq, kind, op, at, boot, mono, body } of renumbered(lines)) {
      const text = JSON.stringify(body)
      previous = hashIn(chainAt([chain], seq), previous, { seq, kind, op, at, boot, mono, body: text })
      insert.run(seq, kind, op, at, boot, mono, text, previous)
    }
    const { kid, sig } = signer.sign(chain.id, chain.epoch, lines.length, previous)
    db.prepare('INSERT INTO checkpoint VALUES (?, ?, ?, ?)').run(lines.length, previous, kid, sig)
  })
  await rebuildProjections(state)
}

/** Rewrites the journal of a stopped agent line by line; what its verification says of that once the agent runs again. */
export async function findingsAfter(bench: Bench, change: (line: Line) => Line | readonly Line[]) {
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.flatMap(change)))
  return (await verifyJournal(bench.config.state)).codes
}

/** The same by the codes alone. */
export async function codesAfter(bench: Bench, change: (line: Line) => Line | readonly Line[]): Promise<string[]> {
  return (await findingsAfter(bench, change)).map(({ code }) => code)
}

/** An event with another text as its body. */
export function retold(line: Line, edit: (text: string) => string): Line {
  return { ...line, body: JSON.parse(edit(JSON.stringify(line.body))) as Body }
}

/** The lines with one more amendment of an operation, after its end. */
export function amendedAtEnd(lines: readonly Line[], op: string, set: Body): Line[] {
  const last = lines.findLastIndex((line) => line.op === op)
  return lines.flatMap((line, index) =>
    index === last ? [line, { ...line, kind: 'operation.amended', body: { set } }] : [line],
  )
}

/**
 * Removes a sale as if it was never made: its events are cut out, later receipts of the register move up, and the
 * expected cash and the sums in count and close of the session follow. `isCut`: the events of it to remove.
 */
export function withoutOperation(
  lines: readonly Line[],
  op: string,
  isCut: (line: Line) => boolean = () => true,
): Line[] {
  const ofSale = lines.filter((line) => line.op === op)
  const receipt = member(ofSale, 'receipt') as { register: string; number: number } | undefined
  const session = (member(ofSale, 'index') as { session?: string } | undefined)?.session
  const cash = ofSale.reduce((sum, { body }) => sum + Number((body['session'] as { cash?: number })?.cash ?? 0), 0)
  return lines
    .filter((line) => line.op !== op || !isCut(line))
    .map((line) => movedUp(line, receipt))
    .map((line) => (sessionIn(line)?.id === session ? withFewerSales(withLessCash(line, cash), grossOf(ofSale)) : line))
}

/** Retires the TSE, after all other events. */
export function retirement(lines: readonly Line[]): Line {
  const [last, unit] = [lines.at(-1) as Line, lines.find(({ kind }) => kind === 'tse.facts_recorded')?.op ?? '']
  return { ...last, seq: last.seq + 1, op: unit, kind: 'tse.retired', body: { set: { retired: true } } }
}

function grossOf(lines: readonly Line[]): number {
  const amount = lines.map(({ body }) => (body['set'] as Body | undefined)?.['total_amount']).find(Boolean)
  return Math.round(Number(amount ?? 0) * 100)
}

type SessionMember = { id: string; set?: Body; sales?: { bons: number; gross: number } }

function sessionIn({ body }: Line): SessionMember | undefined {
  return body['session'] as SessionMember | undefined
}

function withFewerSales(line: Line, gross: number): Line {
  const session = sessionIn(line)
  if (session?.sales === undefined) return line
  const sales = { bons: session.sales.bons - 1, gross: session.sales.gross - gross }
  return { ...line, body: { ...line.body, session: { ...session, sales } } }
}

function member(lines: readonly Line[], name: string): unknown {
  return lines.map(({ body }) => body[name]).find((value) => value !== undefined)
}

function movedUp(line: Line, cut: { register: string; number: number } | undefined): Line {
  const receipt = line.body['receipt'] as { register: string; number: number } | undefined
  if (cut === undefined || receipt?.register !== cut.register || receipt.number < cut.number) return line
  const number = receipt.number - 1
  const set = line.body['set'] as Body | undefined
  const own = line.body['own'] as Body | undefined
  const information = set?.['fiscal_information'] as Body | undefined
  return {
    ...line,
    body: {
      ...line.body,
      receipt: { ...receipt, number },
      ...(own !== undefined && { own: { ...own, receipt_number: number } }),
      ...(set !== undefined && {
        set: {
          ...set,
          ...(information !== undefined && {
            fiscal_information: { ...information, receipt_number: String(number) },
          }),
        },
      }),
    },
  }
}

/** The count of a drawer out of which he took the cash: its difference is what the TSE signed. */
function withLessCash(line: Line, cents: number): Line {
  const session = sessionIn(line)
  const expected = session?.set?.['expected_closing_amount']
  if (typeof expected !== 'string') return line
  const less = (amount: unknown): string => (Number(amount) - cents / 100).toFixed(2)
  const amounts = {
    expected_closing_amount: less(expected),
    counted_closing_amount: less(session?.set?.['counted_closing_amount']),
  }
  const [set, own] = [session?.set, line.body['set'] as Body]
  return {
    ...line,
    body: { ...line.body, session: { ...session, set: { ...set, ...amounts } }, set: { ...own, ...amounts } },
  }
}

/** In their new order from 1 on; members that name an event name it by its new number. */
function renumbered(lines: readonly Line[]): Line[] {
  const places = new Map(lines.map(({ seq }, index) => [seq, index + 1]))
  const place = (seq: unknown): number => places.get(Number(seq)) ?? 0
  return lines.map((line, index) => {
    const { ref, root, release, answer } = line.body
    const told = answer as Body | undefined
    const body = {
      ...line.body,
      ...(ref !== undefined && { ref: place(ref) }),
      ...(root !== undefined && { root: place(root) }),
      ...(release !== undefined && { release: place(release) }),
      ...(told?.['to'] !== undefined && { answer: { ...told, to: place(told['to']) } }),
    }
    return { ...line, seq: index + 1, body }
  })
}
