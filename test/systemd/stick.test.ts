// @module-tag heavy
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installedMachine } from '../package/installed-machine.ts'

/** Two sticks in files, each with a folder of the agent's, and a file by which it is known. */
const STICKS = `
  mkdir -p /media/stick
  for name in one two; do
    truncate -s 16M /root/$name.img
    mkfs.ext4 -q /root/$name.img
    mount -o loop /root/$name.img /media/stick
    mkdir /media/stick/shop
    touch /media/stick/shop/$name
    chown fiskal-edge: /media/stick/shop
    umount /media/stick
  done`

/** As the agent, in what its unit sees. */
function inUnit(command: string): string {
  return `nsenter -m -t "$(systemctl show fiskal-edge -p MainPID --value)" setpriv --reuid fiskal-edge --regid fiskal-edge --clear-groups sh -c '${command}'`
}

const machine = installedMachine(async ({ root, sh }) => {
  expect(await sh(STICKS)).toMatchObject({ code: 0 })
  const file = join(root, 'etc/fiskal-edge/agent.json')
  const own = readFileSync(file, 'utf8')
  writeFileSync(file, own.replace(/^\{/, '{ "backup": { "folder": "/media/stick/shop" },'))
})

const done = { code: 0 }

test('the service sees a stick that is pulled out, and the next one, and writes to neither instead of the other', async () => {
  const { sh, until } = machine()
  expect(await sh('mount -o loop /root/one.img /media/stick; fiskal-edge service install')).toMatchObject(done)
  expect((await sh('cat /etc/systemd/system/fiskal-edge.service.d/10-configuration.conf')).out).toContain(
    'ReadWritePaths=-/media/stick\n',
  )
  await until('curl -sf http://localhost:7070/readyz')
  expect(await sh(inUnit('test -e /media/stick/shop/one && touch /media/stick/shop/written'))).toMatchObject(done)
  // A mount that the unit pins stays busy, or remains visible to the unit; a file that is being written is closed soon.
  await until('umount /media/stick')
  expect(await sh(inUnit('test ! -e /media/stick/shop'))).toMatchObject(done)
  expect(await sh('mount -o loop /root/two.img /media/stick')).toMatchObject(done)
  expect(await sh(inUnit('test -e /media/stick/shop/two && touch /media/stick/shop/written'))).toMatchObject(done)
  await until('umount /media/stick')
})

test('a stick that is unplugged is reported by the service and by doctor, which does not ask for another drop-in', async () => {
  const { sh, until } = machine()
  expect(await sh('mkdir -p /media/stick/shop && chown fiskal-edge: /media/stick/shop')).toMatchObject(done)
  expect(await sh('systemctl restart fiskal-edge')).toMatchObject(done)
  await until('curl -sf http://localhost:7070/readyz | grep backup_disk_missing')
  const { code, out } = await sh('fiskal-edge doctor')
  expect(code).toBe(1)
  expect(out).toMatch(/✖ place +\/media\/stick\/shop \("backup"\) was on another disk before/)
  expect(out).not.toContain('the unit does not know this configuration')
})

test('the service serves both loopback addresses', async () => {
  const { sh } = machine()
  for (const address of ['127.0.0.1', '[::1]', 'localhost'])
    expect(await sh(`curl -sf http://${address}:7070/healthz`)).toMatchObject(done)
})
