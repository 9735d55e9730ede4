// @module-tag heavy
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { MemoryJournal } from './memory-journal.ts'
import type { Rig } from './rig.ts'
import { cloud, done, journalHashes, openRig, storedHashes, syncTo } from './rig.ts'
import type { Asked, Dressed, Manner, Said } from './servers/dressing-proxy.ts'
import { DressingProxy, headOf, plainly, reworded } from './servers/dressing-proxy.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const PROBLEM = { 'content-type': 'application/problem+json' }

function isBatch({ method, path }: Asked): boolean {
  return method === 'POST' && path.endsWith('/events')
}

function whole(said: Said, more?: Record<string, string>): Dressed {
  return { pieces: [plainly(said, more)] }
}

function refused(status: number, document: object | undefined, headers: Record<string, string> = {}): Said {
  return {
    status,
    headers: { ...(document && PROBLEM), ...headers },
    body: Buffer.from(document === undefined ? '' : JSON.stringify(document)),
  }
}

/** Instead of the first answers to a batch, and before it came that far. */
function first(times: number, said: Said): Manner {
  return {
    late: (asked) => (isBatch(asked) && asked.count < times ? whole(said) : undefined),
  }
}

/** Further members of a success. */
function members(change: (members: Record<string, unknown>, asked: Asked) => Record<string, unknown>): Manner {
  return {
    late: (asked, said) => (said.status < 300 ? whole(reworded(said, (present) => change(present, asked))) : undefined),
  }
}

function digestOf(body: Buffer): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

const MANNERS: Record<string, Manner> = {
  'HTTP/1.0 without a length, ended by the end of the connection': {
    late: (_asked, { status, headers, body }) => ({ pieces: [headOf('HTTP/1.0', status, headers), body], close: true }),
  },
  'a connection for each answer': {
    late: (_asked, said) => ({ pieces: [plainly(said, { connection: 'close' })], close: true }),
  },
  'a kept connection that is closed without a word': {
    late: (_asked, said) => ({ pieces: [plainly(said)], close: true }),
  },
  'chunks of one byte, with a trailer': {
    late: (_asked, { status, headers, body }) => {
      const chunks = [...body].map((byte) =>
        Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
      )
      const head = headOf('HTTP/1.1', status, { ...headers, 'transfer-encoding': 'chunked', trailer: 'X-Sum' })
      return { pieces: [head, ...chunks, '0\r\nX-Sum: 1\r\n\r\n'] }
    },
  },
  'an answer in gzip though none was asked for': {
    late: (_asked, said) => {
      const body = gzipSync(said.body)
      const headers = { ...said.headers, 'content-encoding': 'gzip', 'content-digest': digestOf(body) }
      return whole({ ...said, headers, body })
    },
  },
  'an encoding that is named and none': { late: (_asked, said) => whole(said, { 'content-encoding': 'identity' }) },
  'interim answers before the final one': {
    late: (_asked, said) => ({
      pieces: ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', plainly(said)],
    }),
  },
  'headers in capitals, parameters, and digests of several kinds': {
    late: (_asked, { status, headers, body }) => {
      const { 'content-digest': sha256, 'content-type': type, ...rest } = headers
      const digests = `sha-512=:${createHash('sha512').update(body).digest('base64')}:, ${sha256 ?? digestOf(body)}`
      const more = { 'CONTENT-TYPE': `${type?.toUpperCase()} ; charset="UTF-8"`, 'CONTENT-DIGEST': digests }
      return whole({ status, headers: { ...rest, ...more }, body })
    },
  },
  'a digest of another kind alone': { late: (_asked, said) => whole(said, { 'content-digest': 'sha-512=:AAAA:' }) },
  'no Date, no ETag, no digest': {
    late: (_asked, { status, headers, body }) =>
      whole({ status, headers: { 'content-type': headers['content-type'] ?? '' }, body }),
  },
  'problems that are plain JSON and named by their type alone': {
    late: (_asked, said) => {
      if (said.status < 400) return undefined
      const named = reworded(said, ({ code, status: _s, title: _t, ...rest }) => ({
        ...rest,
        type: `https://x.example/${code}`,
      }))
      return whole(named, { 'content-type': 'application/json' })
    },
  },
  'members that no page names, in another order': members((present) => ({
    ...{ zone: 'eu', warnings: [], links: { self: '/' } },
    ...Object.fromEntries(Object.entries(present).reverse()),
  })),
  'numbers of 64 bits as text': members(
    ({ acked_seq: ackedSeq, head_seq: headSeq, expected_seq: expectedSeq, ...rest }) => ({
      ...rest,
      ...(ackedSeq !== undefined && { acked_seq: String(ackedSeq) }),
      ...(headSeq !== undefined && { head_seq: String(headSeq), expected_seq: String(expectedSeq) }),
    }),
  ),
  'no credit': members(({ credit: _, ...rest }) => rest),
  'half a credit': members((present) => ({ ...present, credit: { max_events: 7 } })),
  '202 for what was stored': {
    late: (_asked, said) => (said.status === 200 ? whole({ ...said, status: 202 }) : undefined),
  },
  '207 for what was stored': {
    late: (_asked, said) => (said.status === 200 ? whole({ ...said, status: 207 }) : undefined),
  },
  '204 for what was stored': {
    late: (asked, said) =>
      isBatch(asked) && said.status === 200 ? { pieces: [headOf('HTTP/1.1', 204, {})] } : undefined,
  },
  'a registration that is confirmed without a body': {
    late: (asked) => (asked.method === 'PUT' ? { pieces: [headOf('HTTP/1.1', 204, {})] } : undefined),
  },
  'a chain that is unknown until its first event': {
    late: (asked, said) => {
      const empty = asked.method === 'GET' && said.status === 200 && said.body.includes('"head_seq":0')
      return empty ? whole(refused(404, { code: 'unknown_chain' })) : undefined
    },
  },
  '412 for a registration that is there': {
    early: ({ method, count }) =>
      method === 'PUT' && count === 1 ? whole(refused(412, { code: 'precondition_failed' })) : undefined,
  },
  '425, 408, 410, 500, 502 and 504, each once': {
    late: (asked) => {
      const status = [425, 408, 410, 500, 502, 504][asked.count]
      return isBatch(asked) && status !== undefined ? whole(refused(status, { code: 'later' })) : undefined
    },
  },
  '503 with a date': first(
    1,
    refused(503, undefined, {
      ...{ date: 'Fri, 20 Nov 2026 12:00:00 GMT', 'retry-after': 'Fri, 20 Nov 2026 12:00:02 GMT' },
    }),
  ),
  '429 with seconds, in HTML': first(2, {
    ...refused(429, undefined, { 'retry-after': '1', 'content-type': 'text/html' }),
    body: Buffer.from('<p>'),
  }),
  '503 without a word': first(2, refused(503, undefined)),
  '411 and 406, once each': {
    late: (asked) =>
      isBatch(asked) && asked.count < 2 ? whole(refused([411, 406][asked.count] ?? 0, { code: 'x' })) : undefined,
  },
  '413 before the body was read': {
    early: (asked) =>
      isBatch(asked) && asked.count < 2
        ? { pieces: [plainly(refused(413, { code: 'too_large' }), { connection: 'close' })], close: true }
        : undefined,
  },
  '503 before the body was read': {
    early: (asked) =>
      isBatch(asked) && asked.count < 2
        ? {
            pieces: [plainly(refused(503, { code: 'busy' }, { 'retry-after': '1' }), { connection: 'close' })],
            close: true,
          }
        : undefined,
  },
  'a connection that breaks in the middle of an answer': {
    late: (asked, said) =>
      isBatch(asked) && asked.count < 2 ? { pieces: [plainly(said).subarray(0, -9)], close: true } : undefined,
  },
  'a gap that names no head, after which it is asked': first(1, refused(409, { code: 'gap', expected_seq: 1 })),
  'no route for signed heads': {
    late: (asked) =>
      asked.path.endsWith('/checkpoints') ? whole(refused(405, undefined, { allow: 'GET' })) : undefined,
  },
}

type Scene = { rig: Rig; journal: MemoryJournal; url: string; token: string }

async function sceneOf(manner: Manner): Promise<Scene> {
  const rig = await openRig()
  closers.push(() => rig.close())
  const proxy = new DressingProxy(manner)
  const url = await proxy.listen(rig.receiver.url)
  closers.push(() => proxy.close())
  const journal = new MemoryJournal()
  journal.append(300)
  const { token } = await rig.enrol(journal.chain.agentId)
  return { rig, journal, url, token }
}

test.each(Object.entries(MANNERS))('a receiver of another hand may answer with %s', async (_name, manner) => {
  const { rig, journal, url, token } = await sceneOf(manner)
  const sync = syncTo(journal, cloud(url, token), { random: () => 0.02 })
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  journal.append(5)
  await sync.until(({ acked_seq: acked }) => acked === 305)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
})

test('a receiver may take fewer events than it was sent, one at a time', async () => {
  const stored: number[] = []
  const { rig, journal, url, token } = await sceneOf({
    late: (asked, said) => {
      if (!isBatch(asked) || said.status !== 200) return undefined
      // It is right about its claimed events; the rest is sent again and skipped there.
      const ackedSeq = 50 * (asked.count + 1)
      stored.push(ackedSeq)
      const head = Buffer.from(journal.hashAt(ackedSeq) ?? []).toString('base64url')
      return ackedSeq > 300
        ? undefined
        : whole(reworded(said, (present) => ({ ...present, acked_seq: ackedSeq, head })))
    },
  })
  const sync = syncTo(journal, cloud(url, token), { random: () => 0.02 })
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  expect(stored).toEqual([50, 100, 150, 200, 250, 300])
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
})

test('an acknowledgement beyond the sent events moves nothing; the receiver is asked for its position', async () => {
  const { journal, url, token } = await sceneOf({
    late: (asked, said) =>
      isBatch(asked) && asked.count === 0
        ? whole(reworded(said, (present) => ({ ...present, acked_seq: 300 })))
        : undefined,
  })
  const sync = syncTo(journal, cloud(url, token), { random: () => 0.02 })
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  const status = await sync.until(({ last_error: error }) => error !== null)
  expect(status).toMatchObject({ acked_seq: 0, last_error: { code: 'wrong_ack' } })
  await sync.until(done)
})
