import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A TCP line to a database with a Unix socket; a silent connection passes on no more queries. */
export async function silentLine(application: string) {
  const address = new URL(application)
  const path = join(address.searchParams.get('host') ?? '', '.s.PGSQL.5432')
  const ends: Socket[] = []
  let isSilent = false
  const silent = new Set<Socket>()
  let lastWord: string | undefined
  let farewell: { behind: string; bytes: Buffer } | undefined
  let tellAsked: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve
  })
  const server = createServer((client) => {
    const upstream = connect(path)
    ends.push(client, upstream)
    if (isSilent) silent.add(client)
    for (const end of [client, upstream]) end.on('error', () => undefined)
    let isLeaving = false
    client.on('data', (bytes) => {
      isLeaving ||= farewell !== undefined && bytes.includes(farewell.behind)
      if (silent.has(client)) tellAsked()
      else upstream.write(bytes)
      if (lastWord !== undefined && bytes.includes(lastWord)) silent.add(client)
    })
    // The database does not see that a silent connection is closed either.
    client.on('close', () => silent.has(client) || upstream.destroy())
    upstream.on('data', (bytes) => {
      const last = isLeaving ? farewell : undefined
      client.write(last === undefined ? bytes : Buffer.concat([bytes, last.bytes]))
    })
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
    /** Permanently: present connections, and new ones until {@link hear}. */
    silence: () => {
      isSilent = true
      for (const end of ends) silent.add(end)
    },
    /** Silences a connection after that query: the query gets through, and nothing after it. */
    silenceBehind: (word: string) => {
      lastWord = word
    },
    /** With the answer to that query the database reports the end of the connection, as in a shutdown. */
    endBehind: (behind: string) => {
      const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command', '']
      const said = Buffer.from(fields.map((field) => `${field}\0`).join(''))
      const length = Buffer.alloc(4)
      length.writeInt32BE(said.length + 4)
      farewell = { behind, bytes: Buffer.concat([Buffer.from('E'), length, said]) }
    },
    /** New connections get through again. */
    hear: () => {
      isSilent = false
      farewell = undefined
    },
  }
}
