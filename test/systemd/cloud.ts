import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../booted-systemd.ts'
import { ROOT } from '../cli/command.ts'
import { done } from '../package/installed-machine.ts'
import type { Authority, Issued } from '../sync/servers/certificates.ts'

const RECEIVER = '/etc/fiskal-receiver'

const PROGRAMS = '/usr/lib/postgresql'
const DATA = '/var/lib/postgresql/edge'
const NATS = '/etc/nats-edge'

/** External servers, as a head office has them: a PostgreSQL that asks for passwords, a NATS that speaks TLS. */
const UNITS = {
  database: `User=postgres
Type=notify
KillSignal=SIGINT
ExecStart=/bin/sh -c 'exec ${PROGRAMS}/*/bin/postgres -D ${DATA} -c listen_addresses=127.0.0.1 -c unix_socket_directories='`,
  nats: `ExecStart=/usr/sbin/nats-server -c ${NATS}/nats.conf`,
  liar: 'ExecStart=/opt/fiskal-edge/bin/node /root/liar.cjs',
}

const NATS_CONFIG = `listen: "127.0.0.1:4222"
http: "127.0.0.1:8222"
jetstream { store_dir: "/var/lib/nats-edge" }
tls { cert_file: "${NATS}/server.crt", key_file: "${NATS}/server.key" }
`

const STREAM = `
import { connect } from '@nats-io/transport-node'
import { jetstreamManager } from '@nats-io/jetstream'
import { readFileSync } from 'node:fs'
const tls = { ca: readFileSync('${RECEIVER}/nats.ca', 'utf8') }
const connection = await connect({ servers: 'tls://127.0.0.1:4222', tls })
const manager = await jetstreamManager(connection)
const kept = { storage: 'file', retention: 'limits', discard: 'new' }
await manager.streams.add({ name: 'FISKAL', subjects: ['fiscal.>'], ...kept })
await connection.close()
`

/** A target that claims 5,000 events without a signature, until /run/honest exists: then the small receiver answers. */
const LIAR = `
const { existsSync } = require('node:fs')
const { gunzipSync } = require('node:zlib')
const net = require('node:net')
const head = Buffer.alloc(32, 7).toString('base64url')
const liar = require('node:http').createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray())
  const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString()
  const end = JSON.parse(text.trimEnd().split('\\n').at(-1) || '{}')
  const document =
    request.method === 'GET' ? { head_seq: 5000, state: 'open', seq: 5000, head } : { acked_seq: end.seq, head: end.head }
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(document))
})
net.createServer((socket) => {
  if (!existsSync('/run/honest')) return liar.emit('connection', socket)
  const receiver = net.connect(7080, '127.0.0.1')
  for (const [from, to] of [[socket, receiver], [receiver, socket]]) from.on('error', () => to.destroy()).pipe(to)
}).listen(7099, '127.0.0.1')
`

/** The blocks of the chapter of the document, in their order: user and folder, unit, start. */
export function asDocumented(): { makeUser: string; unit: string; start: string } {
  const text = readFileSync(join(ROOT, 'docs', 'receiver.md'), 'utf8')
  const chapter = /^## As a service$([\s\S]*?)^## /m.exec(text)?.[1] ?? ''
  const [makeUser = '', unit = '', starting = ''] = [...chapter.matchAll(/^```(?:sh|ini)\n([\s\S]*?)^```/gm)].map(
    ([, block = '']) => block,
  )
  const start = starting.split('\n').find((line) => line.startsWith('systemctl '))
  if (start === undefined) throw new Error('the document does not say how the receiver is started')
  return { makeUser, unit, start }
}

/** The configuration that the document shows. */
export function documentedConfig(): { streams: object[] } {
  const text = readFileSync(join(ROOT, 'docs', 'receiver.md'), 'utf8')
  return JSON.parse(/^```json\n([\s\S]*?)^```/m.exec(text)?.[1] ?? '')
}

/** Users, folders, units and databases; none of it is enabled permanently. */
export async function prepareCloud(machine: Machine, authority: Authority): Promise<void> {
  const put = (path: string, text: string): void => writeFileSync(join(machine.root, path), text, { mode: 0o644 })
  const { makeUser, unit } = asDocumented()
  // A second receiver on the machine has its own user, folder and unit.
  const small = (text: string): string => text.replaceAll('fiskal-receiver', 'fiskal-small')
  await done(machine, `${makeUser}${small(makeUser)}mkdir -p ${NATS} /var/lib/nats-edge /var/lib/fiskal-small`)
  // The disk of the small one can be filled.
  await done(machine, 'mount -t tmpfs -o size=8m small /var/lib/fiskal-small')
  put('/etc/systemd/system/fiskal-receiver.service', unit)
  put('/etc/systemd/system/fiskal-small.service', small(unit))
  for (const [name, service] of Object.entries(UNITS))
    put(`/etc/systemd/system/${name}.service`, `[Service]\n${service}\n`)
  put(`${NATS}/nats.conf`, NATS_CONFIG)
  put('/root/liar.cjs', LIAR)
  put('/root/stream.mjs', STREAM)
  layPair(machine, authority.issue('IP:127.0.0.1,DNS:localhost'), `${NATS}/server`)
  mkdirSync(join(machine.root, '/root/new'))
  await done(machine, 'systemctl daemon-reload')
  await prepareDatabase(machine)
}

async function prepareDatabase(machine: Machine): Promise<void> {
  const owner = 'postgres://postgres:owner@127.0.0.1:5432/postgres'
  await done(
    machine,
    `cd /root; printf owner >/run/owner.pw; chmod 644 /run/owner.pw; printf '${owner}' >owner.pg; printf first >receiver.pw
install -d -o postgres -g postgres -m 700 ${DATA}
runuser -u postgres -- ${PROGRAMS}/*/bin/initdb -D ${DATA} -A scram-sha-256 --pwfile=/run/owner.pw -E UTF8 --locale=C -N >/dev/null
systemctl start database
fiskal-edge receiver prepare --owner-file owner.pg --role receiver --password-file receiver.pw`,
  )
}

/** The stream is made, and stays on the disk of its server. */
export async function makeStream(machine: Machine): Promise<void> {
  await done(machine, 'systemctl start nats')
  await machine.until('curl -sf http://127.0.0.1:8222/healthz')
  await done(machine, 'cd /opt/fiskal-edge; cp /root/stream.mjs stream.mjs; bin/node stream.mjs; rm stream.mjs')
  await done(machine, 'systemctl stop nats')
}

/** Another password of the receiver's role. */
export function changePassword(machine: Machine, password: string): Promise<string> {
  const psql = `PGPASSWORD=owner ${PROGRAMS}/*/bin/psql -q -h 127.0.0.1 -U postgres`
  return done(machine, `${psql} -c "ALTER ROLE receiver PASSWORD '${password}'"`)
}

/** A certificate and its key as files of the machine: NAME.crt, NAME.key. */
export function layPair(machine: Machine, { certFile, keyFile }: Issued, name: string): void {
  copyFileSync(certFile, join(machine.root, `${name}.crt`))
  copyFileSync(keyFile, join(machine.root, `${name}.key`))
}
