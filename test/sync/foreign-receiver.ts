import { createHash, createPublicKey, verify } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { once } from '../waits.ts'

type Line = Record<string, unknown>
type Chain = { registration: Line; headSeq: number; head: string; hashes: string[] }
type Answer = { status: number; document: Line }

const EVENT_MEMBERS = ['t', 'seq', 'kind', 'op', 'at', 'boot', 'mono', 'body', 'hash']
const ZERO = Buffer.alloc(32).toString('base64url')

/** A receiver by another author: it shares no code with ours, and takes the protocol literally. */
export class ForeignReceiver {
  readonly chains = new Map<string, Chain>()
  /** Requests of the agent that break the protocol. */
  readonly complaints: string[] = []
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(({ status, document }) => {
      const type = status < 400 ? 'application/json' : 'application/problem+json'
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(document))
    })
  })

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const pieces: Buffer[] = []
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
    const body = Buffer.concat(pieces)
    const [, , , id = '', rest] = (request.url ?? '').split('/')
    const chain = this.chains.get(id)
    this.#checkHead(request, body)
    if (request.method === 'PUT') return this.#register(id, JSON.parse(body.toString()) as Line)
    if (chain === undefined) return problem(404, 'unknown_chain')
    if (request.method === 'GET') {
      const { headSeq, head, registration } = chain
      const { agent_id, epoch } = registration
      return ok({ chain_id: id, agent_id, epoch, state: 'open', head_seq: headSeq, head, expected_seq: headSeq + 1 })
    }
    if (rest === 'checkpoints') return ok({})
    return this.#append(chain, id, body, request.headers)
  }

  #checkHead({ method, headers }: IncomingMessage, body: Buffer): void {
    const wanted: Record<string, RegExp> = {
      authorization: /^Bearer \S+$/,
      accept: /^application\/json, application\/problem\+json$/,
      'x-request-id': /^[\w-]{8,}$/,
      ...(method === 'PUT' && { 'if-none-match': /^\*$/, 'content-type': /^application\/json$/ }),
      ...(method === 'POST' && { 'content-length': new RegExp(`^${body.length}$`) }),
    }
    for (const [name, pattern] of Object.entries(wanted)) {
      if (!pattern.test(String(headers[name] ?? ''))) this.complaints.push(`${method} with ${name}: ${headers[name]}`)
    }
    for (const name of ['transfer-encoding', 'expect']) {
      if (headers[name] !== undefined) this.complaints.push(`${method} with ${name}`)
    }
  }

  #register(id: string, registration: Line): Answer {
    const members = Object.keys(registration).join()
    if (members !== 'chain_id,agent_id,epoch,public_key,genesis' || registration['chain_id'] !== id) {
      this.complaints.push(`registered with ${members}`)
    }
    const held = this.chains.get(id)
    if (held !== undefined && JSON.stringify(held.registration) !== JSON.stringify(registration)) {
      return problem(412, 'precondition_failed')
    }
    if (held === undefined) this.chains.set(id, { registration, headSeq: 0, head: ZERO, hashes: [] })
    return { status: held === undefined ? 201 : 200, document: {} }
  }

  #append(chain: Chain, id: string, body: Buffer, headers: IncomingMessage['headers']): Answer {
    const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
    if (headers['content-digest'] !== digest) return problem(400, 'digest_mismatch')
    if (headers['content-type'] !== 'application/x-ndjson') return problem(415, 'unsupported_media_type')
    const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
    if (text.length > 4 << 20 || body.length > 1 << 20) return problem(413, 'too_large')
    const lines = text.split('\n')
    if (lines.pop() !== '') return problem(400, 'truncated')
    const [first, ...rest] = lines.map((line) => JSON.parse(line) as Line)
    const end = rest.pop()
    if (first === undefined || end === undefined) return problem(400, 'truncated')
    if (Object.keys(first).join() !== 't,v,chain,epoch,first,last,prev') return problem(400, 'malformed')
    if (Object.keys(end).join() !== 't,seq,head,cp' || rest.length > 1000) return problem(400, 'malformed')
    if (first['first'] !== chain.headSeq + 1 || first['prev'] !== chain.head) {
      return problem(409, 'gap', { expected_seq: chain.headSeq + 1, head: chain.head })
    }
    const hashes = this.#hashesOf(id, chain, rest)
    if (hashes === undefined) return problem(422, 'hash_mismatch')
    if (!this.#isSigned(id, chain.registration, end)) return problem(422, 'bad_signature')
    chain.headSeq = Number(end['seq'])
    chain.head = String(end['head'])
    chain.hashes.push(...hashes)
    const { headSeq: ackedSeq, head } = chain
    const credit = { max_events: 500, max_bytes: 1 << 20, min_interval_ms: 0 }
    return ok({ acked_seq: ackedSeq, head, epoch: chain.registration['epoch'], duplicate: false, credit })
  }

  #hashesOf(id: string, chain: Chain, events: readonly Line[]): string[] | undefined {
    let previous = Buffer.from(chain.head, 'base64url')
    const hashes: string[] = []
    for (const event of events) {
      if (Object.keys(event).join() !== EVENT_MEMBERS.join()) this.complaints.push(`event ${Object.keys(event)}`)
      const sha = createHash('sha256').update('ea/1').update(id.replaceAll('-', ''), 'hex')
      const seq = Buffer.alloc(8)
      seq.writeBigUInt64BE(BigInt(Number(event['seq'])))
      sha.update(seq).update(previous)
      for (const name of ['kind', 'op', 'at', 'boot', 'mono', 'body']) {
        const text = Buffer.from(String(event[name]))
        const length = Buffer.alloc(4)
        length.writeUInt32BE(text.length)
        sha.update(length).update(text)
      }
      previous = sha.digest()
      hashes.push(previous.toString('hex'))
      if (previous.toString('base64url') !== event['hash']) return undefined
    }
    return hashes
  }

  #isSigned(id: string, { epoch, public_key: publicKey }: Line, { seq, head, cp }: Line): boolean {
    const numbers = Buffer.alloc(16)
    numbers.writeBigUInt64BE(BigInt(Number(epoch)), 0)
    numbers.writeBigUInt64BE(BigInt(Number(seq)), 8)
    const parts = [Buffer.from('ea-cp/1'), Buffer.from(id.replaceAll('-', ''), 'hex'), numbers]
    const message = Buffer.concat([...parts, Buffer.from(String(head), 'base64url')])
    const { alg, kid, sig } = cp as Line
    if (alg !== 'Ed25519' || typeof kid !== 'string') return false
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: String(publicKey) }, format: 'jwk' })
    return verify(null, message, key, Buffer.from(String(sig), 'base64url'))
  }
}

function ok(document: Line): Answer {
  return { status: 200, document }
}

function problem(status: number, code: string, more: Line = {}): Answer {
  return { status, document: { type: `https://receiver.example/${code}`, title: code, status, code, ...more } }
}
