// @module-tag heavy
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { rawEntries, tarEnd } from '../../drivers/tr03151/tar.ts'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members, Operation } from '../e2e/client.ts'
import { signed } from '../e2e/client.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import type { Line } from './insider.ts'
import { linesOf, retirement, rewriteEvents, soldDay, withoutOperation } from './insider.ts'

// The insider claims that the TSE is broken, retires it and throws it away: its memory cannot be read again. The logs
// read back from it after each close are in the state directory.

/**
 * A closed day whose portion was read back; the unit is missing at the next start, and the journal records its
 * retirement.
 */
async function thrownAway(
  bench: Bench,
  change: (lines: Line[], sale: Operation) => Promise<Line[]>,
  deletes = false,
): Promise<string> {
  const { sale } = await soldDay(bench)
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'tse.archived'))
  if (deletes) await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes })
  const device = join(bench.config.state, 'devices', 'tse-1')
  await bench.restart(async () => {
    const events = await change(linesOf(bench.config.state), sale)
    await rewriteEvents(bench.config.state, () => [...events, retirement(events)])
    await rename(device, `${device}-thrown-away`)
  })
  return `Vorgang ${signed(sale).transaction_number}`
}

/** An archive of logs without those of one transaction, and its digest. */
function trimmed(archive: Buffer, transaction: number): { bytes: Buffer; sha256: (packed?: Uint8Array) => string } {
  const otherEntries = [...rawEntries(archive)].filter((entry) => !entry.name.includes(`No-${transaction}_`))
  const bytes = Buffer.concat([...otherEntries.map((entry) => entry.bytes), tarEnd])
  return { bytes, sha256: (packed: Uint8Array = bytes) => createHash('sha256').update(packed).digest('hex') }
}

/** The part of the audit that compares TSEs and journal. */
async function compared(bench: Bench) {
  return inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    return parts.find(({ name }) => name === 'TSE / Journal')
  })
}

test('an honest shop that lost its TSE has the logs read back, and the audit notes they are not all', async () => {
  await using bench = await Bench.open()
  await thrownAway(bench, async (lines) => lines)
  expect(await compared(bench)).toMatchObject({
    ...{ valid: true, note: true, findings: [] },
    summary: expect.stringMatching(/^8 Absicherungen stimmen .*liegt nicht ganz vor$/),
  })
})

test('a sale that was cut out is named by the logs read back from the TSE, which is lost', async () => {
  await using bench = await Bench.open()
  const transaction = await thrownAway(bench, async (lines, { id }) => withoutOperation(lines, id))
  const part = await compared(bench)
  expect(part?.valid).toBe(false)
  expect(part?.findings).toEqual([
    expect.stringMatching(new RegExp(`${transaction} begonnen.*\\(tse_start_unknown\\)$`)),
    expect.stringMatching(new RegExp(`${transaction} \\(Signaturzähler.*\\(tse_log_without_bon\\)$`)),
  ])
})

test('so is a portion whose logs were taken out and whose digest was recorded again', async () => {
  await using bench = await Bench.open()
  await thrownAway(bench, async (lines, sale) => {
    const folder = join(bench.config.state, 'archives', 'read')
    const [unit = ''] = await readdir(folder)
    const [name = ''] = await readdir(join(folder, unit))
    const path = join(folder, unit, name)
    const { bytes, sha256 } = trimmed(gunzipSync(await readFile(path)), signed(sale).transaction_number)
    const packed = gzipSync(bytes)
    await writeFile(path, packed)
    return withoutOperation(lines, sale.id).map((line) => {
      const facts = line.body['facts'] as Members | undefined
      const isPortion = facts?.['portion'] === true
      return isPortion ? { ...line, body: { ...line.body, facts: { ...facts, sha256: sha256(packed) } } } : line
    })
  })
  const part = await compared(bench)
  expect(part?.valid).toBe(false)
  expect(part?.findings).toEqual([
    expect.stringMatching(/^Das Archiv read\/.* liegt nicht vor oder ist ein anderes\. \(tse_archive_missing\)$/),
  ])
})

test('an archive whose logs were taken out, of a lost TSE that had deleted them, has a gap in its counters', async () => {
  await using bench = await Bench.open()
  await thrownAway(
    bench,
    async (lines, sale) => {
      const folder = join(bench.config.state, 'archives')
      const unit = (await readdir(folder)).find((name) => name !== 'read') ?? ''
      const [name = ''] = await readdir(join(folder, unit))
      const path = join(folder, unit, name)
      const { bytes, sha256 } = trimmed(await readFile(path), signed(sale).transaction_number)
      await writeFile(path, bytes)
      return withoutOperation(lines, sale.id).map((line) => {
        const set = line.body['set'] as Members | undefined
        if (!Array.isArray(set?.['archives'])) return line
        const archives = (set['archives'] as Members[]).map((kept) => ({ ...kept, sha256: sha256() }))
        return { ...line, body: { ...line.body, set: { ...set, archives } } }
      })
    },
    true,
  )
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    const archive = parts.find(({ name }) => /^tse-[0-9a-f]{16}-\d+-\d+\.tar$/.test(name))
    expect(archive).toMatchObject({
      valid: false,
      findings: [expect.stringContaining('fehlen'), expect.anything()],
    })
  })
})
