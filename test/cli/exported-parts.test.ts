import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { AskedFile } from '../../agent/cli/audit/exported-parts.ts'
import { exportedParts } from '../../agent/cli/audit/exported-parts.ts'
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

async function answered(path: string, answer: Answer) {
  if ('refusal' in answer) throw new FiskalError('dsfinvk_refused', answer.refusal)
  await writeFile(path, answer.file, { flag: 'wx' })
  return { file: path, ...answer.members }
}

/** An agent that answers so, first without its own check and then with it. Returns the parts and its questions. */
async function asked(wanted: AskedFile['wanted'], unchecked: Answer, checked: Answer) {
  const questions: boolean[] = []
  const technician: Pick<Technician, 'exportTo'> = {
    exportTo: (_type, range, path) => {
      questions.push(range.unchecked !== true)
      return answered(path, range.unchecked === true ? unchecked : checked)
    },
  }
  const exporting = {
    technician,
    folder: await temporaryDirectory(),
    known: new RightSignatures(),
    language: 'de' as const,
  }
  return { parts: await exportedParts([{ wanted, range: EVER }], exporting), questions }
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

test('archives and journal after one that is asked for again are written again, a package is not', async () => {
  const { archive, serial } = await unitWith(2)
  const questions: string[] = []
  const technician: Pick<Technician, 'exportTo'> = {
    exportTo: async (_type, { unchecked = false }, path) => {
      const name = basename(path)
      questions.push(unchecked ? name : `${name} checked`)
      const file = name === 'first.tar' && unchecked ? garbled(archive) : archive
      return answered(path, { file, members: unchecked ? { unchecked, serial } : {} })
    },
  }
  const wanted = [{ file: 'dsfinvk.zip', type: 'dsfinvk', ofClosings: true as const }]
  const archives = ['first.tar', 'second.tar', 'third.tar'].map((file) => ({ ...ARCHIVE, file }))
  const files = [...wanted, ...archives].map((one) => ({ wanted: one, range: EVER }))
  const exporting = {
    technician,
    folder: await temporaryDirectory(),
    known: new RightSignatures(),
    language: 'de' as const,
  }
  const parts = await exportedParts(files, exporting)
  const [all, again] = [
    ['first.tar', 'second.tar', 'third.tar', 'dsfinvk.zip'],
    ['second.tar', 'third.tar'],
  ]
  expect(questions).toEqual([...all, 'first.tar checked', ...again])
  expect(parts).toMatchObject(files.map(({ wanted: { file } }) => ({ name: file, valid: true, findings: [] })))
})

test('the next file is written while one is checked', async () => {
  const { archive, serial } = await unitWith(2)
  let begin = (): void => undefined
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const technician: Pick<Technician, 'exportTo'> = {
    exportTo: async (_type, _range, path) => {
      if (basename(path) === 'second.tar') begin()
      return answered(path, { file: archive, members: { unchecked: true, serial } })
    },
  }
  const known = new RightSignatures()
  const verifyAside = known.verifyAside.bind(known)
  known.verifyAside = async (...given) => {
    await begun
    return verifyAside(...given)
  }
  const files = ['first.tar', 'second.tar'].map((file) => ({ wanted: { ...ARCHIVE, file }, range: EVER }))
  const parts = await exportedParts(files, { technician, folder: await temporaryDirectory(), known, language: 'de' })
  expect(parts.map(({ valid }) => valid)).toEqual([true, true])
})
