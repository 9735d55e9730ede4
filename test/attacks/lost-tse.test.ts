import { createHash } from 'node:crypto'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { rawEntries, tarEnd } from '../../drivers/tr03151/tar.ts'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { signed } from '../e2e/client.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../regimes/dsfinvk/package.ts'
import type { Line } from './insider.ts'
import { linesOf, rewriteEvents, withoutOperation } from './insider.ts'

// The insider says that the TSE is broken, puts it out of use and throws it away: nobody can ask it for its memory any more.
// What was read back from it after each close lies in the state directory.

/** A closed day whose portion was read back; the unit is gone at the next start, and the journal says that it was retired. */
async function thrownAway(bench: Bench, change: (lines: Line[], id: string) => Promise<Line[]>): Promise<string> {
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  const sale = await sell(register, '10.70')
  await counted(register, '63.70')
  await register.till.create(closing(register, '0.00'))
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'tse.archived'))
  const device = join(bench.config.state, 'devices', 'tse-1')
  await bench.restart(async () => {
    const events = await change(linesOf(bench.config.state), sale.id)
    await rewriteEvents(bench.config.state, () => {
      const [last, unit] = [events.at(-1) as Line, events.find(({ kind }) => kind === 'tse.recorded')?.op ?? '']
      return [
        ...events,
        { ...last, seq: last.seq + 1, op: unit, kind: 'tse.retired', body: { set: { retired: true } } },
      ]
    })
    await rename(device, `${device}-thrown-away`)
  })
  return `Vorgang ${signed(sale).transaction_number}`
}

/** The part of the audit that compares TSEs and journal. */
async function compared(bench: Bench) {
  return inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    return parts.find(({ name }) => name === 'TSE / Journal')
  })
}

test('an honest shop that lost its TSE has what was read back, and the audit notes that it is not the whole memory', async () => {
  await using bench = await Bench.open()
  await thrownAway(bench, async (lines) => lines)
  expect(await compared(bench)).toMatchObject({
    ...{ valid: true, note: true, findings: [] },
    summary: expect.stringMatching(/^8 Absicherungen stehen so .*liegt nicht ganz vor$/),
  })
})

test('a sale that was cut out is named by what was read back from the TSE, which is gone', async () => {
  await using bench = await Bench.open()
  const transaction = await thrownAway(bench, async (lines, id) => withoutOperation(lines, id))
  const part = await compared(bench)
  expect(part?.valid).toBe(false)
  expect(part?.findings).toEqual([
    expect.stringMatching(new RegExp(`${transaction} begonnen.*\\(tse_start_unknown\\)$`)),
    expect.stringMatching(new RegExp(`${transaction} \\(Signaturzähler.*\\(tse_log_without_bon\\)$`)),
  ])
})

test('so is a portion whose logs were taken out and whose digest was recorded anew', async () => {
  await using bench = await Bench.open()
  await thrownAway(bench, async (lines, id) => {
    const folder = join(bench.config.state, 'archives', 'read')
    const [unit = ''] = await readdir(folder)
    const [name = ''] = await readdir(join(folder, unit))
    const path = join(folder, unit, name)
    const sale = lines.find(({ op, body }) => op === id && body['transaction'] !== undefined)
    const number = String((sale?.body['transaction'] as Members | undefined)?.['number'])
    const left = [...rawEntries(gunzipSync(await readFile(path)))].filter(
      (entry) => !entry.name.includes(`No-${number}_`),
    )
    const edited = gzipSync(Buffer.concat([...left.map(({ bytes }) => bytes), tarEnd]))
    await writeFile(path, edited)
    const sha256 = createHash('sha256').update(edited).digest('hex')
    return withoutOperation(lines, id).map((line) => {
      const note = line.body['note'] as Members | undefined
      return note?.['portion'] === true ? { ...line, body: { ...line.body, note: { ...note, sha256 } } } : line
    })
  })
  const part = await compared(bench)
  expect(part?.valid).toBe(false)
  expect(part?.findings).toEqual([
    expect.stringMatching(/^Das Archiv read\/.* liegt nicht vor oder ist ein anderes\. \(tse_archive_missing\)$/),
  ])
})
