// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { insiderAt } from '../edited-states.ts'
import { configOf, linesOf, tillOf } from './insider.ts'

type Verified = {
  valid: boolean
  codes: { code: string; level: string; seq: number }[]
  notes: { code: string; seq: number; last: number }[]
}

/** A sale on each of two days, and the agent stopped. `cut`: the first event of the second one. */
async function twoDays(bench: Bench): Promise<{ cut: number; config: string }> {
  const sell = await tillOf(bench)
  await sell('1.00')
  await bench.restart()
  await sell('2.00')
  const cut = bench.journal().find(({ body }) => body.includes('"2.00"'))?.seq ?? 0
  await bench.stop()
  return { cut, config: await configOf(bench) }
}

test('an insider cuts the newest sale out of the journal and removes the checkpoints that would reveal it', async () => {
  await using bench = await Bench.open()
  const { cut, config } = await twoDays(bench)
  expect(cut).toBeGreaterThan(10)
  const { state } = bench.config

  // In the evening he cuts the last sale out: with sqlite3, for the tables by a command of the agent's own.
  const insider = insiderAt(state)
  insider.cut(cut)
  insider.removeCheckpoints()
  insider.forgetTables()
  await rebuildProjections(state)

  // The hash chain is complete, and still the journal is not accepted.
  const verified = await fiskalEdge('journal', 'verify', '--json', '--config', config)
  expect(verified.code).toBe(1)
  const report = JSON.parse(verified.out) as Verified
  expect(report).toMatchObject({ valid: false, codes: [{ code: 'head_unsigned', level: 'error', seq: 1 }] })
  const started = await fiskalEdge('run', '--config', config)
  expect([started.code, started.out + started.err]).toEqual([1, expect.stringContaining('journal_unsigned')])
  const doctor = await fiskalEdge('doctor', '--config', config)
  expect([doctor.code, doctor.out]).toEqual([1, expect.stringMatching(/✖ journal .*\(head_unsigned\).*journal reopen/)])
  // Nothing was changed by looking: the next start refuses as well.
  expect((await fiskalEdge('run', '--config', config)).code).toBe(1)

  // The shop has to sell tomorrow. A person continues, and the journal records it permanently.
  const reopened = await fiskalEdge('journal', 'reopen', '--config', config)
  expect([reopened.code, reopened.err]).toEqual([0, ''])
  expect(reopened.out).toContain('no valid checkpoint')
  await bench.start()
  const opened = bench.journal().at(cut - 1)
  expect(opened?.kind).toBe('journal.opened')
  expect(JSON.parse(opened?.body ?? '{}')).toMatchObject({
    facts: { reason: 'unsigned_head', signed_to: 0, last_known_seq: cut - 1, epoch: 2 },
  })
  await bench.restart()
  await bench.stop()
  const later = await fiskalEdge('journal', 'verify', '--json', '--config', config)
  expect([later.code, JSON.parse(later.out)]).toMatchObject([
    0,
    {
      valid: true,
      // The TSE knows of the sale: a number that may be on paper is not given again.
      codes: [
        { code: 'head_unsigned', level: 'note', seq: 1 },
        { code: 'bon_numbers_set_aside', level: 'note', facts: { from: 3, to: 1002 } },
        { code: 'z_numbers_set_aside', level: 'note', facts: { from: 1, to: 1000 } },
        { code: 'restore_unexplained', level: 'note', put_back: true },
      ],
      notes: [{ code: 'head_unsigned', seq: 1, last: cut - 1 }],
    },
  ])
  const shown = await fiskalEdge('journal', 'verify', '--config', config)
  expect(shown.out).toMatch(/^! checkpoint, seq 1: .*\(head_unsigned\)$/m)
  const audit = await fiskalEdge('audit', '--json', '--config', config, '--out', join(state, '..', 'audit'))
  expect(audit.code).toBe(1)
  const { parts } = JSON.parse(audit.out) as { parts: { name: string; valid: boolean; findings: string[] }[] }
  expect(parts.find(({ name }) => name === 'Journal')).toMatchObject({
    valid: false,
    findings: [
      expect.stringContaining('Die Bonnummern 3 bis 1002 wurden'),
      expect.stringContaining('Die Z-Nummern 1 bis 1000 wurden'),
      `Das Journal wurde ohne Prüfpunkt fortgeführt: Ereignisse 1 bis ${cut - 1} trugen keinen. (head_unsigned)`,
    ],
  })
  // Nor can it be continued twice: there is nothing to reopen.
  const again = await fiskalEdge('journal', 'reopen', '--config', config)
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('nothing_to_reopen')])
})

test('the tables reveal events that were cut off unsigned: reopen continues, and the epoch names them', async () => {
  await using bench = await Bench.open()
  const { cut, config } = await twoDays(bench)
  const { state } = bench.config
  const last = linesOf(state).length
  const insider = insiderAt(state)
  insider.cut(cut)
  insider.removeCheckpoints()
  const started = await fiskalEdge('run', '--config', config)
  const told = started.out + started.err
  expect(told).toContain('journal_unsigned')
  expect(told).toContain(`The tables have events up to ${last}.`)
  expect(told).toContain('fiskal-edge journal reopen')
  const reopened = await fiskalEdge('journal', 'reopen', '--config', config)
  expect([reopened.code, reopened.err]).toEqual([0, ''])
  const verified = await fiskalEdge('journal', 'verify', '--json', '--config', config)
  expect([verified.code, JSON.parse(verified.out)]).toMatchObject([
    0,
    { valid: true, notes: [{ code: 'head_unsigned', what: expect.stringContaining(`events up to ${last}`) }] },
  ])
  await bench.start()
  expect(JSON.parse(bench.journal().at(cut - 1)?.body ?? '{}')).toMatchObject({
    facts: { reason: 'unsigned_head', tables_to: last },
  })
})
