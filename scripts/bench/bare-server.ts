import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import express from 'express'

/** A server that reads a JSON body and answers it, or an empty object: the cost of HTTP itself. */
const { values } = parseArgs({ options: { kind: { type: 'string' } } })

function bare(): Server {
  return createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}'))
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
      res.end(body)
    })
  })
}

function withExpress(): Server {
  const app = express()
  app.use(express.json())
  app.post('/v1/operations', (req, res) => {
    res.json(req.body)
  })
  return createServer(app)
}

const server = values.kind === 'express' ? withExpress() : bare()
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stdout.write(`ready at http://127.0.0.1:${port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
