import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { uuidBytes } from '../../agent/journal/chain.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { readCheckpointKey } from '../../agent/state/state-directory.ts'
import { Bench } from '../e2e/bench.ts'
import { once } from '../waits.ts'
import { tillOf } from './insider.ts'

type Answer = { status: number; document: object }
/** `end`: of the batch that it was sent. */
type Lie = (asked: { method: string; end: { seq: number; head: string } }) => Answer

const OTHER_HEAD = Buffer.alloc(32, 7)

/** A receiver whose every answer is a lie. */
async function liar(lie: () => Lie): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString()
    const end = JSON.parse(text.trimEnd().split('\n').at(-1) || '{}') as { seq: number; head: string }
    const { status, document } = lie()({ method: request.method ?? '', end })
    const type = status < 300 ? 'application/json' : 'application/problem+json'
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(document))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a target claims a fork and a rollback that never were, with a signature by its key', async () => {
  let lie: Lie = () => ({ status: 503, document: {} })
  const url = await liar(() => lie)
  await using bench = await Bench.open({
    config: { sync: { targets: [{ id: 'cloud', kind: 'https', url, tokenFile: 'cloud.token' }] } },
  })
  await writeFile(join(dirname(bench.config.state), 'cloud.token'), 'token\n', { mode: 0o600 })
  const sell = await tillOf(bench)
  await sell('1.00')
  const { facts } = JSON.parse(bench.journal()[0]?.body ?? '{}') as { facts: { chain_id: string } }
  const stranger = checkpointSigner(generateKeyPairSync('ed25519').privateKey)
  const { kid, sig } = stranger.sign(uuidBytes(facts.chain_id), 1, 5000, OTHER_HEAD)
  const signed = {
    seq: 5000,
    head: OTHER_HEAD.toString('base64url'),
    cp: { alg: 'Ed25519', kid, sig: sig.toString('base64url') },
  }
  const { head } = signed

  const claims: [RegExp, Lie][] = [
    // It has 5,000 events of a journal that has some twenty, and takes each batch as known.
    [
      /more than event/,
      ({ method, end }) =>
        method === 'GET'
          ? { status: 200, document: { head_seq: 5000, state: 'open', ...signed } }
          : { status: 200, document: { acked_seq: end.seq, head: end.head } },
    ],
    // It has another event 2, and shows the signer of the following ones.
    [
      /another event 2/,
      ({ method }) =>
        method === 'GET'
          ? { status: 200, document: { head_seq: 0, head: null, state: 'open', seq: signed.seq, cp: signed.cp } }
          : {
              status: 409,
              document: {
                code: 'fork',
                seq: 2,
                stored_hash: head,
                stored_checkpoint: { ...signed.cp, seq: 5000, head },
              },
            },
    ],
  ]
  for (const [words, claim] of claims) {
    lie = claim
    await bench.agent.administration.resumeSync('cloud')
    await bench.until(() => {
      const [row] = bench.agent.application.sync()
      const { code, message } = (row?.['last_error'] ?? {}) as { code?: string; message?: string }
      return code === 'sync_claim_unproven' && words.test(message ?? '')
    })
  }

  // It has cost nothing: no epoch, no event, no task, and the till sells.
  expect(bench.journal().filter(({ kind }) => kind === 'journal.opened')).toHaveLength(1)
  expect(bench.agent.administration.listTasks()).toEqual([])
  const sold = bench.head()
  await sell('2.00')
  expect(bench.requestedSince(sold).at(-1)?.body).toContain('2.00')
})

test('a target claims a newer epoch: only the key of this journal proves it, and it begins nothing', async () => {
  let [current, detail]: [unknown, string] = [null, '']
  const url = await liar(() => () => ({
    status: 409,
    document: { code: 'stale_epoch', detail, current_epoch: 9, current_checkpoint: current },
  }))
  await using bench = await Bench.open({
    config: { sync: { targets: [{ id: 'cloud', kind: 'https', url, tokenFile: 'cloud.token' }] } },
  })
  await writeFile(join(dirname(bench.config.state), 'cloud.token'), 'token\n', { mode: 0o600 })
  const sell = await tillOf(bench)
  await sell('1.00')
  const { facts } = JSON.parse(bench.journal()[0]?.body ?? '{}') as { facts: { chain_id: string } }
  const other = '01890000-0000-7000-8000-0000000000aa'
  const [own, stranger] = [readCheckpointKey(bench.config.state), generateKeyPairSync('ed25519').privateKey]
  const shown = (key: KeyObject, chain: string, epoch: number, seq = 70, signedSeq = seq) => {
    const { kid, sig } = checkpointSigner(key).sign(uuidBytes(chain), epoch, signedSeq, OTHER_HEAD)
    const cp = { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
    return { chain, epoch, seq, head: OTHER_HEAD.toString('base64url'), cp }
  }
  const claims: [unknown, RegExp][] = [
    [null, /Not proven/],
    ['rubbish', /Not proven/],
    // Signed by another key, of this very chain, of an epoch before it, and another event than was signed.
    [shown(stranger, other, 9), /Not proven/],
    [shown(own, facts.chain_id, 9), /Not proven/],
    [{ ...shown(own, other, 1), epoch: 9 }, /Not proven/],
    [shown(own, other, 9, 71, 70), /Not proven/],
    // A head that only a copy of this journal can have signed.
    [shown(own, other, 9), /Proven: the key of this journal signed event 70 of epoch 9 there/],
  ]
  for (const [index, [claim, proof]] of claims.entries()) {
    ;[current, detail] = [claim, `Claim ${index}.`]
    const words = new RegExp(`Claim ${index}\\. ${proof.source}`)
    await bench.agent.administration.resumeSync('cloud')
    await bench.until(() => {
      const [row] = bench.agent.application.sync()
      const { code, message } = (row?.['last_error'] ?? {}) as { code?: string; message?: string }
      return row?.['state'] === 'stalled' && code === 'stale_epoch' && words.test(message ?? '')
    })
    const warnings = (await bench.office.get('/v1/overview'))['warnings'] as readonly {
      code: string
      detail?: string
    }[]
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'sync_replaced', detail: expect.stringMatching(words) }),
    )
    // It quotes the claim, and says whether it is proven: a person looks for the other machine.
    const instructions = expect.arrayContaining([expect.stringMatching(words)])
    expect(bench.agent.administration.listTasks()).toEqual([
      expect.objectContaining({ id: 'replaced-cloud-1', instructions }),
    ])
  }
  expect(bench.journal().filter(({ kind }) => kind === 'journal.opened')).toHaveLength(1)
  const head = bench.head()
  await sell('2.00')
  expect(bench.requestedSince(head).at(-1)?.body).toContain('2.00')
})
