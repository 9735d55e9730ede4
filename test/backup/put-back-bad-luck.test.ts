// @module-tag heavy
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { uuidBytes } from '../../agent/journal/chain.ts'
import type { CheckpointSigner } from '../../agent/journal/checkpoint.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { readCheckpointKey } from '../../agent/state/state-directory.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { sell } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'
import { opened, putBack, untilKept } from './lost-states.ts'
import { asidesOf, keyed, lastReceiptOf } from './restored-shop.ts'

// A start after a state was put back, with bad luck: one epoch, and no number twice.

const CHILD = join(import.meta.dirname, 'children/start.ts')
/** More points than a start has. */
const POINTS_MAX = 80
const CLAIMED_SEQ = 5000
const OTHER_CHAIN = '01890000-0000-7000-8000-0000000000aa'

/** A shop that gave the numbers 1 to 3. */
async function shopOfThree(config: Members = {}): Promise<{ bench: Bench; register: Register }> {
  const bench = await opened({ config })
  const register = await bench.till()
  await sell(register, '1.00')
  await sell(register, '2.00')
  return { bench, register }
}

function openingsOf(shop: Bench): number {
  return shop.journal().filter(({ kind }) => kind === 'journal.opened').length
}

/** A receiver that claims to hold 5,000 events; `signed`: by that key for that chain. Its configuration. */
async function claiming(signed: { signer: CheckpointSigner; chain: string } | undefined): Promise<Members> {
  const head = Buffer.alloc(32, 7)
  const proof = signed?.signer.sign(uuidBytes(signed.chain), 1, CLAIMED_SEQ, head)
  const cp = proof && { alg: 'Ed25519', kid: proof.kid, sig: proof.sig.toString('base64url') }
  const claim = {
    head_seq: CLAIMED_SEQ,
    state: 'open',
    seq: CLAIMED_SEQ,
    head: head.toString('base64url'),
    ...(cp && { cp }),
  }
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(claim))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const tokenFile = join(await temporaryDirectory(), 'token')
  await writeFile(tokenFile, 'ofs_secret')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { sync: { targets: [{ id: 'cloud', kind: 'https', url, tokenFile }] } }
}

test.each([
  { claim: 'without a proof', by: undefined, chain: 'own', epochs: 1 },
  { claim: 'with a proof by another key', by: 'stranger', chain: 'own', epochs: 1 },
  { claim: 'with the proof of another journal', by: 'stranger', chain: 'other', epochs: 1 },
  { claim: 'with its own key for another journal', by: 'own', chain: 'other', epochs: 1 },
  // Else the rows above would prove nothing.
  { claim: 'with the key of this journal', by: 'own', chain: 'own', epochs: 2 },
] as const)(
  'a target that claims more events $claim leaves $epochs epochs after a start',
  async ({ by, chain, epochs }) => {
    const { bench, register } = await shopOfThree()
    await using _ = bench
    const { state } = bench.config
    const { facts } = JSON.parse(bench.journal()[0]?.body ?? '{}') as { facts: { chain_id: string } }
    await bench.stop()
    await rm(join(state, 'journal.file'))
    const key = by === 'own' ? readCheckpointKey(state) : generateKeyPairSync('ed25519').privateKey
    const signed = by && { signer: checkpointSigner(key), chain: chain === 'own' ? facts.chain_id : OTHER_CHAIN }
    await using shop = await opened({ config: { state, ...(await claiming(signed)) } })
    await sell(keyed(shop, register), '5.00')
    const isProven = epochs === 2
    expect([openingsOf(shop), asidesOf(shop).length]).toEqual([epochs, isProven ? 2 : 0])
    // The head that the key of this journal signed says how many events are lost.
    if (isProven) expect(lastReceiptOf(shop)).toBeGreaterThan(CLAIMED_SEQ - 200)
    else expect(lastReceiptOf(shop)).toBe(4)
    await shop.restart()
    expect(openingsOf(shop)).toBe(epochs)
  },
)

test('two agents on one copied folder: the second is refused, and of two folders none gives a number of the other', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const { shop, ...copy } = await putBack(bench, register, {
    lose: async () => undefined,
    ...{ unit: 'there', isMarked: true },
  })
  await using __ = shop
  await bench.start()
  await sell(keyed(bench, register), '4.00')
  await sell(copy.register, '4.00')
  await expect(opened({ config: { state: copy.state } })).rejects.toMatchObject({ code: 'state_locked' })
  await sell(keyed(bench, register), '5.00')
  await sell(copy.register, '5.00')
  expect([lastReceiptOf(bench), lastReceiptOf(shop)]).toEqual([5, 1005])
  await Promise.all([bench.restart(), shop.restart()])
  expect([openingsOf(bench), openingsOf(shop), asidesOf(shop).length]).toEqual([1, 2, 2])
})

test('a disk that is full while the mark is written stops no sale, and the next start begins no second epoch', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const lose = async (till: Register): Promise<void> => void (await sell(till, '512.34'))
  const { shop, ...back } = await putBack(bench, register, { lose, unit: 'there', isMarked: true })
  await using __ = shop
  const mark = join(back.state, 'journal.file')
  // As a folder that was put back once more, on a disk that takes no byte of the mark.
  await shop.restart(async () => {
    await writeFile(mark, '1\n')
    await symlink('/dev/full', `${mark}.tmp`)
  })
  const warnings = shop.lines.filter(({ message }) => message.startsWith('the file of the journal could not be noted'))
  expect(warnings).toMatchObject([{ level: 'warn', fields: { message: expect.stringContaining('ENOSPC') } }])
  expect(await readFile(mark, 'utf8')).toBe('1\n')
  await sell(back.register, '5.00')
  const [openings, number] = [openingsOf(shop), lastReceiptOf(shop)]
  await shop.restart(() => rm(`${mark}.tmp`, { force: true }))
  await sell(back.register, '6.00')
  expect([openingsOf(shop), lastReceiptOf(shop)]).toEqual([openings, Number(number) + 1])
  expect(await readFile(mark, 'utf8')).not.toBe('1\n')
  await bench.start()
})

test('a start that is killed at any point while a target proves the loss begins one epoch, and gives no number twice', async () => {
  const disk = join(await temporaryDirectory(), 'disk')
  await mkdir(disk)
  const sync = (folder: string): Members => ({ sync: { targets: [{ id: 'disk', kind: 'file', folder }] } })
  const { bench, register } = await shopOfThree(sync(disk))
  await using _ = bench
  const folder = await temporaryDirectory()
  const older = join(folder, 'older')
  await bench.restart(() => cp(bench.config.state, older, { recursive: true }))
  await rm(join(older, 'journal.file'))
  await sell(keyed(bench, register), '512.34')
  await untilKept(bench)
  await bench.stop()
  let [isWhole, points] = [false, 0]
  for (; !isWhole && points < POINTS_MAX; points++) {
    const [state, held] = [join(folder, `${points}`), join(folder, `${points}-disk`)]
    await cp(older, state, { recursive: true })
    await cp(disk, held, { recursive: true })
    const child = spawn(process.execPath, [CHILD, state, String(points + 1), 'daemon', held], { stdio: 'ignore' })
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    expect(code ?? signal).toBe(code === null ? 'SIGKILL' : 0)
    isWhole = code === 0
    await using again = await opened({ config: { devices: [], state, ...sync(held) } })
    await sell(keyed(again, register), '5.00')
    const [bon, z, ...more] = asidesOf(again)
    // More than 1,000 numbers if the child's clock is not that of the shop.
    expect([openingsOf(again), bon, z, more]).toMatchObject([2, { kind: 'bon', from: 4 }, { kind: 'z', from: 1 }, []])
    expect(lastReceiptOf(again)).toBe(Number(bon?.['to']) + 1)
  }
  expect(points).toBeGreaterThan(2)
  expect(points).toBeLessThan(POINTS_MAX)
  await bench.start()
})
