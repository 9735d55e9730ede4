// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { factsOf } from '../../agent/journal/events.ts'
import { backUp, restore } from '../backup/parts.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench, GERMAN_MERCHANT } from './bench.ts'
import type { Members } from './client.ts'
import { MERCHANT as ITALIAN, italianTill, ONE_PRINTER, sell } from './italy/shop.ts'
import { closeExpected, opens } from './shift.ts'

type Change = Members & { readonly reason?: string }

function german(tax_number: string | null, vat_id: string | null): Members {
  return { fiscal_identities: [{ country_code: 'DEU', tax_number, vat_id }] }
}
function austrian(members: Members): Members {
  return { fiscal_identities: [{ country_code: 'AUT', ...members }] }
}
function italian(members: Members): Members {
  const [identity] = ITALIAN.fiscal_identities
  return { fiscal_identities: [{ ...identity, ...members }] }
}

async function ownMerchant(bench: Bench) {
  const [merchant] = await bench.office.list('/v1/merchants')
  const path = `/v1/merchants/${String(merchant?.['id'])}`
  const refused = async (body: Change, code = 'merchant_has_registers') => {
    const refusal = await bench.office.refused({ method: 'PATCH', path, body })
    const status = code === 'unprocessable_entity' ? 422 : 409
    expect([body, refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([body, status, code, 'none'])
    return refusal
  }
  return { path, refused, change: (body: Change) => bench.office.patch(path, body) }
}

function reasons(bench: Bench): unknown[] {
  return bench.journal().flatMap((each) => factsOf(each, 'merchant.updated')?.reason ?? [])
}

async function end(bench: Bench, { id }: Register): Promise<void> {
  await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
}

test('Germany: other tax numbers of a merchant with a register need a reason, which is journalled', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id } = await bench.register(locationId)
  const { refused, change } = await ownMerchant(bench)
  const refusal = await refused(german('27/123/45678', 'DE987654321'))
  expect(refusal.details).toEqual({
    ...{ members: ['vat_id'], register_ids: [id], pointer: '/fiscal_identities/0' },
  })
  expect(refusal.message).toContain(
    'vat_id cannot change without a reason. For a typing error send reason "correction".',
  )
  expect(refusal.message).toContain('end these (decommission, notice to the Finanzamt), then create another merchant')
  expect((await refused(german('30/456/78901', 'DE123456789'))).message).toContain('another tax office "new_office"')
  // Another office gives a tax number alone.
  await refused({ ...german('27/123/45678', 'DE987654321'), reason: 'new_office' })
  await refused({ ...german('30/456/78901', 'DE987654321'), reason: 'new_office' })
  await refused(german('30/456/78901', null))
  expect(reasons(bench)).toEqual([])
  expect(await change({ ...german('30/456/78901', 'DE123456789'), reason: 'new_office' })).toMatchObject(
    german('30/456/78901', 'DE123456789'),
  )
  await change({ ...german('30/456/78901', 'DE987654321'), reason: 'correction', legal_name: 'Neu GmbH' })
  expect(reasons(bench)).toEqual(['new_office', 'correction'])
  // One that goes needs a reason, too: another one could come in its place.
  await refused(german('30/456/78901', null))
  await refused(german(null, 'DE987654321'))
  await change({ ...german('30/456/78901', null), reason: 'correction' })
  // The same number in other signs and one that comes are no other taxpayer.
  for (const body of [
    german('30 456 78901', null),
    german('30/456/78901', 'DE111111111'),
    { legal_name: 'Noch neuer GmbH' },
  ])
    await change(body)
  expect(reasons(bench)).toEqual(['new_office', 'correction', 'correction'])
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, projections: 'equal' })
})

test('a reason without other tax numbers, and an unknown one, change nothing', async () => {
  await using bench = await Bench.open()
  await bench.shop()
  const { path, refused, change } = await ownMerchant(bench)
  const same = { fiscal_identities: GERMAN_MERCHANT.fiscal_identities }
  for (const body of [{}, { legal_name: 'Neu GmbH' }, same, german('27 123 45678', 'DE123456789')]) {
    const refusal = await refused({ ...body, reason: 'correction' }, 'unprocessable_entity')
    expect(refusal.details).toEqual({ pointer: '/reason' })
  }
  for (const reason of ['new_owner', '', null, true]) {
    const body = { ...german('1', 'DE123456789'), reason }
    const answer = await bench.office.refused({ method: 'PATCH', path, body })
    expect([answer.status, answer.details['errors']]).toMatchObject([400, [{ pointer: '/reason' }]])
  }
  expect(await bench.office.get(path)).toMatchObject(GERMAN_MERCHANT)
  // Without a register a reason may be given, and is journalled.
  await change({ ...german('1', 'DE123456789'), reason: 'correction' })
  await change(german('2', 'DE123456789'))
  expect(reasons(bench)).toEqual(['correction'])
})

test('a merchant whose registers have all ended changes freely, with a living one it does not', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [ended, living] = [await bench.register(locationId), await bench.register(locationId)]
  const { refused, change } = await ownMerchant(bench)
  await end(bench, ended)
  const other = german('30/456/78901', 'DE987654321')
  expect((await refused(other)).details['register_ids']).toEqual([living.id])
  await end(bench, living)
  expect(await change(other)).toMatchObject(other)
})

test('of two changes at once each needs its own reason, and the same one is journalled once', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  await bench.register(locationId)
  const { path } = await ownMerchant(bench)
  const body = { ...german('27/123/45679', 'DE123456789'), reason: 'correction' }
  const both = await Promise.all([1, 2].map(() => bench.office.call({ method: 'PATCH', path, body })))
  expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
  const others = [
    german('27/123/45680', 'DE123456789'),
    { ...german('27/123/45681', 'DE123456789'), reason: 'correction' },
  ]
  const mixed = await Promise.all(others.map((each) => bench.office.call({ method: 'PATCH', path, body: each })))
  expect(mixed.map(({ status }) => status)).toEqual([409, 200])
  expect(await bench.office.get(path)).toMatchObject(german('27/123/45681', 'DE123456789'))
  expect(reasons(bench)).toEqual(['correction', 'correction'])
})

test('a correction in a session waits for its close, also in a shop that was restored in between', async () => {
  await using bench = await Bench.open()
  const { id, key } = await bench.till('0.00')
  const { path, refused, change } = await ownMerchant(bench)
  const right = german('27/123/45679', 'DE123456789')
  const answer = await change({ ...right, reason: 'correction' })
  expect(answer).toMatchObject({ ...GERMAN_MERCHANT, pending_changes: right })
  // It is compared with what is coming.
  await refused({ fiscal_identities: GERMAN_MERCHANT.fiscal_identities })
  expect(await change(right)).toMatchObject({ pending_changes: right })
  await bench.stop()
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  const state = join(folder, 'state')
  await restore(state, file)
  await using shop = await Bench.open({ config: { state } })
  expect(await shop.office.get(path)).toMatchObject({ ...GERMAN_MERCHANT, pending_changes: right })
  await closeExpected({ id, key, clientId: '', till: shop.client({ 'X-Register-Api-Key': key }) })
  expect(await shop.office.get(path)).toMatchObject(right)
  expect(reasons(shop)).toEqual(['correction'])
  await shop.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true })
})

test('Austria: another UID is another company, with the Schlussbeleg and its own units', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id } = await austrianTill(bench)
  const { refused, change } = await ownMerchant(bench)
  const { message, details } = await refused(austrian({ vat_id: 'ATU87654321' }))
  expect(details).toMatchObject({ members: ['vat_id'], register_ids: [id] })
  expect(message).toContain('end these registers (Schlussbeleg, end in FinanzOnline), then create another merchant')
  expect(message).not.toContain('new_office')
  // No office is a reason here.
  await refused({ ...austrian({ vat_id: 'ATU87654321' }), reason: 'new_office' })
  // A merchant that is known by another number alone is another one, too.
  await refused(austrian({ tax_number: '12 345/6789' }))
  const waiting = await change({ ...austrian({ vat_id: 'ATU87654321' }), reason: 'correction' })
  expect(waiting).toMatchObject({ pending_changes: austrian({ vat_id: 'ATU87654321' }) })
  expect(reasons(bench)).toEqual(['correction'])
})

test('Italy: a number is corrected between the Z and the next session, another company begins after the Z', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench, '0.00')
  const { id, till } = register
  const { path, refused, change } = await ownMerchant(bench)
  const other = italian({ vat_number: '00743110157' })
  const corrected = { ...other, reason: 'correction' }
  const { message, details } = await refused(other)
  expect(details).toMatchObject({ members: ['vat_number'], register_ids: [id] })
  expect(message).toContain('make the Z and end these registers; a technician registers the printer')
  await refused({ ...other, reason: 'new_office' })
  expect((await refused(corrected)).message).toContain(`${id} is in a period: close its session`)
  await sell(register, '5.00')
  expect((await refused(corrected)).details).toMatchObject({ register_ids: [id] })
  await closeExpected(register)
  expect((await refused(corrected)).message).toContain('make the daily closing, then repeat the change.')
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  await till.post(`/v1/registers/${id}/closings`, {})
  await change(corrected)
  expect(await bench.office.get(path)).toMatchObject({ fiscal_identities: [{ vat_number: '00743110157' }] })
  // Its secrets and its name change as before, also in a session.
  await opens(register)
  await change({ legal_name: 'Nuovo S.r.l.', ...other })
  await sell(register, '2.00')
  await closeExpected(register)
  await bench.stop()
  // A backup of before the Z: the former number, in a period that is open by its journal.
  const state = join(folder, 'state')
  await restore(state, file, { word: 'nothing_lost' })
  await using shop = await Bench.open({ config: { ...ONE_PRINTER, state } })
  const restored = await ownMerchant(shop)
  expect(await shop.office.get(path)).toMatchObject({ fiscal_identities: [{ vat_number: '12345678903' }] })
  expect((await restored.refused(corrected)).message).toContain(`${id} is in a period`)
})

test('a change of another country than that of the registers is free', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  await bench.register(locationId)
  const { change } = await ownMerchant(bench)
  const [first] = GERMAN_MERCHANT.fiscal_identities
  for (const vat_id of ['ATU12345678', 'ATU87654321'])
    await change({ fiscal_identities: [first, { country_code: 'AUT', vat_id }] })
  expect(reasons(bench)).toEqual([])
})
