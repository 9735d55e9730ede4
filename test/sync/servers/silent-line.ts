import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A TCP line to a database behind a socket of the Unix family; what is silent passes on no question any more. */
export async function silentLine(application: string) {
  const address = new URL(application)
  const path = join(address.searchParams.get('host') ?? '', '.s.PGSQL.5432')
  const ends: Socket[] = []
  let isSilent = false
  const silent = new Set<Socket>()
  let lastWord: string | undefined
  let tellAsked: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve
  })
  const server = createServer((client) => {
    const upstream = connect(path)
    ends.push(client, upstream)
    if (isSilent) silent.add(client)
    for (const end of [client, upstream]) end.on('error', () => undefined)
    client.on('data', (bytes) => {
      if (silent.has(client)) tellAsked()
      else upstream.write(bytes)
      if (lastWord !== undefined && bytes.includes(lastWord)) silent.add(client)
    })
    // Of what is silent the database does not hear that it is closed either.
    client.on('close', () => silent.has(client) || upstream.destroy())
    upstream.on('data', (bytes) => client.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const end of ends) end.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return {
    connection: `postgresql://${address.username}@127.0.0.1:${port}/postgres`,
    /** The first question that was not passed on. */
    asked,
    /** For good: what is connected now, and until {@link hear} what connects from now on. */
    silence: () => {
      isSilent = true
      for (const end of ends) silent.add(end)
    },
    /** Of a connection on which that was asked: it gets through, and nothing behind it. */
    silenceBehind: (word: string) => {
      lastWord = word
    },
    /** What connects from now on gets through. */
    hear: () => {
      isSilent = false
    },
  }
}
