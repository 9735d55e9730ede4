// @module-tag heavy
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { austrianTill, ONE_CARD, sell } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { insiderAt } from '../edited-states.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { inFiles, verifiedFiles } from './austrian-insider.ts'

// The DEP7 is a separate file: it is edited after the export, or the journal continues without it.

type Group = { Signaturzertifikat: string; Zertifizierungsstellen: string[]; 'Belege-kompakt': string[] }

/** The same file with other receipts. */
async function edited(dep7: string, edit: (receipts: string[]) => string[]): Promise<void> {
  const { 'Belege-Gruppe': groups } = JSON.parse(await readFile(dep7, 'utf8')) as { 'Belege-Gruppe': Group[] }
  const [group] = groups
  const kept = { ...group, 'Belege-kompakt': edit(group?.['Belege-kompakt'] ?? []) }
  await writeFile(dep7, JSON.stringify({ 'Belege-Gruppe': [kept] }))
}

async function sold(bench: Bench): Promise<Register> {
  const register = await austrianTill(bench)
  await sell(register, '4.50')
  await sell(register, '3.00')
  return register
}

test('a receipt that was cut out of the DEP7 is named with its counterpart in the journal', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id: register } = await sold(bench)
  await inFiles(bench, register, async ({ dep7, journal }) => {
    await edited(dep7, ([first = '', , third = '']) => [first, third])
    const { code, together } = await verifiedFiles(dep7, journal)
    expect(code).toBe(1)
    expect(together.codes).toMatchObject([{ code: 'rksv_dep_differs', register, seq: expect.any(Number) }])
    expect(together.findings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Receipt 2 of register ${register}: the DEP7 has –, the journal has \\d{4}-\\S+ 4,50 0,00 0,00 0,00 0,00 \\[.{8}…\\]. \\(rksv_dep_differs\\)$`,
        ),
      ),
    ])
  })
})

test('a receipt that was changed in the DEP7 differs, if only in the bits of its signature', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id: register } = await sold(bench)
  await inFiles(bench, register, async ({ dep7, journal }) => {
    const last = (jws: string): string => `${jws.slice(0, -3)}${jws.at(-3) === 'A' ? 'B' : 'A'}${jws.slice(-2)}`
    await edited(dep7, ([first = '', second = '', third = '']) => [first, second, last(third)])
    const { code, together } = await verifiedFiles(dep7, journal)
    expect(code).toBe(1)
    expect(together.codes).toMatchObject([{ code: 'rksv_dep_differs', register, facts: { number: '3' } }])
  })
})

test('a receipt that only the DEP7 has is named, and so is each that the journal has lost', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await sold(bench)
  await inFiles(bench, register.id, async ({ directory, dep7, journal }) => {
    await sell(register, '2.00')
    const later = join(directory, 'later.json')
    await writeFile(later, await bench.exported('dep7', { register_id: register.id }))
    const { code, together } = await verifiedFiles(later, journal)
    expect(code).toBe(1)
    expect(together.codes).toMatchObject([{ code: 'rksv_dep_differs', facts: { number: '4', recorded: '–' } }])
    // The other way round it is only younger than the file.
    await writeFile(journal, await bench.exported('journal'))
    const older = await verifiedFiles(dep7, journal)
    expect([older.code, older.together.findings]).toEqual([0, []])
    expect(older.together.summary).toBe(
      'journal and DEP7, 3 receipts match, 4 signatures by enrolled units; 1 recorded after the DEP7 was made',
    )
  })
})

test('a part of a DEP7 is compared from its first receipt on, and a DEP7 of one of two registers names the other', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await sold(bench)
  const location = String((await bench.office.list('/v1/locations'))[0]?.['id'])
  const other = await austrianTill(bench, location)
  await inFiles(bench, register.id, async ({ dep7, journal }) => {
    await edited(dep7, (receipts) => receipts.slice(1))
    const { code, together } = await verifiedFiles(dep7, journal, '--partial')
    expect([code, together.findings]).toEqual([0, []])
    expect(together.summary).toBe(
      `journal and DEP7, 2 receipts match, 3 signatures by enrolled units; no DEP7 given of register ${other.clientId}`,
    )
    await edited(dep7, ([second = '']) => [second])
    const { together: cut } = await verifiedFiles(dep7, journal, '--partial')
    expect(cut.summary).toContain('1 receipts match')
    const whole = await verifiedFiles(dep7, journal)
    expect(whole.together.codes).toMatchObject([{ code: 'rksv_dep_differs', facts: { number: '1', dep: '–' } }])
  })
})

test('a file that breaks off is compared as far as possible', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id: register } = await sold(bench)
  await inFiles(bench, register, async ({ dep7, journal }) => {
    const text = await readFile(dep7, 'utf8')
    await writeFile(dep7, text.slice(0, text.lastIndexOf('","') + 2))
    const { code, told, together } = await verifiedFiles(dep7, journal)
    expect([code, together.findings]).toEqual([1, []])
    expect(together.summary).toContain('2 receipts match')
    expect(told[0]).toMatchObject({ kind: 'dep7', valid: false })
  })
})

test('with --material the encrypted counter of each receipt is compared with the sum of the recorded ones', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await sold(bench)
  const location = String((await bench.office.list('/v1/locations'))[0]?.['id'])
  const other = await austrianTill(bench, location)
  await inFiles(bench, other.id, async ({ directory, material }) => {
    await inFiles(bench, register.id, async ({ dep7, journal, material: own }) => {
      const right = await verifiedFiles(dep7, journal, '--material', own)
      expect([right.code, right.together.findings]).toEqual([0, []])
      // With another key the counters match no receipt.
      const wrong = join(directory, 'wrong.json')
      const [right64, wrong64] = [await readFile(own, 'utf8'), await readFile(material, 'utf8')]
      await writeFile(wrong, JSON.stringify({ ...JSON.parse(right64), base64AESKey: JSON.parse(wrong64).base64AESKey }))
      const { code, together } = await verifiedFiles(dep7, journal, '--material', wrong)
      expect(code).toBe(1)
      expect(together.codes?.[0]).toMatchObject({
        code: 'rksv_turnover_differs',
        register: register.id,
        facts: { number: 1, counted: '0.00' },
      })
    })
  })
})

test('the audit misses the newest receipt that was taken out of the table of the DEP7, and no younger one', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id: register } = await sold(bench)
  await bench.restart(async () => insiderAt(bench.config.state).run('DELETE FROM receipt WHERE number = 3'))
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.find(({ name }) => name === `dep7-${register}.json`)).toMatchObject({ valid: true, findings: [] })
    const { findings, summary } = parts.find(({ name }) => name === 'DEP7 / Journal') ?? {}
    expect(summary).toMatch(/^1 Beanstandung; 2 Belege stimmen im DEP7 und im Journal überein/)
    expect(findings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Beleg 3 der Kasse ${register}: Das DEP7 hat –, aufgezeichnet ist \\S+ 3,00 .* \\(rksv_dep_differs\\)$`,
        ),
      ),
    ])
  })
})

test('a register that was taken out of the tables has no DEP7 in the audit: each of its receipts is named', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await sold(bench)
  const location = String((await bench.office.list('/v1/locations'))[0]?.['id'])
  const other = await austrianTill(bench, location)
  await bench.restart(async () => insiderAt(bench.config.state).run(`DELETE FROM resource WHERE id = '${other.id}'`))
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.some(({ name }) => name === `dep7-${register.id}.json`)).toBe(true)
    expect(parts.some(({ name }) => name === `dep7-${other.id}.json`)).toBe(false)
    expect(parts.find(({ name }) => name === 'DEP7 / Journal')?.findings).toEqual([
      expect.stringMatching(new RegExp(`^Beleg 1 der Kasse ${other.id}: Das DEP7 hat –, `)),
    ])
  })
})
