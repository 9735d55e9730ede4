import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

// A receiver that accepts every batch and keeps only its end, in a separate process of lowest priority. It answers when
// its parent sends a message, and sends its progress to the parent.
const inflate = promisify(gunzip)
const ZERO = Buffer.alloc(32).toString('base64url')
const position = { headSeq: 0, head: ZERO }
let goOn: () => void = () => undefined
let held: Promise<void> = new Promise((resolve) => {
  goOn = resolve
})

async function bodyOf(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function answer(method: string, path: string, body: Buffer, isZipped: boolean): Promise<object> {
  if (method === 'GET') return { ...position, state: 'open' }
  if (!path.endsWith('/events')) return { ...position, state: 'open' }
  const text = (isZipped ? await inflate(body) : body).toString('utf8')
  const end = JSON.parse(text.slice(text.lastIndexOf('\n', text.length - 2) + 1)) as { seq: number; head: string }
  await held
  Object.assign(position, { headSeq: end.seq, head: end.head })
  return { ackedSeq: end.seq, head: end.head, epoch: 1, duplicate: false }
}

const server = createServer((request, response) => {
  const { method = '', url = '', headers } = request
  bodyOf(request)
    .then((body) => answer(method, url, body, headers['content-encoding'] === 'gzip'))
    .then((document) => {
      const text = JSON.stringify(document)
      const digest = `sha-256=:${createHash('sha256').update(text).digest('base64')}:`
      response.writeHead(200, { 'content-type': 'application/json', 'content-digest': digest }).end(text)
    })
    .catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', (word: 'go' | 'hold') => {
  if (word === 'go') goOn()
  else {
    held = new Promise((resolve) => {
      goOn = resolve
    })
  }
  process.send?.(position.headSeq)
})
process.on('disconnect', () => process.exit())
