import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { KindWithoutFacts } from '../../../agent/journal/event-facts.ts'
import type { Marks } from '../../../agent/journal/events.ts'
import { endingTse, reportsOf, tillTasks } from '../../../agent/laws/germany/tasks.ts'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain } from '../../../drivers/tr03151/certificate.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'

const till = { id: 'reg_1', clientId: 'KASSE-1', endedOn: undefined, lostTse: undefined }
const first = { serial: 'a1', since: '2026-01-31' }

test('till and TSE are reported to the tax office within a month, its replacement and the end too', () => {
  const tasks = tillTasks({ ...till, tses: [first, { serial: 'b2', since: '2026-12-05' }], endedOn: '2027-03-31' })
  expect(tasks.map(({ id, due }) => [id, due])).toEqual([
    ['elster-till-reg_1', '2026-02-28'],
    ['elster-till-reg_1-tse-2', '2027-01-05'],
    ['elster-till-end-reg_1', '2027-04-30'],
  ])
  expect(tasks[0]?.instructions.join(' ')).toMatch(/§ 146a Abs\. 4 AO.*KASSE-1.*2026-01-31.*a1/)
  expect(tasks[1]?.instructions.join(' ')).toMatch(/b2.*a1, in use until 2026-12-05/)
  expect(tasks.every(({ register_id: register }) => register === 'reg_1')).toBe(true)
})

test('a report of a shop without a Steuernummer names it as to be filled in, and of one with it does not', () => {
  const reports = (withoutTaxNumber: boolean) =>
    tillTasks({ ...till, tses: [first], endedOn: '2027-03-31', withoutTaxNumber }).map(({ instructions }) =>
      instructions.join(' '),
    )
  for (const report of reports(true)) expect(report).toMatch(/Steuernummer: to be filled in/)
  expect(reports(true)).toHaveLength(2)
  for (const report of reports(false)) expect(report).not.toMatch(/Steuernummer/)
})

test('each month has a last day, and a unit that was never to be reported has no end to be reported', () => {
  const due = (since: string) => tillTasks({ ...till, tses: [{ serial: 'a1', since }] })[0]?.due
  expect(['2026-08-31', '2028-01-30', '2026-12-31', '2026-02-28'].map(due)).toEqual([
    '2026-09-30',
    '2028-02-29',
    '2027-01-31',
    '2026-03-28',
  ])
  expect(tillTasks({ ...till, tses: [], endedOn: '2027-03-31' })).toEqual([])
})

test('a TSE whose certificate ends within three months is to be replaced until then', () => {
  const ends = (days: number) =>
    endingTse('tse-1', 'a1', Date.UTC(2026, 0, 1) + days * 86_400_000, Date.UTC(2026, 0, 1))
  expect([ends(91), ends(89)?.id, ends(89)?.due]).toEqual([undefined, 'tse-certificate-tse-1-2026-03-31', '2026-03-31'])
  expect(ends(0)?.instructions.join(' ')).toMatch(/a1.*device retire tse-1/)
})

test('the journal records which TSE a till had when; a simulated one is not reported', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const append = (kind: KindWithoutFacts, op: string, body: Marks) => journal.record(() => [{ kind, op, body }])
  const [tried] = certificates()
  const tse = (certificate: Uint8Array) => ({
    index: { kind: 'tse' as const },
    set: { certificate: Buffer.from(certificate).toString('base64') },
  })
  await append('tse.recorded', 'tse_tried', tse(tried))
  await append('tse.recorded', 'tse_real', tse(Buffer.from('of a maker')))
  const index = { kind: 'register' as const, merchant: 'merchant_1', register: 'reg_1' }
  const bound = (serial: string | null) => ({ regime: 'KassenSichV', client_id: 'KASSE-1', tse_serial: serial })
  await append('register.created', 'reg_1', { index, set: { id: 'reg_1', fiscalization: null } })
  await append('register.fiscalize_requested', 'reg_1', { set: { fiscalization: bound(null) } })
  await append('register.fiscalized', 'reg_1', { set: { fiscalization: bound('tried') } })
  expect(reportsOf(journal.view)).toEqual([])
  await append('register.tse_replaced', 'reg_1', { set: { fiscalization: bound('real') } })
  await append('register.updated', 'reg_1', { set: { name: 'Kasse 1' } })
  expect(reportsOf(journal.view).map(({ id, title }) => [id, title])).toEqual([
    ['elster-till-reg_1', 'Report till KASSE-1 to the tax office'],
  ])
  await append('register.decommissioned', 'reg_1', { set: { decommissionedAt: '2027-03-31T22:30:00.000Z' } })
  expect(reportsOf(journal.view)[1]).toMatchObject({ id: 'elster-till-end-reg_1', due: '2027-05-01' })
  expect(reportsOf(journal.view)[1]?.instructions).toHaveLength(2)
  await append('tse.retired', 'tse_real', { set: { retired_at: '2027-04-01T00:00:00.000Z', retirement: 'Sturz' } })
  expect(reportsOf(journal.view)[1]?.instructions).toHaveLength(2)
  await append('tse.retired', 'tse_real', { set: { retired_at: '2027-03-31T22:29:00.000Z', retirement: 'Sturz' } })
  expect(reportsOf(journal.view)[1]?.instructions[2]).toMatch(/real was out of use .*not be deregistered/)
  await journal.close()
})

function certificates(): [Uint8Array] {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
  const [leaf = Buffer.alloc(0)] = makeCertificateChain(point, curveByName('P-256'), Date.UTC(2026, 0, 1))
  return [leaf]
}
