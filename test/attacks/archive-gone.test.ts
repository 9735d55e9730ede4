// @module-tag heavy
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { rewriteEvents, withoutOperation } from './insider.ts'

// Logs that were deleted in a TSE are in a file. The insider loses the file, changes it, or cuts its record out of the
// journal: its logs cannot be compared, and the audit reports that.

async function archivedShop(bench: Bench, deletes: boolean) {
  const register = await bench.till('50.00')
  const sale = await sell(register, '4.50')
  await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes })
  await sell(register, '2.00')
  await counted(register, '56.50')
  await register.till.create(closing(register, '0.00'))
  const folder = join(bench.config.state, 'archives')
  const [unit = ''] = await readdir(folder)
  const [file = ''] = await readdir(join(folder, unit))
  return { sale, kept: join(folder, unit, file), name: `${unit}/${file}` }
}

async function told(bench: Bench) {
  return inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    const { findings = [], summary } = parts.find(({ name }) => name === 'TSE / Journal') ?? {}
    return { code, findings, summary, wrong: parts.filter(({ valid }) => !valid).map(({ name }) => name) }
  })
}

test.each([true, false])(
  'an archive in its original place is not a finding (deleted in the TSE: %s)',
  async (deletes) => {
    await using bench = await Bench.open()
    await archivedShop(bench, deletes)
    expect(await told(bench)).toMatchObject({ code: 0, findings: [], wrong: [] })
  },
)

test('a kept archive that is missing is named, though the TSE still holds its logs', async () => {
  await using bench = await Bench.open()
  const { kept, name } = await archivedShop(bench, false)
  await rm(kept)
  const { code, findings } = await told(bench)
  expect([code, findings]).toEqual([
    1,
    [`Das Archiv ${name} liegt nicht vor oder ist ein anderes. (tse_archive_missing)`],
  ])
})

test('a kept archive that is missing after its logs were deleted is named, and the rest is written and compared', async () => {
  await using bench = await Bench.open()
  const { kept, name } = await archivedShop(bench, true)
  await rm(kept)
  await inDirectory(async (directory) => {
    const { code, parts, folder } = await audited(bench, directory)
    const missing = `Das Archiv ${name} liegt nicht vor oder ist ein anderes. (tse_archive_missing)`
    expect(code).toBe(1)
    expect(parts.find((part) => part.name === 'tse.tar')).toMatchObject({ valid: false, findings: [missing] })
    expect(parts.find((part) => part.name === 'TSE / Journal')).toMatchObject({
      valid: false,
      findings: [missing],
      summary: expect.stringMatching(
        /^1 Beanstandung; [1-9]\d* Absicherungen stimmen im Speicher der TSE und im Journal überein/,
      ),
    })
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).not.toContain('Prüfbericht über den ganzen Zeitraum')
    expect(report).not.toContain('unprocessable_entity')
  })
})

test('a whole audit without any archive of the TSE reports what no archive proves, and asks for no other audit', async () => {
  await using bench = await Bench.open()
  await sell(await bench.till('50.00'), '5.00')
  await bench.fault('unplugged@export#1+')
  await inDirectory(async (directory) => {
    const { code, parts, folder } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.find((part) => part.name === 'TSE / Journal')).toMatchObject({
      valid: false,
      summary: expect.stringContaining('ohne Archiv'),
    })
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).not.toContain('über den ganzen Zeitraum')
  })
})

test('a whole audit of an unreadable TSE compares its kept archives, and names what they do not cover', async () => {
  await using bench = await Bench.open()
  await archivedShop(bench, false)
  await bench.fault('unplugged@export#1+')
  await inDirectory(async (directory) => {
    const { code, parts, folder } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.find((part) => part.name === 'tse.tar')?.valid).toBe(false)
    expect(parts.find((part) => part.name === 'TSE / Journal')?.summary).toMatch(
      /jünger als das Archiv; der Speicher der TSE [0-9a-f]+… liegt nicht ganz vor$/,
    )
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).not.toContain('über den ganzen Zeitraum')
  })
})

test('a kept archive that was replaced by one of the same logs is another', async () => {
  await using bench = await Bench.open()
  const { kept, name } = await archivedShop(bench, false)
  await writeFile(kept, Buffer.concat([await readFile(kept), Buffer.alloc(512)]))
  expect((await told(bench)).findings).toEqual([
    `Das Archiv ${name} liegt nicht vor oder ist ein anderes. (tse_archive_missing)`,
  ])
})

test('a record that claims more counters than its archive holds is reported', async () => {
  await using bench = await Bench.open()
  const { name } = await archivedShop(bench, false)
  await bench.restart(() =>
    rewriteEvents(
      bench.config.state,
      (lines) =>
        lines.map((line) => ({
          ...line,
          body: JSON.parse(JSON.stringify(line.body).replace(/"last_counter":\d+/, '"last_counter":500')) as object,
        })) as typeof lines,
    ),
  )
  expect((await told(bench)).findings).toEqual([
    `Das Archiv ${name} liegt nicht vor oder ist ein anderes. (tse_archive_missing)`,
  ])
})

test('a sale that was cut out after its logs were deleted in the TSE is named by the kept archive', async () => {
  await using bench = await Bench.open()
  const { sale } = await archivedShop(bench, true)
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, sale.id)))
  const { code, findings } = await told(bench)
  expect([code, findings]).toEqual([
    1,
    [
      expect.stringContaining('(tse_start_unknown)'),
      expect.stringContaining('^4.50:Bar. In den Aufzeichnungen fehlt er.'),
    ],
  ])
})

test('logs deleted in the TSE, whose archive the journal records no longer, are missed by their counters', async () => {
  await using bench = await Bench.open()
  const { sale, kept } = await archivedShop(bench, true)
  await bench.restart(async () => {
    await rewriteEvents(bench.config.state, (lines) =>
      withoutOperation(lines, sale.id).filter(({ kind }) => !/^tse\.(archived|deletion_.*|deleted)$/.test(kind)),
    )
    await rm(dirname(kept), { recursive: true })
  })
  const { code, findings } = await told(bench)
  expect(code).toBe(1)
  expect(findings).toContainEqual(
    expect.stringMatching(
      /^Im Speicher der TSE [0-9a-f]{64} fehlen die Zähler 1 bis \d+, ein Archiv davon ist nicht verzeichnet\. \(tse_logs_deleted\)$/,
    ),
  )
})
