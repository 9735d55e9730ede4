import { generateKeyPairSync, hash, randomUUID, sign } from 'node:crypto'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import type { RequestHandler } from 'express'
import express from 'express'
import { pino } from 'pino'
import * as z from 'zod'

/**
 * The least that an agent can do for a sale, as the measure of ours: express, strict zod, pino, and per request two
 * grouped synced appends to a hash chain around one P-256 signature. It has no law, no register and no idempotency.
 */
const { values } = parseArgs({ options: { file: { type: 'string' }, law: { type: 'string', default: 'tse' } } })

const GROUP_LIMIT = 64
const money = z.string().regex(/^-?\d{1,9}(\.\d{1,8})?$/)
const text = z.string().min(1).max(1000)
const tax = z.strictObject({ name: text, rate: text, tax_amount: money })
const line = z.strictObject({
  sku_identifier: text,
  title: text,
  quantity: z.number(),
  unit_price: money,
  total_amount: money,
  taxes: z.array(tax).max(10),
})
const sale = z.strictObject({
  type: z.literal('sale'),
  source: z.literal('POS'),
  register_id: text,
  currency: text,
  pretax_amount: money,
  tax_amount: money,
  tip_amount: money,
  total_amount: money,
  line_items: z.array(line).min(1).max(1000),
})
const payment = z.strictObject({ payment_id: text, method: text, status: text, currency: text, amount: money })
const completion = z.strictObject({ payments: z.array(payment).min(1).max(100) })

const db = new Database(values.file)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.pragma('cache_size = -2000')
db.exec('CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT')
const begin = db.prepare('BEGIN IMMEDIATE')
const commit = db.prepare('COMMIT')
const insert = db.prepare('INSERT INTO event VALUES (?, ?, ?)')
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const log = pino(pino.destination({ dest: 2, sync: false }))

let seq = 0
let head: Buffer = Buffer.alloc(32)
let waiting: { body: string; resolve: () => void }[] = []

function append(body: object): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.length === 0) setImmediate(drain)
    waiting.push({ body: JSON.stringify(body), resolve })
  })
}

function drain(): void {
  const group = waiting.slice(0, GROUP_LIMIT)
  waiting = waiting.slice(GROUP_LIMIT)
  begin.run()
  for (const { body } of group) {
    head = hash('sha256', Buffer.concat([head, Buffer.from(body)]), 'buffer')
    insert.run(++seq, body, head)
  }
  commit.run()
  for (const { resolve } of group) resolve()
  if (waiting.length > 0) setImmediate(drain)
}

function signed(data: string): Promise<string> {
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' }, (error, signature) =>
      error === null ? resolve(signature.toString('base64')) : reject(error),
    )
  })
}

function act(schema: z.ZodType<object>, status: number): RequestHandler {
  return async (req, res) => {
    const started = performance.now()
    const document = { ...schema.parse(req.body), id: req.params['id'] ?? randomUUID(), resource_version: 1 }
    await append(document)
    const outcome = { ...document, signature: await signed(JSON.stringify(document)) }
    await append(outcome)
    res.status(status).json(outcome)
    log.info({ method: req.method, status, ms: performance.now() - started }, 'request')
  }
}

const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.use(express.json())
app.get('/healthz', (_req, res) => {
  res.json({ status: 'ok' })
})
/** Austria signs a sale once, when it is completed. */
const record: RequestHandler = async (req, res) => {
  const document = { ...sale.parse(req.body), id: randomUUID(), resource_version: 1 }
  await append(document)
  res.status(201).json(document)
}

app.post('/v1/operations', values.law === 'rksv' ? record : act(sale, 201))
app.post('/v1/operations/:id/complete', act(completion, 200))
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stdout.write(`ready at http://127.0.0.1:${port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
