import { writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect } from 'node:net'

// node rough-till.ts FILE: 1,000 connections, bodies of 1.5 and 5 MiB, JSON that is none, money as a number.
const { FISKAL_EDGE_URL: url = '', FISKAL_EDGE_REGISTER_KEY: key = '' } = process.env
const { port } = new URL(url)

function connection(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

async function post(body: string): Promise<number> {
  const headers = {
    'X-Register-Api-Key': key,
    'Content-Type': 'application/json',
    'Idempotency-Key': `k${body.length}`,
  }
  return (await fetch(`${url}/v1/operations`, { method: 'POST', headers, body })).status
}

function huge(bytes: number): string {
  return JSON.stringify({ type: 'sale', note: 'x'.repeat(bytes) })
}

const sockets = await Promise.all(Array.from({ length: 1000 }, connection))
const money = JSON.stringify({ type: 'session_open', currency: 'EUR', opening_balance_amount: 50 })
const statuses = [await post(huge(1_500_000)), await post(huge(5_000_000)), await post('{'), await post(money)]
statuses.push((await fetch(`${url}/v1/registers`, { headers: { 'X-Register-Api-Key': key } })).status)
writeFileSync(String(process.argv[2]), JSON.stringify({ connections: sockets.length, statuses }))
for (const socket of sockets) socket.destroy()
process.exit(3)
