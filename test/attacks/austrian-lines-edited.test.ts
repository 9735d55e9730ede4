// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import { austrianTill, ONE_CARD, sell } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { verifyJournal } from '../verified-journal.ts'
import { atRandom, chainedAgain, inFiles, turnoverKey } from './austrian-insider.ts'
import type { Line } from './insider.ts'
import { linesOf, rewriteEvents } from './insider.ts'

// The insider leaves chain and signatures as they are, or cannot make them: he edits what an operation sold, and signs the
// journal with the machine's own key.

type Body = Line['body']

function inSet(change: (set: Members) => Members) {
  return (body: Body): Body => {
    const set = body['set'] as Members | undefined
    return set === undefined ? body : { ...body, set: change(set) }
  }
}

/** The codes of a journal in which the events of a sale over 10,00 were changed. */
async function codesAfter(change: (body: Body) => Body, more: Members = {}) {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id } = await sell(register, '10.00', '0.20', more)
  await sell(register, '3.00')
  await bench.restart(() => edited(bench, id, change))
  const { codes, books } = await verifyJournal(bench.config.state)
  return { codes, books, register }
}

function edited(bench: Bench, op: string, change: (body: Body) => Body): Promise<void> {
  const { state } = bench.config
  return rewriteEvents(state, (lines) =>
    lines.map((line) => (line.op === op ? { ...line, body: change(line.body) } : line)),
  )
}

function lowered(text: string): string {
  return text.replaceAll('"10.00"', '"1.00"').replaceAll('"cash":1000', '"cash":100')
}

/** Lines, payments and cash: everything but the code. */
function lower(body: Body): Body {
  return JSON.parse(lowered(JSON.stringify(body))) as Body
}

function expectedFinding({ id: register }: Register, told: string, counted: string, paid: string) {
  const facts = { register, number: 2, stated: told, counted, paid }
  return [{ code: 'rksv_amounts_differ', level: 'error', register, facts }]
}

test('a sale whose lines, payments and cash were lowered in the journal is not what its code has', async () => {
  const { codes, books, register } = await codesAfter(lower)
  expect(books).toBe('different')
  expect(codes).toMatchObject(expectedFinding(register, 'Satz-Normal 10.00', 'Satz-Normal 1.00', '1.00'))
})

test('a line that was moved to another rate is found by its field', async () => {
  const rate = (body: Body): Body => JSON.parse(JSON.stringify(body).replaceAll('"0.20"', '"0.10"')) as Body
  const { codes, register } = await codesAfter(rate)
  expect(codes).toMatchObject(expectedFinding(register, 'Satz-Normal 10.00', 'Satz-Ermaessigt-1 10.00', '10.00'))
})

test('a line with a rate that Austria does not have comes to nothing that a code could have', async () => {
  const rate = (body: Body): Body => JSON.parse(JSON.stringify(body).replaceAll('"0.20"', '"0.07"')) as Body
  const { codes, register } = await codesAfter(rate)
  expect(codes).toMatchObject(expectedFinding(register, 'Satz-Normal 10.00', '?', '10.00'))
})

test('payments that were lowered alone are found by their sum', async () => {
  const pay = inSet((set) => ({ ...set, ...(set['payments'] !== undefined && { payments: [] }) }))
  const { codes, register } = await codesAfter(pay)
  expect(codes).toMatchObject(expectedFinding(register, 'Satz-Normal 10.00', 'Satz-Normal 10.00', '0.00'))
})

test('a receipt signed as training that the journal has as a sale is found', async () => {
  const sold = inSet(({ training: _, ...set }) => set)
  const { codes, register } = await codesAfter(sold, { training: true })
  expect(codes).toMatchObject(expectedFinding(register, 'TRA Satz-Normal 10.00', 'Satz-Normal 10.00', '10.00'))
})

test('amounts added to the record of a Startbeleg do not match its lines, which are missing', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const key = await turnoverKey(bench, register.id)
  const { state } = bench.config
  await bench.restart(async () => {
    const raised = (line: Line): Line => {
      const law = (line.body['law'] ?? {}) as Members
      const { jws } = law
      if (typeof jws !== 'string') return line
      const [head = '', payload = '', sig = ''] = jws.split('.')
      const text = Buffer.from(payload, 'base64url').toString().replace('0,00', '7,00')
      const edited = [head, Buffer.from(text).toString('base64url'), sig].join('.')
      return { ...line, body: { ...line.body, law: { ...law, jws: edited } } }
    }
    const lines = await chainedAgain(linesOf(state).map(raised), key, atRandom)
    await rewriteEvents(state, () => lines)
  })
  const { codes } = await verifyJournal(state)
  const facts = { number: 1, stated: 'Satz-Normal 7.00', counted: '0.00', paid: '0.00' }
  expect(codes).toMatchObject([{ code: 'rksv_amounts_differ', register: register.id, facts }])
})

test('a sale in cash whose receipt was taken out as if it needed none is found, with a chain that was made again', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id } = await sell(register, '10.00')
  const key = await turnoverKey(bench, register.id)
  const { state } = bench.config
  await bench.restart(async () => {
    const unsigned = (body: Body): Body => {
      const { receipt: _, chain: __, law, own: ___, ...more } = body
      const isSigned = (law as Members | undefined)?.['jws'] !== undefined
      const { payments: counted } = (more['set'] ?? {}) as Members
      const kept = counted === undefined ? {} : { own: { counted_statuses: ['captured'] } }
      return inSet(({ fiscal_information: ___, ...set }) =>
        isSigned ? { ...set, fiscal: { state: 'not_required' }, fiscal_information: null } : set,
      )({ ...more, ...(law !== undefined && !isSigned && { law }), ...kept })
    }
    const left = linesOf(state).map((line) => (line.op === id ? { ...line, body: unsigned(line.body) } : line))
    const lines = await chainedAgain(left, key, atRandom)
    await rewriteEvents(state, () => lines)
  })
  const { codes } = await verifyJournal(state)
  const facts = { number: id, stated: '–', counted: 'Satz-Normal 10.00', paid: '10.00' }
  expect(codes).toMatchObject([{ code: 'rksv_amounts_differ', register: register.id, facts }])
})

test('verify and audit name the receipt, in English and in German', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id } = await sell(register, '10.00')
  await bench.restart(() => edited(bench, id, lower))
  await inFiles(bench, register.id, async ({ directory, journal }) => {
    const { code, out } = await fiskalEdge('verify', journal)
    expect(code).toBe(1)
    expect(out).toContain(
      `Register ${register.id}: the code of receipt 2 has Satz-Normal 10.00, its lines come to Satz-Normal 1.00, its payments to 1.00. (rksv_amounts_differ)`,
    )
    const audit = await audited(bench, directory)
    expect(audit.code).toBe(1)
    expect(await readFile(join(audit.folder, 'pruefbericht.txt'), 'utf8')).toContain(
      'Kassa: Der Code von Beleg 2 trägt Satz-Normal 10,00 EUR; seine Positionen ergeben Satz-Normal 1,00 EUR, seine Zahlungen 1,00 EUR. (rksv_amounts_differ)',
    )
    // One finding hides no other comparison.
    expect(audit.parts.find(({ name }) => name === 'DEP7 / Journal')).toMatchObject({ valid: true, findings: [] })
  })
})
