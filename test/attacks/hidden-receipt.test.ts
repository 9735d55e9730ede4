import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { rewriteEvents, withoutOperation } from './insider.ts'
import { matched } from './matched.ts'

// The TSE has signed a sale, and the insider knows that its memory is compared with the journal. So he keeps the events that
// explain the logs, moves the later receipts up, corrects cash and sums of the session, and hides the receipt alone.

const SIGNED = 'Beleg^0.00_10.70_0.00_0.00_0.00^10.70:Bar'
const ELSEWHERE = 'reg_elsewhere'

type Body = Line['body']
/** One event of the sale: the act that it began, or what came of it. */
type Step = 'start' | 'started' | 'finish' | 'finished'
type Hide = (step: Step, line: Line) => Line[]

const STEPS: readonly Step[] = ['start', 'started', 'finish', 'finished']

async function soldDay(bench: Bench): Promise<{ register: Register; id: string }> {
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  const { id } = await sell(register, '10.70')
  await sell(register, '2.00')
  await counted(register, '66.70')
  await register.till.create(closing(register, '0.00'))
  return { register, id }
}

/** The insider's rewrite, and the journal's own verification before the next start. */
async function hidden(bench: Bench, id: string, hide: Hide) {
  let report: Awaited<ReturnType<typeof verifyJournal>> | undefined
  await bench.restart(async () => {
    await rewriteEvents(bench.config.state, (lines) => {
      let step = 0
      return withoutOperation(lines, id, () => false).flatMap((line) =>
        line.op === id ? hide(STEPS[step++] ?? 'finished', bare(line)) : [line],
      )
    })
    report = await verifyJournal(bench.config.state)
  })
  return report?.codes.map(({ code }) => code) ?? []
}

/** Without what would give it a place in the session and an answer to a request. */
function bare(line: Line): Line {
  const { receipt: _, session: __, claim: ___, answer: ____, ...body } = line.body
  const index = body['index'] as Members | undefined
  if (index === undefined) return { ...line, body }
  const { session: _____, ...place } = index
  return { ...line, body: { ...body, index: place } }
}

function changed(at: Step, change: (body: Body) => Body, op?: string): Hide {
  return (step, line) => [step === at ? { ...line, op: op ?? line.op, body: change(line.body) } : line]
}

function withActText(body: Body): Body {
  const act = body['act'] as Members
  return { ...body, act: { ...act, process_data: [act['process_data']] } }
}

const asStray: Hide = (step, line) => {
  if (step === 'finish') return [{ ...line, op: '', kind: 'transaction.abort_intended', body: withActText(line.body) }]
  const { act, ref, set } = line.body
  if (step === 'start') return [{ ...line, op: '', body: { act } }]
  if (step === 'started') return [{ ...line, op: '', body: { ref, set } }]
  const { end_event: end, tss_serial_number: serial } = (line.body['set'] as Members)['fiscal_information'] as Members
  const { signature, signed_at: at, transaction_counter: counter } = end as Members
  const facts = { serial, signature, counter, time_ms: Date.parse(String(at)) }
  return [{ ...line, op: '', kind: 'transaction.aborted', body: { ref: line.body['ref'], facts } }]
}

const asAdopted: Hide = (step, line) => {
  if (step !== 'finished') return []
  const set = line.body['set'] as Members
  const facts = set['fiscal_information'] as Members
  const { end_event: end, start_event: start } = facts as { end_event: Members; start_event: Members }
  const adopted = {
    ...{ serial: facts['tss_serial_number'], client: facts['pos_client_serial_number'] },
    ...{ transaction: facts['transaction_number'], started: { log_time: start['signed_at'] } },
    ...{ process_type: end['process_type'], process_data: end['process_data'] },
    finished: {
      ...{ log_time: end['signed_at'], signature_counter: end['transaction_counter'], signature: end['signature'] },
    },
  }
  return [{ ...line, op: '', kind: 'transaction.lost', body: { facts: adopted } }]
}

/** It is numbered in a register that no package has: that one has the client for a moment. */
const elsewhere: Hide = (step, { body, ...line }) => {
  const index = body['index'] as Members | undefined
  const moved = {
    ...body,
    ...(index !== undefined && { index: { ...index, register: ELSEWHERE } }),
    ...(step === 'finished' && { receipt: { register: ELSEWHERE, number: 1 } }),
  }
  const register = { kind: 'register', register: ELSEWHERE, merchant: index?.['merchant'], location: '' }
  const client = (body['act'] as Members | undefined)?.['client']
  const birth = { index: register, set: { id: ELSEWHERE, fiscalization: { client_id: client } } }
  const own = { ...line, body: moved }
  return step === 'start'
    ? [{ ...line, seq: line.seq - 0.5, op: ELSEWHERE, kind: 'register.created', body: birth }, own]
    : [own]
}

const WAYS: readonly (readonly [way: string, hide: Hide, ...codes: string[]])[] = [
  ['has no receipt number', (_, line) => [line], 'tse_bon_missing'],
  [
    'was signed, and is open for ever',
    changed('finished', ({ ref, set }) => ({
      ref,
      law: { signed: (set as Members)['fiscal_information'] },
    })),
    'tse_bon_missing',
  ],
  ['was an outage, and is open for ever', changed('finished', ({ ref }) => ({ ref, set: {} })), 'tse_bon_missing'],
  ['was lost before a restore, and adopted without a receipt', asAdopted, 'tse_bon_missing'],
  ['is a receipt of another register', elsewhere, 'tse_bon_missing'],
  ['is the end of a stray, its text put into a list', asStray, 'tse_amounts_differ'],
  [
    'is no operation at all, its text put into a list',
    (step, line) => {
      const index = line.body['index'] as Members | undefined
      const body = { ...line.body, ...(index !== undefined && { index: { ...index, kind: 'export' } }) }
      return [{ ...line, body: step === 'finish' ? withActText(body) : body }]
    },
    'tse_amounts_differ',
    'operation_changed',
  ],
]

test.for(WAYS)('a signed sale that %s is found in the journal alone', heavy(), async ([, hide, ...codes]) => {
  await using bench = await Bench.open({ edits: true })
  const { id } = await soldDay(bench)
  expect(await hidden(bench, id, hide)).toEqual(codes)
})

test(
  'the memory of the TSE does not contradict it, and the audit lists in German what has no receipt',
  heavy(),
  async () => {
    await using bench = await Bench.open({ edits: true })
    const { register, id } = await soldDay(bench)
    await hidden(bench, id, (_, line) => [line])
    expect((await matched(bench)).codes).toEqual([])
    await inDirectory(async (directory) => {
      const { code, parts } = await audited(bench, directory)
      expect(code).toBe(1)
      expect(parts.find(({ name }) => name === 'Journal')?.findings).toEqual([
        `Vorgang 3 der Kasse ${register.clientId} steht in keinem Bon dieser Kasse: ${SIGNED}. (tse_bon_missing)`,
      ])
    })
  },
)

test('a sale whose end is in the operation of another one, which is signed a second time, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, id } = await soldDay(bench)
  const codes = await hidden(bench, id, (step, line) => {
    // The operation of the sale ends with its number, and is still to be reconciled; then it is signed as the next one.
    if (step !== 'finished') return [line]
    const set = line.body['set'] as Members
    const act = {
      device: 'tse-1',
      name: 'finish',
      client: clientIn(set),
      transaction: 900,
      process_type: 'Kassenbeleg-V1',
    }
    const again = { ...line, seq: line.seq + 0.3, body: { act: { ...act, process_data: SIGNED } } }
    const settled = {
      ...line,
      seq: line.seq + 0.6,
      body: { ref: line.seq + 0.3, set: { fiscal_information: set['fiscal_information'] } },
    }
    const first = {
      ...line.body,
      receipt: { register: register.id, number: 3 },
      set: { ...set, fiscal: { state: 'pending' } },
    }
    return [{ ...line, body: first }, again, settled]
  })
  expect(codes).toContain('tse_bon_missing')
})

function clientIn(set: Members): unknown {
  return (set['fiscal_information'] as Members)['pos_client_serial_number']
}

test(
  'a finish that the TSE has signed, of an intent on an unconfigured device, is noted while it is open',
  heavy(),
  async () => {
    await using bench = await Bench.open({ edits: true })
    const { id } = await soldDay(bench)
    const serial = bench.journal().map(({ body }) => JSON.parse(body) as { enrolled?: { serial: string } })
    const enrolled = { device: 'tse-9', serial: serial.find((body) => body.enrolled !== undefined)?.enrolled?.serial }
    const codes = await hidden(bench, id, (step, line) => {
      if (step === 'finished') return []
      const body = JSON.parse(JSON.stringify(line.body).replaceAll('"tse-1"', '"tse-9"')) as Body
      const own = { ...line, body }
      return step === 'start'
        ? [{ ...line, seq: line.seq - 0.5, op: '', kind: 'device.enrolled', body: { enrolled } }, own]
        : [own]
    })
    expect(codes).toEqual([])
    const { codes: found, sentences } = await matched(bench)
    expect(found).toEqual(['tse_finish_undecided'])
    expect(sentences[0]).toContain(`abgesichert: ${SIGNED}. Das Ergebnis ist noch nicht aufgezeichnet.`)
  },
)
