import { expect, test } from 'vitest'
import { foundSince, readWithin } from '../../../agent/laws/italy/found-documents.ts'
import { newerDocuments } from '../../../agent/laws/italy/newer-documents.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { RtLastDocument, RtMemory, RtPrinter, RtSpan } from '../../../drivers/ports/rt-printer.ts'

const FROM = { z: 142, number: 2 }

type Kept = Omit<RtLastDocument, 'kind' | 'totalCents' | 'printedAt'> & { day: string }

function keptDocument(z: number, number: number, day: string, reference?: string): Kept {
  return { z, number, documentNumber: `0${z}-000${number}`, day, reference }
}

/** A printer whose memory reads four days at once. */
function printerWith(documents: readonly Kept[], closures: RtMemory['closures'] = []) {
  const asked: string[] = []
  const read = async ({ from, to, day, until = day }: RtSpan): Promise<RtMemory> => {
    asked.push(`${day} ${until}`)
    if (Date.parse(until) - Date.parse(day) > 3 * 86_400_000) throw new DeviceError('no_data', 'none', 'too many days')
    const isWithin = ({ z, number, day: of }: Kept): boolean =>
      of >= day && of <= until && z * 10_000 + number >= from.z * 10_000 + from.number && z <= to.z
    return {
      documents: documents
        .filter(isWithin)
        .map(({ day: of, ...one }) => ({ ...one, kind: 'sale', totalCents: 100n, printedAt: `${of}T10:00` })),
      closures,
    }
  }
  return { asked, printer: { documents: read } as unknown as RtPrinter }
}

test('a shop that was shut for a week has its documents at both ends of the time', async () => {
  const { asked, printer } = printerWith([
    keptDocument(142, 2, '2026-03-02', '01ABCDEFGHJK'),
    keptDocument(142, 3, '2026-03-11'),
  ])
  const newest = { z: 142, number: 1, day: '2026-03-02' }
  const newer = await newerDocuments(printer, newest, { to: { z: 142, number: 3 }, day: '2026-03-11' })
  expect(newer.documents.map(({ reference }) => reference)).toEqual(['01ABCDEFGHJK', undefined])
  expect(newer.unread).toBeUndefined()
  expect(asked).toEqual(['2026-03-02 2026-03-05', '2026-03-08 2026-03-11'])
  const [document] = await foundSince(printer, newest, { to: { z: 142, number: 3 }, at: '2026-03-11T10:00:00' })
  expect(document?.documents).toMatchObject([{ reference: '01ABCDEFGHJK' }, { reference: null }])
})

test('days are read once, also those of a clock that was set back', async () => {
  const { asked, printer } = printerWith([keptDocument(142, 2, '2026-03-02')])
  const span = { from: FROM, to: FROM }
  for (const [day, until] of [
    ['2026-03-02', '2026-03-02'],
    ['2026-03-02', '2026-03-06'],
    ['2026-03-06', '2026-03-02'],
    ['2026-03-02', ''],
  ] as const)
    expect((await readWithin(printer, { ...span, day, until }, 1000))?.documents).toHaveLength(1)
  expect(asked).toEqual([
    '2026-03-02 2026-03-02',
    ...['2026-03-02 2026-03-05', '2026-03-06 2026-03-06', '2026-03-02 2026-03-05', '2026-03-06 2026-03-06'],
    '2026-03-02 2026-03-02',
  ])
})

test('documents across a closing are counted by it, and one that is not shown is named', async () => {
  const closures = [{ z: 142, documents: 3 }]
  const { printer } = printerWith([keptDocument(142, 2, '2026-03-02'), keptDocument(143, 1, '2026-03-03')], closures)
  const newest = { z: 142, number: 1, day: '2026-03-02' }
  expect(await newerDocuments(printer, newest, { to: { z: 143, number: 1 }, day: '2026-03-03' })).toMatchObject({
    documents: [{ documentNumber: '0142-0002' }, { documentNumber: '0143-0001' }],
    unread: { first: { z: 142, number: 3 }, last: { z: 142, number: 3 }, count: 1 },
    uncounted: [],
  })
})

test('a printer without texts has numbers alone, and does not count closed periods', async () => {
  const newest = { z: 142, number: 1, day: '' }
  const end = { to: { z: 143, number: 2 }, day: '2026-03-03' }
  expect(await newerDocuments({} as RtPrinter, newest, end)).toEqual({
    documents: [],
    unread: { first: { z: 143, number: 1 }, last: { z: 143, number: 2 }, count: 2 },
    uncounted: [142],
  })
})
