// @module-tag heavy
import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { examineBackup } from '../../agent/backup/examine.ts'
import { chainHash, uuidBytes, ZERO_HASH } from '../../agent/journal/chain.ts'
import { readChains } from '../../agent/journal/chains.ts'
import type { CheckpointSigner } from '../../agent/journal/checkpoint.ts'
import { checkpointSigner, keyId } from '../../agent/journal/checkpoint.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import { readJournal } from '../../agent/journal/reader.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { readCheckpointKey } from '../../agent/state/state-directory.ts'
import { backUp, PASSPHRASE, restore } from '../backup/parts.ts'
import { restingState } from '../backup/resting-state.ts'
import { fiskalEdge } from '../cli/command.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'

type Line = Record<string, unknown> & { t: string }

/**
 * A shop's backup is on a stick. An attacker cuts a sale out of it, computes every hash again, signs with his own key
 * or with the machine's, and waits for the disk to fail: then the shop restores the journal that he made.
 */
let folder: string
let state: string
let signer: CheckpointSigner
let honest: string
beforeEach(async () => {
  folder = await temporaryDirectory()
  ;({ state, signer } = await restingState())
  honest = (await backUp(state, folder)).file
})

async function linesOf(file: string): Promise<Line[]> {
  const text = gunzipSync(await readFile(file)).toString()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

/** Written by the product's code; `sha256` and count of the last line match the lines before it. */
async function written(lines: readonly Line[], name: string): Promise<string> {
  const done = lines.at(-1)
  const text = lines
    .slice(0, -1)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
  const sha256 = createHash('sha256').update(text).digest('hex')
  const file = join(folder, `${name}.backup`)
  await writeFile(file, gzipSync(`${text}${JSON.stringify({ ...done, lines: lines.length - 1, sha256 })}\n`))
  return file
}

/** The journal without its event `cut`, chained again and signed by that key. */
function withoutEvent(lines: readonly Line[], cut: number, key: CheckpointSigner): Line[] {
  const header = lines[0] as Line & { chain: string; epoch: number; events: number }
  const id = uuidBytes(header.chain)
  let hash: Buffer = ZERO_HASH
  let seq = 0
  const chained = (line: Line): Line => {
    const { kind, op, at, boot, mono, body } = line as Record<string, string>
    const members = { kind, op, at, boot, mono, body } as Parameters<typeof chainHash>[3]
    hash = chainHash(id, ++seq, hash, members)
    return { ...line, seq, hash: hash.toString('base64url') }
  }
  const ended = (line: Line): Line => {
    const { kid, sig } = key.sign(id, header.epoch, seq, hash)
    const cp = { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
    return { ...line, seq, head: hash.toString('base64url'), cp }
  }
  const made: Readonly<Record<string, (line: Line) => Line>> = {
    backup: (line) => ({ ...line, events: header.events - 1 }),
    batch: (line) => ({ ...line, last: header.events - 1 }),
    ev: chained,
    end: ended,
  }
  const isCut = (line: Line): boolean => (line.t === 'ev' && line['seq'] === cut) || line['table'] === 'checkpoint'
  return lines.filter((line) => !isCut(line)).map((line) => made[line.t]?.(line) ?? line)
}

/** The restore is refused with that code, and nothing was placed. */
async function refused(
  code: string,
  file: string,
  more: Parameters<typeof restore>[2] = {},
  message: unknown = expect.any(String),
): Promise<void> {
  const target = join(
    folder,
    `refused-${createHash('sha256')
      .update(file + code + JSON.stringify(more))
      .digest('hex')}`,
  )
  await expect(restore(target, file, more)).rejects.toMatchObject({ code, message })
  const files = existsSync(target) ? await readdir(target) : []
  expect(files.filter((name) => name !== 'lock.db')).toEqual([])
}

function chainsOf(directory: string) {
  return readJournal(directory, (db) => readChains(db))
}

function stranger(): CheckpointSigner {
  return checkpointSigner(generateKeyPairSync('ed25519').privateKey)
}

test('the honest backup is restored, and its epoch records that it was sealed', async () => {
  const target = join(folder, 'honest')
  expect(await restore(target, honest)).toMatchObject({ sealed: true, events: 202 })
  expect(chainsOf(target).at(-1)?.opening).toMatchObject({ reason: 'restore', sealed: true })
  expect(await verifyJournal(target)).toMatchObject({ valid: true })
})

test('a sale cut out and signed with a key of the attacker is refused, also without the passphrase', async () => {
  const forged = await written(withoutEvent(await linesOf(honest), 100, stranger()), 'foreign-key')
  await refused('backup_seal_wrong', forged)
  await refused('backup_signature_foreign', forged, { passphrase: undefined, withoutSecrets: true, unsealed: true })
})

test('a sale cut out and signed with the key of the machine itself does not pass the seal', async () => {
  const lines = withoutEvent(await linesOf(honest), 100, signer)
  // The count that the seal names, too.
  const padded = lines.map((line) => (line.t === 'backup' ? { ...line, events: 201 } : line))
  await refused('backup_damaged', await written(padded, 'own-key-padded'))
  await refused('backup_seal_wrong', await written(lines, 'own-key'))
})

test('an older journal under the header and seal of a newer backup is refused', async () => {
  const older = await linesOf(honest)
  const journal = await openJournal(state, { signer })
  await appendNotes(journal, 10)
  await journal.close()
  const newer = await linesOf((await backUp(state, folder, 'newer.backup')).file)
  const mixed = [newer[0], ...older.slice(1)] as Line[]
  await refused('backup_damaged', await written(mixed, 'mixed'))
  const counted = mixed.map((line, index) => (index === 0 ? { ...line, events: 201 } : line))
  await refused('backup_seal_wrong', await written(counted, 'mixed-counted'))
})

test('a row of the tables next to the events is covered by the seal', async () => {
  const lines = await linesOf(honest)
  const row: Line = { t: 'row', table: 'sync_cursor', row: ['cloud', 'a chain', 1, null] }
  const at = lines.findIndex(({ t }) => t === 'end') + 1
  const forged = await written([...lines.slice(0, at), row, ...lines.slice(at)], 'row')
  await refused('backup_changed', forged)
})

test('without a seal or without the passphrase only --unsealed restores, and the epoch records it', async () => {
  const without = { passphrase: undefined, withoutSecrets: true }
  await refused('backup_unsealed', honest, without)
  const stripped = (await linesOf(honest)).map((line) =>
    line.t === 'backup' ? { ...line, secrets: null, seal: null } : line,
  )
  const file = await written(
    stripped.filter(({ t }) => t !== 'file'),
    'stripped',
  )
  await refused('backup_unsealed', file)
  const target = join(folder, 'unsealed')
  expect(await restore(target, file, { ...without, unsealed: true })).toMatchObject({ sealed: false })
  expect(chainsOf(target).at(-1)?.opening).toMatchObject({ reason: 'restore', sealed: false })
  expect(await restore(join(folder, 'no-secrets'), honest, { withoutSecrets: true })).toMatchObject({
    ...{ sealed: true, secrets: false },
  })
})

test('a backup without its seal is not accepted as sealed, and its lines are still checked against the passphrase', async () => {
  const lines = (await linesOf(honest)).map((line) => {
    if (line.t !== 'backup') return line
    const { seal: _, ...rest } = line
    return rest as Line
  })
  const file = await written(lines, 'seal-cut-out')
  // One sentence, with the way that is left: the first refusal does not send into the second.
  const told = expect.stringMatching(/^The seal was removed .* give --unsealed and --no-secrets, and no passphrase\.$/)
  await refused('backup_unsealed', file, {}, told)
  await refused('backup_changed', file, { unsealed: true }, told)
  const without = { passphrase: undefined, withoutSecrets: true, unsealed: true }
  expect(await restore(join(folder, 'seal-cut-out'), file, without)).toMatchObject({ sealed: false })
  const { code, out } = await fiskalEdge('verify', file)
  expect([code, out]).toEqual([1, expect.stringContaining('its seal was removed after it was made')])
})

test.each([
  ['n', 1_048_576],
  ['n', 1024],
  ['n', 30_000],
  ['p', 64],
  ['r', 16],
])('a passphrase is not tried at a cost that this program never asks for: %s = %d', async (member, value) => {
  const lines = await linesOf(honest)
  const [header, ...rest] = lines as [Line & { secrets: object }, ...Line[]]
  const costly = { ...header, secrets: { ...header.secrets, [member]: value } }
  await refused('backup_cost_refused', await written([costly, ...rest], `cost-${member}-${value}`))
})

test('a backup of another version is refused by name', async () => {
  const [header, ...rest] = (await linesOf(honest)) as [Line, ...Line[]]
  await refused('backup_version', await written([{ ...header, v: 1 }, ...rest], 'version'))
})

test('an endless line is refused before it fills the memory', async () => {
  const [header, ...rest] = (await linesOf(honest)) as [Line, ...Line[]]
  const endless: Line = { t: 'segment', file: 'a', end: 'x'.repeat(5_000_000) }
  await refused('backup_too_large', await written([header, endless, ...rest], 'endless'))
})

test('a later epoch under another key comes in only with the key id of its machine', async () => {
  const elsewhere = join(folder, 'elsewhere')
  await restore(elsewhere, honest)
  const key = checkpointSigner(readCheckpointKey(elsewhere))
  const journal = await openJournal(elsewhere, { signer: key })
  await appendNotes(journal, 5)
  await journal.close()
  const tail = join(folder, 'tail.ndjson')
  await exportJournal({ directory: elsewhere, file: tail, range: {}, signer: key })
  await refused('backup_epoch_key', honest, { tails: [tail] })
  await refused('backup_epoch_key', honest, { tails: [tail], epochKeys: ['0000000000000000'] })
  const target = join(folder, 'vouched')
  expect(await restore(target, honest, { tails: [tail], epochKeys: [keyId(key.publicKey)] })).toMatchObject({
    filled: 6,
  })
})

test('verify checks the seal with the passphrase, and without it reports the seal as unchecked', async () => {
  expect(await examineBackup(honest, LAW_BOOKS)).toMatchObject({
    isSealed: false,
    report: { valid: true, signed: true },
  })
  expect(await examineBackup(honest, LAW_BOOKS, PASSPHRASE)).toMatchObject({ isSealed: true })
  const forged = await written(withoutEvent(await linesOf(honest), 100, signer), 'verified')
  await expect(examineBackup(forged, LAW_BOOKS, PASSPHRASE)).rejects.toMatchObject({ code: 'backup_seal_wrong' })
})
