// @module-tag heavy
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examineBackup } from '../../agent/backup/examine.ts'
import { reopenJournal } from '../../agent/backup/hand-over.ts'
import { restoreKeys } from '../../agent/backup/restore-keys.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { makeCheckpointKey, openStateDirectory, readCheckpointKey } from '../../agent/state/state-directory.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, PARTS, PASSPHRASE } from './parts.ts'
import { restingState } from './resting-state.ts'

test('a lost key of the secrets comes back from a backup; newer events and newer secrets stay', async () => {
  const folder = await temporaryDirectory()
  const { state, signer, canary } = await restingState()
  const { file } = await backUp(state, folder)
  const journal = await openJournal(state, { signer })
  await appendNotes(journal, 20)
  await journal.close()
  openStateDirectory(state, PARTS.random).seal('aes-reg_2', { aes_key: 'newer' })
  const key = await readFile(join(state, 'seal.key'))
  await rm(join(state, 'seal.key'))
  await rm(join(state, 'sealed', 'aes-reg_1.sealed'))
  expect(() => openStateDirectory(state, PARTS.random)).toThrow('--keys-only')
  await expect(restoreKeys(state, file, 'another', PARTS.random)).rejects.toMatchObject({ code: 'passphrase_wrong' })
  expect([...(await restoreKeys(state, file, PASSPHRASE, PARTS.random))].sort()).toEqual([
    'seal.key',
    'sealed/aes-reg_1.sealed',
  ])
  expect(await readFile(join(state, 'seal.key'))).toEqual(key)
  const { unseal } = openStateDirectory(state, PARTS.random)
  expect([unseal('aes-reg_1'), unseal('aes-reg_2')]).toEqual([{ aes_key: canary }, { aes_key: 'newer' }])
  expect(await restoreKeys(state, file, PASSPHRASE, PARTS.random)).toEqual([])
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 1, events: 221 })
  const stranger = await restingState()
  for (const name of ['journal.db', 'journal.version']) await rm(join(stranger.state, name))
  const other = await openJournal(stranger.state, { signer: stranger.signer, agentId: 'agent-2' })
  await other.close()
  await expect(restoreKeys(stranger.state, file, PASSPHRASE, PARTS.random)).rejects.toMatchObject({
    code: 'backup_foreign',
  })
})

test('secrets sealed since under another key stay, and lost or unreadable ones come back next to them', async () => {
  const folder = await temporaryDirectory()
  const { state, canary } = await restingState()
  const { file } = await backUp(state, folder)
  // Without a sealed secret, a lost key is made again; the key of a new register is then sealed under it.
  await rm(join(state, 'seal.key'))
  await rm(join(state, 'sealed', 'aes-reg_1.sealed'))
  openStateDirectory(state, PARTS.random).seal('aes-reg_2', { aes_key: 'newer' })
  expect(await restoreKeys(state, file, PASSPHRASE, PARTS.random)).toEqual(['sealed/aes-reg_1.sealed'])
  const { unseal } = openStateDirectory(state, PARTS.random)
  expect([unseal('aes-reg_1'), unseal('aes-reg_2')]).toEqual([{ aes_key: canary }, { aes_key: 'newer' }])
  expect(await restoreKeys(state, file, PASSPHRASE, PARTS.random)).toEqual([])

  await writeFile(join(state, 'sealed', 'aes-reg_1.sealed'), 'spoiled')
  expect(() => openStateDirectory(state, PARTS.random).unseal('aes-reg_1')).toThrow('--keys-only')
  expect(await restoreKeys(state, file, PASSPHRASE, PARTS.random)).toEqual(['sealed/aes-reg_1.sealed'])
  expect(openStateDirectory(state, PARTS.random).unseal('aes-reg_1')).toEqual({ aes_key: canary })
})

test('a lost checkpoint key is replaced, and the journal continues in a new epoch', async () => {
  const { state } = await restingState()
  await rm(join(state, 'checkpoint.key'))
  expect(() => openStateDirectory(state, PARTS.random)).toThrow('journal reopen')
  expect(await reopenJournal({ ...PARTS, stateDirectory: state })).toEqual({ wasMoved: false })
  await expect(reopenJournal({ ...PARTS, stateDirectory: state })).rejects.toMatchObject({
    code: 'nothing_to_reopen',
  })
  const journal = await openJournal(state, { signer: checkpointSigner(readCheckpointKey(state)) })
  await journal.close()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2 })
})

test.each([
  ['empty', ''],
  ['spoiled', 'x'.repeat(48)],
])(
  'a checkpoint key whose file is %s is lost: it is replaced, and the journal continues in a new epoch',
  async (_, content) => {
    const { state } = await restingState()
    await writeFile(join(state, 'checkpoint.key'), content)
    expect(() => openStateDirectory(state, PARTS.random)).toThrow('holds no key: "fiskal-edge journal reopen"')
    expect(await readFile(join(state, 'checkpoint.key'), 'utf8')).toBe(content)
    expect(await reopenJournal({ ...PARTS, stateDirectory: state })).toEqual({ wasMoved: false })
    const journal = await openJournal(state, { signer: checkpointSigner(readCheckpointKey(state)) })
    await journal.close()
    expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2 })
  },
)

test('another checkpoint key than that of the journal is reported with the command that continues', async () => {
  const { state } = await restingState()
  const signer = checkpointSigner(makeCheckpointKey(state))
  await expect(openJournal(state, { signer })).rejects.toThrow('fiskal-edge journal reopen')
  expect(await reopenJournal({ ...PARTS, stateDirectory: state })).toEqual({ wasMoved: false })
  await (await openJournal(state, { signer })).close()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2 })
})

test('an empty key of the secrets is a lost one: it comes back from a backup, and is made again if nothing is sealed', async () => {
  const folder = await temporaryDirectory()
  const { state, canary } = await restingState()
  const { file } = await backUp(state, folder)
  await writeFile(join(state, 'seal.key'), '')
  expect(() => openStateDirectory(state, PARTS.random)).toThrow('holds no key: bring it back from a backup')
  expect(await restoreKeys(state, file, PASSPHRASE, PARTS.random)).toEqual(['seal.key'])
  expect(openStateDirectory(state, PARTS.random).unseal('aes-reg_1')).toEqual({ aes_key: canary })

  await writeFile(join(state, 'seal.key'), '')
  await rm(join(state, 'sealed'), { recursive: true })
  openStateDirectory(state, PARTS.random)
  expect(await readFile(join(state, 'seal.key'))).toHaveLength(32)
})

test('a stored backup verifies without its passphrase', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const { file } = await backUp(state, folder)
  const { header, report } = await examineBackup(file, LAW_BOOKS)
  expect([report.valid, report.events, header?.events]).toEqual([true, 201, 201])
})
