// @module-tag heavy
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { AuditPart } from '../../agent/cli/audit/audit-part.ts'
import { fiskalEdge } from '../cli/command.ts'
import { austrianTill, ONE_CARD, sell } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { Cloud } from '../e2e/sync/cloud.ts'
import { verifyJournal } from '../verified-journal.ts'
import { configOf, rewriteEvents } from './insider.ts'

// A card signs any input, and the insider's rewrite agrees with itself. The target has the original journal; only
// "journal verify" asked it.

const PART = 'Ziele / Journal'

/** The part of an audit about the targets. */
async function audited(config: string, folder: string): Promise<{ code: number | null; part: AuditPart | undefined }> {
  const { code, out } = await fiskalEdge('audit', '--out', folder, '--json', '--config', config)
  return { code, part: (JSON.parse(out) as { parts: AuditPart[] }).parts.find(({ name }) => name === PART) }
}

test('an insider cuts the newest receipts of a card out of the journal, and the audit names the target that has them', async () => {
  await using cloud = await Cloud.open()
  const { targets } = cloud
  await using bench = await Bench.open({ config: { ...ONE_CARD, sync: { targets } } })
  await cloud.enrol(bench.journal())
  const register = await austrianTill(bench)
  await sell(register, '3.00')
  await bench.untilSynced()
  const config = await configOf(bench, { devices: ONE_CARD.devices, sync: { targets } })
  const at = (name: string): string => join(dirname(bench.config.state), name)
  const honest = await audited(config, at('honest'))
  expect(honest.part).toMatchObject({
    valid: true,
    findings: [expect.stringMatching(/^cloud \(http.*\) bezeugt die /)],
  })
  expect(honest.part?.note).toBeUndefined()

  const length = bench.journal().length
  await sell(register, '77.00')
  await bench.untilSynced()
  await bench.stop()
  await rewriteEvents(bench.config.state, (lines) => lines.slice(0, length))
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
  const { code, part } = await audited(config, at('audit'))
  expect([code, part?.valid]).toEqual([1, false])
  expect(part?.findings).toEqual([
    expect.stringMatching(
      /^cloud \(http.*\) hat Ereignisse bis \d+ der Epoche 1, signiert mit dem Schlüssel dieses Journals, dieses Journal bis \d+: Es wurde zurückgesetzt \(witness_ahead\)\.$/,
    ),
  ])

  // A silent target is a note, and so is one that was removed.
  await cloud.leave()
  expect((await audited(config, at('silent'))).part).toMatchObject({
    ...{ valid: true, note: true },
    findings: [expect.stringMatching(/hat nicht geantwortet .*\(witness_missing\)\.$/)],
  })
  const without = await configOf(bench, { devices: ONE_CARD.devices })
  expect((await audited(without, at('without'))).part).toMatchObject({
    ...{ valid: true, note: true },
    findings: [expect.stringMatching(/ist dort nicht mehr eingerichtet \(witness_missing\)\.$/)],
  })
})
