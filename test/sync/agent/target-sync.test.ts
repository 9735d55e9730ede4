import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { uuidBytes } from '../../../agent/journal/chain.ts'
import { cursorOf } from '../../../agent/journal/cursors.ts'
import type { Renewal } from '../../../agent/journal/event-facts.ts'
import type { Journal } from '../../../agent/journal/journal.ts'
import { TargetSync } from '../../../agent/sync/target-sync.ts'
import { openLog } from '../../../base/log.ts'
import type { Halt } from '../../../sync/source.ts'
import type { TargetSettings } from '../../../sync/targets/catalog.ts'
import { FastClock } from '../../e2e/fast-clock.ts'
import { appendNotes, openJournal, signer, temporaryDirectory } from '../../journal/temporary-journal.ts'
import { once } from '../../waits.ts'

const FORK: Halt = { state: 'forked', code: 'fork', message: 'The target holds another event 2 of this journal.' }
const ZERO = Buffer.alloc(32).toString('base64url')

async function journalIn(directory: string): Promise<Journal> {
  const journal = await openJournal(directory)
  onTestFinished(() => journal.close())
  await appendNotes(journal, 9)
  return journal
}

/** The sync of the journal; `halts`: the calls to the maker of new epochs. */
function syncOf(journal: Journal, target: TargetSettings): { sync: TargetSync; halts: string[] } {
  const halts: string[] = []
  const sync = new TargetSync({
    ...{ journal, signer, targets: [target], clock: new FastClock(20) },
    random: (length) => Buffer.alloc(length, 0x10),
    readSecret: async () => 'token',
    renewSecrets: () => undefined,
    places: { demand: async () => undefined, demandFile: async () => undefined },
    log: openLog('error', { write: () => undefined }),
    onAcknowledged: () => undefined,
    onState: () => undefined,
    onHalt: (_target, { code }) => halts.push(code),
  })
  onTestFinished(() => sync.close())
  return { sync, halts }
}

type Said = { status: number; document: object }

/** An https target on this machine: its claimed position, and its answer to a batch. */
async function cloudThatSays(says: () => { position: object; batch: Said }): Promise<TargetSettings> {
  const server = createServer(({ method }, response) => {
    const { position, batch } = says()
    const { status, document } = method === 'GET' ? { status: 200, document: { ...position, state: 'open' } } : batch
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { id: 'cloud', kind: 'https', url: `http://127.0.0.1:${port}`, tokenFile: 'token' }
}

test('a rollback of the disk is reported to the caller that begins new epochs, also after another stall', async () => {
  const journal = await journalIn(await temporaryDirectory())
  let position: object = { head_seq: 0, head: ZERO }
  let batch: Said = { status: 400, document: { code: 'malformed' } }
  const { sync, halts } = syncOf(journal, await cloudThatSays(() => ({ position, batch })))
  await sync.open()
  await expect.poll(() => sync.status()).toMatchObject([{ state: 'stalled' }])
  expect(halts).toEqual(['malformed'])
  const head = Buffer.alloc(32, 7)
  const { kid, sig } = signer.sign(uuidBytes(journal.chain), journal.epoch, 41, head)
  const cp = { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
  position = { head_seq: 41, head: head.toString('base64url'), seq: 41, cp }
  batch = { status: 200, document: { acked_seq: 10, head: Buffer.from(journal.headHash).toString('base64url') } }
  await sync.syncOf('cloud')?.resume()
  await expect.poll(() => sync.status()[0]?.last_error?.code).toBe('rollback')
  expect(halts).toEqual(['malformed', 'rollback'])
})

test('a fork that was found before the start is reported, too; one of an ended epoch begins no other one', async () => {
  const path = await temporaryDirectory()
  const journal = await journalIn(await temporaryDirectory())
  await cursorOf(journal, 'disk', Date.now).save({ ackedSeq: 1, halt: FORK })
  const first = syncOf(journal, { id: 'disk', kind: 'file', folder: path })
  await first.sync.open()
  await expect.poll(() => first.halts).toEqual(['fork'])
  await first.sync.close()
  await journal.beginEpoch({ reason: 'fork' } as Renewal)
  const second = syncOf(journal, { id: 'disk', kind: 'file', folder: path })
  await second.sync.open()
  await expect.poll(() => second.sync.status()).toMatchObject([{ acked_seq: 11, stranded: 10 }])
  expect(second.halts).toEqual([])
})
