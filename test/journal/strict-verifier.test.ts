import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Members } from '../../agent/journal/events.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import { verifyChains } from '../../agent/journal/verify/chains.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { batchText } from '../sync/wire.ts'
import { verifyJournal } from '../verified-journal.ts'
import { appendNote, openJournal, signer, temporaryDirectory } from './temporary-journal.ts'

function verdict(text: string | Buffer) {
  return verifyChains(Readable.from([Buffer.from(text)]), { laws: LAW_BOOKS })
}

async function exported(directory: string): Promise<string> {
  const file = join(directory, 'export.ndjson')
  await exportJournal({ directory, file, range: {}, signer })
  return readFile(file, 'utf8')
}

test('a text without UTF-8 is not a text of an event, though it hashes as the replacement character', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNote(journal, 'unreadable: \ufffd')
  await journal.close()
  const text = await exported(directory)
  expect(await verdict(text)).toMatchObject({ valid: true })
  const changed = text.replace('\ufffd', String.raw`\ud800`)
  expect(await verdict(changed)).toMatchObject({ valid: false, findings: [{ seq: 2, rule: 'encoding' }] })
})

test.each<[string, (facts: Members) => Members]>([
  ['of another chain', (facts) => ({ ...facts, chain_id: '0190aaaa-0000-7000-8000-0000000000bb' })],
  ['of another epoch', (facts) => ({ ...facts, epoch: 7 })],
  ['of no kind that opens one', (facts) => facts],
])('a chain whose first event is %s is invalid, with any signer', async (_, change) => {
  const facts = { chainId: '0190aaaa-0000-7000-8000-0000000000aa', agentId: 'agent-1', epoch: 1 }
  const { chainId: chain_id, agentId: agent_id, epoch } = facts
  const genesis = change({ chain_id, agent_id, epoch, public_key: signer.publicKey })
  const journal = new MemoryJournal({ facts, signer, bodyOf: () => JSON.stringify({ facts: genesis }) })
  journal.append(3)
  expect(await verdict(batchText(journal, 1, 3))).toMatchObject({ valid: false, findings: [{ seq: 1 }] })
})

test.each<[string, Members]>([
  ['says why', {}],
  ['is of the same agent', { reason: 'restore', agent_id: 'agent-2' }],
])('an epoch belongs to a journal only if it %s', async (_, note) => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await journal.beginEpoch(note)
  await journal.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: false, firstBadSeq: 2 })
  expect(await verdict(await exported(directory))).toMatchObject({ valid: false, findings: [{ rule: 'surplus' }] })
})

test('a first event that is not JSON, signed by its named key, is refused and interrupts nothing', async () => {
  const journal = new MemoryJournal({ signer, bodyOf: () => `"public_key":"${signer.publicKey}"` })
  journal.append(1)
  expect(await verdict(batchText(journal, 1, 1))).toMatchObject({
    valid: false,
    findings: [{ seq: 1, rule: 'members' }],
  })
})
