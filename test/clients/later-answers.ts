import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json }

/** In front of an agent: its answers have what a later version may add, a member in each object and words in known members. */
export async function laterAnswers(agent: string): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers
    const body = Buffer.concat(chunks)
    const answer = await fetch(new URL(request.url ?? '', agent), {
      method: request.method ?? 'GET',
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(body.length > 0 && { body }),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    const type = answer.headers.get('content-type') ?? ''
    const sent = type.startsWith('application/json') ? JSON.stringify(later(JSON.parse(bytes.toString()))) : bytes
    response.writeHead(answer.status, { 'Content-Type': type, ETag: answer.headers.get('etag') ?? '' })
    response.end(sent)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

function later(answer: Json): Json {
  const planted = withMembers(answer) as { data?: readonly { readonly [member: string]: Json }[] }
  const { data } = planted
  return data === undefined
    ? (planted as Json)
    : { ...planted, data: data.map((row) => ({ ...row, type: 'levy', status: 'suspended' })) }
}

function withMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(withMembers)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, withMembers(member)])
  return { ...(Object.fromEntries(members) as { [member: string]: Json }), later_member: 'later_word' }
}
