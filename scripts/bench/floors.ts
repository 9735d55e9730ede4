import { generateKeyPairSync, hash, sign } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { startBareServer } from './processes.ts'
import type { Row } from './report.ts'
import { saleOf } from './requests.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf, timesOf, timesOfSync } from './statistics.ts'

/** The cost of the parts of a request on this machine, in this minute. */
export type Floors = {
  sync: Distribution
  twoTransactions: Distribution
  hashes: Distribution
  signature: Distribution
  http: Distribution
  express: Distribution
  /** p50 of a request with one device act: express, two synced transactions, two hashes, one signature. */
  requestMs: number
}

const RUNS = 500
const EVENT_BYTES = 1100
const PAGE_BYTES = 4096

export async function measureFloors(folder: string): Promise<Floors> {
  const sync = appendAndSync(join(folder, 'append.bin'))
  const twoTransactions = syncedTransactions(join(folder, 'floor.db'))
  const event = Buffer.alloc(EVENT_BYTES, 'x')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const hashes = distributionOf(timesOfSync(RUNS, () => void [hash('sha256', event), hash('sha256', event)]))
  const signature = distributionOf(timesOfSync(RUNS, () => void sign('sha256', event, privateKey)))
  const http = await roundTrip('http', folder)
  const express = await roundTrip('express', folder)
  const requestMs = express.p50 + twoTransactions.p50 + hashes.p50 + signature.p50
  return { sync, twoTransactions, hashes, signature, http, express, requestMs }
}

function appendAndSync(path: string): Distribution {
  const file = openSync(path, 'w')
  const page = Buffer.alloc(PAGE_BYTES, 'x')
  const taken = timesOfSync(RUNS, () => {
    writeSync(file, page)
    fdatasyncSync(file)
  })
  closeSync(file)
  return distributionOf(taken)
}

function syncedTransactions(path: string): Distribution {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('cache_size = -2000')
  db.exec('CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT')
  const insert = db.prepare('INSERT INTO event VALUES (NULL, ?, ?)')
  const body = 'x'.repeat(EVENT_BYTES)
  const append = db.transaction(() => insert.run(body, Buffer.alloc(32)))
  const taken = timesOfSync(RUNS, () => {
    append.immediate()
    append.immediate()
  })
  db.close()
  return distributionOf(taken)
}

async function roundTrip(kind: 'http' | 'express', folder: string): Promise<Distribution> {
  const server = await startBareServer(kind, folder)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const body = JSON.stringify(saleOf('reg_01'))
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const call = request(`${server.url}/v1/operations`, { method: 'POST', agent, headers }, (res) => {
        res.resume()
        res.on('end', resolve)
      })
      call.on('error', reject)
      call.end(body)
    })
  await timesOf(RUNS, once)
  const taken = await timesOf(2 * RUNS, once)
  agent.destroy()
  await server.stop()
  return distributionOf(taken)
}

export function floorRows(floors: Floors): Row[] {
  const section = 'Floors of this machine, p50 (the floor column: p99)'
  const row = (what: string, { p50, p99 }: Distribution): Row => ({
    section,
    what,
    measured: p50,
    unit: 'ms',
    floor: p99,
    ratio: p99 / p50,
  })
  return [
    row('append 4 KiB + fdatasync', floors.sync),
    row('two synced transactions (better-sqlite3, WAL, FULL)', floors.twoTransactions),
    row('two SHA-256 of 1.1 KB', floors.hashes),
    row('one P-256 signature', floors.signature),
    row('HTTP round trip, node:http', floors.http),
    row('HTTP round trip, express', floors.express),
  ]
}
