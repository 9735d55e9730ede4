// @module-tag heavy
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { rewriteEvents } from './insider.ts'

// A shop of two TSEs and three tills. The insider cuts a whole till out of the journal, with its creation. Its TSE
// signed for it: the archive of that unit has all its logs, for every till.

const TWO = ['tse-1', 'tse-2'].map((id) => ({ id, driver: 'tse-simulator' }))

/** `chosen`: a serial number that the shop chose. */
async function tillOn(bench: Bench, location: string, device: string, chosen?: string): Promise<Register> {
  const given = { location_id: location, name: `Kasse an ${device}`, fiscal_device: device }
  const id = String((await bench.office.post('/v1/registers', given))['id'])
  const wanted = chosen === undefined ? {} : { pos_client_serial_number: chosen }
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, wanted, 202)
  const key = String(done['register_api_key'])
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  const till = bench.client({ 'X-Register-Api-Key': key })
  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  return { id, clientId, key, till }
}

async function soldDay(register: Register): Promise<void> {
  const { id, till } = register
  await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  await counted(register, '54.50')
  await till.create(closing(register, '0.00'))
}

async function shop(bench: Bench, chosen?: string) {
  const { locationId } = await bench.shop()
  const otherTill = await tillOn(bench, locationId, 'tse-1')
  const cut = await tillOn(bench, locationId, 'tse-1', chosen)
  const other = await tillOn(bench, locationId, 'tse-2')
  for (const register of [otherTill, cut, other]) await soldDay(register)
  return { kept: otherTill, cut, other }
}

test('audit writes one whole archive for each of several TSEs, and a sound shop has no finding', async () => {
  await using bench = await Bench.open({ config: { devices: TWO } })
  await shop(bench)
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(parts.filter(({ valid }) => !valid)).toEqual([])
    expect(code).toBe(0)
    expect(parts.map(({ name }) => name).filter((name) => name.endsWith('.tar'))).toEqual([
      'tse-tse-1.tar',
      'tse-tse-2.tar',
    ])
    const { summary, findings } = parts.find(({ name }) => name === 'TSE / Journal') ?? {}
    // Opening, sale and count of three tills, each begun and finished.
    expect(summary).toBe('18 Absicherungen stimmen im Speicher der TSE und im Journal überein')
    expect(findings).toEqual([])
    const sums = await readFile(join(folder, 'SHA256SUMS'), 'utf8')
    for (const name of ['tse-tse-1.tar', 'tse-tse-2.tar']) {
      const sha = createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex')
      expect(sums).toContain(`${sha}  ${name}\n`)
    }
  })
})

test.each([
  ['of this program', undefined],
  ['of its own', 'KASSE-2'],
])('a till with a serial number %s that was cut out with its creation is not proven', async (_, chosen) => {
  await using bench = await Bench.open({ config: { devices: TWO } })
  const { cut } = await shop(bench, chosen)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.filter(({ op, body }) => op !== cut.id && !JSON.stringify(body).includes(cut.id) && !ofTill(lines, op)),
    ),
  )
  function ofTill(lines: readonly { op: string; body: object }[], op: string): boolean {
    return op.startsWith('op_') && lines.some((line) => line.op === op && JSON.stringify(line.body).includes(cut.id))
  }
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    const { findings, ...part } = parts.find(({ name }) => name === 'TSE / Journal') ?? {}
    expect(part).toMatchObject({ valid: true, note: true })
    expect(findings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Auf dieser TSE arbeitet auch Kasse ${cut.clientId}, die dieses Journal nicht hat: 3 Vorgänge, 54,50 EUR, vom .*\\(tse_client_foreign\\)$`,
        ),
      ),
    ])
    expect(code).toBe(0)
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    const named = `- Kasse ${cut.clientId} an derselben TSE, die dieses Journal nicht hat: 3 Vorgänge, 54,50 EUR, `
    expect(report).toMatch(new RegExp(`${named}\\d\\d\\.\\d\\d\\.20`))
  })
})
