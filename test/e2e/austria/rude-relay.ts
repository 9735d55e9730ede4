import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** The members of a request that no one may see, as its XML has them. */
const SECRET_MEMBERS = /<(?:tid|benid|pin|id|benutzerschluessel)>([^<]*)</g
/** The elements of an answer with words for a person. */
const WORDS = /<(?:\w+:(?:msg|verificationResultDetailedMessage)|fon:ValidationError [^>]*)>/g
const SESSION = /<\w+:id>([0-9A-Za-z]{10,24})</

/** Between agent and service: it keeps what both send, and repeats the secrets of a request in the words of its answer. */
export async function rudeRelay(service: string) {
  const traffic: string[] = []
  const server = createServer((request, response) => void relayed(service, request, response, traffic))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traffic,
    /** The ids of all sessions so far. */
    sessions: () => traffic.flatMap((text) => SESSION.exec(text)?.[1] ?? []),
  }
}

async function relayed(
  service: string,
  request: IncomingMessage,
  response: ServerResponse,
  traffic: string[],
): Promise<void> {
  const body = await wordsOf(request)
  traffic.push(body)
  const { method = '', headers } = request
  const onward = send(new URL(request.url ?? '', service), { method, headers })
  onward.on('error', () => response.destroy())
  onward.on('response', (answer) => {
    wordsOf(answer).then(
      (words) => {
        traffic.push(words)
        const { 'content-length': _length, ...kept } = answer.headers
        response.writeHead(answer.statusCode ?? 500, kept).end(rudely(words, body))
      },
      () => response.destroy(),
    )
  })
  onward.end(body)
}

function rudely(answer: string, request: string): string {
  const secrets = [...request.matchAll(SECRET_MEMBERS)].map(([, secret]) => secret)
  return answer.replaceAll(WORDS, (element) => `${element}Sie sandten ${secrets.join(' und ')}. `)
}

async function wordsOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
