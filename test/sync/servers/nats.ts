import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { freePort } from '../../free-port.ts'
import { once } from '../../waits.ts'

export type TestNats = {
  readonly url: string
  /** Makes a stream as a journal needs it; `over` changes its configuration. */
  addStream(name: string, over?: object): Promise<void>
  /** Deletes a stream and creates it again, as {@link addStream} does. */
  forget(name: string, over?: object): Promise<void>
  stop(): Promise<void>
}

/**
 * With a certificate for 127.0.0.1 the server speaks TLS only, and accepts only clients with a certificate of `caFile`.
 */
type NatsTls = { readonly certFile: string; readonly keyFile: string; readonly caFile: string }

type NatsOptions = {
  readonly tls?: NatsTls
  readonly jetStream?: 'with' | 'without'
  readonly port?: number
  /** Further lines of its configuration. */
  readonly settings?: string
}

/** A separate nats-server, with JetStream in a temporary directory unless it is to have none. */
export async function startNats(options: NatsOptions = {}): Promise<TestNats> {
  const { tls, jetStream = 'with', settings = '' } = options
  const directory = mkdtempSync(join(tmpdir(), 'receiver-nats-'))
  const port = options.port ?? (await freePort())
  const config = join(directory, 'nats.conf')
  const secure =
    tls === undefined
      ? ''
      : `tls { cert_file: "${tls.certFile}", key_file: "${tls.keyFile}", ca_file: "${tls.caFile}", verify: true }\n`
  const store = jetStream === 'with' ? `jetstream { store_dir: "${join(directory, 'js')}" }\n` : ''
  writeFileSync(config, `listen: "127.0.0.1:${port}"\n${store}${secure}${settings}\n`)
  const child = spawn('nats-server', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const lines = createInterface({ input: child.stderr })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('nats-server ended')))
    lines.on('line', (line) => {
      if (line.includes('Server is ready')) resolve()
    })
  })
  const url = `${tls === undefined ? 'nats' : 'tls'}://127.0.0.1:${port}`
  const own = tls === undefined ? {} : { tls }
  const addStream = async (name: string, over: object = {}): Promise<void> => {
    const connection = await connect({ servers: url, ...own })
    const manager = await jetstreamManager(connection)
    await manager.streams.add({
      name,
      subjects: ['fiscal.>'],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      ...over,
    })
    await connection.close()
  }
  return {
    url,
    addStream,
    forget: async (name, over) => {
      const connection = await connect({ servers: url, ...own })
      await (await jetstreamManager(connection)).streams.delete(name)
      await connection.close()
      await addStream(name, over)
    },
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
