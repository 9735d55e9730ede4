import type { ServerResponse } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { delay } from '../delay.ts'
import type { Struck } from './simulator-faults.ts'

const XML = { 'Content-Type': 'text/xml; charset=utf-8' }
const TOO_LARGE = 3 << 20

/** Sends an answer, or what the faults make of it. */
export async function answerWith(
  response: ServerResponse,
  answer: string,
  { names, silenceMs }: Struck,
  { clock, latencyMs }: { clock: Clock; latencyMs: number },
): Promise<void> {
  await delay(clock, latencyMs + silenceMs)
  if (response.destroyed) return
  if (names.has('lost-answer')) return void response.destroy()
  if (names.has('http500')) return void response.writeHead(500, XML).end('')
  if (names.has('redirect')) return void response.writeHead(302, { Location: '/login' }).end()
  if (names.has('html')) {
    const page = '<!DOCTYPE html><html><body>Wartungsarbeiten</body></html>'
    return void response.writeHead(200, { 'Content-Type': 'text/html' }).end(page)
  }
  response.writeHead(200, XML)
  if (names.has('too-large')) return void response.end(answer + ' '.repeat(TOO_LARGE))
  if (names.has('doctype')) return void response.end(answer.replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'))
  if (names.has('truncated')) return void response.end(answer.slice(0, answer.length / 2))
  if (names.has('reset'))
    // The head and a part of the body arrive first.
    return void response.write(answer.slice(0, answer.length / 2), () => response.destroy())
  response.end(answer)
}
