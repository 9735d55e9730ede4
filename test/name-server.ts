import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns'
import { isIP } from 'node:net'
import { onTestFinished, vi } from 'vitest'
import { once } from './waits.ts'

const HEADER_BYTES = 12
const QUESTION_TAIL_BYTES = 4
const TYPE_A = 1
const NXDOMAIN = 3
const { resolve6 } = Resolver.prototype

/** By name: its addresses, or the families (4 and 6) that are answered; other questions for it get no answer. */
export type Names = Readonly<Record<string, { addresses: readonly string[]; answered?: readonly number[] }>>

/** A name server (RFC 1035 §4.1) with these names and no others; `asked` are the names of the questions. */
export async function nameServer(names: Names): Promise<{ server: string; asked: string[] }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const asked: string[] = []
  socket.on('message', (question, from) => {
    const { name, end } = nameIn(question)
    const family = question.readUInt16BE(end) === TYPE_A ? 4 : 6
    asked.push(name)
    const known = names[name]
    if (known?.answered?.includes(family) === false) return
    const addresses = known?.addresses.filter((address) => isIP(address) === family) ?? []
    const head = Buffer.from(question.subarray(0, HEADER_BYTES))
    head.writeUInt16BE(0x8180 | (known === undefined ? NXDOMAIN : 0), 2)
    head.writeUInt16BE(addresses.length, 6)
    head.writeUInt32BE(0, 8)
    const body = question.subarray(HEADER_BYTES, end + QUESTION_TAIL_BYTES)
    socket.send(Buffer.concat([head, body, ...addresses.map(record)]), from.port, from.address)
  })
  return { server: `127.0.0.1:${socket.address().port}`, asked }
}

/** A name server that never answers: what a router without a line does. `asked` resolves at its first question. */
export async function silentNameServer(): Promise<{ server: string; asked: Promise<unknown> }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return { server: `127.0.0.1:${socket.address().port}`, asked: once(socket, 'message') }
}

/** Each lookup of this process asks this server instead of the machine's: before its first question, which is for IPv6. */
export function askOnly(server: string): void {
  const asking = vi.spyOn(Resolver.prototype, 'resolve6')
  onTestFinished(() => asking.mockRestore())
  asking.mockImplementation(function (this: Resolver, ...given: unknown[]): void {
    this.setServers([server])
    Reflect.apply(resolve6, this, given)
  } as never)
}

function nameIn(question: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), end: at + 1 }
}

/** A resource record for the name of the question, valid for a minute. */
function record(address: string): Buffer {
  const isV4 = isIP(address) === 4
  const bytes = isV4 ? Buffer.from(address.split('.').map(Number)) : bytesOf(address)
  const head = Buffer.from([0xc0, HEADER_BYTES, 0, isV4 ? TYPE_A : 28, 0, 1, 0, 0, 0, 60, 0, bytes.length])
  return Buffer.concat([head, bytes])
}

/** Of an IPv6 address with `::`. */
function bytesOf(address: string): Buffer {
  const [left = '', right = ''] = address.split('::')
  const words = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16))
  const zeros = 8 - words(left).length - words(right).length
  const all = [...words(left), ...Array<number>(zeros).fill(0), ...words(right)]
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]))
}
