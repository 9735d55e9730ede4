// @module-tag heavy
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { retirement, rewriteEvents, soldDay, withoutOperation } from './insider.ts'

// The contents of an audit depend on its registers. So the insider makes them registers of no law, in one last event
// for each: no package and no archive is asked for, and nothing is left to compare.

test('the audit compares the events, also if no register belongs to a law in the end', async () => {
  await using bench = await Bench.open()
  const { register, id } = await soldDay(bench)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => {
      const last = lines.at(-1) as Line
      const set = { fiscalization: null, fiscalization_status: 'not_fiscalized' }
      return [
        ...withoutOperation(lines, id),
        { ...last, seq: last.seq + 1, op: register.id, kind: 'register.noted', body: { set } },
      ]
    }),
  )
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.map(({ name, valid }) => [name, valid])).toEqual([
      ['journal.ndjson', true],
      ['TSE / Journal', false],
      ['DSFinV-K / Journal', false],
      ['Journal', true],
      ['Vorgänge ohne Umsatz', true],
      ['Stammdaten', true],
    ])
    expect(parts[1]?.summary).toMatch(/^1 Beanstandung; .*ohne Archiv 3 der TSE /)
    expect(parts[2]?.findings).toContain(
      `Im DSFinV-K-Paket fehlt Bon 2 der Kasse ${register.id} über 3,00 EUR. (package_incomplete)`,
    )
  })
})

test('a TSE that is recorded as retired and has no archive is noted, and never called in order', async () => {
  await using bench = await Bench.open()
  const { id } = await soldDay(bench)
  const device = join(bench.config.state, 'devices', 'tse-1')
  await bench.restart(async () => {
    await rewriteEvents(bench.config.state, (lines) => {
      const isKept = ({ kind }: Line): boolean => kind !== 'tse.archived'
      return [...withoutOperation(lines, id).filter(isKept), retirement(lines)]
    })
    await rename(device, `${device}-hidden`)
  })
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    expect(parts.find(({ name }) => name === 'TSE / Journal')).toMatchObject({
      ...{ valid: true, note: true },
      summary: expect.stringMatching(/ohne Archiv 3 der TSE /),
    })
  })
})
