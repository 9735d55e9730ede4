import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { preparePostgres } from '../../../receiver/postgres/schema.ts'
import { execFileSync, looked } from '../../waits.ts'

const PROGRAMS = '/usr/lib/postgresql'
const SUPERUSER = 'postgres'
const ROLE = 'receiver'
const PORT = 5432
const START_TRIES = 5

export type TestPostgres = {
  /** Connection strings of the owner and of the receiver's role. */
  readonly owner: string
  readonly application: string
  /** Kills the whole server at once, as a power cut would. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export type PostgresOptions = {
  /** Without the receiver's role and tables. */
  readonly empty?: boolean
  /** Also listens on all addresses of this machine, and accepts TLS clients there. */
  readonly tls?: { readonly port: number; readonly cert: string; readonly key: string }
}

/**
 * A separate PostgreSQL in a temporary directory, on a Unix socket, durable as in production; with the receiver's role
 * and tables unless it is to be empty.
 */
export async function startPostgres({ empty = false, tls }: PostgresOptions = {}): Promise<TestPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'receiver-pg-'))
  const data = join(directory, 'data')
  const version =
    readdirSync(PROGRAMS)
      .sort((a, b) => Number(a) - Number(b))
      .at(-1) ?? ''
  const program = (name: string): string => join(PROGRAMS, version, 'bin', name)
  // The server refuses to run as root.
  const root = process.getuid?.() === 0
  const as = (command: string, ...options: string[]): [string, string[]] =>
    root ? ['runuser', ['-u', SUPERUSER, '--', command, ...options]] : [command, options]
  if (root) execFileSync('chown', [SUPERUSER, directory])
  const run = (command: string, ...options: string[]): void => {
    execFileSync(...as(command, ...options), { stdio: 'pipe', cwd: directory })
  }
  run(program('initdb'), '-D', data, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '-k', '-N')
  const port = tls?.port ?? PORT
  if (tls !== undefined) {
    run('sh', '-c', 'umask 077; printf %s "$1" >"$2"', '-', tls.cert, join(data, 'server.crt'))
    run('sh', '-c', 'umask 077; printf %s "$1" >"$2"', '-', tls.key, join(data, 'server.key'))
  }
  const url = (role: string, database: string): string =>
    `postgresql://${role}@localhost:${port}/${database}?host=${encodeURIComponent(directory)}`
  const server = {
    owner: url(SUPERUSER, 'postgres'),
    application: url(ROLE, 'postgres'),
    start: async () => {
      const settings = [
        ...[
          `port=${port}`,
          `listen_addresses=${tls === undefined ? '' : '*'}`,
          `ssl=${tls === undefined ? 'off' : 'on'}`,
        ],
        `unix_socket_directories=${directory}`,
        'shared_buffers=64MB',
        'max_connections=40',
      ]
      const options = settings.flatMap((setting) => ['-c', setting])
      // After a kill the last backend of the server before may still hold its shared memory: then this one ends at once.
      for (let attempt = 0; attempt < START_TRIES; attempt++) {
        const child = spawn(...as(program('postgres'), '-D', data, ...options), { stdio: 'ignore', cwd: directory })
        child.unref()
        if (await answering(server.owner, () => child.exitCode === null && child.signalCode === null)) return
      }
      throw new Error('PostgreSQL does not start')
    },
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGINT')
      rmSync(directory, { recursive: true, force: true })
    },
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
    const others = signal === 'SIGKILL' ? children(pid) : []
    if (alive(pid)) process.kill(pid, signal)
    for (const other of others) if (alive(other)) process.kill(other, signal)
    await looked(() => !alive(pid) && !others.some(alive))
  }
  await server.start()
  if (!empty) await preparePostgres({ owner: server.owner, role: ROLE })
  return server
}

/** False when the server ended before it answered. */
async function answering(url: string, running: () => boolean): Promise<boolean> {
  const answer = await looked(async () => {
    if (!running()) return 'ended'
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    return client.connect().then(
      () => client.end().then(() => 'answers' as const),
      () => undefined,
    )
  })
  if (answer === undefined) throw new Error('PostgreSQL does not answer')
  return answer === 'answers'
}

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function alive(pid: number): boolean {
  try {
    // A process that ended and was not yet fetched by its parent is over.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
