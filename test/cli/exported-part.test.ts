import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exportedPart } from '../../agent/cli/audit/exported-part.ts'
import type { Technician } from '../../agent/cli/daemon/admin-client.ts'
import { FiskalError } from '../../agent/errors.ts'
import { systemClock } from '../../base/clock.ts'
import { TseSimulator } from '../../drivers/tse-simulator/driver.ts'
import { RightSignatures } from '../../verify/tse/right-signatures.ts'
import { collect, sell } from '../contracts/tse-checks.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'

const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const ARCHIVE = { file: 'tse.tar', type: 'tse_tar', deviceId: 'tse-1' }
/** A ZIP file without entries. */
const EMPTY_PACKAGE = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)])

async function unitWith(sales: number): Promise<{ archive: Buffer; serial: string }> {
  const tse = new TseSimulator({ directory: await temporaryDirectory(), clock: systemClock })
  onTestFinished(() => tse.close())
  await tse.registerClient('till-1')
  await sell(tse, sales)
  return { archive: Buffer.from(await collect(tse, {})), serial: (await tse.identity()).serial }
}

function garbled(archive: Buffer): Buffer {
  const bytes = Buffer.from(archive)
  bytes.write('X', bytes.indexOf('Beleg^'), 'latin1')
  return bytes
}

type Answer = { file: Buffer; members?: object } | { refusal: string }

/** An agent that answers so, first without its own check and then with it. Returns the parts and its questions. */
async function asked(wanted: Parameters<typeof exportedPart>[0], unchecked: Answer, checked: Answer) {
  const questions: boolean[] = []
  const technician: Pick<Technician, 'exportTo'> = {
    exportTo: async (_type, range, path) => {
      questions.push(range.unchecked !== true)
      const answer = range.unchecked === true ? unchecked : checked
      if ('refusal' in answer) throw new FiskalError('dsfinvk_refused', answer.refusal)
      await writeFile(path, answer.file, { flag: 'wx' })
      return { file: path, ...answer.members }
    },
  }
  const folder = await temporaryDirectory()
  const exporting = { technician: technician as Technician, folder, known: new RightSignatures() }
  return { parts: await exportedPart(wanted, EVER, exporting), questions, path: join(folder, wanted.file) }
}

test('a sound archive is checked by the audit alone', async () => {
  const { archive, serial } = await unitWith(2)
  const unchecked = { file: archive, members: { unchecked: true, serial } }
  const { parts, questions } = await asked(ARCHIVE, unchecked, { refusal: 'not asked' })
  expect(questions).toEqual([false])
  expect(parts).toMatchObject([{ name: 'tse.tar', valid: true, findings: [] }])
})

test('an archive that a line garbled is asked for again, with the check of the agent', async () => {
  const { archive, serial } = await unitWith(2)
  const unchecked = { file: garbled(archive), members: { unchecked: true, serial } }
  const { parts, questions } = await asked(ARCHIVE, unchecked, { file: archive })
  expect(questions).toEqual([false, true])
  expect(parts).toMatchObject([{ name: 'tse.tar', valid: true, findings: [] }])
})

test('a wrong log that the unit holds so is a finding, as the agent hands it over', async () => {
  const { archive, serial } = await unitWith(2)
  const file = garbled(archive)
  const { parts, questions } = await asked(ARCHIVE, { file, members: { unchecked: true, serial } }, { file })
  expect(questions).toEqual([false, true])
  expect(parts).toMatchObject([{ valid: false, findings: [expect.stringContaining('die Signatur passt nicht')] }])
})

test('an archive of another unit is asked for again, and the refusal of the agent is the part', async () => {
  const { archive } = await unitWith(1)
  const unchecked = { file: archive, members: { unchecked: true, serial: '0'.repeat(64) } }
  const { parts, questions } = await asked(ARCHIVE, unchecked, { refusal: 'of another TSE' })
  expect(questions).toEqual([false, true])
  expect(parts).toMatchObject([{ name: 'tse.tar', valid: false, summary: 'nicht geschrieben' }])
})

test('a package with a fault is asked for again, and the refusal of the agent is the part', async () => {
  const unchecked = { file: EMPTY_PACKAGE, members: { unchecked: true } }
  const wanted = { file: 'dsfinvk.zip', type: 'dsfinvk' }
  const { parts, questions } = await asked(wanted, unchecked, { refusal: 'Bon 3 is not right' })
  expect(questions).toEqual([false, true])
  expect(parts).toMatchObject([{ name: 'dsfinvk.zip', valid: false, summary: 'nicht geschrieben' }])
})

test('a file that its agent has checked anyway is not asked for twice', async () => {
  const { archive } = await unitWith(1)
  const { parts, questions } = await asked(ARCHIVE, { file: garbled(archive) }, { refusal: 'not asked' })
  expect(questions).toEqual([false])
  expect(parts).toMatchObject([{ name: 'tse.tar', valid: false }])
})
