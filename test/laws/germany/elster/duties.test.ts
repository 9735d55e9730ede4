import { expect, test } from 'vitest'
import type { Members } from '../../../../agent/journal/events.ts'
import { DUTY_KINDS } from '../../../../agent/laws/germany/duty-kinds.ts'
import { confirmTask } from '../../../../agent/till/technician/tasks.ts'
import { INVENTORY, MERCHANT, Place, SERIALS, TSE_INVENTORY } from './place.ts'

const LOCATION = 'loc_1'

const ELSEWHERE = { line1: 'Ring 3', postal_code: '13353', city: 'Berlin', country_code: 'DEU' }

function identified(tax_number: string | null, vat_id: string | null = null): Members {
  return { country_code: 'DEU', tax_number, vat_id }
}

/** A place of two tills whose notice was confirmed on 5 October. */
async function confirmedPlace(): Promise<Place> {
  const place = await Place.open()
  await place.location(LOCATION)
  await place.tse(SERIALS.a)
  for (const id of ['reg_1', 'reg_2']) await place.till(id, LOCATION, SERIALS.a)
  place.on('2026-10-05')
  await place.confirm()
  expect(place.due()).toEqual([])
  place.on('2026-11-20')
  return place
}

test('a place with tills is due a month after the acquisition, and once confirmed it is not due', async () => {
  const place = await Place.open()
  await place.location(LOCATION)
  await place.tse(SERIALS.a)
  await place.till('reg_1', LOCATION, SERIALS.a)
  const [due] = place.due()
  expect(due).toMatchObject({ kind: 'de.notice', due: '2026-10-28', location_id: LOCATION })
  expect(due?.id).toMatch(/^elster-146a-loc_1-[0-9a-f]{12}$/)
  await place.confirm()
  expect(place.due()).toEqual([])
  expect(place.tasks()).toMatchObject([{ id: due?.id, due: '2026-10-28' }])
})

test.each<[string, (place: Place) => Promise<void>, string, string]>([
  [
    'another till',
    (place) => place.till('reg_3', LOCATION, SERIALS.a, { acquired_on: '2026-11-18' }),
    ...(['2026-12-18', 'reg_3: new, since 2026-11-18.'] as const),
  ],
  [
    'another TSE of a till',
    async (place) => {
      await place.tse(SERIALS.b)
      await place.signsWith('reg_1', SERIALS.b)
    },
    ...(['2026-12-20', `reg_1: SeriennummerTSE: ${SERIALS.a} → ${SERIALS.b}`] as const),
  ],
  [
    'a till that left the business',
    (place) => place.leaves('reg_1', 'Verkauf'),
    ...(['2026-12-20', 'reg_1: AusserbetriebnahmeAS: - → 20.11.2026'] as const),
  ],
  [
    'a corrected fact of a till',
    (place) => place.changes('reg_1', { model: 'Typ 200' }),
    ...(['2026-12-20', 'reg_1: Modell: Typ 100 → Typ 200'] as const),
  ],
  [
    'another number of the TSE',
    (place) => place.tse(SERIALS.a, { ...TSE_INVENTORY, bsi_id: '0413-2021' }),
    ...(['2026-12-20', 'reg_2: BSIID: 0412-2020 → 0413-2021'] as const),
  ],
  [
    'a till that moved to another place',
    (place) => place.moves('reg_1', 'loc_2'),
    ...(['2026-12-20', 'GrundAusserbetriebnahme: - → Wechsel der Betriebsstätte, since 2026-11-20.'] as const),
  ],
  [
    'another name of the place',
    (place) => place.updates(LOCATION, { name: 'Filiale Nord' }),
    ...(['2026-12-20', 'Betriebsstätte: Filiale Mitte → Filiale Nord, since 2026-11-20.'] as const),
  ],
  [
    'another address of the place',
    (place) => place.updates(LOCATION, { address: ELSEWHERE }),
    ...(['2026-12-20', 'Anschrift der Betriebsstätte: Hauptstraße 2, 10117 Berlin → Ring 3, 13353 Berlin'] as const),
  ],
  [
    'another name of the shop',
    (place) => place.updates(MERCHANT.id, { legal_name: 'Muster & Co. KG' }),
    ...(['2026-12-20', 'Steuerpflichtiger: Bäckerei Muster GmbH → Muster & Co. KG, since 2026-11-20.'] as const),
  ],
  [
    'another address of the shop',
    (place) => place.updates(MERCHANT.id, { address: ELSEWHERE }),
    ...(['2026-12-20', 'Anschrift des Steuerpflichtigen: Am Markt 1, 10115 Berlin → Ring 3, 13353'] as const),
  ],
  [
    'another tax number',
    (place) => place.updates(MERCHANT.id, { fiscal_identities: [identified('27/124/54321')] }),
    ...(['2026-12-20', 'Steuernummer: 27/124/12345 → 27/124/54321, since 2026-11-20.'] as const),
  ],
])('%s brings the duty of the place back', async (_what, change, until, said) => {
  const place = await confirmedPlace()
  const former = place.tasks()
  await change(place)
  const [due, ...more] = place.due(LOCATION)
  expect([due?.due, more]).toEqual([until, []])
  expect(due?.instructions.join('\n')).toContain(said)
  expect(place.tasks().filter(({ id }) => former.some((each) => each.id === id))).toEqual(former)
  await place.confirm(LOCATION)
  expect(place.due(LOCATION)).toEqual([])
  expect(place.rebuilt()).toEqual(place.tasks())
})

test('a new version of the software alone brings nothing back, and does not begin the month of a later change', async () => {
  const place = await confirmedPlace()
  await place.changes('reg_1', { software_version: '5.0' })
  expect(place.due()).toEqual([])
  place.on('2026-12-10')
  await place.changes('reg_1', { model: 'Typ 200' })
  expect(place.due()).toMatchObject([{ due: '2027-01-10' }])
})

test('the month of a place begins with the first change that still holds, and other facts bring nothing back', async () => {
  const place = await confirmedPlace()
  await place.updates(LOCATION, { timezone: 'Europe/Berlin', metadata: { floor: '2' } })
  await place.updates(MERCHANT.id, { fiscal_identities: [identified('27/124/12345', 'DE123456788')] })
  await place.updates(LOCATION, { name: 'Filiale Nord' })
  place.on('2026-11-25')
  await place.updates(LOCATION, { name: 'Filiale Mitte' })
  expect(place.due()).toEqual([])
  await place.updates(LOCATION, { name: 'Filiale Süd' })
  place.on('2026-11-28')
  await place.updates(LOCATION, { name: 'Filiale Ost' })
  const [due] = place.due()
  expect(due).toMatchObject({ due: '2026-12-25' })
  expect(due?.instructions[0]).toBe('Betriebsstätte: Filiale Mitte → Filiale Ost, since 2026-11-25.')
  expect(place.files(LOCATION).notices[0]?.sheet).toContain('Betriebsstätte: Filiale Mitte → Filiale Ost, since 25.11')
})

test('a place whose last till is reported as ended is not due again because of its name or its shop', async () => {
  const place = await confirmedPlace()
  for (const id of ['reg_1', 'reg_2']) await place.leaves(id, 'Verkauf')
  await place.confirm()
  await place.updates(LOCATION, { name: 'Filiale Nord' })
  await place.updates(MERCHANT.id, { legal_name: 'Muster & Co. KG' })
  expect(place.due()).toEqual([])
  await place.till('reg_3', LOCATION, SERIALS.a)
  expect(place.due()).toMatchObject([{ location_id: LOCATION }])
})

test('a change that is taken back is not due, and a newer list withdraws the older one', async () => {
  const place = await confirmedPlace()
  await place.changes('reg_1', { model: 'Typ 200' })
  const [older] = place.due()
  place.on('2026-11-25')
  await place.changes('reg_2', { model: 'Typ 300' })
  const [newer, ...more] = place.due()
  expect(more).toEqual([])
  expect(newer?.id).not.toBe(older?.id)
  // The month of the oldest change counts.
  expect(newer?.due).toBe('2026-12-20')
  for (const id of ['reg_1', 'reg_2']) await place.changes(id, { model: 'Typ 100' })
  expect(place.due()).toEqual([])
})

test('a list that comes back after another one is due again under another id', async () => {
  const place = await confirmedPlace()
  const ids = place.tasks().map(({ id }) => id)
  await place.changes('reg_1', { model: 'Typ 200' })
  ids.push(await place.confirm())
  await place.changes('reg_1', { model: 'Typ 100' })
  const third = await place.confirm()
  expect(third).toBe(`${ids[0]}-2`)
  expect(new Set([...ids, third]).size).toBe(3)
  expect(place.due()).toEqual([])
})

test('an ended till is in the list until its end was confirmed, and never after that', async () => {
  const place = await confirmedPlace()
  await place.leaves('reg_1', 'Verkauf')
  expect(place.files(LOCATION).notices[0]?.systems).toBe(2)
  await place.confirm()
  expect([place.due(), place.files(LOCATION).notices[0]?.systems]).toEqual([[], 1])
  for (const model of ['Typ 200', 'Typ 300']) {
    await place.changes('reg_2', { model })
    expect(place.files(LOCATION).notices[0]?.systems).toBe(1)
    await place.confirm()
  }
  expect(place.rebuilt()).toEqual(place.tasks())
})

test('a till that is decommissioned and kept stays in the list without an end, until it leaves the business', async () => {
  const place = await confirmedPlace()
  await place.ends('reg_1')
  expect(place.due()).toEqual([])
  expect(place.files(LOCATION).notices[0]).toMatchObject({ systems: 2, duty_id: null })
  place.on('2027-03-01')
  await place.leaves('reg_1', 'Entsorgung')
  expect(place.due()).toMatchObject([{ due: '2027-04-01' }])
  await place.confirm()
  expect(place.files(LOCATION).notices[0]?.systems).toBe(1)
})

test('a corrected day of an end brings the till back into the list, once', async () => {
  const place = await confirmedPlace()
  await place.leaves('reg_1', 'Verkauf')
  await place.confirm()
  await place.changes('reg_1', { ended_on: '2026-11-15' })
  expect(place.files(LOCATION).notices[0]).toMatchObject({ systems: 2, duty_id: expect.any(String) })
  await place.confirm()
  expect([place.due(), place.files(LOCATION).notices[0]?.systems]).toEqual([[], 1])
})

test('a till that moved is written once at the former place, and is new at the other one and when it comes back', async () => {
  const place = await confirmedPlace()
  await place.location('loc_2')
  await place.moves('reg_1', 'loc_2')
  const systems = (location: string) => place.files(location).notices[0]?.systems
  expect([systems(LOCATION), systems('loc_2')]).toEqual([2, 1])
  // The unit that it gets there is not one of the former place.
  place.on('2026-11-25')
  await place.tse(SERIALS.b)
  await place.signsWith('reg_1', SERIALS.b)
  expect(place.files(LOCATION).notices[0]?.xml).not.toContain(SERIALS.b)
  await place.confirm(LOCATION)
  await place.confirm('loc_2')
  expect([place.due(), systems(LOCATION), systems('loc_2')]).toEqual([[], 1, 1])
  place.on('2026-12-10')
  await place.moves('reg_1', LOCATION)
  expect(place.due().map(({ location_id, due }) => [location_id, due])).toEqual([
    [LOCATION, '2027-01-10'],
    ['loc_2', '2027-01-10'],
  ])
  expect(place.files(LOCATION).notices[0]?.xml).toContain(SERIALS.b)
  expect(place.rebuilt()).toEqual(place.tasks())
})

test('a till that moved before its first notice is in that of both places, with the month of its acquisition', async () => {
  const place = await Place.open()
  for (const location of ['loc_1', 'loc_2']) await place.location(location)
  await place.tse(SERIALS.a)
  await place.till('reg_1', 'loc_1', SERIALS.a)
  place.on('2026-10-10')
  await place.moves('reg_1', 'loc_2')
  expect(place.due().map(({ location_id, due }) => [location_id, due])).toEqual([
    ['loc_1', '2026-10-28'],
    ['loc_2', '2026-11-10'],
  ])
})

test('without a fact the list is incomplete, its duty says what is missing, and each later one is due again', async () => {
  const place = await Place.open()
  await place.location(LOCATION)
  await place.tse(SERIALS.a, null)
  await place.till('reg_1', LOCATION, SERIALS.a, { model: '' } as Members)
  const [due] = place.due()
  expect(due?.id).toBe('elster-146a-loc_1-incomplete')
  expect(due?.instructions.join('\n')).toMatch(/Missing of reg_1: model\. PATCH .*reg_1.*\n.*Missing of reg_1: bsiId/)
  await place.confirm()
  await place.till('reg_2', LOCATION, SERIALS.a)
  expect(place.due().map(({ id }) => id)).toEqual(['elster-146a-loc_1-incomplete-2'])
})

test('a journal of an earlier program has one incomplete notice, whatever tasks of single tills were confirmed', async () => {
  const place = await Place.open()
  await place.location(LOCATION)
  const tse = { device: 'tse-1', certificate: Buffer.from('of a maker').toString('base64') }
  await place.append('tse.facts_recorded', `tse_${SERIALS.a}`, { index: { kind: 'tse' }, set: tse })
  await place.till('reg_1', LOCATION, SERIALS.a, null)
  for (const id of ['elster-till-reg_1', 'elster-till-end-reg_0']) {
    const task = { ...DUTY_KINDS.notice, id, title: 'Report the till', due: '2026-10-28', instructions: [] }
    await confirmTask({ ...place, laws: [] }, () => [task], id)
  }
  expect(place.tasks().map(({ id }) => id)).toEqual(['elster-146a-loc_1-incomplete'])
  const fields = ['kind', 'software', 'software_version', 'maker', 'model', 'acquired_on', 'bsiId', 'kind']
  expect(place.files().missing.map(({ field }) => field)).toEqual(fields)
  await place.changes('reg_1', INVENTORY)
  await place.tse(SERIALS.a)
  expect(place.due()).toMatchObject([
    { id: expect.stringMatching(/^elster-146a-loc_1-[0-9a-f]{12}$/), due: '2026-10-28' },
  ])
  await place.confirm()
  expect(place.due()).toEqual([])
})

test('a shop without a Steuernummer is reminded of it', async () => {
  const place = await confirmedPlace()
  await place.updates(MERCHANT.id, { fiscal_identities: [identified(null, 'DE123456789')] })
  expect(place.due()[0]?.instructions.join('\n')).toMatch(/Steuernummer: to be filled in/)
})

test('the task of an ended till without a reason names the end, and the reason as missing alone', async () => {
  const place = await confirmedPlace()
  await place.changes('reg_1', { ended_on: '2026-11-20' })
  const [due] = place.due(LOCATION)
  expect(due?.id).toBe('elster-146a-loc_1-incomplete')
  expect(due?.instructions[0]).toBe('reg_1: AusserbetriebnahmeAS: - → 20.11.2026, since 2026-11-20.')
  expect(due?.instructions[1]).toMatch(/^Missing of reg_1: end_reason\./)
})
