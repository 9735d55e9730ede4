// @module-tag heavy
import { rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { AuditPart } from '../../agent/cli/audit/audit-part.ts'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { Cloud } from '../e2e/sync/cloud.ts'
import { configOf, tillOf } from './insider.ts'

const PART = 'Wiederherstellung / Ziele'

test('a shop restores an older backup to lose a sale: the audit objects until a person says why', async () => {
  await using cloud = await Cloud.open()
  const { targets } = cloud
  await using bench = await Bench.open({ config: { sync: { targets } } })
  const { chainId } = await cloud.enrol(bench.journal())
  const sell = await tillOf(bench)
  await sell('1.00')
  const config = await configOf(bench, { sync: { targets } })
  const { state } = bench.config
  const at = (name: string): string => join(dirname(state), name)
  const [file, pass] = [at('shop.backup'), at('pass')]
  await writeFile(pass, 'geheim\n', { mode: 0o600 })
  const secrets = ['--passphrase-file', pass, '--config', config]
  expect(await fiskalEdge('backup', file, ...secrets)).toMatchObject({ code: 0, err: '' })
  await sell('77.00')
  await bench.untilSynced()
  await bench.stop()
  const { length: lost } = await cloud.hashes(chainId)
  await rename(state, at('lost'))
  expect(await fiskalEdge('restore', file, ...secrets)).toMatchObject({ code: 0, err: '' })

  let audits = 0
  const audited = async (): Promise<AuditPart | undefined> => {
    const { out } = await fiskalEdge('audit', '--out', at(`audit-${++audits}`), '--json', '--config', config)
    return (JSON.parse(out) as { parts: AuditPart[] }).parts.find(({ name }) => name === PART)
  }
  const objection = await audited()
  expect(objection).toMatchObject({ valid: false })
  expect(objection?.findings).toEqual([
    expect.stringMatching(
      new RegExp(
        `^cloud hat die Ereignisse \\d+ bis ${lost} der Epoche 1, die seit der Wiederherstellung fehlen: .*restore --tail oder device adopt .*duty confirm epoch-2 --reason GRUND\\. \\(witness_ahead\\)$`,
      ),
    ),
  ])
  // journal verify reports the same as a note: the journal itself records the restore.
  const verified = await fiskalEdge('journal', 'verify', '--config', config)
  expect(verified.out).toMatch(/! cloud: .*which its own event records \(restore\)/)

  // A confirmation without a reason explains nothing.
  expect((await fiskalEdge('duty', 'confirm', 'epoch-2', '--config', config)).code).toBe(0)
  expect(await audited()).toMatchObject({ valid: false })
  const reason = 'Bon über 77,00 aus der Cloud in die Bücher übernommen'
  const confirm = ['duty', 'confirm', 'epoch-2', '--reason', reason, '--config', config]
  expect(await fiskalEdge(...confirm)).toMatchObject({ code: 0, err: '' })
  expect(await audited()).toMatchObject({
    ...{ valid: true, note: true },
    findings: [expect.stringContaining(`Bestätigt: ${reason} (witness_ahead)`)],
  })
  expect((await fiskalEdge(...confirm)).code).toBe(1)

  // A target that is silent now is reported, and is not an objection.
  await cloud.leave()
  expect(await audited()).toMatchObject({
    ...{ valid: true, note: true },
    findings: ['cloud konnte nicht befragt werden. (witness_missing)'],
  })
})
