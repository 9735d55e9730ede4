import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { once } from '../../waits.ts'

const SOCKET = '.s.PGSQL.6432'

/** A PgBouncer in front of a database with a Unix socket. Returns the connection string of a role there. */
export async function pgBouncer(application: string, ...settings: readonly string[]): Promise<string> {
  const { username, searchParams } = new URL(application)
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'))
  // It refuses to run as root.
  chmodSync(folder, 0o777)
  const config = join(folder, 'pgbouncer.ini')
  const lines = [
    '[databases]',
    `postgres = host=${searchParams.get('host')} user=${username}`,
    '[pgbouncer]',
    'listen_addr =',
    `unix_socket_dir = ${folder}`,
    'auth_type = any',
    ...settings,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const root = process.getuid?.() === 0
  const user = root ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : []
  const [command = '', ...args] = [...user, '/usr/sbin/pgbouncer', config]
  const pooler = spawn(command, args, { stdio: 'ignore' })
  let hasEnded = false
  const ended = once(pooler, 'exit').then(() => {
    hasEnded = true
  })
  onTestFinished(async () => {
    pooler.kill('SIGKILL')
    await ended
  })
  while (!(await isListening(join(folder, SOCKET)))) if (hasEnded) throw new Error('PgBouncer does not start')
  return `postgresql://${username}@localhost:6432/postgres?host=${encodeURIComponent(folder)}`
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket.destroy().destroyed))
    socket.on('error', () => setTimeout(() => resolve(false), 25))
  })
}
