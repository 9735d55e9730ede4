import { randomBytes } from 'node:crypto'
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import { forgetUnnamed } from '../../agent/till/set-up/merchant-secrets.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { today } from '../today.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import type { Members } from './client.ts'
import { event } from './goods.ts'
import { MERCHANT } from './italy/shop.ts'

const [ITALIAN] = MERCHANT.fiscal_identities

function identities(password: string) {
  return {
    fiscal_identities: [...GERMAN_MERCHANT.fiscal_identities, { ...ITALIAN, fisconline_password: password }],
  }
}

function sealedIn(bench: Bench): string[] {
  return readdirSync(join(bench.config.state, 'sealed')).filter((name) => name.startsWith('fisconline_'))
}

/** The password that is valid by the journal, read from an idle state. */
function validPassword(bench: Bench, events: ReturnType<Bench['journal']>): unknown {
  const name = events
    .map(({ kind, body }) => (kind.startsWith('merchant.') ? (JSON.parse(body) as { own?: Members }).own : {}))
    .reduce<unknown>((found, own) => own?.['secret'] ?? found, undefined)
  const { unseal } = openStateDirectory(bench.config.state, randomBytes)
  return (unseal(String(name)) as Members | undefined)?.['fisconline_password']
}

async function passwordAtRest(bench: Bench): Promise<unknown> {
  const events = bench.journal()
  let password: unknown
  await bench.restart(async () => {
    password = validPassword(bench, events)
  })
  return password
}

test('the secret of a change that is refused is kept nowhere', async () => {
  await using bench = await Bench.open()
  const { id } = await bench.office.post('/v1/merchants', { ...GERMAN_MERCHANT, ...identities('first') })
  const change = (password: string) =>
    bench.office.call({
      method: 'PATCH',
      path: `/v1/merchants/${String(id)}`,
      body: identities(password),
      headers: { 'Idempotency-Key': 'one' },
    })
  const passwords = ['second', 'third']
  const statuses = (await Promise.all(passwords.map(change))).map(({ status }) => status)
  expect(statuses.toSorted()).toEqual([200, 409])
  expect(sealedIn(bench)).toHaveLength(2)
  expect(await passwordAtRest(bench)).toBe(passwords[statuses.indexOf(200)])
})

test('a change that waits for a session waits with its secret, and shows nothing of it', async () => {
  await using bench = await Bench.open()
  const made = await bench.office.post('/v1/merchants', { ...GERMAN_MERCHANT, ...identities('first') })
  const location = await bench.office.post('/v1/locations', GERMAN_LOCATION)
  const { id, till } = await bench.register(String(location['id']))
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const waiting = await bench.office.patch(`/v1/merchants/${String(made['id'])}`, identities('second'))
  expect(Object.keys(waiting['pending_changes'] as Members)).toEqual(['fiscal_identities'])
  expect(await passwordAtRest(bench)).toBe('first')
  await till.create(event('session_cash_count', id, { counted_closing_amount: '0.00' }))
  await till.create(event('session_close', id, { business_date: today() }))
  expect(await passwordAtRest(bench)).toBe('second')
})

test('the rest of a crashed request, and a replaced secret, are removed at the next start, and the log reports it', async () => {
  await using bench = await Bench.open()
  const { id } = await bench.office.post('/v1/merchants', { ...GERMAN_MERCHANT, ...identities('first') })
  await bench.office.patch(`/v1/merchants/${String(id)}`, identities('second'))
  await bench.restart(async () => {
    const folder = join(bench.config.state, 'sealed')
    copyFileSync(join(folder, sealedIn(bench)[0] ?? ''), join(folder, 'fisconline_01LEFT.sealed'))
  })
  expect(sealedIn(bench)).toHaveLength(1)
  expect(bench.lines.find(({ message }) => message.startsWith('Fisconline'))?.fields).toEqual({ count: 2 })
  expect(await passwordAtRest(bench)).toBe('second')
})

test('a journal without a shop removes no secret: the true one may be on an unmounted disk', async () => {
  const directory = await temporaryDirectory()
  const state = openStateDirectory(directory, randomBytes)
  const journal = await openJournal(directory)
  state.seal('fisconline_01KEPT', { fisconline_password: 'first' })
  expect(forgetUnnamed(state, journal.view)).toBe(0)
  expect(state.sealedNames()).toEqual(['fisconline_01KEPT'])
  await journal.close()
})
