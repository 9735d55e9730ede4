import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import type { Machine } from '../booted-systemd.ts'
import { done } from '../package/installed-machine.ts'
import { Authority } from '../sync/servers/certificates.ts'

export const ETC = '/etc/fiskal-edge'
/** Only root may look into that folder, even at the time of a file. */
export const HIDDEN = '/etc/hidden'
export const STATE = '/var/lib/fiskal-edge'
export const RECEIVER = 'cd /var/lib/receiver; fiskal-edge receiver'
const RECEIVER_PORT = 7443
const EPSON_PORT = 9100

/** Files of the configuration, in some of which the agent may see at least the time of a change. */
export const FILES = {
  pin: `${ETC}/tse.pin`,
  tokenCertificate: `${HIDDEN}/token.crt`,
  puk: `${HIDDEN}/epson.puk`,
  adminPin: `${HIDDEN}/epson.admin`,
  timeAdminPin: `${HIDDEN}/epson.time`,
  secret: `${HIDDEN}/epson.secret`,
  certificate: `${ETC}/till.crt`,
  key: `${HIDDEN}/till.key`,
  clientCa: `${HIDDEN}/tills.crt`,
  token: `${HIDDEN}/token.token`,
  targetCa: `${HIDDEN}/ca.crt`,
  targetCertificate: `${ETC}/shown.crt`,
  targetKey: `${HIDDEN}/shown.key`,
  creds: `${HIDDEN}/nats.creds`,
  passphrase: `${HIDDEN}/later.passphrase`,
} as const
export type NamedFile = keyof typeof FILES

const GOOD = {
  token: `${ETC}/good.token`,
  ca: `${ETC}/good.ca`,
  certificate: `${ETC}/good.crt`,
  key: `${ETC}/good.key`,
}

function receiver(id: string, tokenFile: string, caFile: string, certFile: string, keyFile: string) {
  return {
    ...{ id, kind: 'https', url: `https://127.0.0.1:${RECEIVER_PORT}`, tokenFile, tls: { caFile, certFile, keyFile } },
  }
}

/** One target for each file that is renewed. */
export const CONFIG = {
  ...{ version: 1, state: STATE, listen: {} },
  devices: [
    { id: 'tse-1', driver: 'tse-simulator' },
    {
      ...{ id: 'tse-2', driver: 'tse-pkcs11', module: '/usr/lib/softhsm/libsofthsm2.so', token: 'edge' },
      ...{ pinFile: FILES.pin, certFile: FILES.tokenCertificate },
    },
    {
      ...{ id: 'tse-3', driver: 'tse-epson', tcp: { host: '127.0.0.1', port: EPSON_PORT }, pukFile: FILES.puk },
      ...{ adminPinFile: FILES.adminPin, timeAdminPinFile: FILES.timeAdminPin, secretFile: FILES.secret },
    },
  ],
  tls: { certFile: FILES.certificate, keyFile: FILES.key, clientCaFile: FILES.clientCa },
  sync: {
    targets: [
      receiver('token', FILES.token, GOOD.ca, GOOD.certificate, GOOD.key),
      receiver('ca', GOOD.token, FILES.targetCa, GOOD.certificate, GOOD.key),
      receiver('certificate', GOOD.token, GOOD.ca, FILES.targetCertificate, FILES.targetKey),
      { id: 'creds', kind: 'nats', servers: ['127.0.0.1:4222'], stream: 'FISKAL', credsFile: FILES.creds },
    ],
  },
  backup: { passphraseFile: FILES.passphrase },
}

export const TOKENS = `export SOFTHSM2_CONF=${ETC}/softhsm2.conf`

const PROGRAMS = `
umask 077
install -d -o fiskal-edge -g fiskal-edge -m 700 ${STATE}/tokens
${TOKENS}
echo 'directories.tokendir = ${STATE}/tokens' >$SOFTHSM2_CONF
chmod 644 $SOFTHSM2_CONF
setpriv --reuid=fiskal-edge --regid=fiskal-edge --clear-groups \\
  softhsm2-util --init-token --free --label edge --pin 123456 --so-pin 12345678
printf '[Service]\\nEnvironment=SOFTHSM2_CONF=%s\\n' $SOFTHSM2_CONF >/etc/systemd/system/fiskal-edge.service.d/override.conf
systemd-run --quiet --unit=receiver --working-directory=/var/lib/receiver fiskal-edge receiver run
systemd-run --quiet --unit=epson fiskal-edge simulate tse-epson --port ${EPSON_PORT} --state /var/lib/epson
systemd-run --quiet --unit=nats nats-server -c /root/nats.conf`

/** Runs as a separate user, not that of the agent. */
const STREAM = `
import { jetstreamManager, StorageType } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
const connection = await connect({ servers: '127.0.0.1:4222', user: 'owner', pass: 'owner', maxReconnectAttempts: -1, waitOnFirstConnect: true })
const manager = await jetstreamManager(connection)
await manager.streams.add({ name: 'FISKAL', subjects: ['fiscal.>'], storage: StorageType.File, discard: 'new' })
await connection.close()`

export const NAMES = ['till.shop.example']

/** Has the shop's own authority issue the certificate of its agent for so many days, and puts it into the place of that. */
export function ownCertificate(days: number): string {
  const script = `
import { randomBytes } from 'node:crypto'
import { replaceFile } from './base/durable-file.js'
import { openSealedSecrets } from './agent/state/state-directory.js'
import { issue } from './agent/tls/certificate.js'
const authority = openSealedSecrets('${STATE}', randomBytes).unseal('tls-authority')
const names = ['${NAMES.join("', '")}', 'localhost', '127.0.0.1', '::1']
const leaf = { commonName: 'till', names, usage: 'server', lifeMs: ${days} * 86400000 }
const { key, cert } = issue(authority, leaf, Date.now())
replaceFile('${STATE}/tls/server.key', Buffer.from(key))
replaceFile('${STATE}/tls/server.crt', Buffer.from(cert))`
  const user = 'setpriv --reuid=fiskal-edge --regid=fiskal-edge --clear-groups'
  return `cd /opt/fiskal-edge; ${user} bin/node --input-type=module -e "${script}"`
}

/** The new content of the files once the agent runs with others: name → content. */
export type Renewed = Readonly<Record<NamedFile, string>>
/** The files of a till: a certificate and its key on the machine. */
export type Terminal = { readonly crt: string; readonly key: string }

export type RenewedShop = {
  readonly renewed: Renewed
  /** The authorities of tills before and after. */
  readonly terminals: readonly [before: Terminal, after: Terminal]
  readonly agentId: string
}

/** An agent each of whose files is wrong or missing, and the peers that refuse it for that. */
export async function shopOfWrongFiles(machine: Machine): Promise<RenewedShop> {
  const put = (path: string, content: string): void =>
    writeFileSync(join(machine.root, path), content, { mode: path.startsWith('/root') ? 0o644 : 0o600 })
  const [own, others] = [new Authority(), new Authority()]
  try {
    await done(machine, `mkdir -m 700 ${HIDDEN} /var/lib/receiver`)
    const [first, second, shown, foreign] = [own, own, own, others].map((authority) => authority.issue('IP:127.0.0.1'))
    if (!first || !second || !shown || !foreign) throw new Error('there are four certificates')
    const [known, unknown] = [credsOf(), credsOf()]
    put('/var/lib/receiver/receiver.json', receiverConfig())
    for (const [name, content] of Object.entries({ crt: first.cert, key: first.key, ca: own.ca }))
      put(`/var/lib/receiver/receiver.${name}`, content)
    put('/root/nats.conf', natsConfig(known.user))
    const terminals = [own, others].map((authority, at): Terminal => {
      const { cert, key } = authority.issue('DNS:terminal')
      const terminal = { crt: `/root/terminal-${at}.crt`, key: `/root/terminal-${at}.key` }
      put(terminal.crt, cert)
      put(terminal.key, key)
      return terminal
    })
    const [before, after] = terminals
    if (!before || !after) throw new Error('there are two terminals')
    const wrong: Partial<Renewed> = {
      ...{ pin: '999999', adminPin: '12345', timeAdminPin: '54321', secret: 'OTHERKEY', token: 'unknown' },
      ...{
        certificate: first.cert,
        key: first.key,
        clientCa: own.ca,
        targetCa: others.ca,
        tokenCertificate: first.cert,
      },
      ...{ targetCertificate: foreign.cert, targetKey: foreign.key, creds: unknown.creds },
    }
    for (const [name, content] of Object.entries(wrong)) put(FILES[name as NamedFile], content)
    put(GOOD.ca, own.ca)
    put(GOOD.certificate, shown.cert)
    put(GOOD.key, shown.key)
    put(`${ETC}/agent.json`, JSON.stringify(CONFIG))
    const agentId = /agent id +(\S+):/.exec((await machine.sh('fiskal-edge doctor')).out)?.[1] ?? ''
    await done(machine, PROGRAMS)
    await machine.until(`journalctl -u receiver --no-pager | grep -q 'is ready at'`)
    const [token] = await Promise.all([
      issuedToken(machine, agentId).then(({ token }) => token),
      done(machine, `cd /opt/fiskal-edge; bin/node --input-type=module -e "${STREAM}"`),
    ])
    put(GOOD.token, token)
    await done(machine, 'fiskal-edge service install')
    const renewed: Renewed = {
      ...{ pin: '123456', puk: '654321', adminPin: '12345', timeAdminPin: '54321', secret: 'EPSONKEY', token },
      ...{
        certificate: second.cert,
        key: second.key,
        clientCa: others.ca,
        targetCa: own.ca,
        tokenCertificate: first.cert,
      },
      ...{ targetCertificate: shown.cert, targetKey: shown.key, creds: known.creds },
      passphrase: 'a phone torch in the back room',
    }
    return { renewed, terminals: [before, after], agentId }
  } finally {
    own.remove()
    others.remove()
  }
}

/** A token of the receiver for that agent. */
export async function issuedToken(machine: Machine, agentId: string): Promise<{ id: string; token: string }> {
  return JSON.parse(await done(machine, `${RECEIVER} token agent ${agentId} --json`)) as { id: string; token: string }
}

function receiverConfig(): string {
  const tls = { certFile: 'receiver.crt', keyFile: 'receiver.key', clientCaFile: 'receiver.ca' }
  return JSON.stringify({ version: 1, listen: { host: '127.0.0.1', port: RECEIVER_PORT }, tls })
}

function natsConfig(agent: string): string {
  return `listen: "127.0.0.1:4222"
jetstream { store_dir: "/var/lib/nats" }
authorization { users = [ { nkey: ${agent} }, { user: owner, password: owner } ] }
`
}

/** A user of NATS and its credentials file. A server that identifies the user by its key reads no JWT. */
function credsOf(): { user: string; creds: string } {
  const pair = nkeys.createUser()
  const seed = new TextDecoder().decode(pair.getSeed())
  const block = (name: string, content: string): string =>
    `-----BEGIN ${name}-----\n${content}\n------END ${name}------\n`
  return { user: pair.getPublicKey(), creds: `${block('NATS USER JWT', 'none')}\n${block('USER NKEY SEED', seed)}` }
}
