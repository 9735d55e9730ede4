import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { joined } from '../../../../agent/laws/germany/elster/join.ts'
import { Place, SERIALS } from './place.ts'

const FOLDER = new URL('golden/', import.meta.url)

function golden(name: string): Promise<Buffer> {
  return readFile(new URL(name, FOLDER))
}

async function one(): Promise<Place> {
  const place = await Place.open()
  await place.location('loc_one')
  await place.tse(SERIALS.a)
  await place.till('reg_1', 'loc_one', SERIALS.a, {}, 'KASSE-1')
  return place
}

async function noticeOfOne() {
  const { xml = '', sheet = '' } = (await one()).files('loc_one').notices[0] ?? {}
  return { xml, sheet }
}

/** One left the business; the other has a unit and a kind with numbers of the form, and a first day before this agent. */
async function two(): Promise<Place> {
  const place = await Place.open()
  await place.location('loc_two')
  await place.tse(SERIALS.a)
  await place.till('reg_2', 'loc_two', SERIALS.a, {}, 'KASSE-2')
  place.on('2026-10-15')
  await place.tse(SERIALS.b, { bsi_id: '0500-2021', kind: 'other', kind_code: '4' })
  const scale = { kind: 'scale', kind_code: '3', acquired_on: '2026-08-28', first_used_on: '2026-09-01' }
  await place.till('reg_10', 'loc_two', SERIALS.b, scale, 'KASSE-10')
  // Sold days after its last sale: the day of the sale is its end.
  await place.ends('reg_2')
  place.on('2026-11-02')
  await place.changes('reg_2', { ended_on: '2026-10-31', end_reason: 'Verkauf' })
  return place
}

async function three(): Promise<Place> {
  const place = await Place.open()
  await place.location('loc_three', 'Käserei "Zum Öchsle"')
  await place.tse(SERIALS.a)
  const odd = { software: 'Ka\u0308se <Kasse> "Plus"', model: " E\u0301'100 " }
  await place.till('reg_3', 'loc_three', SERIALS.a, odd, 'KASSE-3')
  await place.till('reg_4', 'loc_three', SERIALS.a, { maker: 'Größe' }, 'kasse-1')
  return place
}

test.each([
  ['loc_one', one],
  ['loc_two', two],
  ['loc_three', three],
])('the file of %s equals its golden file to the byte', async (location, make) => {
  const { notices, missing } = (await make()).files(location)
  expect(missing).toEqual([])
  expect(String(Buffer.from(notices[0]?.xml ?? ''))).toBe(String(await golden(`${location}.xml`)))
  expect(Buffer.compare(Buffer.from(notices[0]?.xml ?? ''), await golden(`${location}.xml`))).toBe(0)
})

/** Its TSE was exchanged, its model corrected and a till added after a notice that was confirmed. */
async function changed(): Promise<Place> {
  const place = await one()
  await place.confirm()
  place.on('2026-11-20')
  await place.tse(SERIALS.b, { bsi_id: '0500-2021', kind: 'cloud' })
  await place.signsWith('reg_1', SERIALS.b)
  place.on('2026-11-23')
  await place.changes('reg_1', { model: 'Typ 200', software_version: '5.0' })
  await place.till('reg_2', 'loc_one', SERIALS.b, { acquired_on: '2026-11-22' }, 'KASSE-2')
  return place
}

test.each([
  ['loc_one', 'loc_one', one],
  ['loc_one after a notice', 'loc_one-changed', changed],
  ['loc_two', 'loc_two', two],
  ['loc_three', 'loc_three', three],
])(
  'the sheet of %s equals its golden sheet: each field of the form, what is not in the file, what is new',
  async (_what, file, make) => {
    const location = file.replace('-changed', '')
    const { sheet } = (await make()).files(location).notices[0] ?? {}
    expect(sheet).toBe(String(await golden(`${file}.txt`)))
  },
)

test('systems of another agent join in one order by serial number, and the result is read again', async () => {
  const own = await noticeOfOne()
  const other = { name: 'other.xml', bytes: await golden('loc_two.xml') }
  const both = joined(own, [other])
  expect([...both.xml.matchAll(/<SeriennummerAS>([^<]*)/g)].map(([, serial]) => serial)).toEqual([
    ...['KASSE-1', 'KASSE-10', 'KASSE-2'],
  ])
  expect(both.systems).toBe(3)
  expect(both.sheet).toMatch(/From other\.xml: KASSE-10, KASSE-2\n$/)
  // KASSE-2 has left the business.
  expect([own.sheet, both.sheet].map((sheet) => /Anzahl der eAs: .*/.exec(sheet)?.[0])).toEqual([
    ...['Anzahl der eAs: 1', 'Anzahl der eAs: 2'],
  ])
  expect(joined({ ...both, sheet: own.sheet }, []).xml).toBe(both.xml)
})

test('texts of another agent are composed and trimmed, as its own are', async () => {
  const own = await noticeOfOne()
  const other = own.xml.replace('KASSE-1', 'KASSE-2').replace(/<Modell>[^<]*/, '<Modell> E\u0301\t')
  const both = joined(own, [{ name: 'other.xml', bytes: Buffer.from(other) }])
  expect(both.xml).toContain('<Modell>\u00c9</Modell>')
})

test.each<[string, (xml: string) => string, RegExp]>([
  ['a serial number that is there already', (xml) => xml, /other\.xml: the system KASSE-1 is in this agent already/],
  ['another version', (xml) => xml.replace('version="1">\n<', 'version="2">\n<'), /another form: its root/],
  ['another namespace', (xml) => xml.replace('146a/v1', '146a/v2'), /another form/],
  ['another root', (xml) => xml.replaceAll('Aufzeichnung146a', 'Anmeldung'), /another form/],
  ['a field more', (xml) => xml.replace('<Art>', '<Ort>x</Ort><Art>'), /another form: the fields of a system/],
  ['a field less', (xml) => xml.replace(/<BSIID>.*<\/BSIID>/, ''), /another form: the fields of a system/],
  ['a blank field', (xml) => xml.replace('0412-2020', ' '), /a system has no BSIID/],
  ['text between', (xml) => xml.replace('<Angaben', 'x<Angaben'), /another form: text in/],
  ['a day in another form', (xml) => xml.replace('28.09.2026', '2026-09-28'), /another form: AnschaffungAS 2026-09-28/],
  ['a day that does not exist', (xml) => xml.replace('28.09.2026', '31.09.2026'), /form: AnschaffungAS 31\.09\.2026/],
  ['two lines in a field', (xml) => xml.replace('<Software>', '<Software>a&#10;b'), /Software a\\u000ab/],
  ['a changed writing direction', (xml) => xml.replace('<Modell>', '<Modell>\u202e'), /Modell \\u202e/],
  [
    'a blank around a serial number that is there',
    (xml) => xml.replace('>KASSE-1', '> KASSE-1 '),
    /KASSE-1 is in this/,
  ],
  ['a kind that the form does not have', (xml) => xml.replace('<Art>1', '<Art>77'), /another form: Art 77/],
  ['a kind in words', (xml) => xml.replace('<Art>1', '<Art>one'), /another form: Art one/],
  ['a TSE in capitals', (xml) => xml.replace(SERIALS.a, SERIALS.a.toUpperCase()), /another form: SeriennummerTSE A1/],
  ['the prefix of a BSI id', (xml) => xml.replace('0412', 'BSI-K-TR-0412'), /another form: BSIID BSI-K-TR-0412-2020/],
  ['no system', (xml) => xml.replace(/<Angaben.*<\/Angaben\w+>/, ''), /other\.xml: it has no system/],
  ['half of it', (xml) => xml.slice(0, 500), /other\.xml/],
])('a file with %s is refused', async (_what, change, message) => {
  const own = await noticeOfOne()
  const other = { name: 'other.xml', bytes: Buffer.from(change(own.xml)) }
  expect(() => joined(own, [other])).toThrow(message)
})

test('a place with missing facts is listed and not written, and complete ones are', async () => {
  const place = await one()
  await place.location('loc_empty')
  await place.location('loc_blank')
  await place.tse(SERIALS.c, null)
  await place.till('reg_9', 'loc_blank', SERIALS.c, { maker: ' ', kind: 'scale' })
  const { notices, missing } = place.files()
  expect(notices.map(({ location_id: id }) => id)).toEqual(['loc_one'])
  expect(
    missing.map(({ location_id, register_id, device_id, field }) => [location_id, register_id, device_id, field]),
  ).toEqual([
    ['loc_blank', 'reg_9', undefined, 'kind_code'],
    ['loc_blank', 'reg_9', undefined, 'maker'],
    ['loc_blank', 'reg_9', 'tse-1', 'bsiId'],
    ['loc_blank', 'reg_9', 'tse-1', 'kind'],
  ])
  expect(missing[0]?.how).toBe('PATCH /v1/registers/reg_9: inventory.kind_code, 1 to 5, in doubt 1')
})

test.each([
  ['pc', '1'],
  ['tablet', '2'],
  ['cash_register', '3'],
  ['taximeter', '4'],
  ['odometer', '5'],
])('the kind %s has the number %s in the form', async (kind, number) => {
  const place = await one()
  await place.changes('reg_1', { kind })
  expect(place.files('loc_one').notices[0]?.xml).toContain(`<Art>${number}</Art>`)
})

test('a number that the form does not have is missing, of a till and of a TSE', async () => {
  const place = await Place.open()
  await place.location('loc_one')
  await place.tse(SERIALS.a, { bsi_id: '0412-2020', kind: 'other', kind_code: '77' })
  await place.till('reg_1', 'loc_one', SERIALS.a, { kind: 'other', kind_code: '77' })
  expect(place.files('loc_one').missing.map(({ field }) => field)).toEqual(['kind_code', 'kindCode'])
})

/** The tills of a place that closes: one is sold, one has moved. */
async function closing(): Promise<Place> {
  const place = await Place.open()
  await place.location('loc_closed')
  await place.location('loc_new')
  await place.tse(SERIALS.a)
  await place.till('reg_1', 'loc_closed', SERIALS.a, {}, 'KASSE-1')
  await place.till('reg_2', 'loc_closed', SERIALS.a, {}, 'KASSE-2')
  await place.confirm('loc_closed')
  place.on('2026-11-30')
  await place.leaves('reg_1', 'Verkauf')
  place.on('2026-12-02')
  await place.moves('reg_2', 'loc_new')
  return place
}

test('a place that closes has a file with the ends of its tills, and a sheet with the day of closing', async () => {
  const place = await closing()
  const { xml = '', sheet = '', systems } = place.files('loc_closed').notices[0] ?? {}
  expect(systems).toBe(2)
  expect([...xml.matchAll(/<AusserbetriebnahmeAS>([^<]*).*?<Grund\w+>([^<]*)/g)].map((end) => end.slice(1))).toEqual([
    ['30.11.2026', 'Verkauf'],
    ['02.12.2026', 'Wechsel der Betriebsstätte'],
  ])
  expect(sheet).toContain('  Anzahl der eAs: 0\n  Schließung der Betriebsstätte: 02.12.2026\n')
  expect(place.files('loc_new').notices[0]?.sheet).toContain('  Anzahl der eAs: 1\n')
  expect(place.files('loc_new').notices[0]?.xml).not.toContain('Ausserbetriebnahme')
})

test('sheet and task name an acquisition after the first use, and the sheet a till that is kept without use', async () => {
  const place = await one()
  await place.changes('reg_1', { acquired_on: '2026-10-05' })
  place.on('2026-11-02')
  await place.ends('reg_1')
  const { sheet = '', xml = '' } = place.files('loc_one').notices[0] ?? {}
  expect(sheet).toContain('Contradictory: acquired on 05.10.2026, after its first use on 01.10.2026.')
  expect(place.due()[0]?.instructions).toContain(
    'Contradictory facts of KASSE-1: acquired on 2026-10-05, after its first use on 2026-10-01.',
  )
  expect(sheet).toContain('Decommissioned on 02.11.2026 and kept: ')
  expect(xml).not.toContain('Ausserbetriebnahme')
})

test('an uncertified unit is in a trial alone, which has no duty', async () => {
  const place = await Place.open()
  await place.location('loc_one')
  await place.tse(SERIALS.a, undefined, { uncertified: true })
  await place.till('reg_1', 'loc_one', SERIALS.a, {}, 'KASSE-1')
  expect(place.files()).toEqual({ notices: [], missing: [] })
  expect(place.files('loc_one').missing).toMatchObject([{ field: 'systems' }])
  expect(place.tasks()).toEqual([])
  const [trial] = place.files(undefined, true).notices
  expect(trial).toMatchObject({ systems: 1, duty_id: null })
  expect(trial?.sheet).toContain('TRIAL')
  expect(trial?.xml).toBe(String(await golden('loc_one.xml')))
})
