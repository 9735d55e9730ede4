// @module-tag heavy
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { done as doneOn, installedMachine } from '../package/installed-machine.ts'

const STATE = '/var/lib/fiskal-edge'

function READY(url: string): string {
  return `curl -skf ${url}/readyz | grep '"state":"ready"'`
}
const LOCAL = 'http://127.0.0.1:7070'

let own = ''
const machine = installedMachine(async ({ root }) => {
  own = readFileSync(join(root, 'etc/fiskal-edge/agent.json'), 'utf8')
})

function done(script: string): Promise<string> {
  return doneOn(machine(), script)
}

/** Another configuration, and a start without a wait. */
async function begin(config: string): Promise<void> {
  writeFileSync(join(machine().root, 'etc/fiskal-edge/agent.json'), config)
  await done('fiskal-edge service install --no-start; systemctl restart --no-block fiskal-edge')
}

function listening(host: string): string {
  return own.replace(
    /"listen": \{[^}]*\}/,
    `"listen": { "host": "${host}", "port": 7070 }, "tls": { "names": ["${host}"] }`,
  )
}

function waits(code: string): string {
  return `fiskal-edge doctor | grep "service .* is activating: ${code}: .* → it continues automatically"`
}

function restarts(): Promise<string> {
  return done('systemctl show fiskal-edge -p NRestarts --value')
}

test.each([
  [
    'an address that this machine does not have yet, and serves it once it is there',
    ...['192.168.7.7', 'address_unusable', 'ip address add 192.168.7.7/32 dev lo'],
  ],
  [
    'a name while its name servers are silent, and serves it once it is known',
    ...['till.shop.example', 'name_server_silent', 'echo 192.168.7.7 till.shop.example >>/etc/hosts'],
  ],
])('the service waits for %s', async (_what, host, code, repair) => {
  await begin(listening(host))
  await machine().until(waits(code))
  await done(repair)
  await machine().until(READY(`https://${host}:7070`))
  expect(await restarts()).toBe('0\n')
})

test('the service waits for another agent on the same state to end, and starts once it has', async () => {
  await begin(own)
  await machine().until(READY(LOCAL))
  await done('systemctl stop fiskal-edge')
  const by = 'systemd-run --quiet --unit=by-hand -p User=fiskal-edge -p Group=fiskal-edge'
  await done(`${by} fiskal-edge run --config /etc/fiskal-edge/agent.json`)
  await machine().until(READY(LOCAL))
  await done('systemctl start --no-block fiskal-edge')
  await machine().until(waits('(state_locked|address_in_use)').replace('grep', 'grep -E'))
  await done('systemctl stop by-hand')
  await machine().until(`systemctl is-active fiskal-edge && ${READY(LOCAL)}`)
  expect(await restarts()).toBe('0\n')
})

test('the service sells nothing on a full disk, and continues automatically once there is space', async () => {
  const { until } = machine()
  await done(
    `systemctl stop fiskal-edge; mount -t tmpfs -o size=96m,mode=700,uid=fiskal-edge,gid=fiskal-edge d ${STATE}`,
  )
  try {
    await done(`head -c 95M /dev/zero >${STATE}/of-others; systemctl start --no-block fiskal-edge`)
    await until(`curl -s ${LOCAL}/readyz | grep '"state":"no_storage"'`)
    await done(`rm ${STATE}/of-others`)
    await until(READY(LOCAL))
    expect(await restarts()).toBe('0\n')
  } finally {
    await done(`systemctl stop fiskal-edge; umount ${STATE}; systemctl start fiskal-edge`)
  }
})

test('the service waits for a disk that is read-only, and starts once it may be written again', async () => {
  const { until } = machine()
  await done(
    `systemctl stop fiskal-edge; mount -t tmpfs -o size=96m,mode=700,uid=fiskal-edge,gid=fiskal-edge d ${STATE}`,
  )
  try {
    await done(`systemctl start fiskal-edge; systemctl stop fiskal-edge`)
    await done(`mount -o remount,ro ${STATE}; systemctl start --no-block fiskal-edge`)
    await until(waits('storage_unavailable'))
    await done(`mount -o remount,rw ${STATE}`)
    // Its sandbox has the mount as it was: the next start within 40 s sees it.
    await until(READY(LOCAL))
  } finally {
    await done(`systemctl stop fiskal-edge; umount ${STATE}; systemctl start fiskal-edge`)
  }
})

test('a journal that is deleted under the running service is restored within seconds, with all that it held', async () => {
  const { root, until } = machine()
  await until(READY(LOCAL))
  const key = /^id +(\w+)/.exec(await done('fiskal-edge key create platform'))?.[1] ?? 'no key'
  const before = Number(await restarts())
  rmSync(join(root, STATE, 'journal.db'))
  await until(`test "$(systemctl show fiskal-edge -p NRestarts --value)" = ${before + 1}`)
  await until(READY(LOCAL))
  expect(await done('fiskal-edge journal verify')).toMatch(/^✔ /)
  expect(await done('fiskal-edge key list')).toContain(key)
  expect(await done('journalctl -u fiskal-edge')).toContain('journal.db was taken away')
})
